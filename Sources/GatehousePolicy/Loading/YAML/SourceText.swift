/// The text of a policy file, to find what stands at a position that the parser reports.
struct SourceText: Sendable {
  var bytes: [UInt8]

  /// A run of characters without space, quote or bracket.
  struct Word: Equatable {
    let text: String
    let line: Int
    let column: Int
    let byteRange: Range<Int>
  }

  /// The word at a position; line and column count from 1, the column in characters.
  func word(line: Int, column: Int) -> Word? {
    guard let lineRange = byteRange(ofLine: line) else { return nil }
    guard let place = index(ofColumn: column, in: lineRange) else { return nil }
    var start = place
    while start > lineRange.lowerBound && !Self.endsWord(bytes[start - 1]) { start -= 1 }
    var end = place
    while end < lineRange.upperBound && !Self.endsWord(bytes[end]) { end += 1 }
    guard start < end else { return nil }
    let characters = bytes[lineRange.lowerBound..<start].count { $0 & 0xC0 != 0x80 }
    return Word(
      text: String(decoding: bytes[start..<end], as: UTF8.self), line: line,
      column: characters + 1, byteRange: start..<end)
  }

  /// Whether the character at a position is `byte`.
  func has(_ byte: UInt8, line: Int, column: Int) -> Bool {
    guard let lineRange = byteRange(ofLine: line),
      let place = index(ofColumn: column, in: lineRange), place < lineRange.upperBound
    else { return false }
    return bytes[place] == byte
  }

  /// The index of the character at a position; nil if the line is shorter.
  func offset(line: Int, column: Int) -> Int? {
    byteRange(ofLine: line).flatMap { index(ofColumn: column, in: $0) }
  }

  func index(ofColumn column: Int, in line: Range<Int>) -> Int? {
    var index = line.lowerBound
    var left = column - 1
    while left > 0 {
      guard index < line.upperBound else { return nil }
      index += 1
      while index < line.upperBound && bytes[index] & 0xC0 == 0x80 { index += 1 }
      left -= 1
    }
    return index
  }

  /// Lines end where libyaml ends them: LF, CR, CR LF, NEL, LS, PS.
  func byteRange(ofLine line: Int) -> Range<Int>? {
    var current = 1
    var start = 0
    var index = 0
    while index < bytes.count {
      let length = lineBreakLength(at: index)
      guard length > 0 else {
        index += 1
        continue
      }
      if current == line { return start..<index }
      index += length
      start = index
      current += 1
    }
    return current == line ? start..<bytes.count : nil
  }

  func lineBreakLength(at index: Int) -> Int {
    switch bytes[index] {
    case 0x0A: 1
    case 0x0D: index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
    case 0xC2: index + 1 < bytes.count && bytes[index + 1] == 0x85 ? 2 : 0
    case 0xE2:
      index + 2 < bytes.count && bytes[index + 1] == 0x80 && (bytes[index + 2] | 1) == 0xA9 ? 3 : 0
    default: 0
    }
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), 0x09, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "'"):
      true
    default: false
    }
  }
}

extension SourceText.Word {
  /// Whether it looks like an address that YAML reads as something else without quotes.
  var looksLikeAddress: Bool {
    let colons = text.utf8.count { $0 == .colon }
    guard colons >= 2 || text.utf8.contains(UInt8(ascii: "*")) else { return false }
    return text.utf8.allSatisfy { byte in
      byte.hexadecimalDigit != nil || [.colon, .dot].contains(byte)
        || [UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "-")].contains(byte)
    }
  }
}
