/// A login about which is asked why it would be allowed or denied.
public struct Explain: Hashable, Sendable {
  /// Who, where and from where.
  public let login: LoginFields
  /// The time to decide at, microseconds since the epoch, UTC; nil is now.
  public let time: Int64?
  /// How the report is to be written.
  public let format: ReportFormat

  /// Reads an explain; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .explain else { throw .kind }
    var login = LoginFields()
    var time: Int64?
    var format: ReportFormat?
    var namesGroups = false
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try login.take(tag, field, in: frame) { continue }
      switch tag {
      case .group:
        _ = try frame.text(field, 1...WireLimit.group)
        namesGroups = true
      case .time: time = Int64(bitPattern: try frame.number(field, bytes: 8))
      case .format: format = try ReportFormat(field, in: frame)
      default: throw .unknownField
      }
    }
    try login.checkComplete()
    guard let format else { throw .missingField }
    guard login.flags.givesGroups || !namesGroups, !login.flags.asksSession,
      !login.flags.leavesLocal
    else { throw .badValue }
    self.login = login
    self.time = time
    self.format = format
  }

  #if !hasFeature(Embedded)
    /// The groups that were given instead of those that NSS reports, in the order of the frame.
    ///
    /// Nil where none were given; empty where the user is to be in no group.
    ///
    /// - Parameter frame: The frame that this was decoded from.
    /// - Returns: The names, as bytes.
    public func groups(in frame: Span<UInt8>) -> [[UInt8]]? {
      guard login.flags.givesGroups else { return nil }
      var groups: [[UInt8]] = []
      var reader = FieldReader()
      while let (tag, field) = try? reader.next(in: frame) {
        if tag == .group { groups.append(frame.array(of: field)) }
      }
      return groups
    }
  #endif
}

extension ReportFormat {
  init(_ field: Field, in frame: Span<UInt8>) throws(WireError) {
    guard let format = ReportFormat(rawValue: try frame.byte(field)) else { throw .badValue }
    self = format
  }
}
