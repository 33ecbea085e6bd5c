/// Logins that come out differently by one policy than they did, counted by who and from where.
///
/// What it holds is bounded: a login that would need one place more is counted without one.
public struct LoginChanges: Codable, Sendable {
  /// Logins that are alike in all but their time.
  public struct Place: Hashable, Codable, Sendable {
    /// The user.
    public let user: Name
    /// The PAM service.
    public let service: Name
    /// The role that was asked for, where one was.
    public let role: Name?
    /// Where the user came from.
    public let origin: Origin
    /// What becomes of their access.
    public let change: AccessChange
    /// Why the new policy decides as it does.
    public let reason: Reason
    /// The rule of the new policy, `file:line`; nil where none decides.
    public let rule: String?

    /// A place with all its parts.
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

  /// What came out differently.
  public private(set) var places: [Place: Count]
  /// How many logins were judged.
  public private(set) var judged: Int
  /// How many were not, because the groups of the user could not be read or too many came at once.
  public private(set) var unjudged: Int
  /// How many came out differently and are in none of the places, for there were too many.
  public private(set) var unlisted: Int
  private let bound: Int

  /// Counts that go on from those given, with at most `bound` places.
  public init(
    places: [Place: Count] = [:], judged: Int = 0, unjudged: Int = 0, unlisted: Int = 0,
    bound: Int
  ) {
    self.places = places
    self.judged = judged
    self.unjudged = unjudged
    self.unlisted = unlisted
    self.bound = bound
  }

  /// Whether any login came out differently.
  public var isEmpty: Bool { places.isEmpty && unlisted == 0 }

  /// When the last login came out differently; nil where none did.
  ///
  /// One in none of the places does not count.
  public var last: Instant? { places.values.map(\.last).max() }

  /// How many logins came out differently.
  public var differing: Int { places.values.reduce(unlisted) { $0 + $1.logins } }

  /// Counts a login that nobody judges.
  public mutating func skip() { unjudged += 1 }

  /// Counts a login.
  ///
  /// - Parameters:
  ///   - login: The question.
  ///   - old: What was answered.
  ///   - new: What the other policy decides.
  ///   - time: When the login was.
  /// - Returns: What becomes of it; nil where that is what was, or nobody knows.
  @discardableResult
  public mutating func count(
    _ login: Login, was old: Outcome, is new: Decision, at time: Instant
  ) -> AccessChange? {
    guard new.reason != .identityUnavailable else {
      unjudged += 1
      return nil
    }
    judged += 1
    guard let change = AccessChange(from: old, to: Outcome(new)) else { return nil }
    let place = Place(
      user: login.user, service: login.service, role: login.role, origin: login.origin,
      change: change, reason: new.reason, rule: new.rule?.fileAndLine)
    if var count = places[place] {
      count.logins += 1
      count.first = min(count.first, time)
      count.last = max(count.last, time)
      places[place] = count
    } else if places.count < bound {
      places[place] = Count(logins: 1, first: time, last: time)
    } else {
      unlisted += 1
    }
    return change
  }
}
