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

  @Test func withoutTheLibraryOrTheServiceNothingIsSaid() {
    // Nobody serves sssd's socket where these tests run.
    #expect(SSSD.groupIDs(of: Array("root".utf8CString), primary: 0) != .list([0]))
  }
}
