/// Who asks for something that is recorded with their name.
public struct Author: Hashable, Sendable {
  /// The user who logged in.
  public private(set) var user = Field.none
  /// The address that their login session was opened from; nil where there is none.
  public private(set) var remoteHost: Field?

  /// Takes a field that belongs to an author; false where it does not.
  mutating func take(
    _ tag: Tag, _ field: Field, in frame: Span<UInt8>
  ) throws(WireError) -> Bool {
    switch tag {
    case .user: user = try frame.text(field, 1...WireLimit.user)
    case .remoteHost: remoteHost = try frame.text(field, 0...WireLimit.remoteHost)
    default: return false
    }
    return true
  }

  /// Refuses an author without a name.
  func checkComplete() throws(WireError) {
    guard user.count > 0 else { throw .missingField }
  }
}

/// A candidate policy is to serve for a time, and then no longer unless it is confirmed.
///
/// The candidate itself comes beside the frame.
public struct Trial: Hashable, Sendable {
  /// Who wants it.
  public let author: Author
  /// How long, in seconds.
  public let duration: UInt32
  /// Whom `--allow-lockout` named, joined by commas; nil where nobody.
  public let exempt: Field?
  /// How the report is to be written.
  public let format: ReportFormat

  /// Reads a trial; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .trial else { throw .kind }
    var author = Author()
    var duration: UInt32?
    var exempt: Field?
    var format: ReportFormat?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try author.take(tag, field, in: frame) { continue }
      switch tag {
      case .duration: duration = try frame.word(field)
      case .exempt: exempt = try frame.text(field, 1...WireLimit.exempt)
      case .format: format = try ReportFormat(field, in: frame)
      default: throw .unknownField
      }
    }
    try author.checkComplete()
    guard let duration, let format else { throw .missingField }
    guard 1...WireLimit.trialSeconds ~= duration else { throw .badValue }
    self.author = author
    self.duration = duration
    self.exempt = exempt
    self.format = format
  }
}

/// Whether whoever asks may confirm the candidate on trial.
public struct Confirm: Hashable, Sendable {
  /// Who asks, as of their login session.
  public let author: Author
  /// The digest of what they would write into the policy's folder.
  public let digest: Field
  /// How the report is to be written.
  public let format: ReportFormat

  /// Reads a confirm; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .confirm else { throw .kind }
    var author = Author()
    var digest: Field?
    var format: ReportFormat?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try author.take(tag, field, in: frame) { continue }
      switch tag {
      case .digest: digest = try frame.name(field, WireLimit.digest...WireLimit.digest)
      case .format: format = try ReportFormat(field, in: frame)
      default: throw .unknownField
      }
    }
    try author.checkComplete()
    guard let digest, let format else { throw .missingField }
    self.author = author
    self.digest = digest
    self.format = format
  }
}

/// The trial is to end now: the policy's folder is read again, and serves.
public struct EndTrial: Hashable, Sendable {
  /// Who wants it.
  public let author: Author
  /// How the report is to be written.
  public let format: ReportFormat

  /// Reads an end of a trial; any bytes give one or an error.
  public init(decoding frame: Span<UInt8>) throws(WireError) {
    guard try Header.kind(of: frame) == .endTrial else { throw .kind }
    var author = Author()
    var format: ReportFormat?
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try author.take(tag, field, in: frame) { continue }
      guard tag == .format else { throw .unknownField }
      format = try ReportFormat(field, in: frame)
    }
    try author.checkComplete()
    guard let format else { throw .missingField }
    self.author = author
    self.format = format
  }
}
