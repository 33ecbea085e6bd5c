import GatehouseIdentity
import GatehousePolicy

/// What must be read of a user for one generation of the policy.
struct IdentityScope: Sendable {
  /// The generation's number.
  let number: Int
  /// The groups that its policy names.
  let groups: Set<Name>
  /// How old a reading may be that serves while the directory is away.
  let maxAge: Duration
}

/// The good readings of users, by the name that was asked about.
///
/// Bad readings never come in here, so none can replace a good one. Time is passed in.
struct IdentityCache {
  /// How long a reading is used without another look.
  static let freshFor = Duration.seconds(60)
  /// From which age on a reading is to be replaced ahead of its end.
  ///
  /// That leaves as much time again to notice such readings, and for the directory to answer.
  static let ageingFrom = Duration.seconds(30)
  /// How long a user is read ahead after they have asked.
  ///
  /// A person at work, or a program that logs in every five minutes, does
  /// so within that time. For all others a directory would be asked in vain.
  static let aheadFor = Duration.seconds(600)

  private struct Entry {
    /// The name that was asked about.
    let user: Name
    let identity: UserIdentity
    let readAt: ContinuousClock.Instant
    /// When its user last asked; nil if only an administrator has asked about them.
    var askedAt: ContinuousClock.Instant?
  }

  /// How many entries are looked at for one to drop: a full cache costs a newcomer no more than that.
  private static let searched = 64

  private var entries: [Entry] = []
  /// Where in `entries` each user is.
  private var places: [Name: Int] = [:]
  /// Where the next search for an entry to drop begins.
  private var nextSearch = 0
  private var staleBefore: ContinuousClock.Instant?
  private let bound: Int

  /// A cache of at most this many users, at least one.
  init(bound: Int = 10_000) { self.bound = bound }

  /// How many users' readings are kept.
  var count: Int { entries.count }

  /// A reading that needs no other look, for a user who asks; from then on they are read ahead.
  mutating func ask(
    _ user: Name, covering groups: Set<Name>, at now: ContinuousClock.Instant
  ) -> UserIdentity? {
    guard let place = places[user] else { return nil }
    entries[place].askedAt = now
    return fresh(entries[place], covering: groups, at: now)
  }

  /// The same for somebody who asks about a user.
  func fresh(_ user: Name, covering groups: Set<Name>, at now: ContinuousClock.Instant)
    -> UserIdentity?
  {
    places[user].flatMap { fresh(entries[$0], covering: groups, at: now) }
  }

  private func fresh(
    _ entry: Entry, covering groups: Set<Name>, at now: ContinuousClock.Instant
  ) -> UserIdentity? {
    // The groups last: after a reload they may have to be looked at one by one.
    guard isYounger(entry, than: Self.freshFor, at: now), covers(entry, groups) else { return nil }
    return entry.identity
  }

  /// Those who have asked lately and whose readings are ageing; nil if nobody has asked lately.
  ///
  /// Looks at every entry, which takes less than a millisecond for the 10,000 of a full cache.
  func ageing(at now: ContinuousClock.Instant) -> [Name]? {
    var isAnybody = false
    var ageing: [Name] = []
    for place in entries.indices where hasAskedLately(entries[place], at: now) {
      isAnybody = true
      if !isYounger(entries[place], than: Self.ageingFrom, at: now) {
        ageing.append(entries[place].user)
      }
    }
    return isAnybody ? ageing : nil
  }

  /// Whether a user has asked lately and their reading is ageing.
  func isAgeing(_ user: Name, at now: ContinuousClock.Instant) -> Bool {
    guard let entry = places[user].map({ entries[$0] }) else { return false }
    return hasAskedLately(entry, at: now) && !isYounger(entry, than: Self.ageingFrom, at: now)
  }

  /// A reading to fall back on while a newer one cannot be had.
  func fallback(_ user: Name, for scope: IdentityScope, at now: ContinuousClock.Instant)
    -> UserIdentity?
  {
    guard let entry = places[user].map({ entries[$0] }),
      now - entry.readAt < scope.maxAge, covers(entry, scope.groups)
    else { return nil }
    return entry.identity
  }

  /// Keeps a good reading that was begun at `readAt`, unless a newer one is here; `isAsked` says
  /// whether the user asked then.
  mutating func keep(
    _ identity: UserIdentity, of user: Name, readAt: ContinuousClock.Instant, isAsked: Bool
  ) {
    let known = places[user]
    if let known, entries[known].readAt > readAt { return }
    let entry = Entry(
      user: user, identity: identity, readAt: readAt,
      askedAt: known.flatMap { entries[$0].askedAt } ?? (isAsked ? readAt : nil))
    if let known {
      entries[known] = entry
    } else if entries.count < bound {
      places[user] = entries.count
      entries.append(entry)
    } else {
      let place = oldest()
      places[entries[place].user] = nil
      places[user] = place
      entries[place] = entry
    }
  }

  /// From here on every reading begun before now wants another look; as a fallback it stays.
  mutating func makeStale(at now: ContinuousClock.Instant) { staleBefore = now }

  /// False if it was made stale.
  private func isYounger(
    _ entry: Entry, than age: Duration, at now: ContinuousClock.Instant
  ) -> Bool {
    if let staleBefore, entry.readAt < staleBefore { return false }
    return now - entry.readAt < age
  }

  private func hasAskedLately(_ entry: Entry, at now: ContinuousClock.Instant) -> Bool {
    entry.askedAt.map { now - $0 < Self.aheadFor } ?? false
  }

  private func covers(_ entry: Entry, _ groups: Set<Name>) -> Bool {
    // Nearly always they are one and the same set, which is told without a look at its elements.
    groups == entry.identity.askedGroups || groups.isSubset(of: entry.identity.askedGroups)
  }

  /// Where the oldest reading is of those that this search looks at.
  private mutating func oldest() -> Int {
    var oldest = nextSearch
    for _ in 0..<min(Self.searched, entries.count) {
      if entries[nextSearch].readAt < entries[oldest].readAt { oldest = nextSearch }
      nextSearch = (nextSearch + 1) % entries.count
    }
    return oldest
  }
}
