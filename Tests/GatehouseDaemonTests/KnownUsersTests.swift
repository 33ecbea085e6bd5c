import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import Testing

@testable import GatehouseDaemon

@Suite("What is known of users, over a restart")
struct KnownUsersTests {
  private let uptime = Uptime.now + .seconds(1_000_000)
  private let scope = IdentityScope(
    number: 1, groups: ["ops", "staff", "wheel"], maxAge: .seconds(86_400))

  private func entry(
    _ user: Name = "alice", groups: Set<Name> = ["staff"], unsure: Set<Name> = [],
    age: Int64 = 10, older: [Name: Int64] = [:]
  ) -> IdentityCache.Entry {
    let readAt = uptime + .seconds(-age)
    return IdentityCache.Entry(
      user: user,
      identity: UserIdentity(
        name: "alice", userID: 1000, groups: groups, unsureGroups: unsure,
        askedGroups: scope.groups),
      readAt: readAt, knownAt: readAt, older: older.mapValues { uptime + .seconds(-$0) })
  }

  /// What comes back of entries that were kept, so many seconds ago by the clock.
  private func restored(
    _ entries: [IdentityCache.Entry], seen: [Name: Uptime] = [:], after seconds: Int64 = 0
  ) throws -> KnownUsers {
    let known = KnownUsers(
      entries: entries, groupsSeen: seen, now: .now() - .seconds(seconds), uptime: uptime)
    return try KeptState.identities.decode(
      Array(try KeptState.identities.pieces(known).joined()))
  }

  private func identity(_ known: KnownUsers) -> UserIdentity? {
    var cache = IdentityCache()
    cache.restore(known)
    #expect(cache.fresh("alice", covering: [], at: known.uptime) == nil)
    return cache.identity("alice", for: scope, at: known.uptime)
  }

  @Test("Who the user is, and each group's answer")
  func answers() throws {
    let known = try restored([entry(groups: ["staff", "wheel"], unsure: ["ops"])])
    let found = try #require(identity(known))
    #expect(found.userID == 1000)
    #expect(found.groups == ["staff", "wheel"])
    #expect(found.unsureGroups == ["ops"])
  }

  @Test("With their age, which goes on while the daemon does not run")
  func age() throws {
    #expect(identity(try restored([entry()], after: 86_300)) != nil)
    #expect(identity(try restored([entry()], after: 86_400)) == nil)
  }

  @Test("With the age of the oldest of them")
  func oldest() throws {
    let entries = [entry(older: ["staff": 3600])]
    #expect(identity(try restored(entries, after: 86_400 - 3601 - 10)) != nil)
    #expect(identity(try restored(entries, after: 86_400 - 3600)) == nil)
  }

  @Test("A time that lies ahead, because the clock was set back, is not believed")
  func ahead() throws {
    #expect(identity(try restored([entry()], after: -3600)) == nil)
  }

  @Test("That a group was there")
  func groupsSeen() throws {
    let known = try restored([], seen: ["wheel": uptime + .seconds(-60)])
    var cache = IdentityCache()
    cache.restore(known)
    let reading = UserIdentity(
      name: "bob", userID: 1001, groups: [], askedGroups: scope.groups,
      missingGroups: ["wheel", "ops"])
    cache.keep(
      reading, of: "bob", readAt: known.uptime, maxAge: scope.maxAge, isProved: false)
    #expect(cache.identity("bob", for: scope, at: known.uptime)?.unsureGroups == ["wheel"])
  }

  @Test("Nobody who was not there, and no name that is too long")
  func leftOut() throws {
    let absent = IdentityCache.Entry(
      user: "eve", identity: UserIdentity(absent: "eve", isCertain: true, askedGroups: []),
      readAt: uptime, knownAt: nil, older: [:])
    let long = entry(Name(String(repeating: "x", count: 1025)))
    #expect(try restored([absent, long, entry()]).entries.map(\.user) == ["alice"])
  }

  @Test("As many as there is room for")
  func bounds() throws {
    let groups = Set((0..<5000).map { Name("group\($0)") })
    let identity = UserIdentity(name: "alice", userID: 1000, groups: groups, askedGroups: groups)
    let entries = (0..<10_100).map { number in
      IdentityCache.Entry(
        user: Name("user\(number)"),
        identity: number == 0
          ? identity : UserIdentity(name: "x", userID: 1, groups: [], askedGroups: []),
        readAt: uptime, knownAt: uptime, older: [:])
    }
    let known = try restored(entries)
    #expect(known.entries.count == KnownUsers.userLimit)
    #expect(known.entries[0].identity.groups.count == KnownUsers.groupLimit)
    #expect(known.entries[0].identity.groups.isSubset(of: groups))
  }

  @Test(
    "Sets of numbers as bits",
    arguments: [[], [0], [7, 8], [4095], [1, 4095], [0, 1, 2, 63, 64]])
  func bits(_ numbers: [Int]) {
    let bits = GroupBits(numbers)
    #expect(bits.bytes.count <= GroupBits.byteLimit)
    #expect(bits.numbers(upTo: 4096) == numbers)
    #expect(bits.numbers(upTo: 8) == numbers.filter { $0 < 8 })
  }
}
