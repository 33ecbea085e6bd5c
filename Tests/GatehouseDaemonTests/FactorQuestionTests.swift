import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

/// Questions about the second factor.
struct FactorQuestionTests {
  private static let policy = """
    version: 1
    everyone: {from: [203.0.113.0/24, 198.51.100.0/24]}
    second_factor:
      not_from: [203.0.113.0/24, local]
      users: {bob: never}
      groups: {wheel: always}

    """

  private static func factor(
    _ user: String = "carol", from address: String? = "203.0.113.9", service: String = "sshd",
    caller: UInt32? = nil
  ) -> [UInt8] {
    let fields = address.map { [(GatehouseWire.Tag.remoteHost, $0)] } ?? []
    return question(user, service: service, fields, caller: caller, asksFactor: true)
  }

  private func daemon(_ text: String = policy) throws -> InProcessDaemon {
    let daemon = try InProcessDaemon(policy: text)
    daemon.directory.change {
      $0.accounts["carol"] = Account(name: "carol", userID: 1002, primaryGroupID: 50)
      $0.memberships["carol"] = [50]
      $0.isCertainOfAbsence = true
    }
    return daemon
  }

  private func decision(of frame: [UInt8], by daemon: InProcessDaemon) throws -> AnswerDecision {
    let connection = try daemon.connect()
    connection.send(frame)
    let answer = try connection.receive()
    return try Answer(decoding: answer.span).decision
  }

  @Test(
    arguments: [
      ("carol", "203.0.113.9", "listed"), ("carol", "198.51.100.7", "not_listed"),
      ("carol", "127.0.0.1", "not_listed"), ("carol", "::1", "not_listed"),
      ("carol", "cafe.example", "origin_unknown"), ("alice", "203.0.113.9", "always"),
      ("ALICE", "203.0.113.9", "always"), ("bob", "198.51.100.7", "never"),
      ("nobody", "203.0.113.9", "user_unknown"),
    ])
  func thePolicySaysWhoIsAsked(user: String, address: String, reason: String) throws {
    let daemon = try daemon()
    let frame = Self.factor(user, from: address)
    #expect(try daemon.ask(frame) == reason)
    let isSpared = reason == "listed" || reason == "never"
    #expect(try decision(of: frame, by: daemon) == (isSpared ? .allow : .deny))
  }

  @Test func withoutARuleOrAPolicyAndWhileItIsOffItIsNeeded() throws {
    for (policy, reason) in [
      ("version: 1\n", "no_rule"), (Self.policy + "mode: off\n", "not_checked"),
      ("version: 2\n", "no_policy"),
    ] {
      let daemon = try daemon(policy)
      #expect(try daemon.ask(Self.factor("bob")) == reason)
      #expect(try decision(of: Self.factor("bob"), by: daemon) != .allow)
    }
  }

  @Test func monitorModeAsksAlwaysAndLogsWhatItWouldHaveSpared() throws {
    let daemon = try daemon(Self.policy + "mode: monitor\n")
    #expect(try decision(of: Self.factor(), by: daemon) == .deny)
    try daemon.waitForLog(
      "a second factor would not be needed for carol from 203.0.113.9 (sshd): listed")
  }

  @Test func whileTheDirectoryIsAwayWhoMayBeInAGroupIsAsked() throws {
    let daemon = try daemon()
    daemon.directory.change { $0.isAway = true }
    #expect(try daemon.ask(Self.factor()) == "identity_unavailable")
    let plain = try self.daemon("version: 1\nsecond_factor: {not_from: [203.0.113.0/24]}\n")
    plain.directory.change { $0.isAway = true }
    #expect(try plain.ask(Self.factor()) == "listed")
    #expect(try plain.ask(Self.factor(from: "198.51.100.7")) == "not_listed")
  }

  @Test func aLoginThatThePolicyLetInMakesAPlaceKnownAndNothingElseDoes() throws {
    let text = """
      version: 1
      everyone: {from: [203.0.113.0/24, 198.51.100.7, "2001:db8::/32"]}
      second_factor: {not_from: [anywhere], new_places: always}

      """
    let daemon = try daemon(text)
    func login(_ address: String) throws -> String {
      try daemon.ask(question("carol", [(.remoteHost, address)]))
    }
    for address in ["203.0.113.9", "198.51.100.7", "192.0.2.1", "2001:db8::1"] {
      #expect(try daemon.ask(Self.factor(from: address)) == "new_place")
    }
    #expect(try login("203.0.113.9") == "listed")
    #expect(try login("2001:db8:0:100::1") == "listed")
    #expect(try login("192.0.2.1") == "not_listed")
    #expect(try daemon.ask(Self.factor(from: "203.0.113.9")) == "listed")
    #expect(try daemon.ask(Self.factor(from: "203.0.113.10")) == "new_place")
    #expect(try daemon.ask(Self.factor(from: "2001:db8:0:1ff::2")) == "listed")
    #expect(try daemon.ask(Self.factor(from: "2001:db8:0:200::2")) == "new_place")
    #expect(try daemon.ask(Self.factor(from: "192.0.2.1")) == "new_place")
    #expect(try daemon.ask(Self.factor("bob", from: "203.0.113.9")) == "new_place")
    #expect(try daemon.ask(Self.factor(from: "127.0.0.1")) == "new_place")
    // Asking proves nothing.
    #expect(try daemon.ask(Self.factor(from: "198.51.100.7")) == "new_place")
  }

  @Test func whatMonitorModeLetInIsNoPlaceFromWhichSomebodyHasCome() throws {
    let text = """
      version: 1
      everyone: {from: [203.0.113.0/24]}
      second_factor: {not_from: [anywhere], new_places: always}

      """
    let daemon = try daemon(text + "mode: monitor\n")
    for address in ["203.0.113.9", "192.0.2.1"] {
      #expect(
        try ["listed", "not_listed"].contains(
          daemon.ask(question("carol", [(.remoteHost, address)]))))
    }
    try daemon.folder.write(text, to: "etc/policy.yaml")
    _ = try daemon.verdictOnReload(allowing: "unjudged")
    try wait { try daemon.ask(Self.factor(from: "203.0.113.9")) == "listed" }
    try wait { try self.decision(of: Self.factor(from: "203.0.113.9"), by: daemon) == .allow }
    #expect(try daemon.ask(Self.factor(from: "192.0.2.1")) == "new_place")
  }

  @Test func sudoAndSuAreLocalBySessionsAlone() throws {
    let daemon = try daemon()
    // Anybody in the machine can use su, from wherever they came.
    #expect(try daemon.ask(Self.factor(from: nil, service: "su")) == "origin_unknown")
    #expect(try daemon.ask(Self.factor("bob", from: nil, service: "su")) == "never")
    #expect(try daemon.ask(Self.factor(from: nil, service: "login")) == "listed")
    daemon.sessions.change { $0.own = .console }
    #expect(try daemon.ask(Self.factor(from: nil, service: "sudo", caller: 1002)) == "listed")
    daemon.sessions.change { $0.own = .ssh("203.0.113.9") }
    #expect(try daemon.ask(Self.factor(from: nil, service: "sudo", caller: 1002)) == "listed")
    daemon.sessions.change { $0.own = .ssh("198.51.100.7") }
    #expect(try daemon.ask(Self.factor(from: nil, service: "sudo", caller: 1002)) == "not_listed")
  }

  @Test func anAnswerDecidesNoLogin() throws {
    let daemon = try daemon()
    #expect(try daemon.ask(Self.factor()) == "listed")
    #expect(try daemon.ask(Self.factor("alice", from: "198.51.100.7")) == "always")
    try daemon.waitForLog(
      "a second factor is needed for alice from 198.51.100.7 (sshd): always, policy.yaml:6")
    let status = try daemon.report(StatusRequest())
    #expect(!status.text.contains("\"listed\""))
    #expect(
      !daemon.collector.messages.contains { $0.hasPrefix("denied ") || $0.hasPrefix("allowed ") })
  }

  @Test func theExplanationSaysWhatTheRecordHas() throws {
    let daemon = try daemon(
      "version: 1\nsecond_factor: {not_from: [anywhere], new_places: always}\n")
    var request = ExplainRequest()
    request.service = "sshd"
    request.user = "carol"
    request.remoteHost = "203.0.113.9"
    func explained() throws -> FactorExplanation? {
      let reply: ExplainReply = try SeqpacketSocket.reply(
        to: request, at: daemon.folder.file("run/socket"))
      guard case .explained(let login) = reply else { return nil }
      return login.factor
    }
    #expect(try explained()?.decision.reason == .newPlace)
    #expect(try daemon.ask(question("carol", [(.remoteHost, "203.0.113.9")])) == "unrestricted")
    let second = try #require(try explained())
    #expect(second.decision.reason == .listed && !second.isNewPlace && second.dependsOnPlace)
  }
}
