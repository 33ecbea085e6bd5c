/// The answer to a question.
public struct Answer: Hashable, Sendable {
  /// What becomes of the login.
  public let decision: AnswerDecision
  /// The reason's name, such as `not_listed`; letters, digits, `_` and `-`.
  public let reason: Field
  /// The text for the user; nil where there is none.
  public let message: Field?
  /// The id that the user can quote; letters, digits, `_` and `-`.
  public let id: Field?
  /// The available roles, sorted, joined by commas; only with an allow.
  public let roles: Field?
  /// What else is known.
  public let flags: AnswerFlags

  /// Reads an answer; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .answer else { throw .kind }
    var decision: AnswerDecision?
    var reason: Field?
    var message: Field?
    var id: Field?
    var roles: Field?
    var flags = AnswerFlags()
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
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

#if !hasFeature(Embedded)
  extension Frame {
    /// An answer; see `setAnswer`.
    public static func answer(
      _ decision: AnswerDecision, reason: String, message: String = "", id: String = "",
      roles: [[UInt8]] = [], wouldDeny: Bool = false
    ) -> Frame {
      var frame = Frame(.answer)
      frame.setAnswer(
        decision, reason: reason, message: message, id: id, roles: roles, wouldDeny: wouldDeny)
      return frame
    }

    /// Makes it an answer, as the daemon gives it; `overflowed` where reason or id are absurdly
    /// long.
    ///
    /// - Parameters:
    ///   - decision: What becomes of the login.
    ///   - reason: The reason's name.
    ///   - message: The text for the user, cut at 1024 bytes; empty where there is none.
    ///   - id: The id that the user can quote; empty where there is none.
    ///   - roles: The names of the available roles, sorted. They are sent with an allow only, and
    ///     cut after a whole name, with the flag that says so, where they do not fit.
    ///   - wouldDeny: It is an allow of monitor mode, and would have been a denial.
    public mutating func setAnswer(
      _ decision: AnswerDecision, reason: String, message: String = "", id: String = "",
      roles: [[UInt8]] = [], wouldDeny: Bool = false
    ) {
      begin(.answer)
      append(.decision, byte: decision.rawValue)
      append(.reason, reason.utf8.span)
      if !message.isEmpty { append(.message, message.utf8.span, cutAt: WireLimit.message) }
      if !id.isEmpty { append(.id, id.utf8.span) }
      guard decision == .allow else { return }
      var flags = AnswerFlags()
      flags.wouldDeny = wouldDeny
      var joined: [UInt8] = []
      for role in roles {
        let addition = joined.isEmpty ? role : [0x2C] + role
        guard joined.count + addition.count <= WireLimit.roles else {
          flags.rolesCut = true
          break
        }
        joined += addition
      }
      if !joined.isEmpty { append(.roles, joined.span) }
      if flags != AnswerFlags() { append(.flags, word: flags.word) }
    }
  }
#endif
