import GatehouseWire

/// Whole frames of every kind, each with every field that it can have.
enum Samples {
  static let question = frame(.question) { frame in
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "203.0.113.9".utf8)
    frame.append(.sshConnectionAddress, "203.0.113.9".utf8)
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
    frame.append(.network, "office".utf8)
    frame.setTimeLeft(milliseconds: 2000)
  }

  static let explain = frame(.explain) { frame in
    frame.append(.service, "sshd".utf8)
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "2001:db8::1".utf8)
    frame.append(.flags, word: 4)
    frame.append(.group, "staff".utf8)
    frame.append(.group, "wheel".utf8)
    frame.append(.time, number: -1)
    frame.append(.role, "mobile".utf8)
    frame.append(.format, byte: ReportFormat.json.rawValue)
  }

  static let trial = frame(.trial) { frame in
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "203.0.113.9".utf8)
    frame.append(.duration, word: 600)
    frame.append(.exempt, "alice,bob".utf8)
    frame.append(.format, byte: ReportFormat.text.rawValue)
  }

  static let confirm = frame(.confirm) { frame in
    frame.append(.user, "alice".utf8)
    frame.append(.remoteHost, "203.0.113.9".utf8)
    frame.append(.digest, String(repeating: "0", count: 64).utf8)
    frame.append(.format, byte: ReportFormat.json.rawValue)
  }

  static let endTrial = frame(.endTrial) { frame in
    frame.append(.user, "root".utf8)
    frame.append(.format, byte: ReportFormat.text.rawValue)
  }

  static let grant = frame(.grant) { frame in
    frame.append(.user, "bob".utf8)
    frame.append(.address, "198.51.100.7".utf8)
    frame.append(.service, "sshd".utf8)
    frame.append(.role, "admin".utf8)
    frame.append(.duration, word: 7200)
    frame.sign(author: "alice from 192.0.2.1".utf8, why: "on call".utf8, .json)
  }

  static let revoke = frame(.revoke) { frame in
    frame.append(.id, "h4kqm7wnt3".utf8)
    frame.sign(author: "alice".utf8, why: "done".utf8, .text)
  }

  static let approve = frame(.approve) { frame in
    frame.append(.id, "h4kqm7wnt3".utf8)
    frame.append(.duration, word: 3600)
    frame.sign(author: "alice".utf8, why: "on call".utf8, .text)
  }

  static let grants = bytes(.grants(.text))
  static let status = bytes(.status(.text))
  static let reload = bytes(.reload(.json))
  static let shadow = frame(.shadow) { $0.append(.format, byte: 0) }
  static let startShadow = frame(.startShadow) { $0.append(.format, byte: 2) }
  static let stopShadow = frame(.stopShadow) { $0.append(.format, byte: 1) }
  static let report = bytes(.report(exitStatus: 1))
  static let answer = bytes(
    .answer(
      .allow, reason: "listed", message: "hello", id: "h4kqm7wnt3",
      roles: [Array("admin".utf8), Array("developer".utf8)], wouldDeny: true))

  static let all = [
    question, sessionQuestion, networkQuestion, explain, status, reload, trial, confirm, endTrial,
    grant, grants, revoke, approve, shadow, startShadow, stopShadow, report, answer,
  ]

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
  let request: WireError?
  let answer: WireError?
  let report: WireError?

  /// Reads it in every way, and then every byte of every field that was found.
  init(of message: [UInt8]) {
    request = Readings.error { () throws(WireError) in
      let request = try Request(decoding: message.span)
      switch request {
      case .question(let question):
        Readings.touch(question.login, in: message)
        _ = message.span.array(ifPresent: question.network)
      case .explain(let explain):
        Readings.touch(explain.login, in: message)
        _ = explain.groups(in: message.span)
      case .trial(let trial):
        Readings.touch([trial.author.user, trial.author.remoteHost, trial.exempt], in: message)
      case .confirm(let confirm):
        Readings.touch(
          [confirm.author.user, confirm.author.remoteHost, confirm.digest], in: message)
      case .endTrial(let end):
        Readings.touch([end.author.user, end.author.remoteHost], in: message)
      case .grant(let order):
        for field in [order.user, order.address, order.service, order.role] {
          _ = message.span.array(ifPresent: field)
        }
        Readings.touch(order.signature, in: message)
      case .revoke(let revocation):
        _ = message.span.array(of: revocation.id)
        Readings.touch(revocation.signature, in: message)
      case .approve(let approval):
        _ = message.span.array(of: approval.id)
        Readings.touch(approval.signature, in: message)
      case .status, .reload, .grants, .shadow, .startShadow, .stopShadow: break
      }
    }
    answer = Readings.error { () throws(WireError) in
      let answer = try Answer(decoding: message.span)
      for field in [answer.reason, answer.message, answer.id, answer.roles] {
        _ = message.span.array(ifPresent: field)
      }
    }
    report = Readings.error { () throws(WireError) in _ = try Report(decoding: message.span) }
  }

  private static func error(_ read: () throws(WireError) -> Void) -> WireError? {
    do throws(WireError) { try read() } catch { return error }
    return nil
  }

  private static func touch(_ signature: Signature, in message: [UInt8]) {
    for field in [signature.author, signature.why] { _ = message.span.array(ifPresent: field) }
  }

  private static func touch(_ login: LoginFields, in message: [UInt8]) {
    touch(
      [
        login.service, login.user, login.remoteHost, login.sshConnectionAddress, login.remoteUser,
        login.terminal, login.sshAuthInfo, login.role,
      ], in: message)
  }

  private static func touch(_ fields: [Field?], in message: [UInt8]) {
    for field in fields { _ = message.span.array(ifPresent: field) }
  }
}
