package import GatehousePolicy

/// The name of a field, and its tag: the byte that it begins with.
package enum RequestTag: UInt8, CaseIterable, Sendable {
  case service = 1
  case user = 2
  case remoteHost = 3
  case role = 10
  case groups = 11
  case time = 12
  case duration = 16
  case allow = 17
  case digest = 18
  case address = 19
  case author = 20
  case why = 21
  case process = 22
  case started = 23
  case origin = 24
  case sent = 25
  case id = 35
}

/// One row of a request's description: a field's name, the property that has its value, and the
/// values that it can have.
package struct RequestField<Owner: Sendable>: Sendable {
  /// Its name and tag.
  package let tag: RequestTag
  /// The values that it can have.
  package let format: FieldFormat
  /// Whether a request without it is an error.
  package let isRequired: Bool
  /// Whether a text that is too long is cut; for texts that are only recorded.
  package let isCut: Bool
  /// Its meaning, for the protocol's page.
  package let meaning: String
  /// Takes the value that was read; false if it is not of the property's type.
  let set: @Sendable (inout Owner, FieldValue) -> Bool
  /// The value to write; nil if there is none.
  let get: @Sendable (Owner) -> FieldValue?

  /// A field that must be there.
  init<Value: FieldConvertible>(
    _ tag: RequestTag, _ property: any WritableKeyPath<Owner, Value> & Sendable,
    _ format: FieldFormat, cut: Bool = false, _ meaning: String
  ) {
    self.init(
      tag, format, isRequired: true, isCut: cut, meaning,
      set: { owner, value in owner[keyPath: property] = value },
      get: { $0[keyPath: property] })
  }

  /// A field that may be absent; the property is nil then.
  init<Value: FieldConvertible>(
    _ tag: RequestTag, optional property: any WritableKeyPath<Owner, Value?> & Sendable,
    _ format: FieldFormat, cut: Bool = false, _ meaning: String
  ) {
    self.init(
      tag, format, isRequired: false, isCut: cut, meaning,
      set: { owner, value in owner[keyPath: property] = value },
      get: { $0[keyPath: property] })
  }

  private init<Value: FieldConvertible>(
    _ tag: RequestTag, _ format: FieldFormat, isRequired: Bool, isCut: Bool, _ meaning: String,
    set: @escaping @Sendable (inout Owner, Value) -> Void,
    get: @escaping @Sendable (Owner) -> Value?
  ) {
    self.tag = tag
    self.format = format
    self.isRequired = isRequired
    self.isCut = isCut
    self.meaning = meaning
    self.set = { owner, value in
      guard let value = Value(value) else { return false }
      set(&owner, value)
      return true
    }
    self.get = { get($0)?.fieldValue }
  }

  /// The bytes of a value, cut if the field allows that.
  func bytes(of value: FieldValue) throws(RequestProblem) -> [UInt8] {
    var bytes = value.bytes
    if let limit = format.longest, bytes.count > limit {
      guard isCut else { throw .fieldTooLong(tag, limit: limit) }
      bytes = Array(bytes.prefix(limit))
    }
    // A value that the other end could not read is not sent.
    guard format.value(of: bytes) != nil else { throw .badValue(tag) }
    return bytes
  }
}

/// The values that a field can have, and their encoding.
///
/// Numbers are big-endian.
package enum FieldFormat: Hashable, Sendable {
  /// At most this many bytes without NUL, in no encoding.
  case text(ClosedRange<Int>)
  /// At most this many ASCII letters, digits, `_` and `-`.
  case name(ClosedRange<Int>)
  /// Any number of texts of at most this many bytes, each ended by a NUL.
  case texts(ClosedRange<Int>)
  /// Four bytes: a number of seconds.
  case seconds(ClosedRange<UInt32>)
  /// Eight bytes: microseconds since 1970, UTC, with a sign.
  case time
  /// Eight bytes: a number.
  case number(ClosedRange<Int64>)

  /// The value that the bytes encode; nil if they are not valid.
  func value(of bytes: [UInt8]) -> FieldValue? {
    switch self {
    case .text(let lengths):
      return lengths.contains(bytes.count) && !bytes.contains(0) ? .bytes(bytes) : nil
    case .name(let lengths):
      let isName = lengths.contains(bytes.count) && bytes.allSatisfy(Self.isOfName)
      return isName ? .bytes(bytes) : nil
    case .texts(let lengths):
      guard bytes.isEmpty || bytes.last == 0 else { return nil }
      let texts = bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      return texts.allSatisfy { lengths.contains($0.count) } ? .list(texts.map { Array($0) }) : nil
    case .seconds(let bounds):
      guard bytes.count == 4 else { return nil }
      let number = bytes.reduce(0) { $0 << 8 | UInt32($1) }
      return bounds.contains(number) ? .word(number) : nil
    case .time:
      return Self.number(bytes).map { .number($0) }
    case .number(let bounds):
      return Self.number(bytes).flatMap { bounds.contains($0) ? .number($0) : nil }
    }
  }

  private static func number(_ bytes: [UInt8]) -> Int64? {
    guard bytes.count == 8 else { return nil }
    return Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Whether a field can have this value, given in its encoding.
  package func accepts(_ bytes: [UInt8]) -> Bool { value(of: bytes) != nil }

  /// The length of the longest text, in bytes; nil if it is not a text.
  package var longest: Int? {
    switch self {
    case .text(let lengths), .name(let lengths): lengths.upperBound
    case .texts, .seconds, .time, .number: nil
    }
  }

  /// Whether a byte can stand in a name.
  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

extension FieldFormat: CustomStringConvertible {
  /// The values in words, for the protocol's page.
  public var description: String {
    switch self {
    case .text(let lengths): "text of \(Self.bounds(lengths)) bytes"
    case .name(let lengths): "`[A-Za-z0-9_-]`, \(Self.bounds(lengths)) bytes"
    case .texts(let lengths):
      "any number of texts of \(Self.bounds(lengths)) bytes, each ended by a NUL"
    case .seconds(let bounds): "u32: seconds, \(Self.bounds(bounds))"
    case .time: "i64: microseconds since 1970, UTC"
    case .number(let bounds): "i64: \(Self.bounds(bounds))"
    }
  }

  private static func bounds<Bound>(_ range: ClosedRange<Bound>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}

/// A field's value between its encoding and its property.
enum FieldValue: Hashable, Sendable {
  case bytes([UInt8])
  case list([[UInt8]])
  case word(UInt32)
  case number(Int64)

  /// The encoded value.
  var bytes: [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .list(let texts): texts.flatMap { $0 + [0] }
    case .word(let number): (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - $0 * 8)) }
    case .number(let number): (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - $0 * 8)) }
    }
  }
}

/// A type that a field's value can have in a request's struct.
protocol FieldConvertible: Sendable {
  /// Nil if the value is not of the type.
  init?(_ value: FieldValue)
  /// The value to write.
  var fieldValue: FieldValue { get }
}

extension Name: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self.init(bytes: bytes)
  }

  var fieldValue: FieldValue { .bytes(bytes) }
}

extension String: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .bytes(let bytes) = value else { return nil }
    self.init(decoding: bytes, as: UTF8.self)
  }

  var fieldValue: FieldValue { .bytes(Array(utf8)) }
}

extension [Name]: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .list(let texts) = value else { return nil }
    self = texts.map { Name(bytes: $0) }
  }

  var fieldValue: FieldValue { .list(map(\.bytes)) }
}

extension Duration: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .word(let seconds) = value else { return nil }
    self = .seconds(seconds)
  }

  var fieldValue: FieldValue { .word(UInt32(clamping: components.seconds)) }
}

extension Int64: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .number(let number) = value else { return nil }
    self = number
  }

  var fieldValue: FieldValue { .number(self) }
}

extension Instant: FieldConvertible {
  init?(_ value: FieldValue) {
    guard case .number(let microseconds) = value else { return nil }
    self.init(microsecondsSinceEpoch: microseconds)
  }

  var fieldValue: FieldValue { .number(microseconds) }
}
