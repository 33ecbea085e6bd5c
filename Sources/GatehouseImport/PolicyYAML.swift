import GatehousePolicy

/// Pieces of a policy in YAML.
enum PolicyYAML {
  /// A comment line with its newline.
  ///
  /// The text must be safe to print. Noncharacters are escaped, because YAML does not allow them.
  static func comment(_ line: String) -> String {
    "# "
      + line.unicodeScalars.map { scalar in
        scalar.properties.isNoncharacterCodePoint
          ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
      }.joined() + "\n"
  }

  /// A list entry, in quotes if it has colons, as IPv6 addresses do.
  static func entry(_ entry: String) -> String {
    entry.utf8.contains(UInt8(ascii: ":")) ? "\"\(entry)\"" : entry
  }

  /// The name of a user or a group, in quotes unless it begins with a letter or `_`, contains only
  /// letters, digits, `.`, `_` and `-`, and is no word that YAML readers take for something else.
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
    // Characters that YAML does not allow, or that nobody would see.
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
      .spaceSeparator:
      let digits = String(scalar.value, radix: 16)
      // The shortest, since libyaml takes no key of more than 1,024 characters.
      let (letter, count) = digits.count <= 2 ? ("x", 2) : digits.count <= 4 ? ("u", 4) : ("U", 8)
      return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
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
