import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseDaemon

/// The service on a loop of its own, with a directory that does what a test wants.
private final class Bench {
  let loop: EventLoop
  let directory = FakeDirectory()
  let collector = LogCollector()
  let log: Log
  let service: IdentityService
  let folder: TemporaryDirectory
  private let worker: Worker
  private let clock = Clock()

  private final class Clock { var now = Uptime.now }

  init(threads: Int = 4, bound: Int = 4096) throws {
    loop = try EventLoop()
    folder = try TemporaryDirectory("gatehouse-identities")
    worker = try Worker("state", loop: loop)
    log = try collector.makeLog()
    service = try IdentityService(
      loop: loop, directory: directory, state: folder.file("state"), worker: worker, log: log,
      threads: threads, bound: bound,
      uptime: { [clock] in clock.now })
    makeStale()
  }

  func scope(_ number: Int = 1, groups: Set<Name> = ["staff", "wheel"]) -> IdentityScope {
    IdentityScope(number: number, groups: groups, maxAge: .seconds(86_400))
  }

  /// As by a new generation.
  func makeStale() {
    advance(1)
    service.makeStale()
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

  deinit {
    directory.change {
      $0.isStuck = false
      $0.stuckUsers = []
    }
    worker.close()
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

  // MARK: Threads

  @Test func aStuckUserStandsInNobodysWay() throws {
    let bench = try Bench(threads: 40)
    let users = (0..<39).map { Name("user\($0)") }
    bench.directory.change { $0.stuckUsers = Set(users) }
    #expect(try bench.read(users, milliseconds: 20) == users.map { _ in nil })
    let others = try bench.read(["alice", "bob"])
    #expect(others[0]?.groups == ["staff", "wheel"])
    #expect(others[1]?.groups == ["staff"])
    // And once the directory goes on, so do they.
    bench.directory.change { $0.stuckUsers = [] }
    #expect(try bench.read(users).allSatisfy { $0?.isKnown == false })
  }

  @Test func moreThanThereAreThreadsAreReadOneAfterTheOther() throws {
    let bench = try Bench(threads: 2)
    let users = (0..<300).map { Name("user\($0)") }
    #expect(try bench.read(users).allSatisfy { $0 != nil })
    #expect(bench.directory.lookUps == 300)
  }

  @Test func nobodyIsReadForWhomNobodyWaitsAnyMore() throws {
    let bench = try Bench(threads: 1)
    bench.directory.change { $0.stuckUsers = ["stuck"] }
    #expect(try bench.read(["stuck", "alice", "bob"], milliseconds: 20) == [nil, nil, nil])
    bench.directory.change { $0.stuckUsers = [] }
    #expect(try bench.read(["carol"])[0] != nil)
    #expect(bench.directory.lookUps(of: "alice") == 0)
    #expect(bench.directory.lookUps(of: "bob") == 0)
  }

  // MARK: Refreshing

  private func refresh(
    _ user: Name, on bench: Bench, milliseconds: UInt64 = 10_000
  ) throws -> Result<UserIdentity, DirectoryError>? {
    var answer: Result<UserIdentity, DirectoryError>?
    bench.service.refresh(user, for: bench.scope(), within: .milliseconds(milliseconds)) {
      answer = $0
      bench.loop.exit(0)
    }
    _ = try bench.loop.run()
    return answer
  }

  @Test func aRefreshBelievesThatAllGroupsAreGone() throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    bench.directory.change { $0.memberships["alice"] = [] }
    bench.makeStale()
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    #expect(try refresh("alice", on: bench)?.get().groups == [])
    #expect(try bench.read(["alice"])[0]?.groups == [])
  }

  @Test func aRefreshBelievesThatAGroupOrTheUserIsGone() throws {
    let bench = try Bench()
    _ = try bench.read(["alice", "bob"])
    bench.directory.change {
      $0.groups["wheel"] = nil
      $0.accounts["bob"] = nil
    }
    #expect(try refresh("alice", on: bench)?.get().groups == ["staff"])
    #expect(try bench.read(["alice"])[0]?.groups == ["staff"])
    #expect(try refresh("bob", on: bench)?.get().isKnown == false)
    #expect(try bench.read(["bob"])[0]?.isKnown == false)
  }

  @Test func aRefreshAndANewGenerationLookUpTheGroupsAnew() throws {
    let bench = try Bench()
    bench.directory.change { $0.provesGroupLists = true }
    _ = try bench.read(["alice"])
    bench.advance(2)
    #expect(try bench.read(["bob"])[0]?.groups == ["staff"])
    #expect(bench.directory.groupLookUps == 2)
    bench.makeStale()
    _ = try bench.read(["bob"])
    #expect(bench.directory.groupLookUps == 4)
    bench.advance(1)
    #expect(try refresh("alice", on: bench)?.get().groups == ["staff", "wheel"])
    #expect(bench.directory.groupLookUps == 6)
  }

  @Test func whatRestsOnAGroupIsNoFresherThanTheGroup() throws {
    let bench = try Bench()
    bench.directory.change { $0.provesGroupLists = true }
    _ = try bench.read(["alice"])
    bench.advance(4)
    _ = try bench.read(["bob"])
    #expect(bench.service.known("bob", for: bench.scope()) != nil)
    bench.advance(1)
    #expect(bench.service.known("bob", for: bench.scope()) == nil)
  }

  @Test func aGroupThatVanishedFromTheTableIsAsItWas() throws {
    let bench = try Bench()
    bench.directory.change { $0.provesGroupLists = true }
    _ = try bench.read(["alice"])
    bench.directory.change { $0.groups["wheel"] = nil }
    bench.advance(6)
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    // Nobody knows whether bob would be in it.
    #expect(try bench.read(["bob"])[0]?.unsureGroups == ["wheel"])
  }

  @Test func aRefreshWhileTheDirectoryIsAwayKeepsWhatWasKnown() throws {
    let bench = try Bench()
    _ = try bench.read(["alice"])
    bench.directory.change { $0.isAway = true }
    #expect(throws: DirectoryError.self) { try refresh("alice", on: bench)?.get() }
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    bench.directory.change {
      $0.isAway = false
      $0.awayGroups = ["wheel"]
    }
    #expect(try refresh("alice", on: bench)?.get().unsureGroups == ["wheel"])
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
  }

  @Test func aRefreshWaitsForTheDirectoryAlsoForAUserOfTheFiles() throws {
    let bench = try Bench()
    bench.directory.change {
      $0.localUsers["bob"] = ["staff"]
      $0.isStuck = true
    }
    #expect(throws: DirectoryError.self) {
      try refresh("bob", on: bench, milliseconds: 20)?.get()
    }
    bench.directory.change { $0.isStuck = false }
    #expect(try refresh("bob", on: bench)?.get().unsureGroups == [])
  }

  @Test func howOldAnAnswerIsCanBeTold() throws {
    let bench = try Bench()
    #expect(bench.service.readAt("alice", for: bench.scope()) == nil)
    _ = try bench.read(["alice"])
    bench.advance(60)
    bench.directory.change { $0.awayGroups = ["wheel"] }
    _ = try bench.read(["alice"])
    let now = Instant.now()
    let readAt = try #require(bench.service.readAt("alice", for: bench.scope()))
    // wheel's answer is a minute old; the other clock goes on between the two lines above.
    #expect(now - readAt <= .seconds(60))
    #expect(now - readAt > .seconds(1))
  }

  // MARK: The machine's own files

  @Test func rootNeverAsksADirectory() throws {
    let bench = try Bench()
    bench.directory.change {
      $0.accounts["root"] = Account(name: "root", userID: 0, primaryGroupID: 0)
      $0.localUsers["root"] = ["staff"]
      $0.isStuck = true
    }
    let root = try bench.read(["root"])[0]
    #expect(root?.groups == ["staff"])
    #expect(root?.unsureGroups == [])
    #expect(bench.directory.lookUps == 0)
  }

  @Test(arguments: [true, false])
  func aUserOfTheFilesIsKnownWhileTheDirectoryHangsOrIsAway(_ hangs: Bool) throws {
    let bench = try Bench()
    bench.directory.change {
      $0.localUsers["bob"] = ["staff"]
      if hangs { $0.isStuck = true } else { $0.isAway = true }
    }
    // Long before the time is over.
    let bob = try bench.read(["bob"], milliseconds: 3_600_000)[0]
    #expect(bob?.isKnown == true)
    #expect(bob?.groups == ["staff"])
    #expect(bob?.unsureGroups == ["wheel"])
  }

  @Test func whatTheDirectorySaidBeforeCompletesWhatTheFilesSay() throws {
    let bench = try Bench()
    bench.directory.change { $0.localUsers["alice"] = ["staff"] }
    #expect(try bench.read(["alice"])[0]?.groups == ["staff", "wheel"])
    bench.makeStale()
    bench.directory.change { $0.isStuck = true }
    #expect(try bench.read(["alice"], milliseconds: 3_600_000)[0]?.groups == ["staff", "wheel"])
  }

  @Test func theDirectoryCompletesWhatTheFilesSay() throws {
    let bench = try Bench()
    bench.directory.change { $0.localUsers["alice"] = ["staff"] }
    let alice = try bench.read(["alice"])[0]
    #expect(alice?.groups == ["staff", "wheel"])
    #expect(alice?.unsureGroups == [])
  }

  @Test func aUserOfTheFilesDoesNotSayThatTheDirectoryIsBack() throws {
    let bench = try Bench()
    bench.directory.change {
      $0.localUsers["bob"] = ["staff"]
      $0.isAway = true
    }
    _ = try bench.read(["alice"])
    bench.directory.change { $0.isAway = false }
    _ = try bench.read(["bob"])
    #expect(bench.service.failing != nil)
    _ = try bench.read(["alice"])
    #expect(bench.service.failing == nil)
  }

  @Test func aUserWhomAServiceThatIsOfflineDoesNotHaveDoesNotSayThatItIsBack() throws {
    let bench = try Bench()
    bench.directory.change { $0.isAway = true }
    _ = try bench.read(["alice"])
    bench.directory.change { $0.isAway = false }
    _ = try bench.read(["nobody"])
    #expect(bench.service.failing != nil)
  }

  @Test func whileTheDirectoryIsAwayTheLogIsToldOnce() throws {
    let bench = try Bench(threads: 1)
    bench.directory.change { $0.isAway = true }
    for number in 0..<40 { _ = try bench.read([Name("user\(number)")]) }
    bench.log.close()
    #expect(bench.collector.messages.count == 1, "\(bench.collector.messages)")
  }
}
