/// As `displayText(of: String)`; bytes that are not UTF-8 are written as `\xff`.
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

/// Text from outside, made safe for a terminal or a log line.
///
/// Control characters, invisible format characters (bidirectional overrides among them) and line
/// separators are written as `\u{1b}`.
public func displayText(of text: String) -> String {
  if text.utf8.span.isPlain { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    if scalar.isUnsafeToShow {
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
}

extension Span<UInt8> {
  /// Whether all of it is printable ASCII, as it nearly always is.
  ///
  /// The loop has no early exit, so that the compiler can check many bytes in one step.
  fileprivate var isPlain: Bool {
    var highest: UInt8 = 0
    for place in indices { highest = max(highest, self[place] &- 0x20) }
    return highest < 0x5F
  }
}

extension [UInt8] {
  /// Adds the display text of bytes from outside.
  public mutating func append(displaying bytes: [UInt8]) {
    if bytes.span.isPlain {
      self += bytes
    } else {
      self += displayText(of: bytes).utf8
    }
  }

  /// Adds the display text of a text from outside.
  public mutating func append(displaying text: String) {
    let bytes = text.utf8.span
    if bytes.isPlain {
      append(bytes)
    } else {
      self += displayText(of: text).utf8
    }
  }
}

extension Unicode.Scalar {
  /// Whether a terminal could take this scalar for a command, or show other text because of it.
  public var isUnsafeToShow: Bool {
    guard value > 0x7E else { return value < 0x20 }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return true
    default: return false
    }
  }
}

/// Two lowercase hexadecimal digits.
package func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return byte < 16 ? "0" + digits : digits
}
