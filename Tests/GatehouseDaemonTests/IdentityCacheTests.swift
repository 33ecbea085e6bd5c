import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import Testing

@testable import GatehouseDaemon

struct IdentityCacheTests {
  private static let start = Uptime.now
  private static let day: UInt64 = 86_400

  private func time(_ seconds: UInt64) -> Uptime {
    Self.start + .seconds(seconds)
  }

  private func identity(
    _ groups: Set<Name>, unsure: Set<Name> = [], missing: Set<Name> = [],
    asked: Set<Name> = ["staff", "wheel"]
  ) -> UserIdentity {
    UserIdentity(
      name: "alice", userID: 1000, groups: groups, unsureGroups: unsure, askedGroups: asked,
      missingGroups: missing)
  }

  private func absent(isCertain: Bool = false) -> UserIdentity {
    UserIdentity(absent: "alice", isCertain: isCertain, askedGroups: ["staff", "wheel"])
  }

  private func scope(
    _ groups: Set<Name> = ["staff", "wheel"], maxAge: UInt64 = day
  ) -> IdentityScope {
    IdentityScope(number: 1, groups: groups, maxAge: .seconds(maxAge))
  }

  /// A cache that was given readings of alice, each with the second at which it was begun.
  private func cache(
    _ readings: [(UInt64, UserIdentity)], isProved: Bool = false, bound: Int = 10_000
  ) -> IdentityCache {
    var cache = IdentityCache(bound: bound)
    for (second, reading) in readings { keep(reading, at: second, isProved: isProved, in: &cache) }
    return cache
  }

  private func keep(
    _ reading: UserIdentity, of user: Name = "alice", at second: UInt64, isProved: Bool = false,
    in cache: inout IdentityCache
  ) {
    cache.keep(
      reading, of: user, readAt: time(second), maxAge: .seconds(Self.day), isProved: isProved)
  }

  // MARK: How long

  @Test func aReadingIsFreshForFiveSeconds() {
    let cache = cache([(0, identity(["staff"]))])
    #expect(cache.fresh("alice", covering: ["staff"], at: time(4)) != nil)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(5)) == nil)
    #expect(cache.identity("alice", for: scope(), at: time(5))?.groups == ["staff"])
  }

  @Test func aReadingThatDoesNotKnowEverythingIsNeverFresh() {
    for reading in [identity(["staff"], unsure: ["wheel"]), absent()] {
      #expect(cache([(0, reading)]).fresh("alice", covering: ["staff"], at: time(0)) == nil)
    }
    let absent = cache([(0, absent(isCertain: true))])
    #expect(absent.fresh("alice", covering: ["staff"], at: time(0))?.isCertainlyAbsent == true)
  }

  @Test func whatIsOlderThanTheMaximumIsNotKnownAnyMore() {
    let cache = cache([(0, identity(["staff"]))])
    #expect(cache.identity("alice", for: scope(maxAge: 100), at: time(99)) != nil)
    #expect(cache.identity("alice", for: scope(maxAge: 100), at: time(100)) == nil)
  }

  @Test func aGroupThatWasNotAskedAboutIsUnknown() {
    let cache = cache([(0, identity(["staff"]))])
    #expect(cache.fresh("alice", covering: ["staff", "wheel"], at: time(1)) != nil)
    #expect(cache.fresh("alice", covering: ["staff", "ops"], at: time(1)) == nil)
    let known = cache.identity("alice", for: scope(["staff", "ops"]), at: time(1))
    #expect(known?.groups == ["staff"])
    #expect(known?.unsureGroups == ["ops"])
  }

  @Test func aReloadMakesEveryReadingStaleAndKeepsWhatIsKnown() {
    var cache = cache([(0, identity(["staff"]))])
    cache.makeStale(at: time(1))
    #expect(cache.fresh("alice", covering: ["staff"], at: time(2)) == nil)
    #expect(cache.identity("alice", for: scope(), at: time(2))?.groups == ["staff"])
    keep(identity(["staff"]), at: 3, in: &cache)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(4)) != nil)
  }

  @Test func aReadingThatWasBegunBeforeTheReloadIsStaleThoughItEndsAfter() {
    var cache = IdentityCache()
    cache.makeStale(at: time(5))
    keep(identity(["staff"]), at: 4, in: &cache)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(6)) == nil)
  }

  @Test func aSlowReadingDoesNotReplaceANewerOne() {
    let cache = cache([(5, identity(["staff"])), (4, identity(["wheel"]))])
    #expect(cache.fresh("alice", covering: [], at: time(6))?.groups == ["staff"])
  }

  // MARK: What a reading does not know

  @Test func anUnknownGroupNeverReplacesAnEarlierAnswer() {
    let cache = cache([
      (0, identity(["staff", "wheel"])), (60, identity(["staff"], unsure: ["wheel"])),
      (120, identity([], unsure: ["staff", "wheel"])),
    ])
    let known = cache.identity("alice", for: scope(), at: time(121))
    #expect(known?.groups == ["staff", "wheel"])
    #expect(known?.unsureGroups == [])
    #expect(cache.fresh("alice", covering: ["staff"], at: time(121)) == nil)
  }

  @Test func anEarlierAnswerIsAsOldAsItIs() {
    let cache = cache([
      (0, identity(["staff", "wheel"])), (60, identity(["staff"], unsure: ["wheel"])),
    ])
    let known = cache.identity("alice", for: scope(maxAge: 100), at: time(100))
    #expect(known?.groups == ["staff"])
    #expect(known?.unsureGroups == ["wheel"])
  }

  @Test func thatAUserWasNoMemberIsAnEarlierAnswerToo() {
    let cache = cache([(0, identity([])), (60, identity([], unsure: ["wheel"]))])
    let known = cache.identity("alice", for: scope(), at: time(61))
    #expect(known?.groups == [] && known?.unsureGroups == [])
  }

  @Test func oneGroupThatCannotBeReadMakesNoOtherUnknown() {
    let cache = cache([
      (0, identity(["staff", "wheel"])), (60, identity([], unsure: ["wheel"])),
    ])
    #expect(cache.identity("alice", for: scope(), at: time(61))?.groups == ["wheel"])
  }

  @Test func aUserWhoWasSeenAndIsReportedAbsentIsKnownAsBefore() {
    var cache = cache([(0, identity(["staff"])), (60, absent())])
    #expect(cache.identity("alice", for: scope(), at: time(61))?.groups == ["staff"])
    #expect(cache.identity("alice", for: scope(maxAge: 50), at: time(61)) == nil)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(61)) == nil)
    // Where the files of the machine are all that there is, gone is gone.
    keep(absent(isCertain: true), at: 70, in: &cache)
    #expect(cache.identity("alice", for: scope(), at: time(71))?.isCertainlyAbsent == true)
  }

  @Test func aUserWhoWasNeverSeenMayBeInAnyGroup() {
    let known = cache([(0, absent())]).identity("alice", for: scope(), at: time(1))
    #expect(known?.isKnown == false)
    #expect(known?.unsureGroups == ["staff", "wheel"])
  }

  @Test func aGroupThatWasSeenAndIsReportedAbsentIsUnknown() {
    var cache = cache([
      (0, identity(["staff", "wheel"])), (60, identity(["staff"], missing: ["wheel"])),
    ])
    #expect(cache.identity("alice", for: scope(), at: time(61))?.groups == ["staff", "wheel"])
    // Of one who is new it is unknown.
    keep(identity(["staff"], missing: ["wheel"]), of: "bob", at: 70, in: &cache)
    #expect(cache.identity("bob", for: scope(), at: time(71))?.unsureGroups == ["wheel"])
  }

  @Test func aGroupThatNeverWasHasNoMembers() {
    let cache = cache([(0, identity(["staff"], missing: ["wheel"]))])
    #expect(cache.identity("alice", for: scope(), at: time(1))?.unsureGroups == [])
  }

  @Test func whoLosesAllOfSeveralGroupsAtOnceHasThemAsBefore() {
    let cache = cache([(0, identity(["staff", "wheel"])), (60, identity([]))])
    #expect(cache.identity("alice", for: scope(), at: time(61))?.groups == ["staff", "wheel"])
    #expect(cache.identity("alice", for: scope(maxAge: 50), at: time(61))?.groups == [])
  }

  @Test func whoLosesOneGroupHasLostIt() {
    let one = cache([(0, identity(["staff"])), (60, identity([]))])
    #expect(one.identity("alice", for: scope(), at: time(61))?.groups == [])
    let other = cache([(0, identity(["staff", "wheel"])), (60, identity(["staff"]))])
    #expect(other.identity("alice", for: scope(), at: time(61))?.groups == ["staff"])
  }

  @Test func aListThatIsProvedIsBelievedWhateverItLacks() {
    let cache = cache([(0, identity(["staff", "wheel"])), (60, identity([]))], isProved: true)
    #expect(cache.identity("alice", for: scope(), at: time(61))?.groups == [])
  }

  // MARK: Bounds

  @Test func aFullCacheDropsTheOldest() {
    var cache = IdentityCache(bound: 16)
    for number in 0..<100 {
      keep(identity([]), of: Name("user\(number)"), at: UInt64(number), in: &cache)
      #expect(cache.count <= 16)
    }
    #expect(cache.identity("user99", for: scope(), at: time(100)) != nil)
    #expect(cache.identity("user0", for: scope(), at: time(100)) == nil)
  }

  @Test func whoeverIsNewTakesThePlaceOfAnOldReading() {
    var cache = IdentityCache(bound: 1000)
    for number in 0..<1000 { keep(identity([]), of: Name("old\(number)"), at: 1, in: &cache) }
    for number in 0..<500 { keep(identity([]), of: Name("new\(number)"), at: 2, in: &cache) }
    #expect(cache.count == 1000)
    let kept = { (user: String) in cache.identity(Name(user), for: scope(), at: time(3)) != nil }
    #expect((0..<500).allSatisfy { kept("new\($0)") })
    #expect((0..<1000).count { kept("old\($0)") } == 500)
  }
}
