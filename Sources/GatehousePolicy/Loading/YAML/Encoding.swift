/// The first byte of a file that no policy may hold: it is not UTF-8, or a control character.
struct EncodingProblem: Equatable {
  let line: Int
  let column: Int
  let message: String
  let remedy: String

  /// Nil if the bytes are text.
  ///
  /// Line and column count from 1, the column in characters.
  init?(in bytes: [UInt8]) {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      (line, column) = (1, 1)
      message = "the file is UTF-16"
      remedy = "save it as UTF-8"
      return
    }
    var line = 1
    var column = 1
    var decoder = UTF8()
    var input = bytes.makeIterator()
    while true {
      switch decoder.decode(&input) {
      case .emptyInput:
        return nil
      case .error:
        (self.line, self.column) = (line, column)
        message = "the file is not UTF-8 here"
        remedy = "save it as UTF-8"
        return
      case .scalarValue("\n"):
        line += 1
        column = 1
      case .scalarValue(let scalar):
        guard Self.isAllowed(scalar) else {
          (self.line, self.column) = (line, column)
          message =
            "a control character (\(scalar.value == 0 ? "NUL" : "U+" + fourDigits(scalar.value)))"
          remedy = "take it out"
          return
        }
        column += 1
      }
    }
  }

  /// What YAML 1.2 calls printable, except a byte order mark in the middle.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
      0x10000...0x10FFFF:
      true
    default: false
    }
  }
}

private func fourDigits(_ value: UInt32) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}

/// The bytes without a UTF-8 byte order mark at their beginning.
func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
  let length = bytes.byteOrderMarkLength
  return length > 0 ? Array(bytes.dropFirst(length)) : bytes
}
