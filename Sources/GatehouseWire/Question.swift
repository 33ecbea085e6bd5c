/// A login that asks whether it may go on.
public struct Question: Hashable, Sendable {
  /// Who, where and from where.
  public let login: LoginFields
  /// Milliseconds that the asker still waits for the answer.
  public let timeLeft: UInt32

  /// Reads a question; any bytes give a question or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .question else { throw .kind }
    var login = LoginFields()
    var timeLeft: UInt32?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try login.take(tag, field, in: frame) { continue }
      guard tag == .timeLeft else { throw .unknownField }
      timeLeft = try frame.word(field)
    }
    try login.checkComplete()
    guard !login.flags.isLocal, !login.flags.givesGroups else { throw .badValue }
    guard let timeLeft else { throw .missingField }
    self.login = login
    self.timeLeft = timeLeft
  }
}
