import GatehousePolicy

/// Writes JSON (RFC 8259) into bytes: members in the given order, without white space.
///
/// What it writes is valid UTF-8 and safe to print on a terminal: control and formatting
/// characters are escaped, bytes that are not UTF-8 become U+FFFD.
public struct JSONWriter: Sendable {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  private var needsComma = false

  /// An empty writer.
  public init() {}

  /// Removes what was written and keeps the memory for the next line.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  /// Ends a line.
  package mutating func newline() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// A line with an object, whose members the closure writes.
  package static func line(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(members)
    writer.newline()
    return writer.bytes
  }

  /// Writes an object whose members the closure writes.
  package mutating func object(_ members: (inout JSONWriter) -> Void) {
    enclosed(by: UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  /// Writes an array whose elements the closure writes.
  package mutating func array(_ elements: (inout JSONWriter) -> Void) {
    enclosed(by: UInt8(ascii: "["), UInt8(ascii: "]"), elements)
  }

  /// Writes a member of the object that is being written.
  mutating func member(_ key: StaticString, _ value: some JSONWritable) {
    member(key) { value.write(to: &$0) }
  }

  /// Writes a member whose value the closure writes, exactly one.
  package mutating func member(_ key: StaticString, _ value: (inout JSONWriter) -> Void) {
    member(named: "\(key)", value)
  }

  /// Writes a member whose name is not known in advance.
  mutating func member(named key: String, _ value: (inout JSONWriter) -> Void) {
    string(key.utf8)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
    value(&self)
  }

  /// Writes a string from its UTF-8.
  package mutating func string(_ utf8: some Collection<UInt8>) {
    begin()
    bytes.append(UInt8(ascii: "\""))
    if utf8.allSatisfy(Self.isPlain) {
      bytes.append(contentsOf: utf8)
    } else {
      for scalar in String(decoding: utf8, as: UTF8.self).unicodeScalars { escape(scalar) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a number, `true`, `false` or `null`, which need no escapes.
  package mutating func literal(_ text: String) {
    begin()
    bytes.append(contentsOf: text.utf8)
  }

  private mutating func begin() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func enclosed(
    by opening: UInt8, _ closing: UInt8, _ content: (inout JSONWriter) -> Void
  ) {
    begin()
    bytes.append(opening)
    needsComma = false
    content(&self)
    bytes.append(closing)
    needsComma = true
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\"", "\\": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: scalar)])
    case "\n": bytes.append(contentsOf: "\\n".utf8)
    case "\r": bytes.append(contentsOf: "\\r".utf8)
    case "\t": bytes.append(contentsOf: "\\t".utf8)
    case _ where scalar.isUnsafeToShow:
      for unit in String(scalar).utf16 {
        let hex = String(unit, radix: 16)
        bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".utf8)
      }
    default: bytes.append(contentsOf: String(scalar).utf8)
    }
  }
}

/// A value that can be written as JSON.
protocol JSONWritable {
  /// Writes exactly one JSON value.
  func write(to writer: inout JSONWriter)
}

extension String: JSONWritable {
  /// Writes a string.
  func write(to writer: inout JSONWriter) { writer.string(utf8) }
}

extension Bool: JSONWritable {
  /// Writes `true` or `false`.
  func write(to writer: inout JSONWriter) { writer.literal(self ? "true" : "false") }
}

extension Int: JSONWritable {
  /// Writes a number.
  func write(to writer: inout JSONWriter) { writer.literal(String(self)) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
  /// Writes the value, or `null`.
  func write(to writer: inout JSONWriter) {
    switch self {
    case .some(let value): value.write(to: &writer)
    case .none: writer.literal("null")
    }
  }
}

extension Array: JSONWritable where Element: JSONWritable {
  /// Writes an array.
  func write(to writer: inout JSONWriter) {
    writer.array { for element in self { element.write(to: &$0) } }
  }
}

extension Name: JSONWritable {
  /// Writes the name as a string.
  func write(to writer: inout JSONWriter) { writer.string(bytes) }
}

extension Instant: JSONWritable {
  /// Writes the time as RFC 3339 has it, in UTC.
  func write(to writer: inout JSONWriter) { writer.string(description.utf8) }
}

extension Origin: JSONWritable {
  /// Writes an object of `kind`, and the `address` if it is one: no text can turn into the kind.
  func write(to writer: inout JSONWriter) {
    writer.object { writeMembers(to: &$0) }
  }

  /// Writes the members of that object, for one that has others beside them.
  func writeMembers(to writer: inout JSONWriter) {
    writer.member("kind", kind.rawValue)
    if case .address(let address) = self { writer.member("address", address.description) }
  }
}

extension Diagnostic: JSONWritable {
  /// Writes an object of `severity`, `name`, `file`, `line`, `column`, `message` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("severity", severity.rawValue)
      $0.member("name", name)
      $0.member("file", location?.file)
      $0.member("line", location?.line)
      $0.member("column", location?.column)
      $0.member("message", message)
      $0.member("remedy", remedy)
    }
  }
}
