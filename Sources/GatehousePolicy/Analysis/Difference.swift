/// What a login comes to, whatever the reason.
public struct DecisionOutcome: Hashable, Sendable {
  /// The answer that is given.
  public let verdict: Verdict
  /// A denial that monitor mode answers with allow.
  public let wouldDeny: Bool
  /// The roles that are available, sorted.
  public let roles: [Name]
  /// Where a second factor is needed; nil if that was not compared.
  public let factor: FactorReach?
  /// The code that the user is sent if denied; nil if none is.
  public let code: CodeReach?

  /// What a decision comes to.
  public init(_ decision: Decision, factor: FactorReach? = nil, code: CodeReach? = nil) {
    self.init(
      verdict: decision.verdict, wouldDeny: decision.wouldDeny, roles: decision.roles,
      factor: factor, code: code)
  }

  /// An outcome with all its parts.
  public init(
    verdict: Verdict, wouldDeny: Bool = false, roles: [Name] = [], factor: FactorReach? = nil,
    code: CodeReach? = nil
  ) {
    self.verdict = verdict
    self.wouldDeny = wouldDeny
    self.roles = roles
    self.factor = factor
    self.code = code
  }
}

/// A time in which two policies decide differently, in one and the same way.
public struct DecisionChange: Hashable, Sendable {
  /// When it begins; nil if it begins at the time of the comparison.
  public let since: Instant?
  /// Its end, exclusive; nil if nothing in the policies ends it.
  public internal(set) var until: Instant?
  /// What the old policy decides.
  public let old: DecisionOutcome
  /// What the new policy decides.
  public let new: DecisionOutcome
}

/// Origins for which two policies differ alike at all times.
public struct Difference: Hashable, Sendable {
  /// The addresses; may be none.
  public let addresses: AddressSet
  /// Whether it is so for a login from the machine itself.
  public let isMachine: Bool
  /// Whether it is so for a local login.
  public let isLocal: Bool
  /// Whether it is so for a login without an address by a program that serves the network.
  public let lacksAddress: Bool
  /// Whether it is so for any other unknown origin.
  public let isUnknown: Bool
  /// How they differ, in order of time; never empty.
  public let changes: [DecisionChange]
}

extension Difference: Comparable {
  /// Orders those of one comparison by their first addresses, and those without any last.
  public static func < (left: Difference, right: Difference) -> Bool {
    if left.addresses.isEmpty != right.addresses.isEmpty { return right.addresses.isEmpty }
    if left.addresses.isEmpty { return left.firstKind < right.firstKind }
    return left.addresses.precedes(right.addresses)
  }

  /// The first of the kinds of origin without addresses.
  private var firstKind: Int {
    [isMachine, isLocal, lacksAddress, isUnknown].firstIndex(of: true) ?? 4
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
  /// By service; empty if the policies do not differ.
  public let parts: [Part]
}

/// For whom two policies are compared.
public enum Subject: Hashable, Sendable {
  /// A user, in those of the groups that a policy names.
  case user(Name, groups: Set<Name>)
  /// Any user whom neither policy names, and who is in exactly these of the groups that they name.
  ///
  /// The policies decide the same for all of them.
  case members(of: Set<Name>)

  /// Any user whom neither policy names, nor a group of theirs.
  public static let everyoneElse = Subject.members(of: [])

  /// The groups that count.
  public var groups: Set<Name> {
    switch self {
    case .user(_, let groups), .members(let groups): groups
    }
  }
}

/// The services for which something holds.
public struct ServiceScope: Hashable, Sendable {
  /// The services that a policy names for which it holds, sorted.
  public let named: [Name]
  /// The services that a policy names for which it does not hold, sorted.
  public let excluded: [Name]
  /// Whether it holds for the console, the display managers and the screen lockers that no policy
  /// names.
  public let includesConsoles: Bool
  /// Whether it holds for every other service that no policy names.
  public let includesOthers: Bool
}
