import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: a journal of the test's own is mounted"))
struct DaemonLogTests {
  /// Gives the daemon a /run and a /dev/log of its own, whose sockets the test holds.
  private func launcher(_ bench: DaemonBench, _ target: String) -> String {
    """
    exec unshare --mount sh -c '
      mount -t tmpfs gatehouse /run && mkdir -p /run/systemd/journal &&
      mount --bind "$0" /run/systemd/journal &&
      if [ -e "$0/log" ]; then mount -t tmpfs gatehouse /dev && ln -s /run/systemd/journal/log /dev/log; fi &&
      exec "$@" --log \(target)' '\(bench.folder.file("journal"))' "$@"
    """
  }

  @Test(arguments: ["journal", "auto"])
  func eachDecisionIsOneJournalEntryWithItsFields(_ target: String) throws {
    let bench = try DaemonBench()
    let folder = try bench.folder.directory("journal")
    let journal = try DatagramSocket(boundTo: "\(folder)/socket")
    let daemon = try bench.start(launcher(bench, target))
    let answer = try bench.ask("games", from: "203.0.113.5")
    var entry = ""
    while !entry.contains("GATEHOUSE_ID=") { entry = try journal.receive() }
    let lines = Set(entry.split(separator: "\n").map(String.init))
    let expected = [
      "MESSAGE=denied games from 203.0.113.5 (sshd): not_listed, policy.yaml:5, id \(answer.id)",
      "PRIORITY=4", "SYSLOG_IDENTIFIER=gatehoused",
      "MESSAGE_ID=cd6ea7754a4f4d81bcc7da29e5486793", "GATEHOUSE_USER=games",
      "GATEHOUSE_SERVICE=sshd", "GATEHOUSE_ORIGIN=203.0.113.5",
      "GATEHOUSE_ORIGIN_KIND=address", "GATEHOUSE_DECISION=deny",
      "GATEHOUSE_REASON=not_listed", "GATEHOUSE_RULE=policy.yaml:5",
      "GATEHOUSE_ID=\(answer.id)", "GATEHOUSE_WOULD_DENY=false",
      "GATEHOUSE_PEER_PID=\(getpid())",
    ]
    for line in expected { #expect(lines.contains(line), "\(entry)") }
    #expect(daemon.poll() == nil)
  }

  @Test func withoutAJournalSyslogGetsTheSameFieldsInTheLine() throws {
    let bench = try DaemonBench()
    let folder = try bench.folder.directory("journal")
    let syslog = try DatagramSocket(boundTo: "\(folder)/log")
    let daemon = try bench.start(launcher(bench, "auto"))
    let answer = try bench.ask("games", from: "203.0.113.5")
    var line = ""
    while !line.contains(answer.id) { line = try syslog.receive() }
    // Facility auth (4), warning (4).
    #expect(line.hasPrefix("<36>"))
    #expect(line.contains("denied games from 203.0.113.5 (sshd): not_listed"))
    #expect(line.contains("user=\"games\" service=\"sshd\" origin=\"203.0.113.5\""))
    #expect(daemon.poll() == nil)
  }

  @Test("a journal that takes nothing delays no answer, and not the end of the daemon")
  func blockedJournal() throws {
    let bench = try DaemonBench()
    let folder = try bench.folder.directory("journal")
    let journal = try DatagramSocket(boundTo: "\(folder)/socket")
    let daemon = try bench.start(launcher(bench, "journal"))
    // More than the socket holds, and than wait for the log's thread.
    for _ in 0..<6000 {
      #expect(try bench.ask("games", from: "203.0.113.5").decision == .deny)
    }
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    withExtendedLifetime(journal) {}
  }

  @Test("if the journal is gone, each is answered; once it is back, the log says how much was lost")
  func journalGone() throws {
    let bench = try DaemonBench()
    let folder = try bench.folder.directory("journal")
    var journal = try DatagramSocket(boundTo: "\(folder)/socket")
    let daemon = try bench.start(launcher(bench, "journal"))
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe unlink("\(folder)/socket") == 0)
    for _ in 0..<100 {
      #expect(try bench.ask("games", from: "203.0.113.5").decision == .deny)
    }
    journal = try DatagramSocket(boundTo: "\(folder)/socket")
    let answer = try bench.ask("games", from: "203.0.113.5")
    var entries = ""
    while !entries.contains(answer.id) { entries += try journal.receive() }
    #expect(entries.contains(" log entries were lost"))
    #expect(daemon.poll() == nil)
  }

  @Test func onlyRootAndTheDaemonsOwnUserMayAsk() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // SAFETY: the paths are C strings for the length of the calls.
    #expect(unsafe chmod(bench.folder.path, 0o755) == 0)
    #expect(unsafe chmod(bench.socket, 0o666) == 0)
    // The clone may lie where a stranger cannot look, in root's home for instance.
    let command = "\(bench.folder.path)/gatehouse"
    #expect(try run("cp", [try builtProgram("gatehouse"), command]).status == 0)
    // Closed without an answer, the command asks again and again; a second of that is enough.
    let stranger = try run(
      "setpriv",
      [
        "--reuid", "65534", "--clear-groups", "timeout", "1", command, "status", "--socket",
        bench.socket,
      ])
    #expect(stranger.status != 0)
    #expect(stranger.output.isEmpty)
    try bench.waitForLog(
      "a connection of user id 65534 was closed: only root and the daemon may ask")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }
}
