import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The one way in", .enabled(if: isRoot, "needs root: a policy must be root's"))
struct OneWayInTests {
  private static let office = "version: 1\neveryone: {from: [192.0.2.0/24]}\n"
  private static let vpn = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"
  private static let both = "version: 1\neveryone: {from: [192.0.2.0/24, 203.0.113.0/24]}\n"

  /// A machine on which the policy `office` is in the folder.
  private func machine() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("gatehouse-one-way")
    try folder.write(Self.office, to: "etc/policy.yaml")
    return folder
  }

  /// The sessions of a machine that alice, who is in wheel, is logged in to from the office.
  private var alice: FakeSessions { FakeSessions(.init(all: [.ssh("192.0.2.7")])) }

  private func start(
    _ folder: TemporaryDirectory, _ sessions: FakeSessions = FakeSessions(),
    directory: FakeDirectory = FakeDirectory(), machine: String? = "one", boot: String = "this"
  ) throws -> InProcessDaemon {
    try InProcessDaemon(
      in: folder, clock: MachineClock(boot: boot), machine: machine, directory: directory,
      sessions: sessions)
  }

  private func write(_ policy: String, to folder: TemporaryDirectory) throws {
    try folder.write(policy, to: "etc/policy.yaml")
  }

  private func digest(_ policy: String) throws -> String { try archive(policy).digest }

  private func status(_ daemon: InProcessDaemon) throws -> DaemonStatus {
    try SeqpacketSocket.reply(to: StatusRequest(), at: daemon.folder.file("run/socket"))
  }

  private func reload(
    _ daemon: InProcessDaemon, allowing allow: Name? = nil, digest: String? = nil
  ) throws -> ReloadVerdict {
    try daemon.verdictOnReload(by: "carol", allowing: allow, digest: digest)
  }

  private func judge(
    _ policy: String, at daemon: InProcessDaemon, allowing allow: Name? = nil
  ) throws -> JudgeReply {
    var request = JudgeRequest()
    request.asker = "carol"
    request.allow = allow
    let file = try SealedMemoryFile(archive(policy).bytes)
    return try SeqpacketSocket.reply(
      to: request, at: daemon.folder.file("run/socket"), attaching: file.descriptor)
  }

  private func expect(_ daemon: InProcessDaemon, toServe policy: String) throws {
    #expect(try status(daemon).serving?.digest == digest(policy))
  }

  // MARK: What was refused

  @Test(
    "what SIGHUP could not bring into force, no restart and no boot does",
    arguments: ["this", "next"])
  func refusedStaysRefused(boot: String) throws {
    let folder = try machine()
    do {
      let daemon = try start(folder, alice)
      try write(Self.vpn, to: folder)
      daemon.reload()
      try daemon.waitForLog("generation 1 (\(digest(Self.office).prefix(12))) stays in effect")
      try daemon.waitForLog("alice could not log in again from 192.0.2.7 (not_listed, ")
    }
    // Nobody is logged in any more.
    let daemon = try start(folder, boot: boot)
    try expect(daemon, toServe: Self.office)
    let status = try status(daemon)
    #expect(try status.refusal?.digest == digest(Self.vpn))
    #expect(try status.accepted?.digest == digest(Self.office))
    #expect(!status.isCurrent && !status.isDiffering)
    try daemon.waitForLog("the kept copy of the last good policy serves, because")
    try expect(daemon, toServe: Self.office)
    // Until somebody takes it upon themselves: the record has alice's only place.
    guard case .refusedByGuard(keeping: 1) = try reload(daemon).outcome else {
      Issue.record("alice would be shut out")
      return
    }
    guard case .loaded = try reload(daemon, allowing: "alice").outcome else {
      Issue.record("it was allowed")
      return
    }
    #expect(try self.status(daemon).refusal == nil)
  }

  @Test("what was put right is forgotten")
  func putRight() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    try write(Self.vpn, to: folder)
    guard case .refusedByGuard(keeping: 1) = try reload(daemon).outcome else {
      Issue.record("alice would be shut out")
      return
    }
    try write(Self.both, to: folder)
    let verdict = try reload(daemon)
    #expect(verdict.guardVerdict?.isObstacle == false)
    try expect(daemon, toServe: Self.both)
    #expect(try status(daemon).isCurrent)
    #expect((try? readFile(folder.file("state/refusal"))) == nil)
  }

  // MARK: What was accepted

  @Test("what --allow-lockout let pass is not judged again, neither by a reload nor by a restart")
  func overrideLasts() throws {
    let folder = try machine()
    do {
      let daemon = try start(folder, alice)
      try write(Self.vpn, to: folder)
      let verdict = try reload(daemon, allowing: "alice")
      let losses = try #require(verdict.guardVerdict?.losses)
      #expect(Set(losses.map(\.kind)) == [.login, .lastPlace])
      #expect(losses.allSatisfy { $0.excuse == .allowed })
      try daemon.waitForLog("was accepted with --allow-lockout, by carol")
      try daemon.waitForLog("allowed: alice could not log in again from 192.0.2.7")
      guard case .loaded = try reload(daemon).outcome else {
        Issue.record("it is the accepted one")
        return
      }
    }
    let daemon = try start(folder, alice)
    let status = try status(daemon)
    #expect(try status.serving?.digest == digest(Self.vpn) && status.isCurrent)
    #expect(status.accepted?.means == "overridden" && status.accepted?.author == "carol")
    #expect(try reload(daemon).guardVerdict == nil)
  }

  @Test("is on the disk before anybody is told that it serves")
  func keptBeforeTold() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    try write(Self.both, to: folder)
    guard case .loaded = try reload(daemon).outcome else {
      Issue.record("nobody is shut out")
      return
    }
    let accepted = AcceptedPolicies(folder: folder.file("state"), machine: "one")
    #expect(try accepted.newest()?.digest == digest(Self.both))
  }

  @Test("a test that has begun to fail only warns, if it is the accepted policy's")
  func failingTest() throws {
    let folder = try machine()
    let failing = Self.office + "tests: [{user: bob, from: 192.0.2.9, expect: deny}]\n"
    try write(failing, to: folder)
    let load = Policy.load(try archive(failing).snapshot)
    try AcceptedPolicies(folder: folder.file("state"), machine: "one").keep(
      archive(failing).snapshot, of: #require(load.policy),
      Acceptance(machine: "one", at: .now(), means: .judged))
    let daemon = try start(folder, alice)
    try expect(daemon, toServe: failing)
    #expect(try status(daemon).isCurrent)
    // Another policy with the same test is refused.
    try write(failing + "message: no\n", to: folder)
    guard case .refused(keeping: 1) = try reload(daemon).outcome else {
      Issue.record("its test fails")
      return
    }
  }

  // MARK: Starts

  @Test("what was changed while the daemon was down is judged, and the accepted policy serves")
  func editedWhileDown() throws {
    let folder = try machine()
    _ = try start(folder, alice)
    try write(Self.vpn, to: folder)
    do {
      let daemon = try start(folder, alice)
      try daemon.waitForLog("would shut out who could repair it")
      let status = try status(daemon)
      #expect(try status.serving?.digest == digest(Self.office))
      #expect(status.serving?.isKeptCopy == true)
      #expect(status.refusal?.verdict?.isObstacle == true)
    }
    // A harmless one is taken.
    try write(Self.both, to: folder)
    let next = try start(folder, alice)
    try next.waitForLog("from \(folder.file("etc"))")
    try expect(next, toServe: Self.both)
  }

  @Test("is taken with a warning if nobody has come to the machine yet")
  func nobodyCame() throws {
    let folder = try machine()
    _ = try start(folder)
    try write(Self.vpn, to: folder)
    let daemon = try start(folder)
    try daemon.waitForLog("was not judged: nobody has come to this machine yet")
    try expect(daemon, toServe: Self.vpn)
    #expect(try status(daemon).accepted?.means == "nobody_came")
  }

  @Test("is not taken if nobody is known any more, but a policy was judged by somebody before")
  func recordLost() throws {
    let folder = try machine()
    do {
      let daemon = try start(folder, alice)
      try write(Self.both, to: folder)
      guard case .loaded = try reload(daemon).outcome else {
        Issue.record("nobody is shut out")
        return
      }
    }
    try? Files.remove(folder.file("state/logins"))
    try write(Self.vpn, to: folder)
    let daemon = try start(folder)
    try daemon.waitForLog("nobody who could repair the machine could be judged")
    try expect(daemon, toServe: Self.both)
  }

  @Test("SIGHUP does not take what could be judged for nobody; a command can say that it is meant")
  func nobodyJudged() throws {
    let folder = try machine()
    let daemon = try start(folder)
    try write(Self.vpn, to: folder)
    daemon.reload()
    try daemon.waitForLog("is refused because nobody who could repair the machine could be judged")
    try expect(daemon, toServe: Self.office)
    let status = try status(daemon)
    #expect(try status.refusal?.digest == digest(Self.vpn))
    guard case .refusedByGuard(keeping: 1) = try reload(daemon).outcome else {
      Issue.record("nobody could be judged")
      return
    }
    guard case .loaded = try reload(daemon, allowing: "unjudged").outcome else {
      Issue.record("it was allowed")
      return
    }
    try expect(daemon, toServe: Self.vpn)
  }

  @Test("on a machine that was cloned, nothing was accepted yet, whatever lies there")
  func clone() throws {
    let folder = try machine()
    _ = try start(folder, alice)
    try write(Self.vpn, to: folder)
    let daemon = try start(folder, alice, machine: "two")
    try expect(daemon, toServe: Self.vpn)
    #expect(try status(daemon).accepted?.means == "first")
  }

  @Test("a policy that an older Gatehouse accepted counts as accepted here")
  func olderVersion() throws {
    let folder = try machine()
    let kind = StateKind<KeptPolicy<Void>>(policy: "accepted policy", version: 1, .nothing)
    try folder.directory("state")
    try writeFile(
      folder.file("state/last-good-policy"),
      Array(try kind.pieces(KeptPolicy(archive(Self.vpn))).joined()))
    let daemon = try start(folder, FakeSessions(.init(all: [.ssh("203.0.113.9")])))
    try daemon.waitForLog("would shut out who could repair it")
    try expect(daemon, toServe: Self.vpn)
    #expect(try status(daemon).accepted?.means == "unknown")
  }

  // MARK: A directory that is away

  @Test("waits while a directory is away, and is judged when it answers")
  func waiting() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    daemon.directory.change { $0.isAway = true }
    #expect(try daemon.ask(question("bob", [(.remoteHost, "192.0.2.8")])) != "")
    try write(Self.vpn, to: folder)
    guard case .waiting(keeping: 1) = try reload(daemon).outcome else {
      Issue.record("nobody knows whether alice may repair the machine")
      return
    }
    #expect(try status(daemon).isWaiting)
    try expect(daemon, toServe: Self.office)
    daemon.directory.change { $0.isAway = false }
    #expect(try daemon.ask(question("bob", [(.remoteHost, "192.0.2.8")])) == "listed")
    try daemon.waitForLog("alice could not log in again from 192.0.2.7")
    try expect(daemon, toServe: Self.office)
    #expect(try !status(daemon).isWaiting)
  }

  @Test("does not wait if the command says that it need not be judged")
  func unjudged() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    daemon.directory.change { $0.isAway = true }
    try write(Self.vpn, to: folder)
    guard case .loaded = try reload(daemon, allowing: "unjudged").outcome else {
      Issue.record("it was allowed")
      return
    }
    #expect(try status(daemon).accepted?.means == "overridden")
  }

  @Test("questions are answered while the guard waits for a directory")
  func questionsMeanwhile() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    #expect(try daemon.ask(question("bob", [(.remoteHost, "192.0.2.8")])) == "listed")
    let lookUps = daemon.directory.lookUps
    daemon.directory.change { $0.isStuck = true }
    try write(Self.both, to: folder)
    let connection = try daemon.connect()
    connection.send(try ReloadRequest().frame())
    try wait { daemon.directory.lookUps > lookUps }
    #expect(try daemon.ask(question("bob", [(.remoteHost, "192.0.2.8")])) == "listed")
    try expect(daemon, toServe: Self.office)
    daemon.directory.change { $0.isStuck = false }
    #expect(try !connection.receive().isEmpty)
  }

  // MARK: Requests

  @Test("another policy than the one that is meant is refused")
  func otherContent() throws {
    let folder = try machine()
    let daemon = try start(folder)
    try write(Self.vpn, to: folder)
    let verdict = try reload(daemon, digest: digest(Self.both))
    guard case .refused(keeping: 1) = verdict.outcome else {
      Issue.record("it is another one")
      return
    }
    #expect(verdict.diagnostics.contains(.otherContent))
    guard
      case .loaded = try reload(daemon, allowing: "unjudged", digest: digest(Self.vpn)).outcome
    else {
      Issue.record("it is the one that is meant")
      return
    }
  }

  @Test("of two reloads at once, each gets what it asked for")
  func twoAtOnce() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    try write(Self.vpn, to: folder)
    var allowed = ReloadRequest()
    allowed.allow = "all"
    let connections = try [ReloadRequest(), allowed].map { request in
      let connection = try daemon.connect()
      connection.send(try request.frame())
      return connection
    }
    #expect(try connections[0].receiveWithText().text.contains("refusedByGuard"))
    #expect(try connections[1].receiveWithText().text.contains("loaded"))
    try expect(daemon, toServe: Self.vpn)
  }

  @Test("a judgement changes nothing")
  func judgement() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    let refused = try judge(Self.vpn, at: daemon)
    #expect(refused.guardVerdict?.isObstacle == true && !refused.isAccepted)
    #expect(try judge(Self.vpn, at: daemon, allowing: "alice").guardVerdict?.isObstacle == false)
    let accepted = try judge(Self.office, at: daemon)
    #expect(accepted.isAccepted && accepted.guardVerdict == nil)
    let broken = try judge("version: 1\neveryone: {form: [x]}\n", at: daemon)
    #expect(broken.guardVerdict == nil && broken.diagnostics.contains { $0.severity == .error })
    let status = try status(daemon)
    #expect(status.isCurrent && status.serving?.generation == 1)
    #expect((try? readFile(folder.file("state/refusal"))) == nil)
  }

  @Test("status says that the folder has another policy, though nobody asked")
  func differing() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    #expect(try !status(daemon).isDiffering)
    try write(Self.vpn, to: folder)
    #expect(try status(daemon).isDiffering)
    _ = try reload(daemon)
    #expect(try !status(daemon).isDiffering)
    try write(Self.office, to: folder)
    #expect(try !status(daemon).isDiffering)
  }

  // MARK: Trials

  private func begin(
    _ policy: String, at daemon: InProcessDaemon, allowing allow: Name? = nil
  ) throws -> TrialVerdict {
    var request = TrialRequest()
    request.asker = "carol"
    request.duration = .seconds(600)
    request.allow = allow
    let file = try SealedMemoryFile(archive(policy).bytes)
    return try SeqpacketSocket.reply(
      to: request, at: daemon.folder.file("run/socket"), attaching: file.descriptor)
  }

  @Test("a candidate is judged before it is on trial")
  func trial() throws {
    let folder = try machine()
    let daemon = try start(folder, alice)
    let refused = try begin(Self.vpn, at: daemon)
    guard case .refusedByGuard = refused.outcome, refused.guardVerdict?.isObstacle == true else {
      Issue.record("alice would be shut out: \(refused)")
      return
    }
    try expect(daemon, toServe: Self.office)
    #expect((try? readFile(folder.file("state/trial"))) == nil)
    guard case .begun(let trial) = try begin(Self.vpn, at: daemon, allowing: "alice").outcome
    else {
      Issue.record("it was allowed")
      return
    }
    #expect(trial.exempt == "alice")
    // Confirmed, it is the accepted one, as it was allowed.
    try write(Self.vpn, to: folder)
    var end = EndTrialRequest()
    end.asker = "carol"
    let ended: TrialVerdict = try SeqpacketSocket.reply(
      to: end, at: folder.file("run/socket"))
    guard case .over(_, _, confirmed: true) = ended.outcome else {
      Issue.record("it stands in the folder: \(ended)")
      return
    }
    let status = try status(daemon)
    #expect(try status.accepted?.digest == digest(Self.vpn))
    #expect(status.accepted?.means == "overridden")
  }
}
