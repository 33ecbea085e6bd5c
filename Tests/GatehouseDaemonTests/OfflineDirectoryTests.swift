import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

/// A directory that is away, of which a service on the machine answers with what it has cached.
@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct OfflineDirectoryTests {
  private let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    groups: {staff: {only_from: [192.0.2.9]}, wheel: {only_from: [192.0.2.9]}}
    users: {deploy: {only_from: [192.0.2.8]}}
    break_glass: {users: [rescue]}

    """

  private func ask(
    _ daemon: InProcessDaemon, _ user: String, from address: String = "192.0.2.1"
  ) throws -> String {
    try daemon.ask(question(user, [(.remoteHost, address)], timeLeft: 10_000))
  }

  @Test func whoseGroupsAreNotCachedIsNotLetInWhereTheyMightRefuse() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change {
      $0.unlistedUsers = ["bob"]
      $0.accounts["bob"] = Account(name: "bob", userID: 1001, primaryGroupID: 77)
    }
    #expect(try ask(daemon, "bob") == "identity_unavailable")
    // In staff or not, this is an address that lets bob in.
    #expect(try ask(daemon, "bob", from: "192.0.2.9") == "listed")
    #expect(try ask(daemon, "bob", from: "203.0.113.1") == "not_listed")
    // What the groups' own entries say is enough.
    daemon.directory.change { $0.members = ["staff": ["alice"], "wheel": ["alice"]] }
    #expect(try ask(daemon, "bob") == "listed")
    daemon.directory.change { $0.members["staff"] = ["alice", "bob"] }
    daemon.reload()
    try daemon.waitForLog("generation 2 ")
    #expect(try ask(daemon, "bob") == "confined")
  }

  @Test func aUserWhomItDoesNotHaveMayBeInAnyGroup() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try ask(daemon, "carol") == "identity_unavailable")
    #expect(try ask(daemon, "carol", from: "203.0.113.1") == "identity_unavailable")
  }

  @Test func anotherSpellingOfAConfinedUserIsNotLetIn() throws {
    let daemon = try InProcessDaemon(
      policy: "version: 1\nusers: {deploy: {only_from: [192.0.2.8]}}\n")
    daemon.directory.change { $0.isAway = true }
    #expect(try ask(daemon, "DePloy") == "identity_unavailable")
    #expect(try ask(daemon, "deploy") == "identity_unavailable")
  }

  @Test func anOldAnswerOfAServiceThatIsAwayServesAsLongAsOneOfOurs() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change {
      $0.ages["alice"] = .seconds(3 * 3600)
      $0.ages["bob"] = .seconds(25 * 3600)
      $0.accounts["bob"] = Account(name: "bob", userID: 1001, primaryGroupID: 77)
      $0.memberships["bob"] = []
    }
    #expect(try ask(daemon, "alice") == "confined")
    #expect(try ask(daemon, "alice", from: "192.0.2.9") == "listed")
    // What was so a day ago, says nothing of today.
    #expect(try ask(daemon, "bob") == "identity_unavailable")
    #expect(try ask(daemon, "bob", from: "203.0.113.1") == "identity_unavailable")
    try daemon.waitForLog("users and groups cannot be read (user \"alice\": sssd is away")
    daemon.directory.change { $0.ages = [:] }
    #expect(try ask(daemon, "bob") == "listed")
    try daemon.waitForLog("users and groups can be read again")
  }

  @Test func anOlderAnswerReplacesNoNewerOne() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try ask(daemon, "bob") == "confined")
    daemon.directory.change {
      $0.ages["bob"] = .seconds(3600)
      $0.memberships["bob"] = []
    }
    daemon.reload()
    try daemon.waitForLog("generation 2 ")
    #expect(try ask(daemon, "bob") == "confined")
  }

  @Test func statusTellsWhatTheServicesSaidLast() throws {
    let daemon = try InProcessDaemon(policy: policy)
    func identity() throws -> String { try daemon.report(StatusRequest()).text }
    #expect(try identity().contains(#""last_read_at":null,"services":[]"#))
    daemon.directory.change {
      $0.services = [
        DirectoryService(name: "winbind", isOnline: nil),
        DirectoryService(name: "sssd", isOnline: true),
      ]
    }
    _ = try ask(daemon, "bob")
    try wait { try identity().contains(#"{"name":"sssd","state":"online","time":"#) }
    #expect(try identity().contains(#"{"name":"winbind","state":"unknown","time":"#))
    #expect(try !identity().contains(#""last_read_at":null"#))
    daemon.directory.change { $0.services = [DirectoryService(name: "sssd", isOnline: false)] }
    // They are not asked with each user.
    _ = try ask(daemon, "alice")
    #expect(daemon.directory.serviceQuestions == 1)
    daemon.reload()
    try daemon.waitForLog("generation 2 ")
    _ = try ask(daemon, "alice")
    try wait { try identity().contains(#"{"name":"sssd","state":"offline","time":"#) }
  }

  @Test func aMemberWhoWasReadBeforeStaysOne() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try ask(daemon, "bob") == "confined")
    daemon.directory.change { $0.accounts["bob"] = nil }
    daemon.reload()
    try daemon.waitForLog("generation 2 ")
    #expect(try ask(daemon, "bob") == "confined")
    #expect(try ask(daemon, "bob", from: "192.0.2.9") == "listed")
  }

  @Test func whatIsKnownServesOnAfterARestart() throws {
    let folder = try TemporaryDirectory("gatehouse-in-process")
    try folder.write(policy, to: "etc/policy.yaml")
    do {
      let daemon = try InProcessDaemon(in: folder)
      #expect(try ask(daemon, "bob", from: "192.0.2.9") == "listed")
      #expect(try ask(daemon, "alice") == "confined")
    }
    let away = FakeDirectory()
    away.change { $0.isAway = true }
    let daemon = try InProcessDaemon(in: folder, directory: away)
    #expect(try ask(daemon, "bob", from: "192.0.2.9") == "listed")
    #expect(try ask(daemon, "bob") == "confined")
    #expect(try ask(daemon, "carol") == "identity_unavailable")
  }

  @Test func aDamagedFileOfWhatIsKnownIsSetAsideAndTheDaemonServes() throws {
    let folder = try TemporaryDirectory("gatehouse-in-process")
    try folder.write(policy, to: "etc/policy.yaml")
    try folder.write("gatehouse state\nand nothing else", to: "state/identities")
    let daemon = try InProcessDaemon(in: folder)
    try daemon.waitForLog("what was known of users is lost")
    #expect(try ask(daemon, "bob") == "confined")
  }

  @Test func aRefreshSaysWhatTheDirectorySays() throws {
    let daemon = try InProcessDaemon(policy: policy)
    var request = RefreshRequest()
    request.user = "bob"
    let read = try daemon.report(request)
    #expect(read.exitStatus == 0)
    #expect(
      read.text.contains(
        #""outcome":"read","error":null,"user":"bob","uid":1001,"groups":["staff"]"#))
    daemon.directory.change { $0.isAway = true }
    let away = try daemon.report(request, as: .text)
    #expect(away.exitStatus == 1)
    #expect(away.text.contains("Connection refused"))
    #expect(
      try daemon.report(RefreshRequest()).text.contains(
        #""outcome":"stale","error":null,"users":1"#))
    #expect(try ask(daemon, "bob") == "confined")
  }

  @Test func rootAndBreakGlassAreLetInWithoutTheDirectory() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change {
      $0.accounts["root"] = Account(name: "root", userID: 0, primaryGroupID: 0)
      $0.localUsers["root"] = []
      $0.isStuck = true
    }
    #expect(try ask(daemon, "root") == "listed")
    #expect(try ask(daemon, "rescue", from: "203.0.113.1") == "break_glass")
    #expect(daemon.directory.lookUps == 0)
  }
}
