import GatehouseControl
import GatehousePolicy
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct SlowDirectoryTests {
  private let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    groups: {wheel: {also_from: [198.51.100.7]}}
    break_glass: {users: [rescue]}
    services: {vsftpd: {check: false}}

    """

  private func question(
    _ user: String, from address: String = "198.51.100.7", service: String = "sshd",
    timeLeft: UInt32 = 10_000
  ) -> [UInt8] {
    GatehouseDaemonTests.question(
      user, service: service, [(.remoteHost, address)], timeLeft: timeLeft)
  }

  @Test func aDirectoryThatHangsIsAnsweredForBeforeTheDeadline() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change { $0.isStuck = true }
    // The directory never answers here: whatever comes, comes because the time is over.
    #expect(try daemon.ask(question("alice", timeLeft: 50)) == "identity_unavailable")
    // What does not depend on groups is decided all the same.
    #expect(try daemon.ask(question("rescue", timeLeft: 50)) == "break_glass")
  }

  @Test func whatIsNotCheckedDoesNotWaitForTheDirectory() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change { $0.isStuck = true }
    #expect(try daemon.ask(question("alice", service: "vsftpd", timeLeft: .max)) == "not_checked")
    #expect(daemon.directory.lookUps(of: "alice") == 0)
  }

  @Test func whileOneUserWaitsOthersAreAnswered() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try daemon.ask(question("bob", from: "192.0.2.1")) == "listed")
    daemon.directory.change { $0.isStuck = true }
    let waiting = try daemon.connect()
    waiting.send(question("alice"))
    #expect(try daemon.ask(question("bob", from: "192.0.2.1")) == "listed")
    daemon.directory.change { $0.isStuck = false }
    #expect(try daemon.reason(on: waiting) == "listed")
  }

  @Test func aKnownUserIsServedByTheEarlierReadingWhileTheDirectoryIsAway() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try daemon.ask(question("alice")) == "listed")
    daemon.directory.change { $0.isAway = true }
    daemon.reload()
    try wait { daemon.collector.messages.contains { $0.hasPrefix("generation 2 ") } }
    #expect(try daemon.ask(question("alice")) == "listed")
    #expect(try daemon.ask(question("carol")) == "identity_unavailable")
  }

  @Test func aPartlyAwayDirectoryDoesNotTakeAMembershipAway() throws {
    let daemon = try InProcessDaemon(policy: policy)
    #expect(try daemon.ask(question("alice")) == "listed")
    daemon.directory.change { $0.awayGroups = ["wheel"] }
    daemon.reload()
    try wait { daemon.collector.messages.contains { $0.hasPrefix("generation 2 ") } }
    #expect(try daemon.ask(question("alice")) == "listed")
    // The group would admit bob, and wherever he is let in without it, it does not matter.
    #expect(try daemon.ask(question("bob", from: "192.0.2.1")) == "listed")
    #expect(try daemon.ask(question("bob")) == "identity_unavailable")
  }

  @Test func aQuestionInFlightFinishesOnTheGenerationItBeganWith() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change { $0.isStuck = true }
    let waiting = try daemon.connect()
    waiting.send(question("alice"))
    try wait { daemon.directory.lookUps(of: "alice") == 1 }
    try daemon.folder.write(
      "version: 1\neveryone: {from: [nowhere]}\nbreak_glass: {users: [rescue]}\n",
      to: "etc/policy.yaml")
    let verdict = try daemon.verdictOnReload(allowing: "unjudged")
    guard case .loaded = verdict.outcome else {
      Issue.record("\(verdict)")
      return
    }
    daemon.directory.change { $0.isStuck = false }
    #expect(try daemon.reason(on: waiting) == "listed")
    #expect(try daemon.ask(question("alice")) == "not_listed")
  }

  @Test func theNameIsDecidedOnAsTheDirectoryWritesIt() throws {
    let daemon = try InProcessDaemon(
      policy: policy + "users: {alice: {only_from: [203.0.113.1]}}\n")
    #expect(try daemon.ask(question("ALICE", from: "192.0.2.1")) == "confined")
    #expect(try daemon.ask(question("ALICE", from: "203.0.113.1")) == "listed")
  }

  @Test func anAskerWhoGoesBeforeTheAnswerHarmsNobody() throws {
    let daemon = try InProcessDaemon(policy: policy)
    daemon.directory.change { $0.isStuck = true }
    for _ in 0..<20 { try daemon.connect().send(question("alice")) }
    try wait { daemon.directory.lookUps(of: "alice") == 1 }
    daemon.directory.change { $0.isStuck = false }
    try wait {
      daemon.collector.messages.count { $0.hasSuffix("the asker was gone before the answer") } == 20
    }
    #expect(try daemon.ask(question("alice")) == "listed")
  }
}
