/// What is found wrong while a policy is loaded.
struct DiagnosticLog {
  private(set) var diagnostics: [Diagnostic] = []
  /// Per file: the place of the first syntax error; nothing after it is trusted.
  private var distrusted: [String: SourceLocation] = [:]

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  mutating func error(
    _ name: ErrorName, _ location: SourceLocation, _ message: String, remedy: String? = nil
  ) {
    if let end = distrusted[location.file], end <= location { return }
    diagnostics.append(
      Diagnostic(
        error: name, location: location, message: message, remedy: remedy))
  }

  /// Says no more of what stands at or after a place.
  mutating func distrust(_ location: SourceLocation?) {
    if let location { distrusted[location.file] = location }
  }

  mutating func add(_ more: [Diagnostic]) {
    diagnostics += more
  }
}
