import GatehouseControl
import GatehouseWire
import TestKit
import Testing

@Suite("What is encoded is decoded the same")
struct RoundTripTests {
  @Test("a question with every field")
  func question() throws {
    let message = Samples.question
    let question = try Question(decoding: message.span)
    #expect(question.timeLeft == 1990)
    #expect(question.login.flags.isOwnHostName)
    let login = question.login
    #expect(text(login.service, in: message) == "sshd")
    #expect(text(login.user, in: message) == "alice")
    #expect(text(login.remoteHost, in: message) == "203.0.113.9")
    #expect(text(login.sshConnectionAddress, in: message) == "203.0.113.9")
    #expect(text(login.sshServerAddress, in: message) == "192.0.2.1")
    #expect(text(login.remoteUser, in: message) == "bob")
    #expect(text(login.terminal, in: message) == "ssh")
    #expect(text(login.sshAuthInfo, in: message) == "publickey ssh-ed25519 AAAA\n")
    #expect(text(login.role, in: message) == "mobile")
  }

  @Test("a question whose origin a login session is to tell")
  func sessionQuestion() throws {
    let message = Samples.sessionQuestion
    let question = try Question(decoding: message.span)
    #expect(question.login.flags.asksSession)
    #expect(question.login.flags.leavesLocal)
    #expect(!question.login.flags.isOwnHostName)
    #expect(question.caller == 1000)
    #expect(question.network == nil)
  }

  @Test("a question about networks")
  func networkQuestion() throws {
    let message = Samples.networkQuestion
    let question = try Question(decoding: message.span)
    #expect(text(question.network, in: message) == "office,local")
    #expect(question.caller == nil)
    #expect(question.login.flags == LoginFlags())
  }

  @Test("a question with a code that a user has entered")
  func codeQuestion() throws {
    let message = Samples.codeQuestion
    let question = try Question(decoding: message.span)
    #expect(text(question.code, in: message) == "ABCDEFGHJK")
    #expect(question.login.flags.asksCode && question.login.flags.asksSession)
    #expect(question.network == nil)
  }

  @Test("an unset remote host is not an empty one")
  func remoteHostAbsentOrEmpty() throws {
    func question(_ remoteHost: String?) throws -> Question {
      let message = Samples.frame(.question) { frame in
        frame.append(.service, "cron".utf8)
        frame.append(.user, "root".utf8)
        if let remoteHost { frame.append(.remoteHost, remoteHost.utf8) }
        frame.setTimeLeft(milliseconds: 1)
      }
      return try Question(decoding: message.span)
    }
    #expect(try question(nil).login.remoteHost == nil)
    #expect(try question("").login.remoteHost?.count == 0)
  }

  @Test("an allow with roles")
  func allow() throws {
    let message = Samples.answer
    let answer = try Answer(decoding: message.span)
    #expect(answer.decision == .allow)
    #expect(answer.flags.wouldDeny)
    #expect(!answer.flags.rolesCut)
    #expect(text(answer.reason, in: message) == "listed")
    #expect(text(answer.message, in: message) == "hello")
    #expect(text(answer.id, in: message) == "h4kqm7wnt3")
    #expect(text(answer.roles, in: message) == "admin,developer")
  }

  @Test("each decision", arguments: [AnswerDecision.allow, .deny, .ignore, .noPolicy, .local])
  func decisions(decision: AnswerDecision) throws {
    let message = Samples.bytes(.answer(decision, reason: "x"))
    let answer = try Answer(decoding: message.span)
    #expect(answer.decision == decision)
    #expect(answer.message == nil && answer.id == nil && answer.roles == nil)
  }

  @Test("roles go with an allow only")
  func rolesOnDenial() throws {
    let message = Samples.bytes(.answer(.deny, reason: "x", roles: [Array("a".utf8)]))
    let answer = try Answer(decoding: message.span)
    #expect(answer.roles == nil)
  }

  @Test("too many roles are cut after a whole name, and the answer says so")
  func rolesCut() throws {
    let roles = (0..<100).map { number in
      Array("role-\(number)-".utf8) + [UInt8](repeating: 0x78, count: 50)
    }
    let message = Samples.bytes(.answer(.allow, reason: "listed", roles: roles))
    let answer = try Answer(decoding: message.span)
    let found = message.span.array(ifPresent: answer.roles)
    let sent = try #require(found)
    #expect(answer.flags.rolesCut)
    #expect(sent.count <= WireLimit.roles)
    #expect(sent.split(separator: 0x2C).map(Array.init).allSatisfy(roles.contains))
  }

  @Test("the time left is replaced, not added, for another attempt")
  func timeLeftAgain() throws {
    let message = Samples.frame(.question) { frame in
      frame.append(.service, "sshd".utf8)
      frame.append(.user, "alice".utf8)
      frame.setTimeLeft(milliseconds: 2000)
      frame.setTimeLeft(milliseconds: 1)
    }
    let question = try Question(decoding: message.span)
    #expect(question.timeLeft == 1)
  }

  @Test("the examples of PROTOCOL.md")
  func documentedExamples() throws {
    let question = Samples.frame(.question) { frame in
      frame.append(.service, "sshd".utf8)
      frame.append(.user, "alice".utf8)
      frame.append(.remoteHost, "203.0.113.9".utf8)
      frame.setTimeLeft(milliseconds: 1990)
    }
    #expect(
      hexadecimal(question)
        == """
        47480101 01000473736864 020005616c696365 03000b3230332e302e3131332e39 090004000007c6
        """.filter { $0 != " " })
    let answer = Samples.bytes(
      .answer(
        .allow, reason: "listed", id: "h4kqm7wnt3",
        roles: [Array("admin".utf8), Array("developer".utf8)]))
    #expect(
      hexadecimal(answer)
        == """
        47480141 20000100 2100066c6973746564 23000a68346b716d37776e7433 \
        24000f61646d696e2c646576656c6f706572
        """.filter { $0 != " " })
  }

  private func text(_ field: Field?, in message: [UInt8]) -> String? {
    message.span.array(ifPresent: field).map { String(decoding: $0, as: UTF8.self) }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
