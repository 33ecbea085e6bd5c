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
    #expect(
      record.lines(.warning)
        == [#"denied user "alice" from "203.0.113.9": not_listed, id h4kqm7wnt3"#])
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

  @Test("denied without a text of the daemon: the user reads what is wrong, and the id")
  func ownSentences() {
    for reason in [
      "user_unknown", "identity_unavailable", "no_address", "session_unclear", "local_not_listed",
      "role_unavailable",
    ] {
      let (outcome, record) = Scene(answer: answerBytes(.deny, reason: reason)).judge()
      #expect(outcome == .deny)
      #expect(record.shown.count == 1, "\(reason)")
      #expect(record.shown.allSatisfy { $0.hasPrefix("Access denied: ") })
      #expect(record.shown.allSatisfy { $0.hasSuffix(" and quote h4kqm7wnt3.") })
    }
  }

  @Test(
    "the module's own sentences",
    arguments: [
      (
        "session_unclear", "sudo",
        "Access denied: it is not clear where you logged in from. Please log in again, and use sudo "
          + "there. If it stays so, tell the administrator."
      ),
      (
        "role_unavailable", "su",
        "Access denied: you do not have the role administrator. Please ask the administrator."
      ),
      (
        "local_not_listed", "login",
        "Access denied: you may not use this at the machine itself. Please ask the administrator."
      ),
    ])
  func ownSentence(reason: String, service: String, text: String) {
    let scene = Scene(
      service: service, line: ["role=administrator"],
      answer: answerBytes(.deny, reason: reason, id: ""))
    #expect(scene.judge().record.shown == [text])
  }

  @Test("a text of the daemon is shown instead of the module's own")
  func daemonsText() {
    let answer = answerBytes(.deny, reason: "role_unavailable", message: "Not from here.")
    #expect(Scene(answer: answer).judge().record.shown == ["Not from here."])
  }

  @Test("denied for another reason without a text: nothing is shown")
  func noText() {
    #expect(Scene(answer: answerBytes(.deny, reason: "new")).judge().record.shown.isEmpty)
  }

  @Test("no usable answer: refused, and told what to do", arguments: failures)
  func noAnswer(failure: NoAnswer?) {
    let scene = Scene(answer: answerBytes(.noPolicy), failure: failure)
    let (refused, log) = scene.judge()
    #expect(refused == .unavailable)
    #expect(log.lines(.error).count == 1)
    #expect(log.shown == [cannotBeChecked])
    #expect(log.roles.isEmpty)

    var quiet = scene
    quiet.line = ["quiet"]
    #expect(quiet.judge().record.shown.isEmpty)
  }

  @Test(
    "no usable answer, of a login that no user of the machine began: as onerr says",
    arguments: failures)
  func succeed(failure: NoAnswer?) {
    let (passed, record) = Scene(
      line: ["onerr=succeed"], answer: answerBytes(.noPolicy), failure: failure, caller: 0
    ).judge()
    #expect(passed == .ignore)
    #expect(record.lines(.warning).allSatisfy { $0.contains("onerr=succeed") })
    #expect(record.lines(.warning).count == 1)
    #expect(record.shown.isEmpty && record.roles.isEmpty)
  }

  @Test("onerr=succeed covers nothing that the caller can bring about", arguments: callers)
  func noLever(caller: Lever) {
    for failure in failures {
      var scene = caller.scene
      scene.answer = answerBytes(.noPolicy)
      scene.failure = failure
      let (outcome, record) = scene.judge()
      if [nil, .absent, .refused].contains(failure) {
        #expect(outcome == .ignore, "\(failure as Any)")
        #expect(record.lines(.warning).count == 1 && record.shown.isEmpty)
      } else {
        #expect(outcome == .unavailable, "\(failure as Any)")
        #expect(record.lines(.error).count == 1)
        #expect(record.shown == [cannotBeChecked])
      }
    }
  }

  struct Lever: CustomTestStringConvertible {
    let testDescription: String
    let scene: Scene

    init(
      _ name: String, _ service: String, caller: UInt32 = 0, remoteUser: String? = nil,
      more: [String] = []
    ) {
      testDescription = name
      scene = Scene(
        service: service, other: remoteUser.map { [.remoteUser: $0] } ?? [:],
        line: ["onerr=succeed"] + more, caller: caller)
    }
  }

  static let callers = [
    Lever("a real uid that is not root's", "doas", caller: 1000),
    Lever("PAM_RUSER", "please", remoteUser: "alice"),
    Lever("PAM_RUSER that begins as root's name does", "please", remoteUser: "root2"),
    Lever("a service that changes users", "sudo"),
    Lever("judged as a service that changes users", "kiosk", more: ["service=su"]),
    Lever("a service that changes users, judged as another", "runuser", more: ["service=kiosk"]),
    Lever("the origin of a session", "kiosk", more: ["origin=session"]),
  ]

  @Test("ignored: nothing is said")
  func ignore() {
    let (outcome, record) = Scene(answer: answerBytes(.ignore, reason: "not_checked")).judge()
    #expect(outcome == .ignore)
    #expect(record.log.isEmpty)
  }

  @Test(
    "a local login, as local= says",
    arguments: [
      ("login", String?.none, "local=ignore", AccountOutcome.ignore, 0),
      ("login", "", "local=ignore", .ignore, 0),
      ("login", nil, "local=ask", .allow, 1),
      ("login", nil, "local=deny", .deny, 0),
      ("sudo", "box", "local=ignore", .ignore, 0),
      ("sudo", "box", "local=deny", .deny, 0),
      ("login", "box", "local=ignore", .allow, 1),
      ("sshd", nil, "local=ignore", .allow, 1),
      ("xrdp-sesman", nil, "local=ignore", .allow, 1),
      ("xrdp-sesman", nil, "local=deny", .allow, 1),
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

  @Test("a login on a pseudo terminal, or on a display of another host, is asked about")
  func terminals() {
    for (service, terminal) in ["login": "pts/3", "lightdm": "203.0.113.9:0"] {
      let scene = Scene(service: service, remoteHost: nil, other: [.terminal: terminal])
      #expect(scene.judge().record.questions.count == 1)
    }
  }

  @Test(
    "the daemon may answer that a login is local, if only a policy can say so",
    arguments: [
      ("kiosk", String?.none, "local=ignore", true), ("kiosk", "", "local=deny", true),
      ("kiosk", nil, "local=ask", false), ("kiosk", "client", "local=ignore", false),
      ("sshd", nil, "local=ignore", false),
    ])
  func leavesLocal(service: String, remoteHost: String?, option: String, expected: Bool) throws {
    let message = try asked(Scene(service: service, remoteHost: remoteHost, line: [option]))
    let flags = try Question(decoding: message.span).login.flags
    #expect(flags.leavesLocal == expected)
    #expect(!flags.asksSession)
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
    let server = message.span.array(ifPresent: question.login.sshServerAddress)
    let keys = message.span.array(ifPresent: question.login.sshAuthInfo)
    #expect(address == Array("203.0.113.9".utf8))
    #expect(server == Array("192.0.2.1".utf8))
    #expect(keys == Array("publickey x".utf8))
    #expect(question.timeLeft == 2000)
    #expect(!question.login.flags.isOwnHostName)
  }

  @Test(
    "SSH_CONNECTION with too few words, or with a path",
    arguments: [
      ("203.0.113.9", "203.0.113.9", String?.none), ("203.0.113.9 50000", "203.0.113.9", nil),
      ("203.0.113.9 50000 ", "203.0.113.9", nil), ("  ", nil, nil),
      (
        "UNKNOWN 65535 /run/ssh-unix-local/socket 65535", "UNKNOWN",
        "/run/ssh-unix-local/socket"
      ),
    ])
  func connection(text: String, client: String?, server: String?) throws {
    let message = try asked(Scene(remoteHost: nil, other: [.sshConnection: text]))
    let login = try Question(decoding: message.span).login
    #expect(
      message.span.array(ifPresent: login.sshConnectionAddress) == client.map { Array($0.utf8) })
    #expect(message.span.array(ifPresent: login.sshServerAddress) == server.map { Array($0.utf8) })
  }

  @Test("another service's SSH_CONNECTION is not believed")
  func foreignConnection() throws {
    let message = try asked(
      Scene(service: "vsftpd", other: [.sshConnection: "10.0.0.1 1 2 3", .sshAuthInfo: "x"]))
    let login = try Question(decoding: message.span).login
    #expect(login.sshConnectionAddress == nil && login.sshServerAddress == nil)
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
      ("su", "root", nil, .deny), ("sshd", "root", nil, .deny), ("lightdm", "root", nil, .deny),
    ])
  func misconfigured(service: String, user: String, remoteHost: String?, expected: AccountOutcome) {
    check(Scene(service: service, user: user, remoteHost: remoteHost), expected)
  }

  @Test(
    "a pseudo terminal is no console",
    arguments: [("tty1", AccountOutcome.ignore), ("pts/0", .deny), ("/dev/pts/0", .deny)])
  func misconfigured(terminal: String, expected: AccountOutcome) {
    let scene = Scene(
      service: "login", user: "root", remoteHost: nil, other: [.terminal: terminal])
    check(scene, expected)
  }

  /// Checks what becomes of a login whose line has an option that is not understood.
  private func check(_ scene: Scene, _ expected: AccountOutcome) {
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

private let cannotBeChecked =
  "Access cannot be checked at the moment. Please try again; if it stays so, tell the administrator."

/// Every way to have no answer; nil is an answer of a daemon without a policy.
private let failures: [NoAnswer?] = [
  nil, .absent, .refused, .timedOut, .lost, .senseless(.version), .untrusted(user: 9), .system(24),
]
