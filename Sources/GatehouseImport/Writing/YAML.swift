import GatehousePolicy

/// The parts of a policy as YAML has them.
enum YAML {
  /// A line of comment; of what is safe to show, YAML does not take noncharacters.
  static func comment(_ line: String) -> String {
    "# "
      + line.unicodeScalars.map { scalar in
        scalar.properties.isNoncharacterCodePoint
          ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
      }.joined() + "\n"
  }

  /// An entry of a list; IPv6 in quotes, because of its colons.
  static func entry(_ entry: String) -> String {
    entry.utf8.contains(UInt8(ascii: ":")) ? "\"\(entry)\"" : entry
  }

  /// The name of a user or a group as a scalar: in quotes, unless it is letters and digits alone and
  /// means nothing else to a reader of YAML.
  static func scalar(_ name: Name) -> String {
    let text = String(decoding: name.bytes, as: UTF8.self)
    let isPlain =
      name.bytes.first.map(isLetter) ?? false
      && name.bytes.allSatisfy { isLetter($0) || isDigit($0) || "._-".utf8.contains($0) }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    if isPlain && !words.contains(text.lowercased()) { return text }
    return "\"" + text.unicodeScalars.map(escaped).joined() + "\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case " ": return " "
    case "\"", "\\": return "\\\(scalar)"
    default: break
    }
    // What YAML may not hold as it is, or what would not be seen.
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
      .spaceSeparator:
      let digits = String(scalar.value, radix: 16)
      return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    default: return String(scalar)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
