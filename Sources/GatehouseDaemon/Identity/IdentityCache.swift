import GatehouseIdentity
import GatehousePolicy

/// What must be read of a user for one generation of the policy.
struct IdentityScope: Sendable {
  /// The generation's number.
  let number: Int
  /// The groups that its policy names.
  let groups: Set<Name>
  /// How old a reading may be that serves while the directory is away.
  let maxAge: Microseconds
}

/// The good readings of users, by the name that was asked about.
///
/// Bad readings never come in here, so none can replace a good one. Time is passed in.
struct IdentityCache {
  /// How long a reading is used without another look.
  static let freshFor = Microseconds(seconds: 60)

  private struct Entry {
    let identity: Identity
    let readAt: MonotonicTime
  }

  private var entries: [Name: Entry] = [:]
  private var staleUntil: MonotonicTime?
  private let bound: Int

  /// A cache of at most so many users.
  init(bound: Int = 10_000) { self.bound = bound }

  /// How many users' readings are kept.
  var count: Int { entries.count }

  /// A reading that needs no other look, and whether it is time to read ahead of its end.
  func fresh(
    _ user: Name, covering groups: Set<Name>, at now: MonotonicTime
  ) -> (identity: Identity, isAgeing: Bool)? {
    guard let entry = entries[user], covers(entry, groups) else { return nil }
    if let staleUntil, entry.readAt <= staleUntil { return nil }
    let age = now.since(entry.readAt)
    guard age < Self.freshFor else { return nil }
    return (entry.identity, age.count > Self.freshFor.count / 2)
  }

  /// A reading to fall back on while a newer one cannot be had.
  func fallback(_ user: Name, for scope: IdentityScope, at now: MonotonicTime) -> Identity? {
    guard let entry = entries[user], covers(entry, scope.groups),
      now.since(entry.readAt) < scope.maxAge
    else { return nil }
    return entry.identity
  }

  /// Keeps a good reading that was begun at `readAt`, unless a newer one is here.
  mutating func keep(_ identity: Identity, of user: Name, readAt: MonotonicTime) {
    if let entry = entries[user] {
      guard entry.readAt <= readAt else { return }
    } else if entries.count >= bound {
      dropOldest()
    }
    entries[user] = Entry(identity: identity, readAt: readAt)
  }

  /// From here on every reading begun until now wants another look; as a fallback it stays.
  mutating func makeStale(at now: MonotonicTime) { staleUntil = now }

  private func covers(_ entry: Entry, _ groups: Set<Name>) -> Bool {
    // Nearly always they are one and the same set, which is told without a look at its elements.
    groups == entry.identity.askedGroups || groups.isSubset(of: entry.identity.askedGroups)
  }

  /// Makes room for many at once, so that a full cache is not searched for each newcomer.
  private mutating func dropOldest() {
    let times = entries.values.map(\.readAt).sorted()
    let cut = times[times.count / 8]
    entries = entries.filter { $0.value.readAt > cut }
  }
}
