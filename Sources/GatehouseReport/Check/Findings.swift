import GatehousePolicy

extension TextPage {
  /// Adds findings, two lines each: the place and what is wrong, then what would be right.
  ///
  /// - Parameters:
  ///   - findings: What was found, in the order to print.
  ///   - folder: The policy's folder, which stands before the place so that it can be opened as it
  ///     is printed.
  mutating func findings(_ findings: [Diagnostic], in folder: String) {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    for finding in findings {
      let place = finding.location.map { location in
        // What lies elsewhere (PAM's own files) has a whole path already.
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
  /// How many there are of each severity, in words: `1 error, 2 warnings`.
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
