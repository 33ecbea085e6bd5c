import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseDaemon

/// The groups of the policy, looked up beside the users and for all of them together.
struct GroupTableTests {
  private let directory = FakeDirectory()
  private let table = GroupTable(threads: 4)
  private let groups: Set<Name> = ["staff", "wheel", "nosuch"]
  private let start = Uptime.now

  init() { directory.change { $0.provesGroupLists = true } }

  /// Looks at a user so many seconds after the start; answers serve that are five seconds old.
  private func look(
    at user: Name, after seconds: Int = 0, in table: GroupTable? = nil
  ) throws -> UserIdentity {
    let time = start + .seconds(seconds)
    return try directory.reading(
      of: user, among: groups,
      sharing: .init(of: table ?? self.table, at: time, since: time + .seconds(-5)))
  }

  @Test func aLookAtAUserAsksAboutTheUserAlone() throws {
    _ = try look(at: "alice")
    #expect(directory.groupLookUps == 3)
    for number in 0..<50 {
      let user = Name("user\(number)")
      directory.change {
        $0.accounts[user] = Account(name: user, userID: UInt32(2000 + number), primaryGroupID: 50)
        $0.memberships[user] = [50]
      }
      let identity = try look(at: user, after: 5)
      #expect(identity.groups == ["staff"])
      #expect(identity.isSure)
    }
    // An account and a list each, and no group again.
    #expect(directory.lookUps == 51)
    #expect(directory.lists == 51)
    #expect(directory.groupLookUps == 3)
  }

  @Test func anAnswerIsAsOldAsItsOldestPart() throws {
    #expect(try look(at: "alice").groupAge == .zero)
    #expect(try look(at: "bob", after: 4).groupAge == .seconds(4))
    #expect(try look(at: "bob", after: 6).groupAge == .zero)
    #expect(directory.groupLookUps(of: "wheel") == 2)
  }

  @Test func aGroupThatWasMadeAnewWithAnotherNumberIsSeenInTime() throws {
    #expect(try look(at: "alice").groups == ["staff", "wheel"])
    directory.change {
      // wheel's old number is another group's now, which bob is in.
      $0.groups["wheel"] = 11
      $0.groups["interns"] = 10
      $0.memberships["alice"] = [50, 11]
      $0.memberships["bob"] = [50, 10]
    }
    #expect(try look(at: "alice", after: 6).groups == ["staff", "wheel"])
    #expect(try look(at: "bob", after: 6).groups == ["staff"])
  }

  @Test func aGroupThatIsNewOrGoneIsSeenInTime() throws {
    _ = try look(at: "bob")
    directory.change {
      $0.groups["nosuch"] = 99
      $0.groups["staff"] = nil
      $0.memberships["bob"] = [50, 99]
    }
    let bob = try look(at: "bob", after: 6)
    #expect(bob.groups == ["nosuch"])
    // That it is gone is believed only if the directory is certain, or never had it: the cache's part.
    #expect(bob.missingGroups == ["staff"])
  }

  @Test func aGroupOfOneNameInTwoSourcesIsOneGroup() throws {
    directory.change {
      $0.namesakes = ["wheel": 9010]
      $0.memberships["bob"] = [50, 9010]
    }
    #expect(try look(at: "bob").groups == ["staff", "wheel"])
    #expect(try look(at: "alice").groups == ["staff", "wheel"])
  }

  @Test func aGroupThatCannotBeReadMakesNoOtherUnknownAndIsAskedForAgain() throws {
    directory.change { $0.awayGroups = ["wheel"] }
    let away = try look(at: "bob")
    #expect(away.groups == ["staff"])
    #expect(away.unsureGroups == ["wheel"])
    #expect(away.problem == "group \"wheel\": Connection refused")
    directory.change { $0.awayGroups = [] }
    #expect(try look(at: "bob").isSure)
    #expect(directory.groupLookUps(of: "wheel") == 2)
    #expect(directory.groupLookUps(of: "staff") == 1)
  }

  @Test func aFailureReplacesNoAnswerThatIsStillFresh() throws {
    _ = try look(at: "alice")
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(try look(at: "bob", after: 5).isSure)
    // And later it is no answer any more.
    #expect(try look(at: "bob", after: 6).unsureGroups == ["wheel"])
  }

  @Test func aGroupThatHangsMakesNoOtherUnknownAndIsNotAskedForWithoutEnd() throws {
    let table = GroupTable(threads: 16, patience: .milliseconds(20))
    directory.change { $0.stuckGroups = ["wheel"] }
    for number in 0..<8 {
      let bob = try look(at: "bob", after: number * 10, in: table)
      #expect(bob.groups == ["staff"])
      #expect(bob.unsureGroups == ["wheel"])
    }
    try wait { directory.groupLookUps(of: "wheel") == 2 }
    _ = try look(at: "bob", after: 90, in: table)
    #expect(directory.groupLookUps(of: "wheel") == 2)
    directory.change { $0.stuckGroups = [] }
    // What began so long ago says nothing of now; what is asked from here on does.
    try wait { try look(at: "alice", after: 100, in: table).groups == ["staff", "wheel"] }
  }

  @Test func aGroupThatTakesTooLongHasItsLastAnswerAsOldAsThatIs() throws {
    let table = GroupTable(patience: .milliseconds(20))
    #expect(try look(at: "alice", in: table).groups == ["staff", "wheel"])
    directory.change { $0.stuckGroups = ["wheel"] }
    let alice = try look(at: "alice", after: 60, in: table)
    #expect(alice.groups == ["staff", "wheel"])
    #expect(alice.groupAge == .seconds(60))
    directory.change { $0.stuckGroups = [] }
  }

  @Test func withoutAThreadNobodyWaitsAndNothingIsLeftBehind() throws {
    let table = GroupTable(threads: 0, patience: .seconds(3600))
    for _ in 0..<8 {
      let bob = try look(at: "bob", in: table)
      #expect(bob.unsureGroups == groups)
      #expect(bob.problem == "group \"nosuch\": there is no thread to ask on")
    }
  }

  @Test func withoutProofOfTheListEachGroupIsLookedUpAfterIt() throws {
    directory.change { $0.provesGroupLists = false }
    _ = try look(at: "alice")
    _ = try look(at: "bob")
    #expect(directory.groupLookUps(of: "wheel") == 2)
  }

  @Test func whoIsNotThereHasNoGroupLookedUp() throws {
    #expect(try !look(at: "nobody").isKnown)
    #expect(directory.groupLookUps == 0)
  }
}
