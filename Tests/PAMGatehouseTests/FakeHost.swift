import GatehouseClient
import GatehouseControl
import GatehouseSystem
import GatehouseWire
import TestKit

@testable import PAMGatehouse

/// What happened to a fake host.
final class Record {
  /// The lines that were logged, by severity.
  var log: [(Severity, String)] = []
  /// The texts that were shown.
  var shown: [String] = []
  /// The roles that were set.
  var roles: [String] = []
  /// The questions that were asked.
  var questions: [[UInt8]] = []
  /// The prompts that were shown.
  var prompts: [String] = []
  /// How many secrets and frames were wiped.
  var wiped = 0

  /// The lines of one severity.
  func lines(_ severity: Severity) -> [String] {
    log.filter { $0.0 == severity }.map(\.1)
  }
}

/// PAM, the daemon and the machine's name, as a test says they are.
struct FakeHost: LoginHost, ~Copyable {
  let facts: Facts
  let ownHostName: String
  let caller: UInt32
  let answer: [UInt8]
  /// The answer to a question that has a code.
  let answerToCode: [UInt8]
  /// What the user types; nil for nothing.
  let typed: [UInt8]?
  let failure: NoAnswer?
  let canSetRoles: Bool
  let record: Record

  @_lifetime(borrow self)
  borrowing func text(_ item: LoginItem) -> Span<UInt8>? {
    guard facts.present.contains(item) else { return nil }
    switch item {
    case .service: return facts.service.span
    case .user: return facts.user.span
    case .remoteHost: return facts.remoteHost.span
    case .remoteUser: return facts.remoteUser.span
    case .terminal: return facts.terminal.span
    case .sshConnection: return facts.sshConnection.span
    case .sshAuthInfo: return facts.sshAuthInfo.span
    }
  }

  borrowing func isOwnHostName(_ text: Span<UInt8>) -> Bool {
    text.array == Array(ownHostName.utf8)
  }

  borrowing func callingUser() -> UInt32 { caller }

  borrowing func ask(
    _ question: inout Frame, at path: SocketPath, timeout: UInt32, into storage: inout FrameStorage
  ) throws(NoAnswer) -> Answer {
    question.setTimeLeft(milliseconds: timeout)
    let asked = question.bytes.array
    record.questions.append(asked)
    if let failure { throw failure }
    let hasCode = (try? Question(decoding: asked.span))?.code != nil
    let answer = hasCode ? answerToCode : answer
    for (position, byte) in answer.enumerated() { storage[position] = byte }
    do throws(WireError) {
      return try Answer(decoding: storage.span.bytes(from: 0, count: answer.count))
    } catch { throw .senseless(error) }
  }

  borrowing func log(_ severity: Severity, _ line: Span<UInt8>) {
    let text = String(decoding: line.array, as: UTF8.self)
    record.log.append((severity, text))
  }

  borrowing func show(_ message: Span<UInt8>) {
    let text = String(decoding: message.array, as: UTF8.self)
    record.shown.append(text)
  }

  borrowing func ask(_ prompt: Span<UInt8>, into answer: inout Secret) {
    let text = String(decoding: prompt.array, as: UTF8.self)
    record.prompts.append(text)
    if let typed { answer.appendCode(typed.span) }
  }

  borrowing func wipe(_ secret: inout Secret) {
    record.wiped += 1
    secret = Secret()
  }

  borrowing func wipe(_ frame: inout Frame) {
    record.wiped += 1
    frame.begin(.question)
  }

  borrowing func setRoles(_ roles: Span<UInt8>) -> Bool {
    let text = String(decoding: roles.array, as: UTF8.self)
    record.roles.append(text)
    return canSetRoles
  }
}

/// The facts of a login, each in a place of its own, so that a span can borrow it.
struct Facts {
  let present: Set<LoginItem>
  let service, user, remoteHost, remoteUser, terminal, sshConnection, sshAuthInfo: [UInt8]

  init(_ texts: [LoginItem: String]) {
    func bytes(_ item: LoginItem) -> [UInt8] { Array((texts[item] ?? "").utf8) }
    present = Set(texts.keys)
    service = bytes(.service)
    user = bytes(.user)
    remoteHost = bytes(.remoteHost)
    remoteUser = bytes(.remoteUser)
    terminal = bytes(.terminal)
    sshConnection = bytes(.sshConnection)
    sshAuthInfo = bytes(.sshAuthInfo)
  }
}

/// A login as a test describes it.
struct Scene {
  var service = "sshd"
  var user = "alice"
  var remoteHost: String? = "203.0.113.9"
  var other: [LoginItem: String] = [:]
  var line: [String] = []
  var silence = Silence.none
  var answer = answerBytes(.allow)
  var answerToCode = answerBytes(.allow, reason: "authorized")
  var typed: String?
  var failure: NoAnswer?
  var canSetRoles = true
  var caller: UInt32 = 1000

  /// What became of it, and what happened meanwhile.
  func judge() -> (outcome: AccountOutcome, record: Record) {
    var options = ModuleOptions()
    for option in line {
      let bytes = Array(option.utf8)
      try? options.take(bytes.span)
    }
    let record = Record()
    let outcome = stage(options, record).judge()
    return (outcome, record)
  }

  /// What the answer about the network or the second factor is, and what happened meanwhile.
  func asksYesOrNo() -> (isYes: Bool, record: Record) {
    var options = ModuleOptions()
    for option in line {
      let bytes = Array(option.utf8)
      try? options.take(bytes.span)
    }
    let record = Record()
    let isYes = stage(options, record).isYes()
    return (isYes, record)
  }

  /// What comes of the code that is asked for, and what happened meanwhile.
  func authorizes() -> (outcome: AccountOutcome, record: Record) {
    var options = ModuleOptions()
    for option in line {
      let bytes = Array(option.utf8)
      try? options.take(bytes.span)
    }
    let record = Record()
    let outcome = stage(options, record).authorize()
    return (outcome, record)
  }

  /// What becomes of it where an option was not understood.
  func judgeMisconfigured() -> (outcome: AccountOutcome, record: Record) {
    let record = Record()
    let outcome = stage(ModuleOptions(), record).judgeMisconfigured()
    return (outcome, record)
  }

  private func stage(_ options: ModuleOptions, _ record: Record) -> AccountStage<FakeHost> {
    var facts = other
    facts[.service] = service
    facts[.user] = user
    facts[.remoteHost] = remoteHost
    let host = FakeHost(
      facts: Facts(facts), ownHostName: "box", caller: caller, answer: answer,
      answerToCode: answerToCode, typed: typed.map { Array($0.utf8) },
      failure: failure, canSetRoles: canSetRoles, record: record)
    return AccountStage(host: host, options: options, silence: silence)
  }
}

/// An answer's frame.
func answerBytes(
  _ decision: AnswerDecision, reason: String = "listed", message: String = "",
  id: String = "h4kqm7wnt3", roles: [String] = []
) -> [UInt8] {
  let frame = Frame.answer(
    decision, reason: reason, message: message, id: id,
    roles: roles.map { Array($0.utf8) })
  return frame.bytes.array
}
