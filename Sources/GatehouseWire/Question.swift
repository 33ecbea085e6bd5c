/// A login that asks whether it may go on, or only whether it comes from a network, needs a second
/// factor or may be authorised by a code.
public struct Question: Hashable, Sendable {
  /// Who, where and from where.
  public let login: LoginFields
  /// The networks that are asked about, joined by commas; nil if the policy is asked.
  public let network: Field?
  /// The code that the user has entered; nil if it is only asked whether one is open.
  public let code: Field?
  /// The real uid of the process that asks, as `Tag.caller` says; there if the login session is to
  /// tell the origin.
  public let caller: UInt32?
  /// Milliseconds that the asker still waits for the answer.
  public let timeLeft: UInt32

  /// Reads a question; any bytes give a question or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    try Header.check(frame, is: .question)
    var login = LoginFields()
    var network: Field?
    var code: Field?
    var caller: UInt32?
    var timeLeft: UInt32?
    var reader = FieldReader(knowing: .sshServerAddress)
    while let (number, field) = try reader.next(in: frame) {
      guard let tag = Tag(rawValue: number) else { throw .unknownField }
      if try login.take(tag, field, in: frame) { continue }
      switch tag {
      case .network: network = try frame.name(field, 1...WireLimit.network, also: 0x2C)
      case .code: code = try frame.printable(field, 1...WireLimit.code)
      case .caller: caller = try frame.word(field)
      case .timeLeft: timeLeft = try frame.word(field)
      default: throw .unknownField
      }
    }
    try login.checkComplete()
    let flags = login.flags
    guard flags.asksSession == (caller != nil) else { throw .badValue }
    // A network, the second factor or a code is asked about with nothing else.
    if network != nil || flags.asksFactor || flags.asksCode {
      guard login.role == nil, !flags.leavesLocal else { throw .badValue }
      guard !(flags.asksFactor && flags.asksCode) else { throw .badValue }
      guard network == nil || !(flags.asksFactor || flags.asksCode) else { throw .badValue }
    }
    guard code == nil || flags.asksCode else { throw .badValue }
    guard let timeLeft else { throw .missingField }
    self.login = login
    self.network = network
    self.code = code
    self.caller = caller
    self.timeLeft = timeLeft
  }
}
