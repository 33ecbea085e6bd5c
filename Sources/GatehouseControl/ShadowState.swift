public import GatehousePolicy

/// A policy whose decisions are watched, and decide nothing.
public struct WatchedPolicy: Codable, Sendable {
  /// Why it decides nothing yet.
  public enum Kind: String, Codable, Sendable {
    /// It was given by `gatehouse shadow start`.
    case candidate
    /// It serves, in monitor mode.
    case monitor
  }

  /// Why it decides nothing yet.
  public var kind: Kind
  /// Which policy it is.
  public var policy: PolicyIdentity
  /// Since when logins are counted.
  public var since: Instant
  /// What came out differently.
  public var changes: LoginChanges

  /// A watched policy.
  public init(kind: Kind, policy: PolicyIdentity, since: Instant, changes: LoginChanges) {
    self.kind = kind
    self.policy = policy
    self.since = since
    self.changes = changes
  }

  /// When the last login came out differently; nil if none did.
  public var last: Instant? { changes.last }
}

/// What came out differently by policies that decide nothing yet.
public struct ShadowState: Codable, Sendable {
  /// What is watched: a candidate, and the serving policy if it only monitors.
  public var watched: [WatchedPolicy]

  /// What is watched.
  public init(watched: [WatchedPolicy]) { self.watched = watched }
}

/// What came of having a candidate decided beside the serving policy, or no longer.
public struct ShadowVerdict: Codable, Sendable {
  /// What came of it.
  public enum Outcome: Codable, Sendable {
    /// The candidate is decided beside the serving policy from now on.
    case started(PolicyIdentity)
    /// The candidate has errors.
    case refused
    /// Another one is decided already.
    case running(WatchedPolicy)
    /// It is decided no longer; this is what came out differently.
    case stopped(WatchedPolicy)
    /// There is none to stop.
    case none
    /// It could not be done.
    case failed(CandidateFailure)
  }

  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// What came of a request.
  public init(_ outcome: Outcome, diagnostics: [Diagnostic] = []) {
    self.outcome = outcome
    self.diagnostics = diagnostics
  }
}
