/// The answer to a question.
public struct Answer: Hashable, Sendable {
  /// What becomes of the login.
  public let decision: AnswerDecision
  /// The reason's name, such as `not_listed`; letters, digits, `_` and `-`.
  public let reason: Field
  /// The text for the user; nil if there is none.
  public let message: Field?
  /// The id that the user can quote; letters, digits, `_` and `-`.
  public let id: Field?
  /// The available roles, sorted, joined by commas; only with an allow.
  public let roles: Field?
  /// What else is known.
  public let flags: AnswerFlags

  /// Reads an answer; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    try Header.check(frame, is: .answer)
    var decision: AnswerDecision?
    var reason: Field?
    var message: Field?
    var id: Field?
    var roles: Field?
    var flags = AnswerFlags()
    var reader = FieldReader()
    while let (code, field) = try reader.next(in: frame) {
      guard let tag = Tag(rawValue: code) else { throw .unknownField }
      switch tag {
      case .decision:
        decision = AnswerDecision(rawValue: try frame.byte(field))
        guard decision != nil else { throw .badValue }
      case .reason: reason = try frame.name(field, 1...WireLimit.reason)
      case .message: message = try frame.text(field, 1...WireLimit.message)
      case .id: id = try frame.name(field, 1...WireLimit.id)
      case .roles: roles = try frame.name(field, 1...WireLimit.roles, also: 0x2C)
      case .flags:
        guard let known = AnswerFlags(word: try frame.word(field)) else { throw .badValue }
        flags = known
      default: throw .unknownField
      }
    }
    guard let decision, let reason else { throw .missingField }
    guard decision == .allow || (roles == nil && flags == AnswerFlags()) else { throw .badValue }
    self.decision = decision
    self.reason = reason
    self.message = message
    self.id = id
    self.roles = roles
    self.flags = flags
  }
}

extension Frame {
  /// Makes it an answer, as the daemon gives it; `overflowed` if reason or id are absurdly long.
  ///
  /// - Parameters:
  ///   - decision: What becomes of the login.
  ///   - reason: The reason's name.
  ///   - message: The text for the user, cut at 1024 bytes; empty if there is none.
  ///   - id: The id that the user can quote; empty if there is none.
  ///   - roles: The names of the available roles, sorted and joined by commas. They are sent with an
  ///     allow only. If they do not fit they are cut after a whole name, with the flag that says so.
  ///   - wouldDeny: It is an allow of monitor mode, and would have been a denial.
  public mutating func setAnswer(
    _ decision: AnswerDecision, reason: Span<UInt8>, message: Span<UInt8>, id: Span<UInt8>,
    roles: Span<UInt8>, wouldDeny: Bool
  ) {
    begin(.answer)
    append(.decision, byte: decision.rawValue)
    append(.reason, reason)
    if !message.isEmpty { append(.message, message, cutAt: WireLimit.message) }
    if !id.isEmpty { append(.id, id) }
    guard decision == .allow else { return }
    var flags = AnswerFlags()
    flags.wouldDeny = wouldDeny
    var length = roles.count
    if length > WireLimit.roles {
      flags.rolesCut = true
      length = WireLimit.roles
      // What stays ends before a comma.
      while length > 0, roles.byte(at: length) != 0x2C { length &-= 1 }
    }
    if length > 0 { append(.roles, roles.bytes(from: 0, count: length)) }
    if flags != AnswerFlags() { append(.flags, word: flags.word) }
  }
}
