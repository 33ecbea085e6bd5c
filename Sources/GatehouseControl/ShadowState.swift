public import GatehousePolicy

/// A policy whose decisions are counted but have no effect.
public struct WatchedPolicy: Codable, Sendable {
  /// Why its decisions have no effect.
  public enum Kind: String, Codable, Sendable {
    /// It was given by `gatehouse shadow start`.
    case candidate
    /// It serves, in monitor mode.
    case monitor
  }

  /// Why its decisions have no effect.
  public var kind: Kind
  /// Which policy it is.
  public var policy: PolicyIdentity
  /// The time since which logins are counted.
  public var since: Instant
  /// The logins that were decided differently.
  public var changes: LoginChanges

  /// A watched policy.
  public init(kind: Kind, policy: PolicyIdentity, since: Instant, changes: LoginChanges) {
    self.kind = kind
    self.policy = policy
    self.since = since
    self.changes = changes
  }

  /// The time of the last login that was decided differently; nil if none was.
  public var last: Instant? { changes.last }
}

/// What the watched policies decided differently.
public struct ShadowState: Codable, Sendable {
  /// The watched policies: a candidate, and the serving policy if it is in monitor mode.
  public var watched: [WatchedPolicy]

  /// A report of the watched policies.
  public init(watched: [WatchedPolicy]) { self.watched = watched }
}

/// The result of starting or stopping a shadow candidate.
public struct ShadowVerdict: Codable, Sendable {
  /// The outcome.
  public enum Outcome: Codable, Sendable {
    /// From now on each login is decided by the candidate too.
    case started(PolicyIdentity)
    /// The candidate has errors.
    case refused
    /// There is a shadow candidate already.
    case running(WatchedPolicy)
    /// The candidate was stopped; this is what it decided differently.
    case stopped(WatchedPolicy)
    /// There is none to stop.
    case none
    /// It could not be done.
    case failed(CandidateFailure)
  }

  /// The outcome.
  public var outcome: Outcome
  /// The loader's diagnostics, sorted by location.
  public var diagnostics: [Diagnostic]

  /// The result of a request.
  public init(_ outcome: Outcome, diagnostics: [Diagnostic] = []) {
    self.outcome = outcome
    self.diagnostics = diagnostics
  }
}
