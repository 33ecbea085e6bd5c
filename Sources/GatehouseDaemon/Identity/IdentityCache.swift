import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// What must be read of a user for one generation of the policy.
struct IdentityScope: Sendable {
  /// The generation's number.
  let number: Int
  /// The groups that its policy names.
  let groups: Set<Name>
  /// How old an answer may be that serves if the directory does not give a newer one.
  let maxAge: Duration
}

/// What is known of users, by the name that was asked about.
///
/// A reading replaces the older one, but for what it does not know: of that the older answer stays, with
/// its age. Time is passed in.
struct IdentityCache {
  /// How long a reading is used before the directory is asked again; logins that come together share one.
  static let freshFor = Duration.seconds(5)

  /// What is known of a user.
  struct Entry: Sendable {
    /// The name that was asked about.
    let user: Name
    /// The newest reading, with the older answers of groups that it does not know.
    let identity: UserIdentity
    /// When the newest reading was begun.
    let readAt: Uptime
    /// When the directory last had the user; nil if it never did.
    let knownAt: Uptime?
    /// The groups whose answer is older than the newest reading, and when that was read.
    let older: [Name: Uptime]

    /// When the answer of a group was read.
    func time(of group: Name) -> Uptime { older[group] ?? readAt }
  }

  /// The most entries that are compared to find one to drop, if the cache is full.
  private static let searched = 64
  /// The most groups of which it is remembered that they were there.
  private static let groupLimit = 65_536

  private var entries: [Entry] = []
  /// The index in `entries` of each user.
  private var places: [Name: Int] = [:]
  /// When the directory last had a group.
  private var groupsSeen: [Name: Uptime] = [:]
  /// The index at which the next search for an entry to drop begins.
  private var nextSearch = 0
  private var staleBefore: Uptime?
  private let bound: Int

  /// A cache of at most this many users, at least one.
  init(bound: Int = 10_000) { self.bound = bound }

  /// The number of users of whom something is known.
  var count: Int { entries.count }

  // MARK: Asking

  /// A reading that is new enough to need no other, and knows everything.
  func fresh(_ user: Name, covering groups: Set<Name>, at now: Uptime) -> UserIdentity? {
    guard let place = places[user], isFresh(entries[place].readAt, at: now),
      entries[place].older.isEmpty, entries[place].identity.isSure,
      // The groups last: after a reload they may have to be looked at one by one.
      groups == entries[place].identity.askedGroups
        || groups.isSubset(of: entries[place].identity.askedGroups)
    else { return nil }
    return entries[place].identity
  }

  /// An answer about a group serves a look at a user that begins now, if it is from no earlier look-up.
  func groupsSince(at now: Uptime) -> Uptime {
    let since = now + (.zero - Self.freshFor)
    return staleBefore.map { max($0, since) } ?? since
  }

  private func isFresh(_ readAt: Uptime, at now: Uptime) -> Bool {
    if let staleBefore, readAt < staleBefore { return false }
    return now - readAt < Self.freshFor
  }

  /// What is known of a user, as far as it is young enough; nil if nothing is.
  func identity(_ user: Name, for scope: IdentityScope, at now: Uptime) -> UserIdentity? {
    guard let entry = places[user].map({ entries[$0] }) else { return nil }
    let identity = entry.identity
    func isYoung(_ time: Uptime) -> Bool { now - time < scope.maxAge }
    guard let knownAt = entry.knownAt, let userID = identity.userID else {
      guard isYoung(entry.readAt) else { return nil }
      return UserIdentity(
        absent: user, isCertain: identity.isCertainlyAbsent, askedGroups: scope.groups)
    }
    guard isYoung(knownAt) else { return nil }
    if entry.older.isEmpty, identity.askedGroups == scope.groups, isYoung(entry.readAt) {
      return identity
    }
    let unsure = scope.groups.filter {
      !identity.askedGroups.contains($0) || identity.unsureGroups.contains($0)
        || !isYoung(entry.time(of: $0))
    }
    return UserIdentity(
      name: identity.name, userID: userID,
      groups: identity.groups.intersection(scope.groups).subtracting(unsure), unsureGroups: unsure,
      askedGroups: scope.groups, source: identity.source)
  }

  /// When the oldest answer was read that counts of a user; nil if none does.
  func oldestAnswer(of user: Name, for scope: IdentityScope, at now: Uptime) -> Uptime? {
    guard let place = places[user], let identity = identity(user, for: scope, at: now),
      identity.isKnown
    else { return nil }
    return scope.groups.subtracting(identity.unsureGroups)
      .reduce(entries[place].readAt) { min($0, entries[place].time(of: $1)) }
  }

  // MARK: Over a restart

  /// What is known, to be kept.
  var known: KnownUsers { KnownUsers(entries: entries, groupsSeen: groupsSeen) }

  /// Takes up what was kept; it serves only where a new reading fails.
  mutating func restore(_ known: KnownUsers) {
    for entry in known.entries where places[entry.user] == nil && entries.count < bound {
      put(entry)
    }
    groupsSeen.merge(known.groupsSeen) { own, _ in own }
    makeStale(at: known.uptime)
  }

  // MARK: Keeping

  /// Keeps a reading that was begun at `readAt`, unless a newer one is here.
  ///
  /// - Parameters:
  ///   - reading: What was read.
  ///   - user: The name that was asked about.
  ///   - readAt: When the reading was begun.
  ///   - maxAge: How old an answer may be that stays where the reading has none.
  ///   - isProved: Whether a list of groups that came short would have been an error.
  ///   - isBelieved: Whether nothing is held against it that was known before.
  mutating func keep(
    _ reading: UserIdentity, of user: Name, readAt: Uptime, maxAge: Duration, isProved: Bool,
    isBelieved: Bool = false
  ) {
    let known = places[user]
    if let known, entries[known].readAt > readAt { return }
    let before = isBelieved ? nil : known.map { entries[$0] }
    let entry = entry(
      of: user, reading, readAt: readAt, after: before, maxAge: maxAge,
      isProved: isProved, isBelieved: isBelieved)
    note(reading, at: readAt)
    put(entry)
  }

  private func entry(
    of user: Name, _ reading: UserIdentity, readAt: Uptime, after before: Entry?,
    maxAge: Duration, isProved: Bool, isBelieved: Bool
  ) -> Entry {
    guard let userID = reading.userID else {
      guard !reading.isCertainlyAbsent, let before, let knownAt = before.knownAt,
        readAt - knownAt < maxAge
      else { return Entry(user: user, identity: reading, readAt: readAt, knownAt: nil, older: [:]) }
      // The user was there a while ago: a service that is away knows nobody whom it has not cached.
      var older = before.older
      for group in before.identity.askedGroups { older[group] = before.time(of: group) }
      return Entry(
        user: user, identity: before.identity, readAt: readAt, knownAt: knownAt, older: older)
    }
    var unsure = reading.unsureGroups
    for group in reading.missingGroups {
      if !isBelieved, let seen = groupsSeen[group], readAt - seen < maxAge { unsure.insert(group) }
    }
    let held = before.map { before in
      before.identity.groups.filter { readAt - before.time(of: $0) < maxAge }
    }
    if !isProved, let held, held.count > 1, held.isDisjoint(with: reading.groups.union(unsure)) {
      // Nobody loses all groups at once; a list that came short looks just like that.
      unsure.formUnion(held.intersection(reading.askedGroups))
    }
    var groups = reading.groups.subtracting(unsure)
    var older: [Name: Uptime] = [:]
    if let before {
      for group in unsure where before.identity.askedGroups.contains(group) {
        guard !before.identity.unsureGroups.contains(group) else { continue }
        older[group] = before.time(of: group)
        if before.identity.groups.contains(group) { groups.insert(group) }
      }
    }
    let identity = UserIdentity(
      name: reading.name, userID: userID, groups: groups,
      unsureGroups: unsure.filter { older[$0] == nil }, askedGroups: reading.askedGroups,
      source: reading.source)
    return Entry(user: user, identity: identity, readAt: readAt, knownAt: readAt, older: older)
  }

  /// Remembers which groups were there.
  private mutating func note(_ reading: UserIdentity, at time: Uptime) {
    guard reading.isKnown else { return }
    for group in reading.askedGroups
    where !reading.unsureGroups.contains(group) && !reading.missingGroups.contains(group) {
      if groupsSeen.count < Self.groupLimit || groupsSeen[group] != nil { groupsSeen[group] = time }
    }
  }

  private mutating func put(_ entry: Entry) {
    if let known = places[entry.user] {
      entries[known] = entry
    } else if entries.count < bound {
      places[entry.user] = entries.count
      entries.append(entry)
    } else {
      let place = oldest()
      places[entries[place].user] = nil
      places[entry.user] = place
      entries[place] = entry
    }
  }

  /// Makes every reading that was begun before now stale: it is only used if a new one fails.
  mutating func makeStale(at now: Uptime) { staleBefore = now }

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
