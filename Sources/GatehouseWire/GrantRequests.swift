/// A temporary permission is to be given.
public struct GrantOrder: Hashable, Sendable {
  /// To whom.
  public let user: Field
  /// The address that they may come from, as a text that may be anything.
  public let address: Field
  /// The one service that it is for; nil for all.
  public let service: Field?
  /// The role that it names.
  public let role: Field?
  /// How long it is to last, in seconds.
  public let duration: UInt32
  /// Why.
  public let why: Field
  /// Who gives it.
  public let signature: Signature

  init(decoding frame: Span<UInt8>) throws(WireError) {
    var user: Field?
    var address: Field?
    var service: Field?
    var role: Field?
    var duration: UInt32?
    var signature = Signature()
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try signature.take(tag, field, in: frame) { continue }
      switch tag {
      case .user: user = try frame.text(field, 1...WireLimit.user)
      case .address: address = try frame.text(field, 1...WireLimit.address)
      case .service: service = try frame.text(field, 1...WireLimit.service)
      case .role: role = try frame.name(field, 1...WireLimit.role)
      case .duration: duration = try frame.word(field)
      default: throw .unknownField
      }
    }
    try signature.checkComplete()
    guard let user, let address, let duration, let why = signature.why else {
      throw .missingField
    }
    self.user = user
    self.address = address
    self.service = service
    self.role = role
    self.duration = duration
    self.why = why
    self.signature = signature
  }
}

/// A denial is to be shown, or turned into a temporary permission.
public struct Approval: Hashable, Sendable {
  /// The denial, by the id that the refused user was told.
  public let id: Field
  /// How long the permission is to last, in seconds; nil where the denial is only to be shown.
  public let duration: UInt32?
  /// Who approves it, and why.
  public let signature: Signature

  init(decoding frame: Span<UInt8>) throws(WireError) {
    var id: Field?
    var duration: UInt32?
    var signature = Signature()
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try signature.take(tag, field, in: frame) { continue }
      switch tag {
      case .id: id = try frame.name(field, 1...WireLimit.id)
      case .duration: duration = try frame.word(field)
      default: throw .unknownField
      }
    }
    try signature.checkComplete()
    guard let id else { throw .missingField }
    self.id = id
    self.duration = duration
    self.signature = signature
  }
}

/// A temporary permission is to end now.
public struct Revocation: Hashable, Sendable {
  /// The permission, by its id.
  public let id: Field
  /// Who ends it, and why.
  public let signature: Signature

  init(decoding frame: Span<UInt8>) throws(WireError) {
    var id: Field?
    var signature = Signature()
    var reader = FieldReader()
    while let (tag, field) = try reader.next(in: frame) {
      if try signature.take(tag, field, in: frame) { continue }
      guard tag == .id else { throw .unknownField }
      id = try frame.name(field, 1...WireLimit.id)
    }
    try signature.checkComplete()
    guard let id else { throw .missingField }
    self.id = id
    self.signature = signature
  }
}

/// Who asks for something that is recorded, why, and how the report is to be written.
public struct Signature: Hashable, Sendable {
  /// Who, in words.
  public private(set) var author = Field.none
  /// Why, in words; nil where nothing was said.
  public private(set) var why: Field?
  /// How the report is to be written.
  public private(set) var format = ReportFormat.text
  private var hasFormat = false

  init() {}

  /// Takes a field that belongs here; false for any other.
  mutating func take(
    _ tag: Tag, _ field: Field, in frame: Span<UInt8>
  ) throws(WireError) -> Bool {
    switch tag {
    case .author: author = try frame.text(field, 1...WireLimit.author)
    case .why: why = try frame.text(field, 1...WireLimit.why)
    case .format:
      format = try ReportFormat(field, in: frame)
      hasFormat = true
    default: return false
    }
    return true
  }

  func checkComplete() throws(WireError) {
    guard author != .none, hasFormat else { throw .missingField }
  }
}

#if !hasFeature(Embedded)
  extension Frame {
    /// Asks for the grants that there are.
    public static func grants(_ format: ReportFormat) -> Frame {
      var frame = Frame(.grants)
      frame.append(.format, byte: format.rawValue)
      return frame
    }

    /// Adds who asks, why, and how the report is to be written.
    ///
    /// - Parameters:
    ///   - author: Who, in words; cut at 255 bytes.
    ///   - why: Why, in words; empty where nothing is said.
    ///   - format: How the report is to be written.
    public mutating func sign(
      author: some Collection<UInt8>, why: some Collection<UInt8>, _ format: ReportFormat
    ) {
      append(.author, Array(author).span, cutAt: WireLimit.author)
      if !why.isEmpty { append(.why, why) }
      append(.format, byte: format.rawValue)
    }
  }
#endif
