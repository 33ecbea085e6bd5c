public import GatehousePolicy

/// What the guard says of a new policy in place of the one that serves.
public struct GuardVerdict: Hashable, Codable, Sendable {
  /// The most rows of `losing` and of `gaining`, and the most names in `unjudged`.
  public static let rowLimit = 200

  /// How many the new policy touches.
  public struct Count: Hashable, Codable, Sendable {
    /// Places of the record: a user, an origin and a service.
    public var places: Int
    /// Different users.
    public var users: Int

    /// So many places of so many users.
    public init(places: Int = 0, users: Int = 0) {
      self.places = places
      self.users = users
    }
  }

  /// What would be lost without which the machine might no longer be repaired.
  public var losses: [Lockout]
  /// Who would no longer be let in from where: everybody of the login record and of the open
  /// sessions, those of `losses` included; at most `rowLimit`.
  public var losing: [PlanRow]
  /// Who would newly be let in from where; at most `rowLimit`.
  public var gaining: [PlanRow]
  /// How many would no longer be let in.
  public var losingCount: Count
  /// How many would newly be let in.
  public var gainingCount: Count
  /// Whether later times were judged for a part of the record only, because it is too long.
  public var isPlanCut: Bool
  /// Until when the policies were judged; nil for the whole time, which is 14 days.
  ///
  /// It is earlier if the lists of one login change more often than the guard looks.
  public var judgedUntil: Instant?
  /// Who could not be judged, those who matter to the guard first; at most `rowLimit`.
  public var unjudged: [UnjudgedPerson]
  /// How many people could not be judged.
  public var unjudgedCount: Int
  /// How many people were judged whose loss would refuse the policy: the one who asks, and those who
  /// can repair the machine and have come to it.
  public var judgedCount: Int

  /// A verdict with all its parts.
  public init(
    losses: [Lockout] = [], losing: [PlanRow] = [], gaining: [PlanRow] = [],
    losingCount: Count = Count(), gainingCount: Count = Count(), isPlanCut: Bool = false,
    judgedUntil: Instant? = nil, unjudged: [UnjudgedPerson] = [], unjudgedCount: Int = 0,
    judgedCount: Int
  ) {
    self.losses = losses
    self.losing = losing
    self.gaining = gaining
    self.losingCount = losingCount
    self.gainingCount = gainingCount
    self.isPlanCut = isPlanCut
    self.judgedUntil = judgedUntil
    self.unjudged = unjudged
    self.unjudgedCount = unjudgedCount
    self.judgedCount = judgedCount
  }

  /// Whether it refuses the policy: somebody would lose what may not be lost.
  public var isObstacle: Bool { losses.contains(where: \.isObstacle) }

  /// Whether nobody could be judged whose loss would refuse the policy.
  public var isUnjudged: Bool { judgedCount == 0 }

  /// Whether somebody who matters could not be judged because the directory did not answer: the
  /// policy is to be judged again when it does.
  public var isWaiting: Bool { unjudged.contains { $0.matters && $0.why == .directory } }
}

/// A place of the login record that the new policy lets in, or no longer lets in.
public struct PlanRow: Hashable, Codable, Sendable {
  /// Who came from there.
  public var user: Name
  /// Where from.
  public var origin: Origin
  /// Whether the origin stands for its whole /64.
  public var isNetwork: Bool
  /// By which PAM service.
  public var service: Name
  /// The last login from there; nil for an open session that the record does not have.
  public var lastSeen: Instant?
  /// Why the new policy denies, or allows.
  public var reason: Reason
  /// Its rule; nil if no rule decides.
  public var rule: SourceLocation?
  /// From when on; nil for now.
  public var at: Instant?

  /// A row with all its parts.
  public init(
    user: Name, origin: Origin, isNetwork: Bool = false, service: Name, lastSeen: Instant?,
    reason: Reason, rule: SourceLocation?, at: Instant?
  ) {
    self.user = user
    self.origin = origin
    self.isNetwork = isNetwork
    self.service = service
    self.lastSeen = lastSeen
    self.reason = reason
    self.rule = rule
    self.at = at
  }
}

/// Somebody whom the guard could not judge.
public struct UnjudgedPerson: Hashable, Codable, Sendable {
  /// Why not.
  public enum Why: String, Codable, Sendable {
    /// The directory did not say who the user is, or in which groups.
    case directory
    /// The open session does not tell from which address it came.
    case session
    /// The open sessions, the PAM files or the login record could not be read.
    case scene
  }

  /// The user; nil if that is not known, or it is about everybody.
  public var user: Name?
  /// The id of the session; nil if it is not about one.
  public var session: String?
  /// Why.
  public var why: Why
  /// The error of the directory or of the system; nil if there is none.
  public var problem: String?
  /// Whether a loss of this user might refuse the policy.
  public var matters: Bool

  /// Somebody, and why they could not be judged.
  public init(user: Name?, session: String? = nil, why: Why, problem: String?, matters: Bool) {
    self.user = user
    self.session = session
    self.why = why
    self.problem = problem
    self.matters = matters
  }
}
