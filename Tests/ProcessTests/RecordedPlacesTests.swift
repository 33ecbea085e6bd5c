import GatehouseControl
import GatehousePolicy
import Glibc
import TestKit
import Testing

/// Who came from where, as the daemon remembers it and gives it to the command.
@Suite("The login record", .enabled(if: isRoot, "needs root: the policy is root's"))
struct RecordedPlacesTests {
  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    users: {games: {also_from: [198.51.100.7]}}
    block: [192.0.2.66]

    """

  /// What the record has of a user, as it crosses the socket.
  private func places(_ bench: DaemonBench, of user: Name? = nil) throws -> String {
    var request = PlacesRequest()
    request.user = user
    let connection = try SeqpacketSocket(connectingTo: bench.socket)
    connection.send(try request.frame())
    return try connection.receiveWithText().text
  }

  @Test("has each place with the list that decided last, and is the same after a restart")
  func lists() throws {
    let bench = try DaemonBench(policy: Self.policy)
    var daemon = try bench.start()
    for address in ["192.0.2.7", "198.51.100.7", "192.0.2.66", "203.0.113.9"] {
      _ = try bench.ask("games", from: address)
    }
    _ = try bench.ask("nobody-of-this-machine", from: "192.0.2.7")
    func check() throws {
      let all = try places(bench)
      for list in ["everyone.from", "users.games.also_from", "block"] {
        #expect(all.contains(#""path":"\#(list)""#), "\(all)")
      }
      #expect(all.contains(#""user":"nobody-of-this-machine""#))
      let own = try places(bench, of: "games")
      #expect(own.components(of: #""user":"games""#) == 4)
      #expect(!own.contains("nobody-of-this-machine"))
      #expect(own.components(of: #""isAdmitted":true"#) == 2)
      #expect(own.components(of: #""list":"users.games.also_from""#) == 2, "\(own)")
      #expect(own.contains(#""hasHistory":false"#))
    }
    try check()
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    daemon = try bench.start()
    try check()
    #expect(!bench.log.contains("not known any more"), "\(bench.log)")
  }

  @Test(
    "takes up once what the journal knew of the time before it",
    .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
  func history() throws {
    let bench = try DaemonBench(policy: Self.policy)
    let daemon = try bench.start()
    _ = try bench.ask("games", from: "192.0.2.7")
    let journal = try JournalFolder([
      .ssh("Accepted password for games from 192.0.2.9 port 1 ssh2", at: minutesAgo(9)),
      .decision("games", "2001:db8::7", at: minutesAgo(8)),
      .decision(
        "games", "203.0.113.1", at: minutesAgo(7),
        JournalFolder.Entry.denied),
      .decision("games", "203.0.113.2", at: minutesAgo(6), ["_UID": "1000"]),
      // Newer than the record: the daemon has seen it itself.
      .decision("games", "203.0.113.3", at: minutesAgo(-1)),
    ])
    func remember(_ options: String...) throws -> ProcessResult {
      try gatehouse(
        ["learn", "--remember", "--from-journal", journal.path, "--socket", bench.socket] + options)
    }
    let first = try remember()
    #expect(first.status == 0, "\(first)")
    #expect(first.output == "the record of logins has taken up 2 places\n")
    let own = try places(bench, of: "games")
    #expect(own.contains("192.0.2.9") && own.contains("2001:db8::7"))
    #expect(!own.contains("203.0.113"))
    #expect(own.contains(#""hasHistory":true"#))
    let again = try remember()
    #expect(again.output == "the record of logins already has what the journal knew\n")
    #expect(
      try remember("--json").output == #"{"version":1,"outcome":"yes","error":null,"places":0}"#
        + "\n")
    #expect(try places(bench, of: "games").components(of: #""user":"games""#) == 3)
    #expect(daemon.poll() == nil)
  }
}

extension String {
  /// How often a text stands in it.
  fileprivate func components(of text: String) -> Int {
    split(separator: text, omittingEmptySubsequences: false).count - 1
  }
}
