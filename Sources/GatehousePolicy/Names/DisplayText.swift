/// Text from outside, made safe for a terminal or a log line.
///
/// Control characters, invisible format characters (bidirectional overrides among them) and line
/// separators are written as `\u{1b}`, bytes that are not UTF-8 as `\xff`.
func displayText(of bytes: [UInt8]) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    return bytes.reduce(into: "") { result, byte in
      if (0x20..<0x7F).contains(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "\\x" + hexadecimal(byte)
      }
    }
  }
  return displayText(of: text)
}

/// As `displayText(of: [UInt8])`, for text that is known to be UTF-8.
func displayText(of text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafeToShow) else { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    if isUnsafeToShow(scalar) {
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
}

private func isUnsafeToShow(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
  default: false
  }
}

/// Two lowercase hexadecimal digits.
func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}
