import GatehousePolicy

extension LogEntry {
  /// What is to be said of a policy, with where it comes from.
  init(_ diagnostic: Diagnostic, of place: String) {
    let priority: LogPriority = diagnostic.severity == .error ? .error : .warning
    self.init(priority, "\(place): \(diagnostic.description)")
  }
}

extension Log {
  /// How many diagnostics of one policy are told: more would push everything else out.
  private static let mostDiagnostics = 200

  /// Leaves what is to be said of a policy, with where it comes from; of very many the first.
  func post(_ diagnostics: [Diagnostic], of place: String) {
    for diagnostic in diagnostics.prefix(Self.mostDiagnostics) {
      post(.warning) { LogEntry(diagnostic, of: place) }
    }
    if diagnostics.count > Self.mostDiagnostics {
      let more = diagnostics.count - Self.mostDiagnostics
      post(.warning, "\(place): \(more) more like these; gatehouse check shows all of them")
    }
  }
}
