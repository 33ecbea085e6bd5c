extension Unicode.Scalar {
  /// Whether a terminal could take this scalar for a command, or show other text than is there.
  ///
  /// Control characters (C0, DEL, C1), formatting ones (which turn the direction of writing), and
  /// separators of lines other than a newline of ours.
  var isUnsafeToPrint: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension String {
  /// This text with everything unsafe to print as `\u{…}`.
  ///
  /// User names, remote hosts and the text of a broken policy come from outside; nothing of them
  /// reaches a terminal or a log but through here.
  public var escapedForTerminal: String {
    guard unicodeScalars.contains(where: \.isUnsafeToPrint) else { return self }
    var escaped = ""
    for scalar in unicodeScalars {
      if scalar.isUnsafeToPrint {
        escaped += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
