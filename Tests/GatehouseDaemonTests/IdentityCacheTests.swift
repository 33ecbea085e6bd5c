import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import Testing

@testable import GatehouseDaemon

struct IdentityCacheTests {
  private static let start = Uptime.now

  private func time(_ seconds: UInt64) -> Uptime {
    Self.start + .seconds(seconds)
  }

  private func identity(_ groups: Set<Name>, asked: Set<Name> = ["staff", "wheel"]) -> UserIdentity
  {
    UserIdentity(name: "alice", userID: 1000, groups: groups, askedGroups: asked)
  }

  private func scope(_ groups: Set<Name> = ["staff"], maxAge: UInt64 = 86_400) -> IdentityScope {
    IdentityScope(number: 1, groups: groups, maxAge: .seconds(maxAge))
  }

  @Test func aReadingIsFreshForAMinuteAndAgesInItsSecondHalf() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: true)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(59)) != nil)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(60)) == nil)
    #expect(cache.ageing(at: time(29)) == [])
    #expect(cache.ageing(at: time(31)) == ["alice"])
    cache.keep(identity(["staff"]), of: "alice", readAt: time(31), isAsked: false)
    #expect(cache.ageing(at: time(32)) == [])
    #expect(cache.ageing(at: time(62)) == ["alice"])
  }

  @Test func aUserIsReadAheadForTenMinutesAfterTheyHaveAsked() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: true)
    #expect(cache.ageing(at: time(599)) == ["alice"])
    #expect(cache.ageing(at: time(600)) == nil)
    // Also where what was known does not serve any more.
    #expect(cache.ask("alice", covering: ["staff"], at: time(599)) == nil)
    #expect(cache.ageing(at: time(1198)) == ["alice"])
    #expect(cache.ageing(at: time(1199)) == nil)
  }

  @Test func aUserWhomOthersAskAboutIsNotReadAhead() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: false)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(1)) != nil)
    #expect(cache.ageing(at: time(40)) == nil)
    #expect(cache.ask("alice", covering: ["staff"], at: time(41)) != nil)
    #expect(cache.ageing(at: time(42)) == ["alice"])
  }

  @Test func anOldReadingServesWhileItIsYoungerThanTheMaximum() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: true)
    #expect(cache.fallback("alice", for: scope(maxAge: 100), at: time(99)) != nil)
    #expect(cache.fallback("alice", for: scope(maxAge: 100), at: time(100)) == nil)
  }

  @Test func aReadingServesOnlyAPolicyWhoseGroupsItCovers() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: true)
    #expect(cache.fresh("alice", covering: ["staff", "wheel"], at: time(1)) != nil)
    #expect(cache.fresh("alice", covering: ["staff", "ops"], at: time(1)) == nil)
    #expect(cache.fallback("alice", for: scope(["ops"]), at: time(1)) == nil)
  }

  @Test func aReloadMakesEveryReadingStaleAndKeepsItAsAFallback() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(0), isAsked: true)
    cache.makeStale(at: time(1))
    #expect(cache.fresh("alice", covering: ["staff"], at: time(2)) == nil)
    #expect(cache.fallback("alice", for: scope(), at: time(2)) != nil)
    #expect(cache.ageing(at: time(2)) == ["alice"])
    cache.keep(identity(["staff"]), of: "alice", readAt: time(3), isAsked: true)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(4)) != nil)
  }

  @Test func aReadingThatWasBegunBeforeTheReloadIsStaleThoughItEndsAfter() {
    var cache = IdentityCache()
    cache.makeStale(at: time(5))
    cache.keep(identity(["staff"]), of: "alice", readAt: time(4), isAsked: true)
    #expect(cache.fresh("alice", covering: ["staff"], at: time(6)) == nil)
  }

  @Test func aSlowReadingDoesNotReplaceANewerOne() {
    var cache = IdentityCache()
    cache.keep(identity(["staff"]), of: "alice", readAt: time(5), isAsked: true)
    cache.keep(identity(["wheel"]), of: "alice", readAt: time(4), isAsked: true)
    #expect(cache.fresh("alice", covering: [], at: time(6))?.groups == ["staff"])
  }

  @Test func aFullCacheDropsTheOldest() {
    var cache = IdentityCache(bound: 16)
    for number in 0..<100 {
      cache.keep(
        identity([]), of: Name("user\(number)"), readAt: time(UInt64(number)), isAsked: true)
      #expect(cache.count <= 16)
    }
    #expect(cache.fallback("user99", for: scope(), at: time(100)) != nil)
    #expect(cache.fallback("user0", for: scope(), at: time(100)) == nil)
  }

  @Test func whoeverIsNewTakesThePlaceOfAnOldReading() {
    var cache = IdentityCache(bound: 1000)
    for number in 0..<1000 {
      cache.keep(identity([]), of: Name("old\(number)"), readAt: time(1), isAsked: true)
    }
    for number in 0..<500 {
      cache.keep(identity([]), of: Name("new\(number)"), readAt: time(2), isAsked: true)
    }
    #expect(cache.count == 1000)
    let kept = { (user: String) in cache.fallback(Name(user), for: scope(), at: time(3)) != nil }
    #expect((0..<500).allSatisfy { kept("new\($0)") })
    #expect((0..<1000).count { kept("old\($0)") } == 500)
    #expect(cache.ageing(at: time(40))?.count == 1000)
  }
}
