import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("A candidate on trial", .enabled(if: isRoot, "needs root: a policy must be root's"))
struct TrialTests {
  private static let old = "version: 1\neveryone: {from: [192.0.2.0/24]}\n"
  private static let new = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"

  private func folder() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("gatehouse-trial")
    try folder.write(Self.old, to: "etc/policy.yaml")
    return folder
  }

  // MARK: Requests

  private func byAlice<R: AttributedRequest>(_ request: R) -> R {
    var request = request
    request.asker = "alice"
    request.askerHost = "203.0.113.9"
    return request
  }

  @discardableResult
  private func begin(
    _ text: String = new, seconds: UInt32 = 600, allowing allow: Name? = nil,
    at daemon: InProcessDaemon
  ) throws -> (exitStatus: UInt8, text: String) {
    let bytes = try archive(text).bytes
    let file = try SealedMemoryFile(bytes)
    var request = byAlice(TrialRequest())
    request.duration = .seconds(seconds)
    request.allow = allow
    return try daemon.report(request, attaching: file.descriptor)
  }

  private func confirm(
    _ text: String = new, at daemon: InProcessDaemon
  ) throws -> (exitStatus: UInt8, text: String) {
    var request = byAlice(ConfirmRequest())
    request.digest = try archive(text).digest
    return try daemon.report(request)
  }

  private func end(at daemon: InProcessDaemon) throws -> (exitStatus: UInt8, text: String) {
    try daemon.report(byAlice(EndTrialRequest()))
  }

  private func status(_ daemon: InProcessDaemon) throws -> String {
    try daemon.report(StatusRequest()).text
  }

  /// Whether alice is let in from an address of the old policy, and of the new one.
  private func lets(_ daemon: InProcessDaemon) throws -> [String] {
    try ["192.0.2.7", "203.0.113.9"].map { address in
      try daemon.ask(question("alice", [(.remoteHost, address)]))
    }
  }

  private let byTheOld = ["listed", "not_listed"]
  private let byTheNew = ["not_listed", "listed"]

  // MARK: Beginning and end

  @Test("serves until its time is up, and then the folder's policy again")
  func timeUp() throws {
    let clock = FakeClock()
    let daemon = try InProcessDaemon(in: folder(), clock: clock.clock())
    let begun = try begin(seconds: 600, at: daemon)
    #expect(begun.exitStatus == 0)
    #expect(begun.text.contains("\"outcome\":\"on_trial\""))
    try daemon.waitForLog("alice from 203.0.113.9 is on trial for 10 minutes, until ")
    clock.advance(599)
    #expect(try lets(daemon) == byTheNew)
    clock.advance(1)
    try daemon.waitForLog("is on trial no longer, since nobody confirmed it in time")
    #expect(try lets(daemon) == byTheOld)
    #expect(try status(daemon).contains("\"trial\":null"))
    #expect((try? readFile(daemon.folder.file("state/trial"))) == nil)
  }

  @Test("is told by status, with the time that is left")
  func statusTells() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    try begin(seconds: 600, at: daemon)
    #expect(try lets(daemon) == byTheNew)
    let status = try daemon.report(StatusRequest())
    #expect(status.exitStatus == 1)
    #expect(status.text.contains("\"seconds_left\":600"))
    #expect(status.text.contains("\"since\":\"2026-11-21T12:00:00Z\""))
    #expect(status.text.contains("\"until\":\"2026-11-21T12:10:00Z\""))
    #expect(status.text.contains("\"author\":\"alice from 203.0.113.9\""))
    let text = try daemon.report(StatusRequest(), as: .text).text
    #expect(text.hasPrefix("on trial  10 minutes left"))
  }

  @Test("keeps reload and another candidate out, and says why")
  func othersAreRefused() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    try begin(at: daemon)
    let again = try begin("version: 1\n", at: daemon)
    #expect(again.exitStatus == 1)
    #expect(again.text.contains("\"reason\":\"on_trial\""))
    let reload = try daemon.report(ReloadRequest(), as: .text)
    #expect(reload.exitStatus == 1)
    #expect(reload.text.contains("a candidate of alice from 203.0.113.9 is on trial since"))
    #expect(reload.text.contains("10 minutes left"))
    daemon.reload()
    try daemon.waitForLog("is not read again: a candidate of alice")
    #expect(try lets(daemon) == byTheNew)
  }

  @Test("ends early where somebody ends it")
  func ended() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    #expect(try end(at: daemon).text.contains("\"reason\":\"no_trial\""))
    try begin(at: daemon)
    let ended = try end(at: daemon)
    #expect(ended.exitStatus == 0)
    #expect(ended.text.contains("\"outcome\":\"ended\""))
    try daemon.waitForLog("is on trial no longer, ended by alice from 203.0.113.9")
    #expect(try lets(daemon) == byTheOld)
    // Whoever has come in meanwhile came by the old policy alone.
    #expect(try begin(allowing: "all", at: daemon).exitStatus == 0)
  }

  @Test("is confirmed where it is in the folder when it ends")
  func confirmed() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    try begin(at: daemon)
    try daemon.folder.write(Self.new, to: "etc/policy.yaml")
    #expect(try end(at: daemon).text.contains("\"outcome\":\"confirmed\""))
    try daemon.waitForLog("is confirmed by alice from 203.0.113.9")
    #expect(try lets(daemon) == byTheNew)
    #expect(try status(daemon).contains("\"trial\":null"))
  }

  @Test("leaves the last good policy as it was, for a folder that is broken when it ends")
  func brokenFolder() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    try wait { (try? readFile(daemon.folder.file("state/last-good-policy"))) != nil }
    try begin(at: daemon)
    try daemon.folder.write("version: 1\neveryone: {form: [x]}\n", to: "etc/policy.yaml")
    let ended = try end(at: daemon)
    #expect(ended.exitStatus == 1)
    #expect(ended.text.contains("\"outcome\":\"ended_with_errors\""))
    #expect(try lets(daemon) == byTheOld)
    #expect(try status(daemon).contains("\"kept_copy\":true"))
  }

  @Test(
    "changes nothing where it has errors",
    arguments: [
      "version: 1\neveryone: {form: [x]}\n",
      new + "tests: [{user: bob, from: 203.0.113.9, expect: deny}]\n",
    ])
  func errors(text: String) throws {
    let daemon = try InProcessDaemon(in: folder())
    let refused = try begin(text, at: daemon)
    #expect(refused.exitStatus == 1)
    #expect(refused.text.contains("\"outcome\":\"refused\""))
    #expect(refused.text.contains("\"severity\":\"error\""))
    #expect(try lets(daemon) == byTheOld)
    #expect((try? readFile(daemon.folder.file("state/trial"))) == nil)
  }

  @Test("changes nothing where it is no candidate that was sent")
  func nonsense() throws {
    let daemon = try InProcessDaemon(in: folder())
    var request = byAlice(TrialRequest())
    request.duration = .seconds(60)
    let file = try SealedMemoryFile(Array("gatehouse policy, format 1, sha256 0\n".utf8))
    let damaged = try daemon.report(request, attaching: file.descriptor)
    #expect(damaged.exitStatus == 1)
    #expect(damaged.text.contains("does not match its digest"))
    let unsealed = try daemon.report(request, attaching: 0)
    #expect(unsealed.text.contains("not a sealed memory file"))
    #expect(unsealed.text.contains("\"unusable\"") || unsealed.text.contains("cannot be used"))
    let connection = try daemon.connect()
    connection.send(try request.frame())
    #expect(try connection.receive().isEmpty)
    #expect(try lets(daemon) == byTheOld)
  }

  @Test("does not begin where it could not be kept over a restart")
  func unkept() throws {
    let folder = try folder()
    // A file stands where the state's folder should be.
    try folder.write("", to: "state")
    let daemon = try InProcessDaemon(in: folder)
    let refused = try begin(at: daemon)
    #expect(refused.exitStatus == 1)
    #expect(refused.text.contains("cannot be saved for a restart"))
    #expect(try lets(daemon) == byTheOld)
  }

  @Test("does not begin where no boot can be told from the next, or nobody's session be read")
  func preconditions() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock(boot: nil))
    #expect(try begin(at: daemon).text.contains("\"reason\":\"no_boot\""))
    daemon.sessions.change { $0.isAway = true }
    #expect(try begin(at: daemon).text.contains("the login sessions cannot be read"))
  }

  // MARK: Confirming

  @Test("is confirmed from a session that is new and that it has let in, or from the console")
  func whoMayConfirm() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    #expect(try confirm(at: daemon).text.contains("\"reason\":\"no_trial\""))
    daemon.sessions.change { $0.openSessions = ["6"] }
    try begin(at: daemon)
    func attempt(in session: LoginSession?) throws -> String {
      daemon.sessions.change { $0.own = session }
      let confirmed = try confirm(at: daemon)
      #expect(confirmed.exitStatus == (confirmed.text.contains("confirmable") ? 0 : 1))
      return confirmed.text
    }
    let new = LoginSession.ssh("203.0.113.9")
    let old = LoginSession(
      id: "6", user: 1000, remoteHost: "203.0.113.9", isRemote: true, sessionClass: "user",
      service: "sshd")
    #expect(try attempt(in: nil).contains("\"reason\":\"no_session\""))
    #expect(try attempt(in: .opened(by: "su")).contains("\"reason\":\"no_session\""))
    #expect(try attempt(in: old).contains("\"reason\":\"old_session\""))
    // The candidate has let nobody in yet; then another one, and then from elsewhere.
    #expect(try attempt(in: new).contains("\"reason\":\"not_seen\""))
    _ = try daemon.ask(question("bob", [(.remoteHost, "203.0.113.9")]))
    _ = try daemon.ask(question("alice", [(.remoteHost, "203.0.113.8")]))
    _ = try daemon.ask(question("alice", [(.remoteHost, "192.0.2.7")]))
    #expect(try attempt(in: new).contains("\"reason\":\"not_seen\""))
    #expect(try attempt(in: .ssh("192.0.2.7")).contains("\"reason\":\"not_seen\""))
    #expect(try attempt(in: .console).contains("\"outcome\":\"confirmable\""))
    _ = try daemon.ask(question("alice", [(.remoteHost, "203.0.113.9")]))
    #expect(try attempt(in: old).contains("\"reason\":\"old_session\""))
    #expect(try attempt(in: new).contains("\"outcome\":\"confirmable\""))
    // sshd with UseDNS: the session has a name, and the asker's environment the address.
    #expect(try attempt(in: .ssh("desk.office.example")).contains("\"outcome\":\"confirmable\""))
    daemon.sessions.change { $0.isAway = true }
    #expect(try confirm(at: daemon).text.contains("your login session cannot be read"))
  }

  @Test("is confirmed as what it is alone")
  func otherContent() throws {
    let daemon = try InProcessDaemon(in: folder(), clock: FakeClock().clock())
    try begin(at: daemon)
    daemon.sessions.change { $0.own = .console }
    #expect(try confirm("version: 1\n", at: daemon).text.contains("\"reason\":\"other_content\""))
    #expect(try confirm(at: daemon).exitStatus == 0)
  }

  // MARK: Starting again

  /// A folder in which a candidate was put on trial by a daemon that has ended.
  private func folderOnTrial(_ clock: FakeClock, seconds: UInt32 = 600) throws -> TemporaryDirectory
  {
    let folder = try folder()
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
    #expect(try begin(seconds: seconds, at: daemon).exitStatus == 0)
    return folder
  }

  @Test("goes on over a restart of the daemon, for the time that is left")
  func restart() throws {
    let clock = FakeClock()
    let folder = try folderOnTrial(clock)
    clock.advance(100)
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
    #expect(try lets(daemon) == byTheNew)
    #expect(try status(daemon).contains("\"seconds_left\":500"))
    try daemon.waitForLog("also after this start of gatehoused")
    // The sessions of before are still of before.
    daemon.sessions.change { $0.own = .ssh("203.0.113.9") }
    #expect(try confirm(at: daemon).exitStatus == 0)
  }

  @Test("ends where its time was up meanwhile, however the other clock was set")
  func timeUpMeanwhile() throws {
    let clock = FakeClock()
    let folder = try folderOnTrial(clock)
    clock.advance(600)
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
    #expect(try lets(daemon) == byTheOld)
    try daemon.waitForLog("since nobody confirmed it in time")
    #expect((try? readFile(folder.file("state/trial"))) == nil)
  }

  @Test("neither ends nor goes on for longer where the time of day jumps", arguments: [-1, 1])
  func timeOfDay(days: Int64) throws {
    let clock = FakeClock()
    let folder = try folderOnTrial(clock)
    // As if it had begun a day later or earlier by the clock that people read.
    let path = folder.file("state/trial")
    let kept = try KeptState.trial.decode(readFile(path))
    let record = kept.note
    let began = Instant(
      microsecondsSinceEpoch: record.began.microseconds - days * 86_400_000_000)
    let other = TrialRecord(
      author: record.author, exempt: record.exempt, began: began, boot: record.boot,
      start: record.start, end: record.end, sessions: record.sessions, subject: record.subject)
    try writeFile(path, bytes(other, kept.archive))
    clock.advance(1)
    do {
      let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
      #expect(try lets(daemon) == byTheNew)
      #expect(try status(daemon).contains("\"seconds_left\":599"))
    }
    clock.advance(600)
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
    #expect(try lets(daemon) == byTheOld)
  }

  @Test("ends with the boot that it began in")
  func reboot() throws {
    let clock = FakeClock()
    let folder = try folderOnTrial(clock)
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock(boot: "another"))
    #expect(try lets(daemon) == byTheOld)
    try daemon.waitForLog("since the machine has been booted")
    #expect((try? readFile(folder.file("state/trial"))) == nil)
  }

  @Test("ends where it cannot be used any more", arguments: ["damaged", "cut", "unloadable"])
  func unusable(fault: String) throws {
    let clock = FakeClock()
    let folder = try folderOnTrial(clock)
    let path = folder.file("state/trial")
    var bytes = try readFile(path)
    switch fault {
    case "damaged": bytes[bytes.count - 3] ^= 1
    case "cut": bytes.removeLast(10)
    default:
      // As of another version of the daemon, whose policy had other keys.
      let record = try KeptState.trial.decode(bytes).note
      let candidate = try archive("version: 2\n")
      let other = TrialRecord(
        author: record.author, exempt: record.exempt, began: record.began, boot: record.boot,
        start: record.start, end: record.end, sessions: record.sessions, subject: candidate.digest)
      bytes = try self.bytes(other, candidate)
    }
    try writeFile(path, bytes)
    let daemon = try InProcessDaemon(in: folder, clock: clock.clock())
    #expect(try lets(daemon) == byTheOld)
    try daemon.waitForLog("the policy in \(folder.file("etc")) serves again")
    #expect((try? readFile(path)) == nil)
  }

  // MARK: The record

  /// A trial as it is kept.
  private func bytes(_ record: TrialRecord, _ candidate: SnapshotArchive) throws -> [UInt8] {
    Array(try KeptState.trial.pieces(KeptPolicy(record, candidate)).joined())
  }

  private func record(
    start: Duration = .zero, end: Duration = .microseconds(7)
  ) throws -> TrialRecord {
    TrialRecord(
      author: "alice from 203.0.113.9", exempt: "alice,bob",
      began: Instant(microsecondsSinceEpoch: 1_795_262_400_000_000), boot: "this", start: start,
      end: end, sessions: ["7", "c2"], subject: try archive(Self.new).digest)
  }

  @Test("is kept as it is")
  func recordRoundTrip() throws {
    let record = try record()
    let candidate = try archive(Self.new)
    let kept = try KeptState.trial.decode(bytes(record, candidate))
    #expect(kept.note == record)
    #expect(kept.archive == candidate)
  }

  @Test("lasts a week at most, from a time that has been")
  func plausible() throws {
    let week = Duration.seconds(604_800)
    #expect(try record(end: week).isPlausible(at: .zero))
    #expect(try !record(end: week + .microseconds(1)).isPlausible(at: .zero))
    #expect(try record(start: week, end: week).isPlausible(at: week))
    #expect(try !record(start: week, end: week).isPlausible(at: week - .microseconds(1)))
    #expect(try !record(start: week, end: .zero).isPlausible(at: week))
  }

  @Test("no part of what is kept is taken for the whole")
  func recordTruncations() throws {
    let bytes = try bytes(record(), archive(Self.new))
    for length in bytes.indices {
      #expect(throws: StateProblem.self) { try KeptState.trial.decode(Array(bytes[..<length])) }
    }
  }

  @Test("with any byte changed it is none")
  func recordMutations() throws {
    let bytes = try bytes(record(), archive(Self.new))
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x04
      #expect(throws: StateProblem.self) { try KeptState.trial.decode(changed) }
    }
  }
}
