/// The name of a user, group, service, role or network: bytes, as Unix has it.
///
/// Two names are equal when their bytes are. (`String` compares by canonical equivalence, which
/// would make two different Unix users one.)
public struct Name: Hashable, Comparable, Sendable {
  /// The name as it was given, without interpretation.
  public let bytes: [UInt8]

  /// A name of these bytes.
  public init(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
  }

  /// A name of the UTF-8 bytes of a text.
  public init(_ text: some StringProtocol) {
    bytes = Array(text.utf8)
  }

  /// Feeds all bytes in one step, which is faster than one by one.
  public func hash(into hasher: inout Hasher) {
    // SAFETY: the bytes are read during the call alone.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }

  /// Orders names by their bytes.
  public static func < (left: Name, right: Name) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension Name {
  /// The name as somebody wrote it who meant a backslash, which between double quotes makes another
  /// character of what follows it (YAML 1.2 section 5.7); nil if the name has no such character.
  package var withBackslashes: Name? {
    let letters: [UInt8: Character] = [
      0x07: "a", 0x08: "b", 0x09: "t", 0x0A: "n", 0x0B: "v", 0x0C: "f", 0x0D: "r", 0x1B: "e",
    ]
    let written = bytes.flatMap { byte in letters[byte].map { Array("\\\($0)".utf8) } ?? [byte] }
    return written == bytes ? nil : Name(bytes: written)
  }
}

extension Name: ExpressibleByStringLiteral {
  /// A name of the UTF-8 bytes of a literal.
  public init(stringLiteral text: String) {
    self.init(text)
  }
}

extension Name: CustomStringConvertible {
  /// The name for display: control characters and invalid UTF-8 are escaped.
  public var description: String { displayText(of: bytes) }
}

extension Name: Codable {
  /// Reads a text, or an array of bytes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.init(text)
    } else {
      self.init(bytes: try container.decode([UInt8].self))
    }
  }

  /// Writes a text; an array of bytes if the name is not UTF-8.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let text = String(validating: bytes, as: UTF8.self) {
      try container.encode(text)
    } else {
      try container.encode(bytes)
    }
  }
}

extension Name {
  /// A name that is not among these; it stands for anybody whom no rule names.
  public static func unnamed(among names: Set<Name>) -> Name {
    var name = Name(bytes: [0])
    while names.contains(name) { name = Name(bytes: name.bytes + [0]) }
    return name
  }

  /// Whether it stands for anybody whom no rule names: no user's name has a NUL in it.
  var isUnnamed: Bool { bytes.first == 0 }
}
