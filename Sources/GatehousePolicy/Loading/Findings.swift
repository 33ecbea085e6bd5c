/// Collects what is found wrong while a policy is loaded.
struct Findings {
  private(set) var diagnostics: [Diagnostic] = []

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  mutating func error(
    _ name: String, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        severity: .error, name: name, location: location, message: message, remedy: remedy))
  }

  mutating func warning(
    _ name: String, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        severity: .warning, name: name, location: location, message: message, remedy: remedy))
  }

  mutating func add(_ more: [Diagnostic]) {
    diagnostics += more
  }
}
