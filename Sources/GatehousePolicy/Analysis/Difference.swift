/// What a login comes to, whatever the reason.
public struct Outcome: Hashable, Sendable {
  /// The answer that is given.
  public let verdict: Verdict
  /// A denial that monitor mode answers with allow.
  public let wouldDeny: Bool
  /// The roles that are available, sorted.
  public let roles: [Name]

  /// What a decision comes to.
  public init(_ decision: Decision) {
    self.init(
      verdict: decision.verdict, wouldDeny: decision.wouldDeny, roles: decision.roles)
  }

  /// An outcome with all its parts.
  public init(verdict: Verdict, wouldDeny: Bool = false, roles: [Name] = []) {
    self.verdict = verdict
    self.wouldDeny = wouldDeny
    self.roles = roles
  }
}

/// A time in which two policies decide differently, in one and the same way.
public struct Change: Hashable, Sendable {
  /// When it begins; nil where it does so with the time of the comparison.
  public let since: Instant?
  /// When it is over, itself not included; nil where nothing in the policies ends it.
  public internal(set) var until: Instant?
  /// What the old policy decides.
  public let old: Outcome
  /// What the new policy decides.
  public let new: Outcome
}

/// Origins for which two policies differ alike at all times.
public struct Difference: Hashable, Sendable {
  /// The addresses; may be none.
  public let addresses: AddressSet
  /// Whether it is so for a login without a remote host.
  public let isLocal: Bool
  /// Whether it is so for a remote host that is not an address.
  public let isUnknown: Bool
  /// How they differ, in order of time; never empty.
  public let changes: [Change]
}

extension Difference: Comparable {
  /// Orders those of one comparison by their first addresses, and those without any last.
  public static func < (left: Difference, right: Difference) -> Bool {
    if left.addresses.isEmpty != right.addresses.isEmpty { return right.addresses.isEmpty }
    if left.addresses.isEmpty { return left.isLocal && !right.isLocal }
    return left.addresses.precedes(right.addresses)
  }
}

/// How two policies differ for a subject.
public struct SubjectDifference: Hashable, Sendable {
  /// What is the same for some services.
  public struct Part: Hashable, Sendable {
    /// The services.
    public let services: ServiceScope
    /// The origins for which the policies differ, each at most once; never empty.
    public let differences: [Difference]
  }

  /// For whom.
  public let subject: Subject
  /// By service; empty where the policies do not differ.
  public let parts: [Part]
}
