/// How OpenSSH takes a line apart.
enum SSHWords {
  static let formFeed: UInt8 = 0x0C
  static let hash = UInt8(ascii: "#")
  static let quote = UInt8(ascii: "\"")
  static let apostrophe = UInt8(ascii: "'")
  static let backslash = UInt8(ascii: "\\")
  static let equals = UInt8(ascii: "=")

  static func isSpace(_ byte: UInt8) -> Bool { " \t\r\n".utf8.contains(byte) }

  /// `strdelim`: removes the next word from a text, and one `=` after it, and returns it; nil if there
  /// is none, or its quote is not closed.
  static func next(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard !rest.isEmpty else { return nil }
    guard let end = rest.firstIndex(where: { isSpace($0) || $0 == quote || $0 == equals }) else {
      defer { rest = [] }
      return Array(rest)
    }
    var word = Array(rest[..<end])
    if rest[end] == quote {
      let quoted = rest[(end + 1)...]
      guard let close = quoted.firstIndex(of: quote) else { return nil }
      word += quoted[..<close]
      rest = quoted[(close + 1)...].drop(while: isSpace)
      return word
    }
    let hasEquals = rest[end] == equals
    rest = rest[(end + 1)...].drop(while: isSpace)
    if !hasEquals, rest.first == equals { rest = rest.dropFirst().drop(while: isSpace) }
    return word
  }

  /// `argv_split`: the words of a text up to a comment, without quotes and backslashes; nil if a quote
  /// is not closed.
  static func all(of text: ArraySlice<UInt8>) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var index = text.startIndex
    while true {
      while index < text.endIndex, text[index] == 0x20 || text[index] == 0x09 { index += 1 }
      guard index < text.endIndex, text[index] != hash else { return words }
      var word: [UInt8] = []
      var open: UInt8?
      while index < text.endIndex {
        let byte = text[index]
        if byte == backslash, index + 1 < text.endIndex,
          [apostrophe, quote, backslash].contains(text[index + 1])
            || open == nil && text[index + 1] == 0x20
        {
          index += 1
          word.append(text[index])
        } else if open == nil, byte == 0x20 || byte == 0x09 {
          break
        } else if open == nil, byte == quote || byte == apostrophe {
          open = byte
        } else if byte == open {
          open = nil
        } else {
          word.append(byte)
        }
        index += 1
      }
      guard open == nil else { return nil }
      words.append(word)
    }
  }
}
