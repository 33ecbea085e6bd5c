import GatehouseIdentity
import GatehousePolicy
import Testing

@testable import GatehouseDaemon

/// The service on a loop of its own, with a directory that does what a test wants.
private final class Bench {
  let loop: EventLoop
  let directory = FakeDirectory()
  let collector = LogCollector()
  let log: Log
  let service: IdentityService

  init(threads: Int = 4, bound: Int = 256) throws {
    loop = try EventLoop()
    log = try collector.makeLog()
    service = try IdentityService(
      loop: loop, directory: directory, log: log, threads: threads, bound: bound)
  }

  func scope(_ number: Int = 1, groups: Set<Name> = ["staff", "wheel"]) -> IdentityScope {
    IdentityScope(number: number, groups: groups, maxAge: Microseconds(seconds: 86_400))
  }

  /// Asks for users and runs the loop until each has an answer.
  func read(
    _ users: [Name], _ scope: IdentityScope? = nil, milliseconds: UInt64 = 10_000
  ) throws -> [Identity?] {
    var answers: [Int: Identity?] = [:]
    for (index, user) in users.enumerated() {
      service.read(
        user, for: scope ?? self.scope(), within: Microseconds(milliseconds: milliseconds)
      ) { [loop] in
        answers[index] = $0
        if answers.count == users.count { loop.exit(0) }
      }
    }
    _ = try loop.run()
    return users.indices.map { answers[$0] ?? nil }
  }

  deinit {
    directory.change { $0.isStuck = false }
    service.close()
    log.close()
  }
}

struct IdentityServiceTests {
  @Test func aReadingIsHandedOverAndKnownFromThenOn() throws {
    let bench = try Bench()
    #expect(bench.service.known("alice", for: bench.scope()) == nil)
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    #expect(bench.service.known("alice", for: bench.scope())?.groups == ["staff", "wheel"])
    #expect(bench.service.userCount == 1)
  }

  @Test func whoeverAsksForOneUserAtTheSameTimeSharesOneReading() throws {
    let bench = try Bench()
    let answers = try bench.read(Array(repeating: "alice", count: 50))
    #expect(answers.allSatisfy { $0?.groups == ["staff", "wheel"] })
    #expect(bench.directory.lookUps(of: "alice") == 1)
  }

  @Test func aUserWhoWasNeverReadIsUnknownWhileTheDirectoryIsAway() throws {
    let bench = try Bench()
    bench.directory.change { $0.isAway = true }
    #expect(try bench.read(["alice"]) == [nil])
    #expect(bench.service.failing != nil)
    #expect(bench.service.userCount == 0)
  }

  @Test(arguments: [true, false])
  func anEarlierReadingServesWhileTheDirectoryIsAwayOrPartlyAway(_ whole: Bool) throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    bench.service.makeStale()
    bench.directory.change {
      if whole { $0.isAway = true } else { $0.awayGroups = ["wheel"] }
    }
    #expect(bench.service.known("alice", for: bench.scope()) == nil)
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    // And the bad reading has not replaced it.
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
  }

  @Test func aDirectoryThatIsBackIsBelievedAgain() throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    bench.service.makeStale()
    bench.directory.change { $0.isAway = true }
    _ = try bench.read(["alice"])
    bench.directory.change {
      $0.isAway = false
      $0.memberships["alice"] = [50]
    }
    #expect(try bench.read(["alice"])[0]?.groups == ["staff"])
    #expect(bench.service.failing == nil)
  }

  @Test func aSlowDirectoryIsNotWaitedForLongerThanTheTimeGiven() throws {
    let bench = try Bench()
    bench.directory.change { $0.isStuck = true }
    #expect(try bench.read(["alice"], milliseconds: 20) == [nil])
    // The reading goes on, and who asks later gets it.
    bench.directory.change { $0.isStuck = false }
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    #expect(bench.directory.lookUps(of: "alice") <= 2)
  }

  @Test func aSlowDirectoryLeavesTheEarlierReadingServing() throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    bench.service.makeStale()
    bench.directory.change { $0.isStuck = true }
    #expect(try bench.read(["alice"], milliseconds: 20)[0]?.groups == ["staff", "wheel"])
  }

  @Test func whereTooManyWaitTheNextIsToldAtOnce() throws {
    let bench = try Bench(threads: 1, bound: 2)
    bench.directory.change { $0.isStuck = true }
    let users = (0..<10).map { Name("user\($0)") }
    #expect(try bench.read(users, milliseconds: 50) == users.map { _ in nil })
  }

  @Test func anotherGenerationWithOtherGroupsGetsAReadingOfItsOwn() throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    let wider = bench.scope(2, groups: ["staff", "wheel", "ops"])
    #expect(bench.service.known("alice", for: wider) == nil)
    #expect(try bench.read(["alice"], wider)[0]?.askedGroups == wider.groups)
    #expect(bench.service.known("alice", for: bench.scope()) != nil)
  }
}
