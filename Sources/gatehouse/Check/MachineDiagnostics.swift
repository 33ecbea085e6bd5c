import GatehouseFit
import GatehousePlatform
import GatehousePolicy

/// Checks whether a policy fits this machine.
enum MachineDiagnostics {
  /// All diagnostics about the policy on this machine, sorted by location.
  ///
  /// - Parameters:
  ///   - policy: The policy.
  ///   - occasion: Why it is looked at, which says what is an error.
  ///   - time: How long to wait for the directory; nil for as long as `ThisDirectory` does.
  /// - Returns: Errors and warnings.
  static func all(
    of policy: Policy, at occasion: PolicyFit.Occasion,
    within time: Duration? = nil
  ) -> [Diagnostic] {
    var line = ProgressLine()
    defer { line.finish() }
    var diagnostics =
      ThisDirectory.fit.diagnostics(of: policy, at: occasion, within: ThisDirectory.time(time)) {
        line.show("\($0) of \($1) names looked up")
      } + ServiceAccounts.remote(in: policy)
      + NotifyDiagnostics.all(of: policy) + FeedDiagnostics.all(of: policy)
    if let diagnostic = OwnSession.current()?.diagnostic(under: policy) {
      diagnostics.append(diagnostic)
    }
    return diagnostics.sorted()
  }
}
