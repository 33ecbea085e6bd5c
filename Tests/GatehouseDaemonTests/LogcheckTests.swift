import GatehouseJournal
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The rules for logcheck")
struct LogcheckTests {
  private static let rules =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/packaging/logcheck/gatehouse.ignore"

  /// The messages that logcheck would report, in order.
  private func reported(
    _ messages: [String], of program: String = "gatehoused"
  ) throws -> [String] {
    let prefix = "Nov 26 20:51:54 gate \(program)[4711]: "
    let input = messages.map { prefix + $0 + "\n" }.joined()
    return try run("grep", ["-Evf", Self.rules], input: input).output.split(separator: "\n")
      .map { String($0.dropFirst(prefix.count)) }
  }

  @Test("leave out allowed logins, and report denials, break-glass and unknown users")
  func decisions() throws {
    let daemon = try InProcessDaemon(
      policy: """
        version: 1
        everyone: {from: [203.0.113.0/24]}
        break_glass: {users: [root], from: [192.0.2.0/24]}
        """)
    func ask(_ user: String, _ host: String) throws {
      _ = try daemon.ask(question(user, [(.remoteHost, host)]))
    }
    try ask("alice", "203.0.113.9")
    try ask("alice", "198.51.100.7")
    try ask("root", "192.0.2.7")
    try ask("x from 203.0.113.9 (sshd): listed, ", "198.51.100.7")
    try wait { daemon.collector.messages.count { $0.contains(", id ") } == 4 }
    let told = daemon.collector.messages.filter { $0.contains(", id ") }
    #expect(try reported(told) == Array(told.dropFirst()))
  }

  @Test("leave out what says that all is well, and nothing else")
  func others() throws {
    let fine = [
      "listening on /run/gatehouse/gatehouse.sock, handed over by systemd", "ended by a signal",
      "users and groups can be read again", "login sessions are watched again",
      "the machine's addresses are known",
      "alice from 203.0.113.9 (sshd) is in network office: in_network, id k3f9xk3f9x",
      "no second factor is needed for alice from 203.0.113.9 (sshd): listed, policy.yaml:3, id "
        + "k3f9xk3f9x",
      "a second factor is needed for alice from self (sshd): identity_unavailable, id k3f9xk3f9x",
      "a second factor would not be needed for alice from 203.0.113.9 (sshd): never, policy.yaml:3, "
        + "id k3f9xk3f9x; monitor mode asks for it",
    ]
    let others = [
      "3 log entries were lost: the log did not take them in time",
      "no policy for alice from 203.0.113.9 (sshd): no_policy, id k3f9xk3f9x",
      "listening on /run/gatehouse/gatehouse.sock, and more",
      "alice from 203.0.113.9 (sshd) is not in network offic: no_such_network, id k3f9xk3f9x",
      "a second factor is needed for alice from 203.0.113.9 (sshd): no_rule, id k3f9xk3f9x; the "
        + "policy has no second_factor",
      "a second factor is needed for alice from 203.0.113.9 (sshd): no_policy, id k3f9xk3f9x",
      "allowed root from 192.0.2.7 (sshd): break_glass, policy.yaml:3, id k3f9xk3f9x",
      "allowed bob from 192.0.2.7 (sshd): granted, grant g1, id k3f9xk3f9x",
      "a code was made for bob from 203.0.113.9 (sshd), denial k3f9xk3f9x",
      "a wrong code was entered for bob from 203.0.113.9 (sshd), denial k3f9xk3f9x, try 1",
    ]
    #expect(try reported(fine + others) == others)
    let nobody = "gatehouse: nothing to tell: the policy has no notify"
    #expect(try reported([nobody, "\(nobody) any more", "others"], of: "gatehouse").count == 2)
    #expect(try reported([nobody]) == [nobody])
  }
}
