import CPosix
import GatehousePolicy
import Testing

@testable import GatehouseIdentity

struct LocalFilesTests {
  private let files = LocalFiles(
    users: Array(
      """
      root:x:0:0:root:/root:/bin/bash
      bob:x:1001:50::/home/bob:/bin/sh
      bobby:x:1002:1002::/home/bobby:/bin/sh
      bad:x:number:1::/:/bin/sh
      short:x
      +@netgroup

      """.utf8),
    groups: Array(
      """
      root:x:0:
      staff:x:50:
      wheel:x:10:root,bobby
      ops:x:60:al,bob
      :x:61:bob
      wide:x:70:bob,
      broken

      """.utf8))
  private let groups: Set<Name> = ["root", "staff", "wheel", "ops", "remote"]

  private func reading(_ user: Name, beside distant: Set<String> = []) -> UserIdentity? {
    files.reading(of: user, among: groups, beside: distant)
  }

  @Test func aUserIsInThePrimaryGroupAndInThoseThatListTheName() {
    #expect(reading("bob")?.groups == ["staff", "ops"])
    #expect(reading("bob")?.userID == 1001)
    #expect(reading("bobby")?.groups == ["wheel"])
    #expect(reading("root")?.groups == ["root", "wheel"])
  }

  @Test(arguments: ["bo", "al", "", "bob:x", "bad", "short", "+@netgroup", "BOB"])
  func whoHasNoLineThatCanBeReadIsNotThere(_ user: String) {
    #expect(reading(Name(user)) == nil)
  }

  @Test func withoutAnotherServiceTheFilesKnowEverything() {
    #expect(reading("bob")?.unsureGroups == [])
  }

  @Test func sssdAndWinbindHaveNoGroupsForUsersWhomTheyDoNotHave() {
    #expect(reading("bob", beside: ["sss"])?.unsureGroups == [])
    #expect(reading("bob", beside: ["sss", "winbind"])?.unsureGroups == [])
  }

  @Test func anyOtherServiceMayHaveAUserOfTheFilesInItsGroups() {
    #expect(reading("bob", beside: ["ldap"])?.unsureGroups == ["root", "wheel", "remote"])
    #expect(reading("bob", beside: ["sss", "nis"])?.groups == ["staff", "ops"])
    #expect(reading("bob", beside: ["sss", "nis"])?.isSure == false)
  }

  @Test func rootIsKnownWhateverElseIsAsked() {
    #expect(reading("root", beside: ["ldap"])?.unsureGroups == [])
  }

  @Test func theMachinesOwnFilesHaveRoot() {
    let groups: Set<Name> = ["root", "no-such-group-here"]
    let root = LocalFiles().reading(of: "root", among: groups, beside: ["ldap"])
    #expect(root?.userID == 0)
    #expect(root?.groups == ["root"])
    #expect(root?.source == "files")
  }

  // MARK: sssd

  private func ask(_ function: SSSD.GroupListFunction) -> SSSD.Answer {
    // SAFETY: the functions of these tests write no further than `count` says.
    unsafe SSSD.groupIDs(of: Array("bob\0".utf8CString), primary: 50, by: function)
  }

  @Test func aListOfSSSDIsTakenWithTheServerAsked() {
    let answer = unsafe ask { name, primary, ids, count, flags, _ in
      guard let ids = unsafe ids, let count = unsafe count, flags == 1 else { return 22 }
      unsafe ids[0] = primary
      unsafe ids[1] = 77
      unsafe count.pointee = 2
      return 0
    }
    #expect(answer == .list([50, 77]))
  }

  @Test func aLongListIsAskedForAgainWithMoreRoom() {
    let answer = unsafe ask { _, _, ids, count, _, _ in
      guard let ids = unsafe ids, let count = unsafe count else { return 22 }
      let room = unsafe count.pointee
      unsafe count.pointee = 1000
      guard room >= 1000 else { return 34 }
      for index in 0..<1000 { unsafe ids[index] = UInt32(index) }
      return 0
    }
    #expect(answer == .list((0..<1000).map { UInt32($0) }))
  }

  @Test func aListThatNeverFitsIsAFailure() {
    let answer = unsafe ask { _, _, _, count, _, _ in
      unsafe count?.pointee = .max
      return 34
    }
    #expect(answer == .failed)
  }

  @Test func aCountThatCannotBeIsNoMoreThanThereIsRoomFor() {
    let negative = unsafe ask { _, _, _, count, _, _ in
      unsafe count?.pointee = -5
      return 0
    }
    #expect(negative == .list([]))
    let large = unsafe ask { _, _, _, count, _, _ in
      unsafe count?.pointee = .max
      return 0
    }
    #expect(large == .list(Array(repeating: 0, count: 256)))
  }

  @Test func whatSSSDDoesNotKnowAndWhatItCannotSayAreNoLists() {
    #expect(unsafe ask { _, _, _, _, _, _ in 2 } == .noSuchUser)
    #expect(unsafe ask { _, _, _, _, _, _ in 111 } == .failed)
    #expect(unsafe ask { _, _, _, _, _, _ in 62 } == .failed)
  }

  @Test func aGroupOfSSSDIsTakenWithItsMembersAndTheServerAsked() {
    let answer = unsafe SSSD.group(named: Array("staff".utf8CString)) {
      _, entry, buffer, room, found, flags, _ in
      guard let entry = unsafe entry, let buffer = unsafe buffer, flags == 1 else { return 22 }
      // The first room is too small.
      guard room > 65_536 else { return 34 }
      for (place, byte) in Array("bob".utf8CString).enumerated() { unsafe buffer[place] = byte }
      unsafe UnsafeMutableRawPointer(buffer).storeBytes(
        of: buffer, toByteOffset: 8, as: UnsafeMutablePointer<CChar>.self)
      unsafe UnsafeMutableRawPointer(buffer).storeBytes(of: 0, toByteOffset: 16, as: Int.self)
      unsafe entry.pointee.gr_gid = 77
      unsafe entry.pointee.gr_mem =
        UnsafeMutableRawPointer(buffer + 8).assumingMemoryBound(
          to: UnsafeMutablePointer<CChar>?.self)
      unsafe found?.pointee = entry
      return 0
    }
    #expect(answer == .found(id: 77, members: ["bob"]))
  }

  @Test func aGroupThatSSSDDoesNotHaveIsNotOneThatItCannotBeAskedFor() {
    func ask(_ result: CInt) -> SSSD.Group {
      // The function takes nothing with it, so the result is in the name.
      unsafe SSSD.group(named: [CChar(result), 0]) { name, _, _, _, _, _, _ in
        CInt(unsafe name?.pointee ?? 0)
      }
    }
    #expect(ask(0) == .noSuchGroup)
    #expect(ask(2) == .noSuchGroup)
    #expect(ask(111) == .failed)
    #expect(ask(34) == .failed)
  }

  // MARK: What sssd has

  /// A list of pairs as sssd's library makes one, for a `name` that says which.
  private func record(_ name: String) -> SSSD.Record? {
    unsafe SSSD.record(of: Array(name.utf8CString)) { name, _, pairs, _ in
      let texts: [String]
      switch unsafe name.map({ unsafe String(cString: $0) }) {
      case "all": texts = ["name", "bob", "lastUpdate", "1700000000", "initgrExpireTimestamp", "1"]
      case "half": texts = ["lastUpdate", "1700000000", "initgrExpireTimestamp", "0"]
      case "part": texts = ["lastUpdate", "1700000000"]
      case "silent": texts = ["originalDN", "uid=bob"]
      case "bad": texts = ["lastUpdate", "yesterday"]
      default: return 2
      }
      let list = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
        capacity: texts.count + 1)
      for (place, text) in texts.enumerated() { unsafe list[place] = strdup(text) }
      unsafe list[texts.count] = nil
      unsafe pairs?.pointee = list
      return 0
    } _: { list in
      var place = 0
      while let text = unsafe list?[place] {
        unsafe free(text)
        place += 1
      }
      unsafe list?.deallocate()
    }
  }

  @Test func whatSSSDHasOfAUserIsKnownOnlyIfItSaysSo() {
    #expect(record("all") == SSSD.Record(updatedAt: 1_700_000_000, hasGroups: true))
    #expect(record("half") == SSSD.Record(updatedAt: 1_700_000_000, hasGroups: false))
    #expect(record("part") == record("half"))
    #expect(record("silent") == nil)
    #expect(record("bad") == nil)
    #expect(record("nobody") == nil)
  }

  // MARK: winbind

  /// A controller of the domain AD, and of the machine's own, can be reached.
  private func reaches(_ user: Name) -> Bool {
    unsafe Winbind.reachesController(of: user) { domain, problem in
      guard let domain = unsafe domain else { return 0 }
      if unsafe strcmp(domain, "AD") == 0 { return 0 }
      unsafe problem?.pointee = malloc(8)
      return 9
    } _: {
      unsafe free($0)
    }
  }

  @Test func winbindIsAskedForTheDomainOfTheUser() {
    #expect(reaches("AD\\deploy"))
    #expect(!reaches("OTHER\\deploy"))
    #expect(reaches("deploy"))
    #expect(reaches("\\deploy"))
  }

  @Test func whoCannotAskWinbindDoesNotBelieveIt() {
    // Nobody serves winbind's socket where these tests run.
    #expect(!Winbind.reachesController(of: "deploy"))
  }

  @Test func theGroupsOfTheFilesHaveTheirMembers() {
    let groups = LocalGroups(Array("wheel:x:10:root,bobby\nstaff:x:50:\n:x:61:bob\nbroken\n".utf8))
    #expect(groups.ids == [10, 50])
    #expect(groups.members(of: "wheel") == ["root", "bobby"])
    #expect(groups.has("staff"))
    #expect(groups.members(of: "staff") == [])
    #expect(!groups.has("broken"))
    #expect(!groups.has(""))
  }

  @Test func withoutTheLibraryOrTheServiceNothingIsSaid() {
    // Nobody serves sssd's socket where these tests run.
    #expect(SSSD.groupIDs(of: Array("root".utf8CString), primary: 0) != .list([0]))
  }
}
