import GatehousePolicy

extension TextPage {
  /// Adds diagnostics, each in two lines: the location and what is wrong, then what would be right.
  ///
  /// - Parameters:
  ///   - findings: The diagnostics, in the order to print.
  ///   - folder: The policy's folder. It is printed before each location, so that the path can be
  ///     opened as it is.
  mutating func findings(_ findings: [Diagnostic], in folder: String) {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    for finding in findings {
      let place = finding.location.map { location in
        // Files elsewhere, such as PAM's, have a full path already.
        location.file.hasPrefix("/") ? "\(location): " : "\(prefix)\(location): "
      }
      let style: TextStyle = finding.severity == .error ? .bad : .doubtful
      line(
        StyledText(place ?? "") + StyledText("\(finding.severity.rawValue): ", style)
          + StyledText(finding.message) + StyledText(" [\(finding.name)]", .faint))
      if let remedy = finding.remedy { line(StyledText("    \(remedy)")) }
    }
  }
}

extension [Diagnostic] {
  /// The number of errors and warnings in words: `1 error, 2 warnings`.
  var tally: String {
    let errors = count { $0.severity == .error }
    let warnings = count - errors
    return "\(counted(errors, "error")), \(counted(warnings, "warning"))"
  }
}

/// A number with its noun: `no errors`, `1 error`, `2 errors`.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  switch number {
  case 0: "no \(plural ?? "\(noun)s")"
  case 1: "1 \(noun)"
  default: "\(number) \(plural ?? "\(noun)s")"
  }
}
