public import GatehousePolicy

/// A login that the journal tells of.
public struct RecordedLogin: Hashable, Sendable {
  /// The user, as the entry has the name.
  public var user: Name
  /// The PAM service.
  public var service: Name
  /// The role that was asked for, where one was.
  public var role: Name?
  /// Where it came from.
  public var origin: Origin
  /// What was answered; the roles are not kept.
  public var outcome: Outcome
  /// When.
  public var time: Instant
}

/// Why an entry tells of no login that a policy could be asked about.
public enum Omission: String, CaseIterable, Sendable {
  /// No rule decided: there was no policy, or the user's groups could not be read.
  case undecided
  /// A temporary permission let the user in, which holds beside any policy.
  case granted
  /// It cannot be understood, or in more than one way.
  case unreadable
  /// It looks like a record, but something wrote it that does not write them.
  case untrusted
}

/// An entry that tells of no login.
struct OmittedEntry: Error, Equatable {
  let omission: Omission
}
