import GatehouseIdentity
import GatehousePlatform
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

/// The cached readings of users, by the name that was asked about.
///
/// Failed readings are not stored, so none can replace a good one. Time is passed in.
struct IdentityCache {
  /// How long a reading is used before it is made again.
  static let freshFor = Duration.seconds(60)
  /// The age from which a reading is renewed before it ends.
  ///
  /// That leaves as much time again to notice such readings, and for the directory to answer.
  static let ageingFrom = Duration.seconds(30)
  /// How long the readings of a user are renewed after their last login.
  ///
  /// A person at work, or a program that logs in every five minutes, logs in again within that time.
  /// For all others the directory would be asked in vain.
  static let aheadFor = Duration.seconds(600)

  private struct Entry {
    /// The name that was asked about.
    let user: Name
    let identity: UserIdentity
    let readAt: Uptime
    /// When its user last asked; nil if only an administrator has asked about them.
    var askedAt: Uptime?
  }

  /// The most entries that are compared to find one to drop, if the cache is full.
  private static let searched = 64

  private var entries: [Entry] = []
  /// The index in `entries` of each user.
  private var places: [Name: Int] = [:]
  /// The index at which the next search for an entry to drop begins.
  private var nextSearch = 0
  private var staleBefore: Uptime?
  private let bound: Int

  /// A cache of at most this many users, at least one.
  init(bound: Int = 10_000) { self.bound = bound }

  /// The number of users whose readings are kept.
  var count: Int { entries.count }

  /// A reading that is still fresh, for a user who logs in; their readings are renewed from then on.
  mutating func ask(
    _ user: Name, covering groups: Set<Name>, at now: Uptime
  ) -> UserIdentity? {
    guard let place = places[user] else { return nil }
    entries[place].askedAt = now
    return fresh(at: place, covering: groups, at: now)
  }

  /// The same for somebody else who asks about the user.
  func fresh(_ user: Name, covering groups: Set<Name>, at now: Uptime)
    -> UserIdentity?
  {
    places[user].flatMap { fresh(at: $0, covering: groups, at: now) }
  }

  private func fresh(
    at place: Int, covering groups: Set<Name>, at now: Uptime
  ) -> UserIdentity? {
    // The groups last: after a reload they may have to be looked at one by one.
    guard isYounger(entries[place].readAt, than: Self.freshFor, at: now),
      covers(entries[place].identity, groups)
    else { return nil }
    return entries[place].identity
  }

  /// Users who have logged in lately and whose readings are ageing; nil if nobody has logged in
  /// lately.
  ///
  /// Looks at every entry, which takes less than a millisecond for the 10,000 of a full cache.
  func ageing(at now: Uptime) -> [Name]? {
    var isAnybody = false
    var ageing: [Name] = []
    for place in entries.indices where hasAskedLately(entries[place], at: now) {
      isAnybody = true
      if !isYounger(entries[place].readAt, than: Self.ageingFrom, at: now) {
        ageing.append(entries[place].user)
      }
    }
    return isAnybody ? ageing : nil
  }

  /// Whether a user has logged in lately and their reading is ageing.
  func isAgeing(_ user: Name, at now: Uptime) -> Bool {
    guard let entry = places[user].map({ entries[$0] }) else { return false }
    return hasAskedLately(entry, at: now)
      && !isYounger(entry.readAt, than: Self.ageingFrom, at: now)
  }

  /// An older reading, for when a new one fails.
  func fallback(_ user: Name, for scope: IdentityScope, at now: Uptime)
    -> UserIdentity?
  {
    guard let entry = places[user].map({ entries[$0] }),
      now - entry.readAt < scope.maxAge, covers(entry.identity, scope.groups)
    else { return nil }
    return entry.identity
  }

  /// Keeps a good reading that was begun at `readAt`, unless a newer one is here; `isAsked` says
  /// whether the user asked then.
  mutating func keep(
    _ identity: UserIdentity, of user: Name, readAt: Uptime, isAsked: Bool
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

  /// Makes every reading that was begun before now stale: it is only used if a new one fails.
  mutating func makeStale(at now: Uptime) { staleBefore = now }

  /// Whether a reading of a time is younger than this; false if it was made stale.
  private func isYounger(_ readAt: Uptime, than age: Duration, at now: Uptime) -> Bool {
    if let staleBefore, readAt < staleBefore { return false }
    return now - readAt < age
  }

  private func hasAskedLately(_ entry: Entry, at now: Uptime) -> Bool {
    entry.askedAt.map { now - $0 < Self.aheadFor } ?? false
  }

  private func covers(_ identity: UserIdentity, _ groups: Set<Name>) -> Bool {
    // Nearly always they are the same set, and comparing it does not look at its elements.
    groups == identity.askedGroups || groups.isSubset(of: identity.askedGroups)
  }

  /// The index of the oldest reading among those that this search compares.
  private mutating func oldest() -> Int {
    var oldest = nextSearch
    for _ in 0..<min(Self.searched, entries.count) {
      if entries[nextSearch].readAt < entries[oldest].readAt { oldest = nextSearch }
      nextSearch = (nextSearch + 1) % entries.count
    }
    return oldest
  }
}
