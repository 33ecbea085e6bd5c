/// The logical lines of a file, as libpam puts them together.
struct ConfigLines {
  /// A logical line: its bytes up to the first NUL, and the number of the line it begins in, from 1.
  struct Line {
    var text: [UInt8]
    var number: Int
  }

  /// How the file ends.
  enum Ending {
    /// All of it was read.
    case complete
    /// Within a line that was to go on: libpam calls it an error.
    case broken(line: Int)
    /// libpam reads on for ever.
    case endless(line: Int)
  }

  private(set) var lines: [Line] = []
  private(set) var ending = Ending.complete

  private let bytes: [UInt8]
  private var position = 0
  private var number = 1

  init(_ bytes: [UInt8], by generation: PAMDialect.Generation) {
    self.bytes = bytes
    switch generation {
    case .fixedBuffer: while readIntoBuffer() {}
    case .wholeLines: while readWhole() {}
    }
  }

  /// Takes bytes to the end of the line, but no more than so many; the newline is among them.
  private mutating func take(atMost limit: Int = .max) -> ArraySlice<UInt8> {
    let rest = bytes[position...].prefix(limit)
    let taken = rest[...(rest.firstIndex(of: .newline) ?? (rest.endIndex - 1))]
    position = taken.endIndex
    if taken.last == .newline { number += 1 }
    return taken
  }

  private mutating func append(_ text: [UInt8], _ start: Int) {
    lines.append(Line(text: Array(text.prefix { $0 != 0 }), number: start))
  }

  /// `_pam_assemble_line` of 1.5: a buffer of 1,024 bytes, filled by fgets().
  private mutating func readIntoBuffer() -> Bool {
    var line: [UInt8] = []
    var start: Int?
    while true {
      let room = 1024 - line.count - 1
      guard room > 0 else { return end(.endless(line: start ?? number)) }
      let here = number
      guard position < bytes.count else {
        return end(start.map { .broken(line: $0) } ?? .complete)
      }
      let text = take(atMost: room).prefix { $0 != 0 }
      let content = text.drop { $0.isBlank || $0 == .newline }
      // Blank lines and comments are passed over, even within a line that goes on.
      guard let first = content.first, first != .hash else { continue }
      start = start ?? here
      if let hash = content.firstIndex(of: .hash) {
        append(line + text[..<hash], start ?? here)
        return true
      }
      let last = content.lastIndex { !$0.isBlank && $0 != .newline } ?? content.startIndex
      guard content[last] == .backslash else {
        append(line + text, start ?? here)
        return true
      }
      line += text[..<last] + [.space]
    }
  }

  /// `_pam_line_assemble` of 1.6 and later: getline().
  private mutating func readWhole() -> Bool {
    var line: [UInt8] = []
    var start: Int?
    while true {
      let here = number
      guard position < bytes.count else {
        return end(start.map { .broken(line: $0) } ?? .complete)
      }
      var text = Array(take())
      let last = text.lastIndex { !$0.isBlank && $0 != .newline } ?? 0
      let goesOn = text[last] == .backslash
      if goesOn {
        text.replaceSubrange(last..., with: [.space])
      }
      let visible = text.prefix { $0 != 0 }
      let hash = visible.firstIndex(of: .hash)
      if let hash { text[hash] = 0 }
      let content = text.drop { $0.isBlank }
      if goesOn && hash == nil {
        line += content
        start = start ?? here
        continue
      }
      if !line.isEmpty || (content.first ?? 0) != 0 && content.first != .newline { line += content }
      if let first = line.first, first != 0 {
        append(line, start ?? here)
        return true
      }
      line = []
      start = nil
    }
  }

  private mutating func end(_ ending: Ending) -> Bool {
    self.ending = ending
    return false
  }
}

/// Cuts a line into tokens like `_pam_StrTok` and `_pam_tokenize`: at blanks, but `[…]` is one token
/// without its brackets, in which `\]` stands for `]`.
struct Tokens {
  /// What is left; nil after the last token.
  private(set) var rest: ArraySlice<UInt8>?

  init(_ text: [UInt8]) { rest = text[...] }

  mutating func next() -> [UInt8]? {
    guard var left = rest?.drop(while: { $0.isBlank || $0 == .newline }), let first = left.first
    else {
      rest = nil
      return nil
    }
    var token: [UInt8] = []
    if first == UInt8(ascii: "[") {
      left.removeFirst()
      while let byte = left.first, byte != UInt8(ascii: "]") {
        if byte == .backslash, left.dropFirst().first == UInt8(ascii: "]") { left.removeFirst() }
        token.append(left.removeFirst())
      }
    } else {
      token = Array(left.prefix { !$0.isBlank && $0 != .newline })
      left.removeFirst(token.count)
    }
    left = left.dropFirst()
    rest = left.isEmpty ? nil : left
    return token
  }

  mutating func remaining() -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    while let token = next() { tokens.append(token) }
    return tokens
  }
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let space = UInt8(ascii: " ")
  static let hash = UInt8(ascii: "#")
  static let backslash = UInt8(ascii: "\\")
  fileprivate var isBlank: Bool { self == .space || self == UInt8(ascii: "\t") }
}

extension Sequence<UInt8> {
  /// As text, with the capital letters of ASCII made small, as strcasecmp() and tolower() have it
  /// in the C locale.
  var asciiLowercased: String {
    String(decoding: map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
