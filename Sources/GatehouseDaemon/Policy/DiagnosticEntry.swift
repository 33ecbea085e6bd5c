import GatehousePolicy

extension LogEntry {
  /// What is to be said of a policy, with where it comes from.
  init(_ diagnostic: Diagnostic, of place: String) {
    let priority: LogPriority = diagnostic.severity == .error ? .error : .warning
    self.init(priority, "\(place): \(diagnostic.description)")
  }
}
