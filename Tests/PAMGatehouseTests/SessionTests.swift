import GatehouseClient
import GatehouseControl
import GatehouseWire
import TestKit
import Testing

@testable import PAMGatehouse

@Suite("Roles, and origins that a login session tells")
struct SessionTests {
  @Test(
    "the question says whose session, which role, and whether local logins are its own business")
  func question() throws {
    let (outcome, record) = Scene(
      service: "sudo", remoteHost: nil, other: [.remoteUser: "alice"],
      line: ["origin=session", "role=administrator"]
    ).judge()
    #expect(outcome == .allow)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    let role = message.span.array(ifPresent: question.login.role)
    #expect(role == Array("administrator".utf8))
    #expect(question.caller == 1000)
    #expect(question.login.flags.asksSession)
    #expect(!question.login.flags.leavesLocal)
  }

  @Test(
    "the daemon finds the session local: as local= says",
    arguments: [("local=ignore", AccountOutcome.ignore), ("local=deny", .deny), ("debug", .ignore)])
  func local(option: String, expected: AccountOutcome) throws {
    let (outcome, record) = Scene(
      service: "su", remoteHost: nil, line: ["origin=session", option],
      answer: answerBytes(.local, reason: "local")
    ).judge()
    #expect(outcome == expected)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.login.flags.leavesLocal)
    #expect(record.shown.count == (expected == .deny ? 1 : 0))
  }

  @Test(
    "a daemon that calls a login local where it was not asked that makes no sense",
    arguments: [
      [], ["local=deny"], ["origin=session", "local=ask"], ["origin=session", "role=a"],
    ])
  func localUnasked(line: [String]) {
    let (outcome, record) = Scene(line: line, answer: answerBytes(.local)).judge()
    #expect(outcome == .unavailable)
    #expect(record.lines(.error).count == 1)
  }

  @Test("a role is asked for on the console too")
  func roleOnConsole() {
    let scene = Scene(service: "login", remoteHost: nil, line: ["role=administrator"])
    #expect(scene.judge().record.questions.count == 1)
  }

  @Test(
    "what root itself does with a program that changes the user is not judged",
    arguments: ["su", "su-l", "sudo", "sudo-i", "runuser", "runuser-l"])
  func ownUse(service: String) {
    for remoteUser in [nil, "", "root"] {
      for option in ["debug", "local=ask", "local=deny", "role=administrator"] {
        let (outcome, record) = Scene(
          service: service, remoteHost: nil, other: remoteUser.map { [.remoteUser: $0] } ?? [:],
          line: ["origin=session", "debug", option], failure: .absent, caller: 0
        ).judge()
        #expect(outcome == .ignore)
        #expect(record.questions.isEmpty && record.shown.isEmpty)
        #expect(record.log.map(\.0) == [.debug])
      }
    }
  }

  @Test("what is not root's own use by all that is known is asked about", arguments: others)
  func othersUse(scene: Scene) {
    #expect(scene.judge().record.questions.count == 1)
  }

  @Test(
    "the daemon gets no real uid of a program that is judged as sudo and is of another kind",
    arguments: [("polkit-1", UInt32.max), ("su", 0)])
  func judgedAsSudo(service: String, expected: UInt32) throws {
    let record = Scene(
      service: service, remoteHost: nil, other: [.remoteUser: "alice"],
      line: ["origin=session", "service=sudo"], caller: 0
    ).judge().record
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.caller == expected)
  }

  static let others = [
    Scene(service: "sudo", remoteHost: nil, line: ["origin=session"], caller: 1000),
    Scene(
      service: "sudo", remoteHost: nil, other: [.remoteUser: "root"], line: ["origin=session"],
      caller: 1000),
    Scene(
      service: "sudo", remoteHost: nil, other: [.remoteUser: "alice"], line: ["origin=session"],
      caller: 0),
    Scene(service: "polkit-1", remoteHost: nil, line: ["origin=session"], caller: 0),
    Scene(
      service: "polkit-1", remoteHost: nil, line: ["origin=session", "service=sudo"], caller: 0),
    Scene(service: "cron", remoteHost: nil, line: ["origin=session"], caller: 0),
    Scene(service: "su", remoteHost: "203.0.113.9", line: ["origin=session"], caller: 0),
    Scene(service: "su", remoteHost: "client", line: ["origin=session"], caller: 0),
    Scene(service: "su", remoteHost: nil, line: ["local=ask"], caller: 0),
  ]

  @Test(
    "without the daemon a session is as any login",
    arguments: [([], AccountOutcome.unavailable), (["onerr=succeed"], .ignore)])
  func noDaemon(more: [String], expected: AccountOutcome) {
    let scene = Scene(
      service: "su", remoteHost: nil, line: ["origin=session"] + more, failure: .absent)
    #expect(scene.judge().outcome == expected)
  }
}

@Suite("Questions about a network")
struct NetworkQuestionTests {
  @Test("the question names the network, and no role")
  func question() throws {
    let (isIn, record) = Scene(line: ["network=office"]).asksYesOrNo()
    #expect(isIn)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    let network = message.span.array(ifPresent: question.network)
    #expect(network == Array("office".utf8))
    #expect(question.login.role == nil)
    #expect(question.caller == nil)
    #expect(record.roles.isEmpty && record.log.isEmpty)
  }

  @Test(
    "everything but a yes is a no, and nothing is shown",
    arguments: [AnswerDecision.deny, .ignore, .noPolicy, .local])
  func no(decision: AnswerDecision) {
    let answer = answerBytes(decision, message: "Not from here.")
    let (isIn, record) = Scene(line: ["network=office"], answer: answer).asksYesOrNo()
    #expect(!isIn)
    #expect(record.shown.isEmpty)
  }

  @Test(
    "no usable answer is a no, and is logged",
    arguments: [NoAnswer.absent, .timedOut, .lost, .senseless(.version), .untrusted(user: 9)])
  func noAnswer(failure: NoAnswer) {
    let (isIn, record) = Scene(line: ["network=office"], failure: failure).asksYesOrNo()
    #expect(!isIn)
    #expect(record.shown.isEmpty)
    #expect(record.lines(.warning).count == 1)
  }

  @Test("a local login: as the line says, and nobody is asked", arguments: atMachine)
  func local(scene: Scene) {
    expect(scene, ["network=office"], false)
    expect(scene, ["network=office,self"], false)
    expect(scene, ["network=local"], true)
    expect(scene, ["network=office,local"], true)
  }

  static let atMachine = [
    Scene(service: "login", remoteHost: nil),
    Scene(service: "login", user: "", remoteHost: "", other: [.terminal: "tty1"]),
    Scene(service: "gdm-password", remoteHost: nil, other: [.terminal: "/dev/tty2"]),
    Scene(service: "vlock", remoteHost: nil),
  ]

  @Test(
    "su, cron and the like serve any session, so local does not hold them", arguments: inMachine)
  func inAnySession(scene: Scene) {
    expect(scene, ["network=office,local"], false)
  }

  static let inMachine = [
    Scene(service: "sudo", remoteHost: "box"), Scene(service: "su", remoteHost: nil),
    Scene(service: "polkit-1", remoteHost: nil), Scene(service: "cron", remoteHost: nil),
  ]

  @Test("from loopback: self, and nobody is asked", arguments: fromLoopback)
  func loopback(scene: Scene) {
    expect(scene, ["network=self"], true)
    expect(scene, ["network=office,self"], true)
    expect(scene, ["network=self", "origin=session"], true)
  }

  @Test("from loopback: whether a network holds it, only the daemon knows", arguments: fromLoopback)
  func loopbackInNetwork(scene: Scene) {
    var scene = scene
    scene.line = ["network=office,local"]
    #expect(scene.asksYesOrNo().record.questions.count == 1)
  }

  static let fromLoopback = [
    Scene(remoteHost: "127.0.0.1"), Scene(remoteHost: "127.255.0.9"), Scene(remoteHost: "::1"),
    Scene(service: "vsftpd", remoteHost: "::ffff:127.0.0.1"),
    Scene(remoteHost: "localhost", other: [.sshConnection: "127.0.0.1 50000 127.0.0.1 22"]),
    Scene(remoteHost: "UNKNOWN", other: [.sshConnection: "UNKNOWN 65535 UNKNOWN 65535"]),
    Scene(remoteHost: nil, other: [.sshConnection: "UNKNOWN 65535 /run/socket 65535"]),
  ]

  @Test("what is not loopback for sure is asked about", arguments: notLoopback)
  func notFromLoopback(scene: Scene) {
    var scene = scene
    scene.line = ["network=self"]
    #expect(scene.asksYesOrNo().record.questions.count == 1)
  }

  static let notLoopback = [
    Scene(remoteHost: "128.0.0.1"), Scene(remoteHost: "127.0.0"), Scene(remoteHost: "127.0.0.1."),
    Scene(remoteHost: "127.0.0.256"), Scene(remoteHost: "127.0.0.01"),
    Scene(remoteHost: "127..0.1"),
    Scene(remoteHost: "127.0.0.1.5"), Scene(remoteHost: "::2"), Scene(remoteHost: "localhost"),
    Scene(remoteHost: "127.example.org"), Scene(remoteHost: nil), Scene(remoteHost: ""),
    Scene(remoteHost: "203.0.113.9", other: [.sshConnection: "127.0.0.1 1 127.0.0.1 22"]),
    Scene(service: "vsftpd", remoteHost: "UNKNOWN", other: [.sshConnection: "127.0.0.1 1 2 3"]),
  ]

  @Test("several networks go in one field")
  func several() throws {
    let record = Scene(line: ["network=office,vpn,local"]).asksYesOrNo().record
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(message.span.array(ifPresent: question.network) == Array("office,vpn,local".utf8))
    #expect(!question.login.flags.leavesLocal)
  }

  @Test("a service that serves the network is not local, whatever the line says")
  func noAddress() throws {
    let scene = Scene(service: "xrdp-sesman", remoteHost: nil, line: ["network=local"])
    let record = scene.asksYesOrNo().record
    let message = try #require(record.questions.first)
    #expect(try !Question(decoding: message.span).login.flags.leavesLocal)
  }

  /// Checks an answer that the module gives without the daemon.
  private func expect(_ scene: Scene, _ line: [String], _ expected: Bool) {
    var scene = scene
    scene.line = line
    scene.failure = .absent
    let (isIn, record) = scene.asksYesOrNo()
    #expect(isIn == expected, "\(line)")
    #expect(record.questions.isEmpty && record.log.isEmpty && record.shown.isEmpty)
  }

  @Test("with origin=session the daemon looks where that is, and decides on its own")
  func session() throws {
    let scene = Scene(
      service: "sudo", remoteHost: nil, line: ["network=office", "origin=session"])
    let (isIn, record) = scene.asksYesOrNo()
    #expect(isIn)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.caller == 1000)
    #expect(!question.login.flags.leavesLocal)
  }
}

@Suite("Questions about the second factor")
struct FactorQuestionTests {
  @Test("the question has its flag, and neither a role nor a network")
  func question() throws {
    let (isSpared, record) = Scene(line: ["factor"]).asksYesOrNo()
    #expect(isSpared)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.login.flags.asksFactor && !question.login.flags.leavesLocal)
    #expect(question.network == nil && question.login.role == nil && question.caller == nil)
    #expect(record.roles.isEmpty && record.log.isEmpty)
  }

  @Test("with origin=session the daemon gets to know whose it is")
  func session() throws {
    let (_, record) = Scene(service: "sudo", remoteHost: nil, line: ["factor", "origin=session"])
      .asksYesOrNo()
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.caller == 1000 && question.login.flags.asksSession)
  }

  @Test(
    "everything but a yes is a no, and nothing is shown",
    arguments: [AnswerDecision.deny, .ignore, .noPolicy, .local])
  func no(decision: AnswerDecision) {
    let answer = answerBytes(decision, message: "Not from here.")
    let (isSpared, record) = Scene(line: ["factor"], answer: answer).asksYesOrNo()
    #expect(!isSpared)
    #expect(record.shown.isEmpty)
  }

  @Test(
    "no usable answer is a no, and is logged",
    arguments: [NoAnswer.absent, .timedOut, .lost, .senseless(.version), .untrusted(user: 9)])
  func noAnswer(failure: NoAnswer) {
    let (isSpared, record) = Scene(line: ["factor"], failure: failure).asksYesOrNo()
    #expect(!isSpared)
    #expect(record.shown.isEmpty)
    let lines = record.lines(.warning)
    #expect(lines.count == 1 && lines[0].contains("a second factor is needed"))
  }

  @Test(
    "who sits at the machine or comes from loopback is spared by the daemon alone",
    arguments: [
      Scene(service: "login", remoteHost: nil), Scene(service: "su", remoteHost: nil),
      Scene(remoteHost: "127.0.0.1"), Scene(remoteHost: "::1"),
    ])
  func askedAlways(scene: Scene) {
    var scene = scene
    scene.line = ["factor"]
    #expect(scene.asksYesOrNo().record.questions.count == 1)
    scene.failure = .absent
    #expect(!scene.asksYesOrNo().isYes)
  }

  @Test("without a user, or with one whose name is too long, nobody is asked and nobody spared")
  func unaskable() {
    for user in ["", String(repeating: "u", count: 1025)] {
      let (isSpared, record) = Scene(user: user, line: ["factor"]).asksYesOrNo()
      #expect(!isSpared && record.questions.isEmpty)
    }
  }
}

@Suite("Questions about a code")
struct CodeQuestionTests {
  private let scene = Scene(
    line: ["authorize", "debug"], answer: answerBytes(.allow, reason: "code_open"),
    typed: "abcde-fghjk")

  @Test("two questions, the second with what was entered, and neither shows nor logs it")
  func right() throws {
    let (outcome, record) = scene.authorizes()
    #expect(outcome == .allow)
    #expect(record.prompts == ["Code that was sent to you: "])
    let codes = try record.questions.map { message in
      let question = try Question(decoding: message.span)
      #expect(question.login.flags.asksCode && question.login.role == nil)
      return String(decoding: message.span.array(ifPresent: question.code) ?? [], as: UTF8.self)
    }
    #expect(codes == ["", "ABCDEFGHJK"])
    #expect(record.shown.isEmpty && record.roles.isEmpty && record.wiped == 3)
    #expect(record.log.allSatisfy { !$0.1.uppercased().contains("ABCDE") })
  }

  @Test("a wrong one, none entered, and an empty answer are a no")
  func wrong() {
    var scene = scene
    scene.answerToCode = answerBytes(.deny, reason: "code_wrong")
    #expect(scene.authorizes().outcome == .deny)
    for typed in [nil, "", " - "] {
      scene.typed = typed
      let (outcome, record) = scene.authorizes()
      #expect(outcome == .deny && record.questions.count == 1)
    }
  }

  @Test("what no code has in it stays wrong, and the daemon understands it")
  func odd() throws {
    var scene = scene
    scene.typed = "\u{1}ä" + String(repeating: "x", count: 100)
    let (_, record) = scene.authorizes()
    let message = try #require(record.questions.last)
    let question = try Question(decoding: message.span)
    let field = try #require(question.code)
    let code = message.span.array(of: field)
    #expect(code.count == 64 && code.starts(with: "???X".utf8))
  }

  @Test(
    "where none is open, or the daemon cannot be asked, there is nothing to say",
    arguments: [AnswerDecision.ignore, .deny, .noPolicy, .local])
  func closed(decision: AnswerDecision) {
    var scene = scene
    scene.answer = answerBytes(decision)
    #expect(scene.authorizes().outcome == .ignore)
    #expect(scene.authorizes().record.prompts.isEmpty)
    scene.failure = .timedOut
    let (outcome, record) = scene.authorizes()
    #expect(outcome == .ignore && record.prompts.isEmpty)
    #expect(record.lines(.warning).count == 1)
  }

  @Test("a code that is over meanwhile leaves it to the account stage")
  func over() {
    var scene = scene
    scene.answerToCode = answerBytes(.ignore, reason: "no_code")
    #expect(scene.authorizes().outcome == .ignore)
  }

  @Test("a local login is not asked; with origin=session the daemon says whether it is")
  func local() {
    var scene = scene
    scene.service = "login"
    scene.remoteHost = nil
    #expect(scene.authorizes().outcome == .ignore && scene.authorizes().record.questions.isEmpty)
    scene.line.append("origin=session")
    #expect(scene.authorizes().outcome == .allow)
  }
}
