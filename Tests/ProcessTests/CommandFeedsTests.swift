import GatehouseFeeds
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import GatehouseWire
import TestKit
import Testing

/// What was got is taken, refused and accepted by the command and the daemon; the network is not asked.
@Suite(
  .serialized, .enabled(if: isRoot, "needs root: the daemon insists on contents that are root's"))
final class CommandFeedsTests {
  let bench: DaemonBench
  /// A name that no other test and no policy of this machine has: the folder of contents is the
  /// machine's own.
  let network: String
  let url = "https://feeds.example.net/list"

  init() throws {
    network = "gatehouse_test_\(CurrentProcess.id)"
    bench = try DaemonBench(
      policy: """
        version: 1
        networks:
          \(network): {url: "\(url)"}
        users: {games: {only_from: [\(network)]}}
        break_glass: {users: [root]}

        """)
    try Files.makeFolder(FeedContent.folder, ifAbsent: true)
    try Files.makeFolder(bench.folder.file("offers"), ifAbsent: true)
  }

  deinit {
    let names = [network, "\(network)_too", ".\(network).refused", ".plan"]
    for name in names { try? Files.remove("\(FeedContent.folder)/\(name)") }
  }

  func feeds(_ arguments: String..., asksDaemon: Bool = false) throws -> ProcessResult {
    try ProcessTests.gatehouse(
      ["feeds"] + arguments + options + (asksDaemon ? ["--socket", bench.socket] : []),
      environment: ["SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22"])
  }

  /// The options that lead to the folders of this test.
  var options: [String] {
    [
      "--folder", bench.config, "--history", bench.folder.file("history"), "--offers",
      bench.folder.file("offers"),
    ]
  }

  /// What the user who gets networks leaves to be taken.
  func offer(_ addresses: String, for network: String? = nil, source: String? = nil) throws {
    let now = Instant.now()
    try bench.folder.write(
      """
      gatehouse network, format 1
      source: \(source ?? "url \(url) format text")
      got: \(now)
      changed: \(now)

      \(addresses)

      """, to: "offers/\(network ?? self.network)")
  }

  /// Adds a test to the policy: games may come from 192.0.2.7.
  private func requireGamesFromHome() throws {
    let test = "tests: [{user: games, from: 192.0.2.7, expect: allow}]\n"
    try writeFile(bench.policy, Array((try readText(bench.policy) + test).utf8))
    #expect(try bench.reload().exitStatus == 0)
  }

  private func decision(from address: String) throws -> AnswerDecision {
    try bench.ask("games", from: address).decision
  }

  @Test("What was got is planned, taken as a change of the policy, and let in")
  func taken() throws {
    let daemon = try bench.start()
    #expect(try decision(from: "192.0.2.7") == .deny)
    #expect(try feeds("plan").status == 0)
    let plan = try FeedPlan(decoding: try readFile("\(FeedContent.folder)/.plan"))
    #expect(plan.items.map(\.name) == [Name(network)])
    try offer("192.0.2.0/24")
    let taken = try feeds("take", asksDaemon: true)
    #expect(taken.status == 0, "\(taken)")
    #expect(try decision(from: "192.0.2.7") == .allow)
    #expect(!Files.exists(bench.folder.file("offers/\(network)")))
    let list = try feeds("list")
    #expect(list.status == 0, "\(list)")
    #expect(list.output.contains("1 prefix"))
    #expect(try feeds("list", "--json").output.contains(#""prefix_count":1"#))
    #expect(try feeds("show", network, "--json").output.contains(#""addresses":["192.0.2.0/24"]"#))
    let history = try ProcessTests.gatehouse([
      "history", "--folder", bench.config, "--history", bench.folder.file("history"),
    ]).output
    #expect(history.contains(" feeds "))
    // The same networks again, and few addresses: one entry stands for both.
    try offer("192.0.2.0/25")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    #expect(try decision(from: "192.0.2.200") == .deny)
    let folded = try ProcessTests.gatehouse([
      "history", "--folder", bench.config, "--history", bench.folder.file("history"),
    ]).output
    #expect(folded.split(separator: " feeds ").count == 2, "\(folded)")
    // No rollback brings back what was got earlier.
    let back = try ProcessTests.gatehouse(
      [
        "rollback", "--folder", bench.config, "--history", bench.folder.file("history"),
        "--socket", bench.socket,
      ])
    #expect(back.status == 1, "\(back)")
    #expect(try decision(from: "192.0.2.200") == .deny)
    #expect(daemon.poll() == nil)
  }

  @Test("What a test of the policy forbids is refused, serves not, and can be accepted")
  func refused() throws {
    let daemon = try bench.start()
    try offer("192.0.2.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    try requireGamesFromHome()
    try offer("198.51.100.0/24")
    let taken = try feeds("take", asksDaemon: true)
    #expect(taken.status == 0, "\(taken)")
    #expect(taken.errors.contains("\(network): refused: "))
    #expect(try decision(from: "192.0.2.7") == .allow)
    #expect(try decision(from: "198.51.100.7") == .deny)
    let shown = try feeds("show", network)
    #expect(shown.status == 1)
    #expect(shown.output.contains("`gatehouse feeds accept \(network)` takes it"))
    // A policy that forbids it cannot have it; once that is put right, it can.
    #expect(try feeds("accept", network, asksDaemon: true).status == 1)
    try writeFile(
      bench.policy,
      Array(try readText(bench.policy).replacing("192.0.2.7", with: "198.51.100.7").utf8))
    let accepted = try feeds("accept", network, asksDaemon: true)
    #expect(accepted.status == 0, "\(accepted)")
    #expect(try decision(from: "198.51.100.7") == .allow)
    #expect(try feeds("accept", network, asksDaemon: true).status == 1)
    #expect(daemon.poll() == nil)
  }

  @Test(
    "What is no content, a link or nothing to be had changes nothing",
    arguments: ["rubbish", "192.0.2.300", "link", "folder", "pipe"])
  func hostile(_ kind: String) throws {
    let daemon = try bench.start()
    try offer("192.0.2.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    let path = bench.folder.file("offers/\(network)")
    switch kind {
    case "rubbish": try writeFile(path, [0, 1, 2, 255])
    case "link": _ = try run("/bin/ln", ["-s", "/etc/shadow", path])
    case "folder": try Files.makeFolder(path)
    case "pipe": _ = try run("/usr/bin/mkfifo", [path])
    default: try offer(kind)
    }
    let taken = try feeds("take", asksDaemon: true)
    #expect(taken.status == 0, "\(taken)")
    #expect(try decision(from: "192.0.2.7") == .allow)
    let content = try readText("\(FeedContent.folder)/\(network)")
    #expect(content.hasSuffix("\n192.0.2.0/24\n"))
    #expect(daemon.poll() == nil)
  }

  @Test("Content of another source counts for nothing, though it was taken")
  func otherSource() throws {
    let daemon = try bench.start()
    try offer("192.0.2.0/24", source: "url https://other.example.net/ format text")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    #expect(try decision(from: "192.0.2.7") == .deny)
    let list = try feeds("list")
    #expect(list.status == 1)
    #expect(list.output.contains("nothing was got yet"))
    #expect(daemon.poll() == nil)
  }

  @Test("What is refused counts until its source has other content, and only for that source")
  func nothingRefusedAnyMore() throws {
    let daemon = try bench.start()
    try offer("192.0.2.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    let serving = try FeedContent(try readFile("\(FeedContent.folder)/\(network)"))
    try requireGamesFromHome()
    try offer("198.51.100.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    #expect(try feeds("list").output.contains("refused: "))
    // The server has what serves again.
    var state = FeedState(source: serving.head.source, asked: .now())
    state.latest = serving.head.changed
    try FeedFolders(offers: bench.folder.file("offers")).state(Name(network)).write(state)
    let list = try feeds("list")
    #expect(list.status == 0, "\(list)")
    let accepted = try feeds("accept", network, asksDaemon: true)
    #expect(accepted.errors.contains("nothing that was got for `\(network)` is refused"))
    // It is of another server, and nothing is known of that.
    try Files.remove(bench.folder.file("offers/.\(network).state"))
    #expect(try feeds("list").output.contains("refused: "))
    try writeFile(
      bench.policy, Array(try readText(bench.policy).replacing(url, with: "\(url)2").utf8))
    #expect(!(try feeds("list").output.contains("refused: ")))
    #expect(daemon.poll() == nil)
  }

  @Test("A plan that cannot be written is no plan without networks")
  func noPlan() throws {
    let inTheWay = "\(FeedContent.folder)/.plan.new"
    try Files.makeFolder(inTheWay)
    defer { try? Files.removeTree(inTheWay) }
    let planned = try feeds("plan")
    #expect(planned.status == 255, "\(planned)")
    #expect(planned.errors.contains("nothing was changed"))
  }

  @Test("What was got and is not taken yet is said")
  func waiting() throws {
    let daemon = try bench.start()
    try offer("192.0.2.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 0)
    #expect(try feeds("list").status == 0)
    try offer("192.0.2.0/25")
    let list = try feeds("list")
    #expect(list.status == 1)
    #expect(list.output.contains("what was got is not taken yet"))
    #expect(daemon.poll() == nil)
  }

  @Test("Without a daemon nothing is taken, and it waits for the next time")
  func noDaemon() throws {
    try offer("192.0.2.0/24")
    #expect(try feeds("take", asksDaemon: true).status == 3)
    #expect(Files.exists(bench.folder.file("offers/\(network)")))
    #expect(!Files.exists("\(FeedContent.folder)/\(network)"))
  }
}
