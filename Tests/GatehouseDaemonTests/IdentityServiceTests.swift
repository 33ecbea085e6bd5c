import GatehouseIdentity
import GatehousePlatform
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
  private let clock = Clock()
  private var settlings = 0

  private final class Clock { var now = Uptime.now }

  init(threads: Int = 4, bound: Int = 256) throws {
    loop = try EventLoop()
    log = try collector.makeLog()
    service = try IdentityService(
      loop: loop, directory: directory, log: log, threads: threads, bound: bound,
      lookEvery: .milliseconds(1), uptime: { [clock] in clock.now })
    makeStale()
  }

  func scope(_ number: Int = 1, groups: Set<Name> = ["staff", "wheel"]) -> IdentityScope {
    IdentityScope(number: number, groups: groups, maxAge: .seconds(86_400))
  }

  /// As by a new generation.
  func makeStale() {
    advance(1)
    service.makeStale(for: scope())
  }

  func advance(_ seconds: UInt64) { clock.now = clock.now + .seconds(seconds) }

  /// Asks for users and runs the loop until each has an answer.
  func read(
    _ users: [Name], _ scope: IdentityScope? = nil, milliseconds: UInt64 = 10_000
  ) throws -> [UserIdentity?] {
    var answers: [Int: UserIdentity?] = [:]
    for (index, user) in users.enumerated() {
      service.read(
        user, for: scope ?? self.scope(), within: .milliseconds(milliseconds)
      ) { [loop] in
        answers[index] = $0
        if answers.count == users.count { loop.exit(0) }
      }
    }
    _ = try loop.run()
    return users.indices.map { answers[$0] ?? nil }
  }

  /// Runs the loop until something is so.
  func run(until isSo: @escaping () -> Bool) throws {
    var look: EventSource?
    look = try loop.timer { [loop] in
      if isSo() { loop.exit(0) } else { look?.set(after: .milliseconds(1)) }
    }
    look?.set(after: .microseconds(1))
    _ = try loop.run()
    look = nil
  }

  /// Runs the loop until what was begun on the one thread there is has been done.
  func settle() throws {
    settlings += 1
    service.find(
      Name("somebody\(settlings)"), for: scope(), within: .seconds(10)
    ) { [loop] _ in loop.exit(0) }
    _ = try loop.run()
  }

  deinit {
    directory.change {
      $0.isStuck = false
      $0.stuckUsers = []
    }
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
    bench.makeStale()
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
    bench.makeStale()
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
    bench.makeStale()
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

  // MARK: Ahead

  @Test func aUserWhoAskedLatelyNeverWaits() throws {
    let bench = try Bench(threads: 1)
    _ = try bench.read(["alice"])
    for readings in 2...20 {
      bench.advance(30)
      try bench.run { bench.directory.lookUps(of: "alice") == readings }
      try bench.settle()
    }
    // Nine and a half minutes after the last question, and what is known is as new as can be.
    bench.directory.change { $0.isAway = true }
    #expect(bench.service.known("alice", for: bench.scope())?.groups == ["staff", "wheel"])
  }

  @Test func whatHasChangedMeanwhileIsKnownBeforeTheNextQuestion() throws {
    let bench = try Bench(threads: 1)
    _ = try bench.read(["alice"])
    bench.directory.change { $0.memberships["alice"] = [50] }
    bench.advance(30)
    try bench.run { bench.directory.lookUps(of: "alice") == 2 }
    try bench.settle()
    #expect(bench.service.known("alice", for: bench.scope())?.groups == ["staff"])
  }

  @Test func whoHasNotAskedForLongIsNotReadAndNoTimerRemains() throws {
    let bench = try Bench()
    #expect(!bench.service.isLookingAhead)
    _ = try bench.read(["alice"])
    #expect(bench.service.isLookingAhead)
    bench.advance(600)
    try bench.run { !bench.service.isLookingAhead }
    #expect(bench.directory.lookUps(of: "alice") == 1)
  }

  @Test func aQuestionThatNeedsNoReadingBeginsItAnew() throws {
    let bench = try Bench(threads: 1)
    _ = try bench.read(["alice"])
    bench.advance(599)
    try bench.run { bench.directory.lookUps(of: "alice") == 2 }
    try bench.settle()
    bench.advance(1)
    try bench.run { !bench.service.isLookingAhead }
    #expect(bench.service.known("alice", for: bench.scope()) != nil)
    #expect(bench.service.isLookingAhead)
    bench.advance(30)
    try bench.run { bench.directory.lookUps(of: "alice") == 3 }
  }

  @Test func whoIsOnlyAskedAboutIsNotReadAhead() throws {
    let bench = try Bench(threads: 1)
    try bench.settle()
    #expect(bench.service.userCount == 1)
    #expect(!bench.service.isLookingAhead)
  }

  @Test func aNewGenerationHasThoseReadAtOnceWhoAskedLately() throws {
    let bench = try Bench(threads: 1)
    _ = try bench.read(["alice"])
    let wider = bench.scope(2, groups: ["staff", "wheel", "ops"])
    bench.advance(1)
    bench.service.makeStale(for: wider)
    try bench.settle()
    #expect(bench.directory.lookUps(of: "alice") == 2)
    #expect(bench.service.known("alice", for: wider)?.askedGroups == wider.groups)
  }

  @Test func readingAheadLeavesThreadsToThoseWhoAsk() throws {
    let bench = try Bench(threads: 4, bound: 4)
    let users = (0..<40).map { Name("user\($0)") }
    for user in users { _ = try bench.read([user]) }
    bench.directory.change { $0.stuckUsers = Set(users) }
    bench.advance(30)
    try bench.run { bench.directory.lookUps == 42 }
    // They would hang for ever, but those who ask now do not wait for them.
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    #expect(try bench.read(["bob"])[0]?.groups == ["staff"])
    #expect(bench.directory.lookUps == 44)
    // And once the directory goes on, everybody gets their turn.
    bench.directory.change { $0.stuckUsers = [] }
    try bench.run { users.allSatisfy { bench.directory.lookUps(of: $0) == 2 } }
  }

  @Test func whileTheDirectoryIsAwayFewAreTriedAndTheLogIsToldOnce() throws {
    let bench = try Bench(threads: 1)
    let users = (0..<40).map { Name("user\($0)") }
    for user in users { _ = try bench.read([user]) }
    bench.directory.change { $0.isAway = true }
    bench.advance(30)
    try bench.run { bench.directory.lookUps >= 80 }
    // One a look, so each had a turn before any other had two.
    #expect(users.allSatisfy { bench.directory.lookUps(of: $0) >= 2 })
    bench.log.close()
    #expect(bench.collector.messages.count == 1, "\(bench.collector.messages)")
  }
}
