/// The answer to everything but a question.
///
/// The text itself is in the memory file that comes with the message.
public struct Report: Hashable, Sendable {
  /// What the command that asked exits with.
  public let exitStatus: UInt8

  /// Reads a report; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .report else { throw .kind }
    var exitStatus: UInt8?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      guard tag == .exitStatus else { throw .unknownField }
      exitStatus = try frame.byte(field)
    }
    guard let exitStatus else { throw .missingField }
    self.exitStatus = exitStatus
  }
}

extension Frame {
  /// A report, as the daemon gives it; the text goes with it as a descriptor.
  public static func report(exitStatus: UInt8) -> Frame {
    var frame = Frame(.report)
    frame.append(.exitStatus, byte: exitStatus)
    return frame
  }

  /// A status or reload, as the command asks it.
  public static func status(_ format: ReportFormat) -> Frame {
    var frame = Frame(.status)
    frame.append(.format, byte: format.rawValue)
    return frame
  }

  /// Asks the daemon to read its policy again.
  public static func reload(_ format: ReportFormat) -> Frame {
    var frame = Frame(.reload)
    frame.append(.format, byte: format.rawValue)
    return frame
  }
}
