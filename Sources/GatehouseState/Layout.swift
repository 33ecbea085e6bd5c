public import GatehousePolicy

/// The layout of a value in bytes: one description, by which it is written and read.
///
/// A layout is put together from fields. Each field has a name, for messages, and a bound; the bound
/// of the whole follows from those of its parts. Numbers are unsigned, the highest byte first.
public struct Layout<Value>: Sendable {
  /// The most bytes that a value takes.
  public let byteLimit: Int
  let write: @Sendable (Value, inout StateWriter) throws(StateProblem) -> Void
  let read: @Sendable (inout StateReader) throws(StateProblem) -> Value

  init(
    byteLimit: Int,
    write: @escaping @Sendable (Value, inout StateWriter) throws(StateProblem) -> Void,
    read: @escaping @Sendable (inout StateReader) throws(StateProblem) -> Value
  ) {
    self.byteLimit = byteLimit
    self.write = write
    self.read = read
  }

  /// The same bytes for another type: `make` returns its value, or nil if it is out of bounds, and
  /// `take` returns what is written of a value.
  func map<Other>(
    _ field: String, _ make: @escaping @Sendable (Value) -> Other?,
    _ take: @escaping @Sendable (Other) -> Value
  ) -> Layout<Other> {
    Layout<Other>(byteLimit: byteLimit) { value, writer throws(StateProblem) in
      try write(take(value), &writer)
    } read: { reader throws(StateProblem) in
      guard let value = make(try read(&reader)) else { throw .outOfBounds(field) }
      return value
    }
  }
}

// MARK: Fields

extension Layout where Value == [UInt8] {
  /// Bytes, with their number before them.
  public static func bytes(_ field: String, atMost limit: Int) -> Layout {
    Layout(byteLimit: 4 + limit) { value, writer throws(StateProblem) in
      guard value.count <= limit else { throw .outOfBounds(field) }
      writer.number(UInt64(value.count), bytes: 4)
      writer.bytes += value
    } read: { reader throws(StateProblem) in
      let count = try reader.number(bytes: 4)
      guard count <= limit else { throw .outOfBounds(field) }
      return Array(try reader.take(Int(count)))
    }
  }
}

extension Layout where Value == Name {
  /// The name of a user, service or role.
  public static func name(_ field: String, atMost limit: Int = 4096) -> Layout {
    Layout<[UInt8]>.bytes(field, atMost: limit).map(
      field, { Name(bytes: $0) }, \.bytes)
  }
}

extension Layout where Value == Name {
  /// A user's name, as long as it may be in a question.
  public static var user: Layout { .name("user", atMost: 1024) }
  /// The name of a PAM service.
  public static var service: Layout { .name("service", atMost: 255) }
  /// The name of a role.
  public static var role: Layout { .name("role", atMost: 64) }
}

extension Layout where Value == String {
  /// A policy's SHA-256 in hexadecimal.
  public static var digest: Layout { .text("sha256", atMost: 64) }

  /// A text in UTF-8; `limit` counts bytes.
  public static func text(_ field: String, atMost limit: Int = 4096) -> Layout {
    Layout<[UInt8]>.bytes(field, atMost: limit).map(
      field, { String(validating: $0, as: UTF8.self) }, { Array($0.utf8) })
  }
}

extension Layout where Value == String {
  /// A text that is shown to people.
  ///
  /// Whatever is unsafe to show is written escaped (`displayText`), and the end is left out if it is
  /// then too long: no bound on the text before could say how long that makes it.
  public static func shownText(_ field: String, atMost limit: Int = 4096) -> Layout {
    text(field, atMost: limit).map(field, { $0 }) { text in
      let shown = displayText(of: text)
      let end = shown.utf8.index(shown.startIndex, offsetBy: limit, limitedBy: shown.endIndex)
      return String(shown.unicodeScalars[..<(end ?? shown.endIndex)])
    }
  }
}

extension Layout where Value == Int {
  /// A count from 0 to `limit`.
  public static func count(_ field: String, upTo limit: Int) -> Layout {
    Layout(byteLimit: 8) { value, writer throws(StateProblem) in
      guard (0...limit).contains(value) else { throw .outOfBounds(field) }
      writer.number(UInt64(value), bytes: 8)
    } read: { reader throws(StateProblem) in
      guard let value = Int(exactly: try reader.number(bytes: 8)), value <= limit else {
        throw .outOfBounds(field)
      }
      return value
    }
  }

  /// The most logins in a count: adding to it cannot overflow.
  public static var loginLimit: Int { 1 << 48 }

  /// A count of logins, at most `loginLimit`.
  public static func logins(_ field: String) -> Layout { .count(field, upTo: loginLimit) }
}

extension Layout where Value == Instant {
  /// A time of day, from the year 1970 to 9999, in microseconds.
  ///
  /// A time outside is written as the nearest one inside, and read as an error.
  public static func instant(_ field: String) -> Layout {
    let last: Int64 = 253_402_300_799_999_999
    return Layout<Int>.count(field, upTo: Int(last)).map(
      field, { Instant(microsecondsSinceEpoch: Int64($0)) },
      { Int(min(max($0.microseconds, 0), last)) })
  }
}

extension Layout where Value == Duration {
  /// A time since the machine was booted, up to a hundred years, in microseconds.
  ///
  /// A time outside is written as the nearest one inside, and read as an error.
  public static func sinceBoot(_ field: String) -> Layout {
    let limit: Int64 = 100 * 366 * 86_400
    return Layout<Int>.count(field, upTo: Int(limit * 1_000_000)).map(
      field, { .microseconds($0) },
      { duration in
        let time = min(max(duration, .zero), .seconds(limit)).components
        return Int(time.seconds * 1_000_000 + time.attoseconds / 1_000_000_000_000)
      })
  }
}

extension Layout where Value == IPAddress {
  /// An IP address, as text.
  public static func address(_ field: String) -> Layout {
    Layout<String>.text(field, atMost: 45).map(field, { IPAddress($0) }, \.description)
  }
}

extension Layout where Value == Origin {
  /// Where a login comes from: an address, or the word for another origin.
  public static func origin(_ field: String) -> Layout {
    Layout<String>.text(field, atMost: 45).map(field, { Origin(kept: $0) }, \.keptText)
  }
}

extension Layout where Value == GrantPlace {
  /// A place of a grant: an address, a prefix or `self`.
  public static func place(_ field: String) -> Layout {
    Layout<String>.text(field, atMost: 49).map(
      field, { try? GrantPlace(written: $0) }, \.description)
  }
}

extension Origin {
  /// The address, `self`, `local`, or why the origin is unknown.
  public var keptText: String {
    if case .unknown(let why) = self { why.rawValue } else { description }
  }

  /// Reads a kept text; nil for any other.
  ///
  /// The first version wrote `unknown`, whatever the cause.
  public init?(kept text: String) {
    switch text {
    case "self": self = .machine
    case "local": self = .local
    case "unknown": self = .unknown(.notAnAddress)
    default:
      if let why = UnknownOrigin(rawValue: text) {
        self = .unknown(why)
      } else if let address = IPAddress(text) {
        self = .address(address)
      } else {
        return nil
      }
    }
  }
}

extension Layout where Value: RawRepresentable<String> {
  /// One of the words that the type has.
  public static func word(_ field: String) -> Layout where Value: SendableMetatype {
    Layout<String>.text(field, atMost: 64).map(field, { Value(rawValue: $0) }, \.rawValue)
  }
}

extension Layout {
  /// A value that need not be there.
  public static func optional<Wrapped>(_ layout: Layout<Wrapped>) -> Layout<Wrapped?>
  where Value == Wrapped? {
    Layout<Wrapped?>(byteLimit: 1 + layout.byteLimit) { value, writer throws(StateProblem) in
      writer.number(value == nil ? 0 : 1, bytes: 1)
      if let value { try layout.write(value, &writer) }
    } read: { reader throws(StateProblem) in
      switch try reader.number(bytes: 1) {
      case 0: return nil
      case 1: return try layout.read(&reader)
      default: throw .outOfBounds("presence")
      }
    }
  }

  /// Values one after the other, with their number before them.
  public static func list<Element>(
    _ field: String, of layout: Layout<Element>, atMost limit: Int
  ) -> Layout<[Element]> where Value == [Element] {
    Layout<[Element]>(byteLimit: 4 + limit * layout.byteLimit) {
      values, writer throws(StateProblem) in
      guard values.count <= limit else { throw .outOfBounds(field) }
      writer.number(UInt64(values.count), bytes: 4)
      for value in values { try layout.write(value, &writer) }
    } read: { reader throws(StateProblem) in
      let count = try reader.number(bytes: 4)
      guard count <= limit else { throw .outOfBounds(field) }
      var values: [Element] = []
      for _ in 0..<count { values.append(try layout.read(&reader)) }
      return values
    }
  }

  /// Several fields in a row, in the order in which they are written.
  ///
  /// The record has a name for messages. `make` gives a value of what was read, or nil if the fields
  /// do not fit together; `take` gives the fields of a value.
  public static func record<each Field>(
    _ name: String, _ fields: repeat Layout<each Field>,
    make: @escaping @Sendable (repeat each Field) -> Value?,
    take: @escaping @Sendable (Value) -> (repeat each Field)
  ) -> Layout {
    var limit = 0
    for field in repeat each fields { limit += field.byteLimit }
    return Layout(byteLimit: limit) { value, writer throws(StateProblem) in
      let values = take(value)
      for (field, value) in repeat (each fields, each values) { try field.write(value, &writer) }
    } read: { reader throws(StateProblem) in
      guard let value = make(repeat try (each fields).read(&reader)) else {
        throw .outOfBounds(name)
      }
      return value
    }
  }
}

// MARK: Bytes

/// Collects the bytes of a value.
struct StateWriter {
  var bytes: [UInt8] = []

  /// Writes a number, the highest byte first.
  mutating func number(_ value: UInt64, bytes count: Int) {
    for index in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))))
    }
  }
}

/// Reads the bytes of a value, and checks each length before it uses it.
struct StateReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func take(_ count: Int) throws(StateProblem) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw .cutOff }
    defer { position += count }
    return bytes[position..<(position + count)]
  }

  /// Reads a number of at most eight bytes, the highest byte first.
  mutating func number(bytes count: Int) throws(StateProblem) -> UInt64 {
    try take(count).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Why bytes are not used as state.
public enum StateProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// They do not begin like a state file.
  case notState
  /// The format, or the kind's layout, has a version that this Gatehouse does not read.
  case version(Int, supported: Int)
  /// They hold another kind of state.
  case otherKind
  /// They end before the value does.
  case cutOff
  /// They go on after the value.
  case tooLong
  /// They have another SHA-256 than they were written with.
  case otherDigest
  /// A field is outside of its bounds: its name.
  case outOfBounds(String)
  /// The file has more bytes than its kind may have.
  case tooLarge(bytes: Int, limit: Int)
  /// It is a folder, a pipe, a link or the like.
  case notAFile

  /// A clause for a message.
  public var description: String {
    switch self {
    case .notState: "it is not a state file of Gatehouse"
    case .version(let version, let supported):
      "its format has version \(version), which is not supported (supported: \(supported))"
    case .otherKind: "it holds another kind of state"
    case .cutOff: "it is cut off"
    case .tooLong: "it goes on after its end"
    case .otherDigest: "its content has another checksum than it was written with"
    case .outOfBounds(let field): "its field `\(field)` is out of bounds"
    case .tooLarge(let bytes, let limit):
      "it has \(bytes) bytes, and \(limit) is the most that it may have"
    case .notAFile: "it is not a regular file"
    }
  }
}
