import GatehouseControl
import GatehouseWire
import TestKit

/// Whole frames of every kind, each with every field that it can have.
enum Samples {
  static let question = frame(.question) { frame in
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "203.0.113.9".utf8)
    frame.append(.sshConnectionAddress, "203.0.113.9".utf8)
    frame.append(.sshServerAddress, "192.0.2.1".utf8)
    frame.append(.remoteUser, "bob".utf8)
    frame.append(.terminal, "ssh".utf8)
    frame.append(.sshAuthInfo, "publickey ssh-ed25519 AAAA\n".utf8)
    frame.append(.role, "mobile".utf8)
    frame.append(.flags, word: 1)
    frame.setTimeLeft(milliseconds: 1990)
  }

  static let sessionQuestion = frame(.question) { frame in
    frame.append(.service, "su".utf8)
    frame.append(.user, "root".utf8)
    frame.append(.role, "administrator".utf8)
    frame.append(.flags, word: 24)
    frame.append(.caller, word: 1000)
    frame.setTimeLeft(milliseconds: 2000)
  }

  static let networkQuestion = frame(.question) { frame in
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "203.0.113.9".utf8)
    frame.append(.network, "office,local".utf8)
    frame.setTimeLeft(milliseconds: 2000)
  }

  static let codeQuestion = frame(.question) { frame in
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "alice".utf8)
    frame.append(.flags, word: 72)
    frame.append(.caller, word: 1000)
    frame.append(.code, "ABCDEFGHJK".utf8)
    frame.setTimeLeft(milliseconds: 2000)
  }

  static let answer = bytes(
    .answer(
      .allow, reason: "listed", message: "hello", id: "h4kqm7wnt3",
      roles: [Array("admin".utf8), Array("developer".utf8)], wouldDeny: true))

  static let all = [question, sessionQuestion, networkQuestion, codeQuestion, answer]

  /// A frame of the kind with what the closure adds.
  static func frame(_ kind: Kind, _ fill: (inout Frame) -> Void) -> [UInt8] {
    var frame = Frame(kind)
    fill(&frame)
    return frame.bytes.array
  }

  static func bytes(_ frame: consuming Frame) -> [UInt8] { frame.bytes.array }
}

/// What reading a message as anything there is gave: the errors, nil for what could be read.
struct Readings {
  let question: WireError?
  let answer: WireError?

  /// Reads it in every way, and then every byte of every field that was found.
  init(of message: [UInt8]) {
    question = Readings.error { () throws(WireError) in
      let question = try Question(decoding: message.span)
      let login = question.login
      Readings.touch(
        [
          login.service, login.user, login.remoteHost, login.sshConnectionAddress,
          login.sshServerAddress, login.remoteUser, login.terminal, login.sshAuthInfo, login.role,
          question.network, question.code,
        ], in: message)
    }
    answer = Readings.error { () throws(WireError) in
      let answer = try Answer(decoding: message.span)
      Readings.touch([answer.reason, answer.message, answer.id, answer.roles], in: message)
    }
  }

  private static func error(_ read: () throws(WireError) -> Void) -> WireError? {
    do throws(WireError) { try read() } catch { return error }
    return nil
  }

  private static func touch(_ fields: [Field?], in message: [UInt8]) {
    for field in fields { _ = message.span.array(ifPresent: field) }
  }
}
