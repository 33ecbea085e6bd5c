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
    let (isIn, record) = Scene(line: ["network=office"]).asksNetwork()
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
    let (isIn, record) = Scene(line: ["network=office"], answer: answer).asksNetwork()
    #expect(!isIn)
    #expect(record.shown.isEmpty)
  }

  @Test(
    "no usable answer is a no, and is logged",
    arguments: [NoAnswer.absent, .timedOut, .lost, .senseless(.version), .untrusted(user: 9)])
  func noAnswer(failure: NoAnswer) {
    let (isIn, record) = Scene(line: ["network=office"], failure: failure).asksNetwork()
    #expect(!isIn)
    #expect(record.shown.isEmpty)
    #expect(record.lines(.warning).count == 1)
  }

  @Test("a login without a remote host is in no network, and nobody is asked")
  func local() {
    for scene in [
      Scene(service: "login", remoteHost: nil, line: ["network=office"]),
      Scene(service: "login", user: "", remoteHost: "", line: ["network=office"]),
      Scene(service: "sudo", remoteHost: "box", line: ["network=office"]),
    ] {
      let (isIn, record) = scene.asksNetwork()
      #expect(!isIn)
      #expect(record.questions.isEmpty)
      #expect(record.log.isEmpty)
    }
  }

  @Test("with origin=session the daemon looks where that is, and decides on its own")
  func session() throws {
    let scene = Scene(
      service: "sudo", remoteHost: nil, line: ["network=office", "origin=session"])
    let (isIn, record) = scene.asksNetwork()
    #expect(isIn)
    let message = try #require(record.questions.first)
    let question = try Question(decoding: message.span)
    #expect(question.caller == 1000)
    #expect(!question.login.flags.leavesLocal)
  }
}
