import GatehouseIdentity
import GatehousePolicy
import Testing

struct ReadingTests {
  let directory = FakeDirectory()
  let groups: Set<Name> = ["staff", "wheel", "nosuch"]

  @Test func aReadingHoldsTheNamedGroupsOfTheUserAlone() throws {
    let identity = try directory.reading(of: "bob", among: groups)
    #expect(identity.groups == ["staff"])
    #expect(identity.askedGroups == groups)
    #expect(identity.isKnown)
  }

  @Test func theNameIsTheOneThatTheDirectoryReturns() throws {
    #expect(try directory.reading(of: "ALICE", among: groups).name == "alice")
  }

  @Test func anUnknownUserIsAGoodReadingUnderTheNameGiven() throws {
    let identity = try directory.reading(of: "nobody-here", among: groups)
    #expect(identity.name == "nobody-here")
    #expect(!identity.isKnown)
    #expect(identity.groups.isEmpty)
  }

  @Test func aDirectoryThatIsAwayGivesNoReading() {
    directory.change { $0.isAway = true }
    #expect(throws: DirectoryError.self) { try directory.reading(of: "alice", among: groups) }
  }

  @Test func aListThatCameBackShortIsNoGoodReading() {
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(throws: DirectoryError.self) { try directory.reading(of: "alice", among: groups) }
  }

  @Test func anUnknownUserIsOnlyBelievedWhereEveryGroupCouldBeAsked() {
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(throws: DirectoryError.self) { try directory.reading(of: "eve", among: groups) }
  }

  @Test func aGroupThatThePolicyDoesNotNameMayBeAway() throws {
    directory.change { $0.awayGroups = ["ops"] }
    #expect(try directory.reading(of: "alice", among: ["wheel"]).groups == ["wheel"])
  }

  @Test func theMachinesOwnDirectoryKnowsRoot() throws {
    let identity = try SystemDirectory().reading(of: "root", among: ["root", "no-such-group-here"])
    #expect(identity.name == "root")
    #expect(identity.groups == ["root"])
  }

  @Test(arguments: ["no-such-user-here", "", "a:b", "\u{1b}[0m", "root\0"])
  func theMachinesOwnDirectorySaysOfANonsenseNameThatThereIsNoSuchUser(_ name: String) throws {
    #expect(try SystemDirectory().account(of: Name(name)) == nil)
  }
}
