import GatehouseWire

@testable import GatehouseControl

/// Questions and answers between module and daemon.
enum Frames {
  @Sendable static func run(_ bytes: [UInt8]) {
    if let question = try? Question(decoding: bytes.span) {
      let written = write(question, of: bytes)
      guard let again = try? Question(decoding: written.span) else {
        return promise(false, "a question that is written again is one")
      }
      promise(
        facts(again, of: written) == facts(question, of: bytes),
        "a question that is written again says the same")
    }
    if let answer = try? Answer(decoding: bytes.span) {
      let written = write(answer, of: bytes)
      guard let again = try? Answer(decoding: written.span) else {
        return promise(false, "an answer that is written again is one")
      }
      promise(
        facts(again, of: written) == facts(answer, of: bytes),
        "an answer that is written again says the same")
    }
  }

  private static func write(_ question: Question, of bytes: [UInt8]) -> [UInt8] {
    let login = question.login
    var frame = Frame(.question)
    func append(_ tag: Tag, _ field: Field?) {
      if let field { frame.append(tag, bytes.span.bytes(of: field)) }
    }
    append(.service, login.service)
    append(.user, login.user)
    append(.remoteHost, login.remoteHost)
    append(.sshConnectionAddress, login.sshConnectionAddress)
    append(.sshServerAddress, login.sshServerAddress)
    append(.remoteUser, login.remoteUser)
    append(.terminal, login.terminal)
    append(.sshAuthInfo, login.sshAuthInfo)
    append(.role, login.role)
    append(.network, question.network)
    append(.code, question.code)
    if let caller = question.caller { frame.append(.caller, word: caller) }
    frame.append(.flags, word: login.flags.word)
    frame.setTimeLeft(milliseconds: question.timeLeft)
    promise(!frame.overflowed || bytes.count > WireLimit.frame - 7, "what fitted once fits again")
    return frame.bytes.array
  }

  private static func facts(_ question: Question, of bytes: [UInt8]) -> [[UInt8]?] {
    let login = question.login
    let fields = [
      login.service, login.user, login.remoteHost, login.sshConnectionAddress,
      login.sshServerAddress, login.remoteUser, login.terminal, login.sshAuthInfo, login.role,
      question.network, question.code,
    ]
    let numbers = "\(login.flags) \(question.caller as UInt32?) \(question.timeLeft)"
    return fields.map { bytes.span.array(ifPresent: $0) } + [Array(numbers.utf8)]
  }

  private static func write(_ answer: Answer, of bytes: [UInt8]) -> [UInt8] {
    var frame = Frame(.answer)
    let span = bytes.span
    frame.setAnswer(
      answer.decision, reason: span.bytes(of: answer.reason),
      message: span.bytes(of: answer.message), id: span.bytes(of: answer.id),
      roles: span.bytes(of: answer.roles), wouldDeny: answer.flags.wouldDeny)
    return frame.bytes.array
  }

  private static func facts(_ answer: Answer, of bytes: [UInt8]) -> [[UInt8]?] {
    let fields = [answer.reason, answer.message, answer.id, answer.roles]
    // Whether roles were cut is said only by who cuts them.
    let rest = "\(answer.decision) \(answer.flags.wouldDeny)"
    return fields.map { bytes.span.array(ifPresent: $0) } + [Array(rest.utf8)]
  }
}
