import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseState

extension KeptState {
  /// What is known of users, so that it serves on if the daemon is restarted while a directory is away.
  ///
  /// A user's answers are kept with the age of the oldest one, so none of them serves longer than it may.
  static let identities = StateKind<KnownUsers>(
    "identities", version: 1,
    .record(
      "identities", .list("groups", of: group, atMost: KnownUsers.groupLimit),
      .list("users", of: user, atMost: KnownUsers.userLimit),
      make: { KnownUsers(KnownUsers.Kept(groups: $0, users: $1)) },
      take: {
        let kept = KnownUsers.Kept($0)
        return (kept.groups, kept.users)
      }))

  private static let group = Layout<KnownUsers.Kept.Group>.record(
    "group", .name("name", atMost: KnownUsers.groupNameLimit), .optional(.instant("seen")),
    make: { KnownUsers.Kept.Group(name: $0, seen: $1) }, take: { ($0.name, $0.seen) })

  private static let user = Layout<KnownUsers.Kept.User>.record(
    "user", .user, .name("name", atMost: 1024), .count("number", upTo: Int(UInt32.max)),
    .instant("read"), .bytes("known groups", atMost: GroupBits.byteLimit),
    .bytes("groups", atMost: GroupBits.byteLimit),
    make: { user, name, number, time, known, groups in
      KnownUsers.Kept.User(
        user: user, name: name, number: UInt32(clamping: number), time: time,
        known: GroupBits(bytes: known), groups: GroupBits(bytes: groups))
    },
    take: { ($0.user, $0.name, Int($0.number), $0.time, $0.known.bytes, $0.groups.bytes) })
}

/// What is known of users at one moment.
struct KnownUsers: Sendable {
  /// The most users that are kept.
  static let userLimit = 10_000
  /// The most groups that are kept.
  static let groupLimit = 4096
  /// The most bytes that the name of such a group has.
  static let groupNameLimit = 1024

  let entries: [IdentityCache.Entry]
  /// When the directory last had a group.
  let groupsSeen: [Name: Uptime]
  /// The moment, by both clocks.
  let now: Instant
  let uptime: Uptime

  /// What is known at this moment.
  init(
    entries: [IdentityCache.Entry], groupsSeen: [Name: Uptime], now: Instant = .now(),
    uptime: Uptime = .now
  ) {
    self.entries = entries
    self.groupsSeen = groupsSeen
    self.now = now
    self.uptime = uptime
  }

  /// The same as it is written: groups by their numbers, times by the clock.
  struct Kept {
    struct Group {
      let name: Name
      let seen: Instant?
    }
    struct User {
      let user: Name
      let name: Name
      let number: UInt32
      let time: Instant
      let known: GroupBits
      let groups: GroupBits
    }

    let groups: [Group]
    let users: [User]
  }
}

extension KnownUsers.Kept {
  init(_ known: KnownUsers) {
    func instant(_ time: Uptime) -> Instant { known.now + (time - known.uptime) }
    var names = Set(known.groupsSeen.keys)
    for entry in known.entries { names.formUnion(entry.identity.askedGroups) }
    let kept = names.filter { $0.bytes.count <= KnownUsers.groupNameLimit }.sorted()
      .prefix(KnownUsers.groupLimit)
    groups = kept.map { Group(name: $0, seen: known.groupsSeen[$0].map(instant)) }
    let numbers = Dictionary(
      kept.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    users = known.entries.prefix(KnownUsers.userLimit).compactMap { entry in
      let identity = entry.identity
      guard let number = identity.userID, let knownAt = entry.knownAt,
        max(entry.user.bytes.count, identity.name.bytes.count) <= 1024
      else { return nil }
      let answered = identity.askedGroups.subtracting(identity.unsureGroups)
      let oldest = answered.reduce(knownAt) { min($0, entry.time(of: $1)) }
      return User(
        user: entry.user, name: identity.name, number: number, time: instant(oldest),
        known: GroupBits(answered.compactMap { numbers[$0] }),
        groups: GroupBits(identity.groups.compactMap { numbers[$0] }))
    }
  }
}

extension KnownUsers {
  /// What was kept, as it is known now; times that lie ahead are not believed.
  init(_ kept: Kept) {
    let now = Instant.now()
    let uptime = Uptime.now
    func time(_ instant: Instant) -> Uptime? {
      instant <= now ? uptime + .microseconds(instant.microseconds - now.microseconds) : nil
    }
    self.init(
      entries: kept.users.compactMap { user in
        guard let time = time(user.time) else { return nil }
        func names(_ bits: GroupBits) -> Set<Name> {
          Set(bits.numbers(upTo: kept.groups.count).map { kept.groups[$0].name })
        }
        let known = names(user.known)
        return IdentityCache.Entry(
          user: user.user,
          identity: UserIdentity(
            name: user.name, userID: user.number, groups: names(user.groups).intersection(known),
            askedGroups: known),
          readAt: time, knownAt: time, older: [:])
      },
      groupsSeen: Dictionary(
        kept.groups.compactMap { group in
          group.seen.flatMap(time).map { (group.name, $0) }
        }, uniquingKeysWith: { first, _ in first }), now: now, uptime: uptime)
  }
}

/// A set of groups by their numbers, one bit for each.
struct GroupBits: Hashable, Sendable {
  static let byteLimit = KnownUsers.groupLimit / 8

  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Of numbers that are less than `KnownUsers.groupLimit`.
  init(_ numbers: [Int]) {
    var bytes = [UInt8](repeating: 0, count: (numbers.max() ?? -1) / 8 + 1)
    for number in numbers { bytes[number / 8] |= 1 << UInt8(number % 8) }
    self.bytes = numbers.isEmpty ? [] : bytes
  }

  /// The numbers that are less than a count.
  func numbers(upTo count: Int) -> [Int] {
    (0..<min(count, bytes.count * 8)).filter { bytes[$0 / 8] & 1 << UInt8($0 % 8) != 0 }
  }
}
