/// Logins that a policy decides differently from before, counted by who and from where.
///
/// Its size is bounded: once it has `bound` kinds, logins of other kinds are only counted as
/// `unlisted`.
public struct LoginChanges: Codable, Sendable {
  /// Logins that differ only in their time.
  public struct LoginKind: Hashable, Codable, Sendable {
    /// The user.
    public let user: Name
    /// The PAM service.
    public let service: Name
    /// The role that was asked for; nil if none was.
    public let role: Name?
    /// Where the user came from.
    public let origin: Origin
    /// What becomes of their access.
    public let change: AccessChange
    /// Why the new policy decides as it does.
    public let reason: Reason
    /// The rule of the new policy, `file:line`; nil if no rule decided.
    public let rule: String?

    /// A kind of login with all its parts.
    public init(
      user: Name, service: Name, role: Name?, origin: Origin, change: AccessChange,
      reason: Reason, rule: String?
    ) {
      self.user = user
      self.service = service
      self.role = role
      self.origin = origin
      self.change = change
      self.reason = reason
      self.rule = rule
    }
  }

  /// How often, and when.
  public struct Count: Hashable, Codable, Sendable {
    /// How many logins.
    public var logins: Int
    /// When the first was.
    public var first: Instant
    /// When the last was.
    public var last: Instant

    /// A count of some logins.
    public init(logins: Int, first: Instant, last: Instant) {
      self.logins = logins
      self.first = first
      self.last = last
    }
  }

  /// What was decided differently.
  public private(set) var counts: [LoginKind: Count]
  /// How many logins were judged.
  public private(set) var judged: Int
  /// How many were not, because the groups of the user could not be read or too many came at once.
  public private(set) var unjudged: Int
  /// How many were decided differently and are not in `counts`, because there were too many kinds.
  public private(set) var unlisted: Int
  private let bound: Int

  /// Counts that continue those given, with at most `bound` kinds.
  public init(
    counts: [LoginKind: Count] = [:], judged: Int = 0, unjudged: Int = 0, unlisted: Int = 0,
    bound: Int
  ) {
    self.counts = counts
    self.judged = judged
    self.unjudged = unjudged
    self.unlisted = unlisted
    self.bound = bound
  }

  /// Whether any login was decided differently.
  public var isEmpty: Bool { counts.isEmpty && unlisted == 0 }

  /// When the last login was decided differently; nil if none was.
  ///
  /// One in none of the counts does not count.
  public var last: Instant? { counts.values.map(\.last).max() }

  /// How many logins were decided differently.
  public var differing: Int {
    counts.values.reduce(unlisted) { sum, count in
      let (more, isBeyond) = sum.addingReportingOverflow(count.logins)
      return isBeyond ? .max : more
    }
  }

  /// Counts a login that nobody judges.
  public mutating func skip() { unjudged += 1 }

  /// Counts a login.
  ///
  /// - Parameters:
  ///   - login: The question.
  ///   - old: What was answered.
  ///   - new: What the other policy decides.
  ///   - time: When the login was.
  /// - Returns: What changes for the user; nil if nothing does, or if it cannot be judged.
  @discardableResult
  public mutating func count(
    _ login: Login, was old: DecisionOutcome, is new: Decision, at time: Instant
  ) -> AccessChange? {
    guard new.reason != .identityUnavailable else {
      unjudged += 1
      return nil
    }
    judged += 1
    guard let change = AccessChange(from: old, to: DecisionOutcome(new)) else { return nil }
    let kind = LoginKind(
      user: login.user, service: login.service, role: login.role, origin: login.origin,
      change: change, reason: new.reason, rule: new.rule?.fileAndLine)
    if var count = counts[kind] {
      count.logins += 1
      count.first = min(count.first, time)
      count.last = max(count.last, time)
      counts[kind] = count
    } else if counts.count < bound {
      counts[kind] = Count(logins: 1, first: time, last: time)
    } else {
      unlisted += 1
    }
    return change
  }
}

extension LoginChanges {
  /// What a login was answered, and what the other policy decides.
  public typealias Outcomes = (old: DecisionOutcome, new: Decision)

  /// The same logins, judged again because one of both policies is another one now.
  ///
  /// - Parameters:
  ///   - others: Logins that were counted, and did not differ until now.
  ///   - outcomes: What becomes of a login now; nil if that is not known, so that it stays as it was.
  /// - Returns: Counts of as many judged logins.
  public func judgedAgain(
    _ others: [(login: LoginKind, count: Count)] = [], _ outcomes: (LoginKind) -> Outcomes?
  ) -> LoginChanges {
    var result = LoginChanges(
      judged: judged, unjudged: unjudged, unlisted: unlisted, bound: bound)
    for (kind, count) in counts { result.add(outcomes(kind).map { kind.now($0) } ?? kind, count) }
    for (kind, count) in others {
      if let outcomes = outcomes(kind) { result.add(kind.now(outcomes), count) }
    }
    return result
  }

  /// Takes up the counts of other logins.
  public mutating func take(_ others: LoginChanges) {
    judged += others.judged
    unjudged += others.unjudged
    unlisted += others.unlisted
    for (kind, count) in others.counts { add(kind, count) }
  }

  private mutating func add(_ kind: LoginKind?, _ more: Count) {
    guard let kind else { return }
    if var count = counts[kind] {
      let (logins, isBeyond) = count.logins.addingReportingOverflow(more.logins)
      count.logins = isBeyond ? .max : logins
      count.first = min(count.first, more.first)
      count.last = max(count.last, more.last)
      counts[kind] = count
    } else if counts.count < bound {
      counts[kind] = more
    } else {
      unlisted += more.logins
    }
  }
}

extension LoginChanges.LoginKind {
  /// The kind of the same logins with other outcomes; nil if they do not differ.
  fileprivate func now(_ outcomes: LoginChanges.Outcomes) -> Self? {
    let new = outcomes.new
    guard let change = AccessChange(from: outcomes.old, to: DecisionOutcome(new)) else {
      return nil
    }
    return Self(
      user: user, service: service, role: role, origin: origin, change: change, reason: new.reason,
      rule: new.rule?.fileAndLine)
  }
}

/// What becomes of a login where one outcome takes another's kind.
public enum AccessChange: String, CaseIterable, Comparable, Codable, Sendable {
  /// Let in before, refused now.
  case loses
  /// Refused before, let in now.
  case gains
  /// Let in by monitor mode alone now.
  case wouldLose = "would_lose"
  /// Let in by monitor mode alone before.
  case wouldGain = "would_gain"

  /// Nil if both let the user in, or both refuse.
  public init?(from old: DecisionOutcome, to new: DecisionOutcome) {
    switch (old.verdict, new.verdict) {
    case (.deny, .deny): return nil
    case (_, .deny): self = .loses
    case (.deny, _): self = .gains
    case _ where old.wouldDeny != new.wouldDeny: self = new.wouldDeny ? .wouldLose : .wouldGain
    default: return nil
    }
  }

  /// Orders as they are declared: what is worst comes first.
  public static func < (left: AccessChange, right: AccessChange) -> Bool {
    left.order < right.order
  }

  private var order: Int {
    switch self {
    case .loses: 0
    case .gains: 1
    case .wouldLose: 2
    case .wouldGain: 3
    }
  }
}
