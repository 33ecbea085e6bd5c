import GatehouseControl
import GatehousePolicy
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct DaemonAnswerTests {
  @Test func aUserFromAListedAddressIsAllowedInTheirRoles() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let answer = try bench.ask("games", from: "192.0.2.7")
    #expect(answer.decision == .allow)
    #expect(answer.reason == "listed")
    #expect(answer.roles == "staff")
    #expect(daemon.poll() == nil)
  }

  @Test func aDenialSaysTheAddressAndAnIDThatTheLogHas() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let answer = try bench.ask("games", from: "203.0.113.5")
    #expect(answer.decision == .deny)
    #expect(answer.reason == "not_listed")
    #expect(answer.message == "Not from 203.0.113.5, quote \(answer.id).")
    try bench.waitForLog(
      "denied games from 203.0.113.5 (sshd): not_listed, policy.yaml:5, id \(answer.id)")
    #expect(daemon.poll() == nil)
  }

  @Test func groupsComeFromTheMachine() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    #expect(try bench.ask("root", from: "198.51.100.9").decision == .allow)
    #expect(try bench.ask("games", from: "198.51.100.9").decision == .deny)
    #expect(daemon.poll() == nil)
  }

  @Test func withoutAnyPolicyEveryAnswerSaysSo() throws {
    let bench = try DaemonBench(policy: nil)
    let daemon = try bench.start()
    let answer = try bench.ask("games", from: "192.0.2.7")
    #expect(answer.decision == .noPolicy)
    #expect(answer.reason == "no_policy")
    try bench.waitForLog("no policy for games from 192.0.2.7")
    #expect(try bench.status().contains("\"no_policy\":1"))
    #expect(daemon.poll() == nil)
  }

  @Test func monitorModeAllowsWhatItWouldDeny() throws {
    let bench = try DaemonBench(
      policy: DaemonBench.examplePolicy.replacing("mode: enforce", with: "mode: monitor"))
    let daemon = try bench.start()
    let answer = try bench.ask("games", from: "203.0.113.5")
    #expect(answer.decision == .allow)
    #expect(answer.reason == "not_listed")
    #expect(answer.wouldDeny)
    try bench.waitForLog("would have denied games from 203.0.113.5")
    #expect(daemon.poll() == nil)
  }

  @Test func answersAreCounted() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    for _ in 0..<3 { _ = try bench.ask("games", from: "192.0.2.7") }
    for _ in 0..<2 { _ = try bench.ask("games", from: "203.0.113.5") }
    let status = try bench.status()
    #expect(status.contains("\"allow\":3"))
    #expect(status.contains("\"deny\":2"))
    #expect(status.contains("\"reasons\":{\"not_listed\":2,\"listed\":3}"))
    #expect(daemon.poll() == nil)
  }

  @Test func anAnswerAboutANetworkDecidesNoLoginAndIsNotCounted() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let connection = try SeqpacketSocket(connectingTo: bench.socket)
    var frame = Frame(.question)
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "games".utf8)
    frame.append(.remoteHost, "192.0.2.7".utf8)
    frame.append(.network, "anywhere".utf8)
    frame.setTimeLeft(milliseconds: 10_000)
    connection.send(frame.bytes.array)
    let answer = try DaemonBench.answer(on: connection)
    #expect(answer.decision == .allow)
    #expect(answer.reason == "in_network")
    #expect(answer.roles == "" && answer.message == "")
    try bench.waitForLog("games from 192.0.2.7 (sshd) is in network anywhere: in_network, id")
    #expect(try bench.status().contains("\"allow\":0"))
    #expect(daemon.poll() == nil)
  }

  @Test func explanationsAreMadeBesideTheLogins() throws {
    let users = (0..<5000).map { "  user\($0): {also_from: [198.51.100.0/24]}\n" }.joined()
    let bench = try DaemonBench(policy: DaemonBench.examplePolicy + "users:\n" + users)
    let daemon = try bench.start()
    var request = ExplainRequest()
    request.service = "sshd"
    request.user = "games"
    request.remoteHost = "203.0.113.5"
    request.groups = []
    let frame = try request.frame()
    // Stopped, it finds all of them at once when it goes on, and the question behind them.
    daemon.signal(SIGSTOP)
    let explaining = try (0..<200).map { _ in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(frame)
      return connection
    }
    let asking = try SeqpacketSocket(connectingTo: bench.socket)
    asking.send(DaemonBench.question("games", from: "192.0.2.7"))
    daemon.signal(SIGCONT)
    #expect(try DaemonBench.answer(on: asking).decision == .allow)
    let replies = try explaining.map { try $0.receiveWithText().text }
    #expect(replies.allSatisfy { $0.contains("\"not_listed\"") || $0 == "{\"busy\":{}}" })
    // As many as may wait are explained, whatever comes beside them.
    #expect(replies.count { $0.contains("\"not_listed\"") } >= 64)
    #expect(daemon.poll() == nil)
  }
}
