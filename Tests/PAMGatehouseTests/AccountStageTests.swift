import GatehouseClient
import GatehouseControl
import GatehouseWire
import TestKit
import Testing

@testable import PAMGatehouse

@Suite("What the account stage makes of a login")
struct AccountStageTests {
  @Test("allowed: its roles are set, and nothing is said")
  func allow() {
    let (outcome, record) = Scene(answer: answerBytes(.allow, roles: ["admin", "mobile"])).judge()
    #expect(outcome == .allow)
    #expect(record.roles == ["admin,mobile"])
    #expect(record.shown.isEmpty)
    #expect(record.log.isEmpty)
  }

  @Test("allowed, though the roles could not be set: the log says so")
  func rolesNotSet() {
    let (outcome, record) = Scene(canSetRoles: false).judge()
    #expect(outcome == .allow)
    #expect(record.lines(.warning).count == 1)
  }

  @Test("denied: the user reads the message, and the log has reason and id")
  func deny() {
    let answer = answerBytes(.deny, reason: "not_listed", message: "Not from here.")
    let (outcome, record) = Scene(answer: answer).judge()
    #expect(outcome == .deny)
    #expect(record.shown == ["Not from here."])
    #expect(record.lines(.warning) == [#"denied user "alice": not_listed, id h4kqm7wnt3"#])
    #expect(record.roles.isEmpty)
  }

  @Test(
    "denied, and nothing may be shown",
    arguments: [
      ("sshd", ["quiet"], Silence.none), ("sshd", [], .requested), ("sshd", [], .always),
      ("sudo", [], .always), ("sudo", ["quiet"], .requested),
    ])
  func silent(service: String, line: [String], silence: Silence) {
    let answer = answerBytes(.deny, message: "Not from here.")
    let (outcome, record) = Scene(
      service: service, line: line, silence: silence, answer: answer
    ).judge()
    #expect(outcome == .deny)
    #expect(record.shown.isEmpty)
  }

  @Test("sudo, which always wants silence, is told all the same", arguments: ["sudo", "sudo-i"])
  func sudoIsTold(service: String) {
    let answer = answerBytes(.deny, message: "Not from here.")
    let (_, record) = Scene(service: service, silence: .requested, answer: answer).judge()
    #expect(record.shown == ["Not from here."])
  }

  @Test("control characters do not reach the user's terminal")
  func controlCharacters() {
    let answer = answerBytes(.deny, message: "a\u{1B}[2Jb\tc\nd\u{7F}\u{85}é\r")
    let (_, record) = Scene(answer: answer).judge()
    #expect(record.shown == ["a?[2Jb\tc\nd?\u{FFFD}?é?"])
  }

  @Test(
    "no usable answer: refused, or let through with a warning, as onerr says",
    arguments: [nil, NoAnswer.absent, .timedOut, .lost, .senseless(.version), .untrusted(user: 9)])
  func noAnswer(failure: NoAnswer?) {
    let scene = Scene(answer: answerBytes(.noPolicy), failure: failure)
    let (refused, log) = scene.judge()
    #expect(refused == .unavailable)
    #expect(log.lines(.error).count == 1)
    #expect(log.shown.isEmpty)

    var lenient = scene
    lenient.line = ["onerr=succeed"]
    let (passed, warned) = lenient.judge()
    #expect(passed == .ignore)
    #expect(warned.lines(.warning).allSatisfy { $0.contains("onerr=succeed") })
    #expect(warned.lines(.warning).count == 1)
    #expect(warned.roles.isEmpty)
  }

  @Test("ignored: nothing is said")
  func ignore() {
    let (outcome, record) = Scene(answer: answerBytes(.ignore, reason: "not_checked")).judge()
    #expect(outcome == .ignore)
    #expect(record.log.isEmpty)
  }

  @Test(
    "without a remote host, as local= says",
    arguments: [
      ("login", String?.none, "local=ignore", AccountOutcome.ignore, 0),
      ("login", "", "local=ignore", .ignore, 0),
      ("login", nil, "local=ask", .allow, 1),
      ("login", nil, "local=deny", .deny, 0),
      ("sudo", "box", "local=ignore", .ignore, 0),
      ("sudo", "box", "local=deny", .deny, 0),
      ("login", "box", "local=ignore", .allow, 1),
      ("sshd", nil, "local=ignore", .allow, 1),
      ("sshd", "203.0.113.9", "local=deny", .allow, 1),
      ("other", "203.0.113.9", "local=deny", .allow, 1),
    ])
  func local(
    service: String, remoteHost: String?, option: String, expected: AccountOutcome, questions: Int
  ) {
    let (outcome, record) = Scene(service: service, remoteHost: remoteHost, line: [option]).judge()
    #expect(outcome == expected)
    #expect(record.questions.count == questions)
  }

  @Test("the question holds what there is, and no more")
  func question() throws {
    let message = try asked(
      Scene(
        remoteHost: "client.example.org",
        other: [
          .sshConnection: "203.0.113.9 50000 192.0.2.1 22", .sshAuthInfo: "publickey x",
          .remoteUser: "bob", .terminal: "ssh",
        ]))
    let question = try Question(decoding: message.span)
    let address = message.span.array(ifPresent: question.login.sshConnectionAddress)
    let keys = message.span.array(ifPresent: question.login.sshAuthInfo)
    #expect(address == Array("203.0.113.9".utf8))
    #expect(keys == Array("publickey x".utf8))
    #expect(question.timeLeft == 2000)
    #expect(!question.login.flags.isOwnHostName)
  }

  @Test("another service's SSH_CONNECTION is not believed")
  func foreignConnection() throws {
    let message = try asked(
      Scene(service: "vsftpd", other: [.sshConnection: "10.0.0.1 1 2 3", .sshAuthInfo: "x"]))
    let login = try Question(decoding: message.span).login
    #expect(login.sshConnectionAddress == nil)
    #expect(login.sshAuthInfo == nil)
  }

  @Test("service= is judged as, with all that belongs to it")
  func asOtherService() throws {
    let message = try asked(
      Scene(
        service: "backdoor", remoteHost: nil, other: [.sshConnection: "203.0.113.9 1 2 3"],
        line: ["service=sshd"]))
    let login = try Question(decoding: message.span).login
    let service = message.span.array(of: login.service)
    #expect(service == Array("sshd".utf8))
    #expect(login.sshConnectionAddress != nil)
  }

  @Test(
    "facts of any length and content make a question that can be read",
    arguments: [1, 254, 255, 256, 1000, 100_000])
  func longFacts(length: Int) throws {
    let text = String(repeating: "é", count: length)
    let message = try asked(
      Scene(
        remoteHost: text,
        other: [.sshConnection: text, .sshAuthInfo: text, .remoteUser: text, .terminal: text]))
    #expect(throws: Never.self) { try check(message) }
  }

  @Test("a user or service that no question can hold is refused", arguments: [0, 1025, 100_000])
  func unaskable(length: Int) {
    let text = String(repeating: "u", count: length)
    for scene in [Scene(user: text, line: ["onerr=succeed"]), Scene(service: text)] {
      let (outcome, record) = scene.judge()
      #expect(outcome == .deny)
      #expect(record.questions.isEmpty)
      #expect(record.lines(.error).count == 1)
    }
  }

  @Test(
    "an option that is not understood refuses all but root on the console",
    arguments: [
      ("login", "root", String?.none, AccountOutcome.ignore), ("login", "root", "", .ignore),
      ("login", "root", "203.0.113.9", .deny), ("login", "alice", nil, .deny),
      ("su", "root", nil, .deny), ("sshd", "root", nil, .deny),
    ])
  func misconfigured(service: String, user: String, remoteHost: String?, expected: AccountOutcome) {
    let scene = Scene(service: service, user: user, remoteHost: remoteHost)
    let (outcome, record) = scene.judgeMisconfigured()
    #expect(outcome == expected)
    #expect(record.shown.count == (expected == .deny ? 1 : 0))
    #expect(record.questions.isEmpty)
  }

  @Test("debug logs each step, and nothing from outside breaks out of its line")
  func debug() {
    let (_, record) = Scene(user: "al\nice\"", line: ["debug"]).judge()
    #expect(record.lines(.debug).count == 2)
    #expect(record.lines(.debug).allSatisfy { !$0.contains("\n") })
    #expect(record.lines(.debug).first?.contains(#""al\x0aice\x22""#) == true)
  }

  /// The one question that the scene asks.
  private func asked(_ scene: Scene) throws -> [UInt8] {
    let questions = scene.judge().record.questions
    #expect(questions.count == 1)
    return try #require(questions.first)
  }

  private func check(_ message: [UInt8]) throws {
    _ = try Question(decoding: message.span)
  }
}
