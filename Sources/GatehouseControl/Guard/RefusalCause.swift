public import GatehousePolicy

/// Why the policy of the folder may not serve.
public enum RefusalCause: Sendable {
  /// The daemon died while it loaded it, so it does not load it again by itself.
  case deadly
  /// It waits for a directory that is away.
  case waiting
  /// It has errors, or a test of it fails.
  case errors
  /// It would shut out who could repair the machine.
  case lockout
  /// The guard could judge nobody.
  case nobodyJudged
  /// The guard refused it before the daemon's start, and has not answered since.
  case earlier

  /// The cause, by what was found.
  ///
  /// - Parameters:
  ///   - diagnostics: The errors and warnings.
  ///   - verdict: What the guard said; nil if it was not asked.
  ///   - isWaiting: Whether it is judged again by itself, because a directory was away.
  public init(_ diagnostics: [Diagnostic], _ verdict: GuardVerdict?, isWaiting: Bool) {
    self =
      if diagnostics.contains(.deadlyPolicy) {
        .deadly
      } else if isWaiting {
        .waiting
      } else if diagnostics.contains(where: { $0.severity == .error }) {
        .errors
      } else if let verdict {
        verdict.isObstacle ? .lockout : .nobodyJudged
      } else {
        .earlier
      }
  }
}

extension DaemonStatus {
  /// Why the policy of the folder does not serve; nil if the newest one does, or was not looked at.
  public var refusalCause: RefusalCause? {
    refusal.map { RefusalCause($0.diagnostics, $0.verdict, isWaiting: isWaiting) }
  }
}
