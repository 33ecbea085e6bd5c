import GatehouseIdentity
import GatehousePolicy
import TestKit
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

  @Test func aGroupThatCannotBeReadIsUnknownAndMakesNoOtherUnknown() throws {
    directory.change { $0.awayGroups = ["wheel"] }
    let identity = try directory.reading(of: "alice", among: groups)
    #expect(identity.groups == ["staff"])
    #expect(identity.unsureGroups == ["wheel"])
    #expect(identity.problem == "group \"wheel\": Connection refused")
    #expect(!identity.isSure)
  }

  @Test func aGroupOfTheSameNameInAnotherSourceIsTheGroup() throws {
    directory.change {
      $0.namesakes = ["wheel": 9010]
      $0.memberships["bob"] = [50, 9010]
    }
    #expect(try directory.reading(of: "bob", among: groups).groups == ["staff", "wheel"])
    let bob = try #require(try directory.account(of: "bob"))
    #expect(try directory.readings(of: [bob], among: groups).map(\.groups) == [["staff", "wheel"]])
    directory.change { $0.memberships["bob"] = [50, 9011] }
    #expect(try directory.reading(of: "bob", among: groups).groups == ["staff"])
    #expect(try directory.readings(of: [bob], among: groups).map(\.groups) == [["staff"]])
  }

  @Test func aUserWhoseGroupsCannotBeListedMayBeInEachOfThem() throws {
    directory.change { $0.unlistedUsers = ["alice"] }
    let identity = try directory.reading(of: "alice", among: groups)
    #expect(identity.isKnown)
    // But for the primary group.
    #expect(identity.groups == ["staff"])
    #expect(identity.unsureGroups == ["wheel"])
    #expect(identity.problem != nil)
  }

  @Test func withoutTheUsersListTheMembersOfTheGroupsAreAsked() throws {
    directory.change {
      $0.unlistedUsers = ["alice"]
      $0.members = ["wheel": ["alice", "bob"], "ops": ["bob"]]
    }
    let identity = try directory.reading(of: "alice", among: ["staff", "wheel", "ops"])
    // staff is her primary group.
    #expect(identity.groups == ["staff", "wheel"])
    #expect(identity.unsureGroups.isEmpty)
    #expect(identity.problem == nil)
  }

  @Test func anUnknownUserOfADirectoryThatMayBeAwayMayBeInAnyGroup() throws {
    let identity = try directory.reading(of: "eve", among: groups)
    #expect(identity.unsureGroups == groups)
    #expect(!identity.isSure)
    directory.change { $0.isCertainOfAbsence = true }
    #expect(try directory.reading(of: "eve", among: groups).unsureGroups.isEmpty)
  }

  @Test func aGroupThatIsNotThereIsMissingIfTheDirectoryMayBeAway() throws {
    #expect(try directory.reading(of: "bob", among: groups).missingGroups == ["nosuch"])
    directory.change { $0.isCertainOfAbsence = true }
    #expect(try directory.reading(of: "bob", among: groups).missingGroups.isEmpty)
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

  // MARK: Who is certainly not there

  @Test func absenceIsAsCertainAsTheDirectory() throws {
    #expect(try !directory.reading(of: "eve", among: groups).isCertainlyAbsent)
    directory.change { $0.isCertainOfAbsence = true }
    #expect(try directory.reading(of: "eve", among: groups).isCertainlyAbsent)
    #expect(try !directory.reading(of: "bob", among: groups).isCertainlyAbsent)
  }

  @Test(arguments: [
    "passwd: files", "passwd:\tfiles systemd\ngroup: files sss",
    "# passwd: sss\n  passwd: files db extrausers # sss",
    "passwd: files [NOTFOUND=return] systemd", "passwd: files\npasswd: files systemd",
    "passwd: files systemd\r\nshadow: files sss\r\n", "passwd: files altfiles mymachines",
  ])
  func filesOfTheMachineKnowEverybody(_ content: String) {
    #expect(NameServices(content).isCertainOfUsers, "\(content)")
  }

  @Test(arguments: [
    "", "group: files", "passwd:", "passwd: [NOTFOUND=return]", "# passwd: files",
    "passwd: files sss", "passwd: sss files", "passwd: files winbind", "passwd: compat",
    "passwd: files ldap [NOTFOUND=return]", "passwd: files [NOTFOUND=return] sss",
    // glibc takes each of these for sss.
    "passwd: files sss[NOTFOUND=return]", "passwd: files [NOTFOUND=return]sss",
    "passwd: files [UNAVAIL=continue]sss[NOTFOUND=return]", "passwd: files\npasswd: files sss",
    "passwd: files sss\npasswd: files", "passwd:files sss\npasswd: files",
    "passwd :files", "passwd:files", "passwd_compat: files",
  ])
  func whoMayBeAwayDoesNotKnowEverybody(_ content: String) {
    #expect(!NameServices(content).isCertainOfUsers, "\(content)")
  }

  @Test func withoutAReadableFileNobodyIsCertainlyAbsent() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("nsswitch.conf")
    #expect(!NameServices(path: path).isCertainOfUsers)
    try folder.write("passwd: files\n", to: "nsswitch.conf")
    #expect(NameServices(path: path).isCertainOfUsers)
    let long = "passwd: files\n" + String(repeating: "#", count: 1 << 16)
    try folder.write(long, to: "nsswitch.conf")
    #expect(!NameServices(path: path).isCertainOfUsers)
    try folder.directory("folder")
    #expect(!NameServices(path: folder.file("folder")).isCertainOfUsers)
  }
}
