import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import Glibc
import TestKit
import Testing

@testable import GatehouseDaemon
@testable import GatehouseState

/// Writes how many starts in a row have failed in a boot.
func writeFailedStarts(_ count: Int, of boot: String, _ bench: DaemonBench) throws {
  try bench.folder.directory("state")
  let record = StartCount.Record(boot: boot, failures: count)
  try writeFile(
    "\(bench.state)/failed-starts", Array(try KeptState.failedStarts.pieces(record).joined()))
}

/// Whatever stands in the state folder, the daemon starts, says what it set aside, and serves.
@Suite(
  "A state folder that is damaged, forged or old",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct DaemonStateTests {
  private static let boot = "5a9a7bcd-0000-4000-8000-000000000001"
  private static let policy = """
    version: 1
    message: "Not from {address}, quote {id}."
    grants: {longest: 4h}
    everyone: {from: [192.0.2.0/24]}

    """
  /// The files that are read at each start.
  private static let names = [
    "grants", "denials", "codes", "trial", "shadow", "shadow-counts", "monitor-counts", "loading",
    "identities",
  ]

  private func bench() throws -> DaemonBench {
    let bench = try DaemonBench(policy: Self.policy)
    try bench.folder.directory("state")
    return bench
  }

  /// Starts it in the boot of the samples.
  private func start(_ bench: DaemonBench) throws -> ChildProcess {
    try bench.start("exec \"$@\" --boot-id \(Self.boot)")
  }

  private func path(_ bench: DaemonBench, _ name: String) -> String { "\(bench.state)/\(name)" }

  /// What each file is, of a daemon that has something to keep in all of them.
  private func samples() throws -> [(String, [UInt8])] {
    func bytes<Value>(_ kind: StateKind<Value>, _ value: Value) throws -> [UInt8] {
      Array(try kind.pieces(value).joined())
    }
    let archive = try archive("version: 1\neveryone: {from: [198.51.100.0/24]}\n")
    let now = Instant.now()
    return [
      ("grants", try bytes(KeptState.grants, [grant(until: 3600)])),
      (
        "denials",
        try bytes(
          KeptState.denials,
          [
            Denial(
              id: "one", time: now, user: "games", service: "sshd",
              origin: Origin(kept: "203.0.113.1"), role: nil, reason: .notListed,
              authentication: nil)
          ])
      ),
      (
        "codes",
        try bytes(
          KeptState.codes,
          Codes.Kept(
            open: [
              Codes.Code(
                denial: "one", user: "games", address: try #require(IPAddress("203.0.113.1")),
                service: "sshd", role: nil, salt: [1], hash: [2], made: now,
                until: now + Codes.lifetime, isSent: true)
            ], causes: [Codes.Cause(user: "games", time: now)]))
      ),
      ("trial", try bytes(KeptState.trial, KeptPolicy(trial(archive), archive))),
      ("shadow", try bytes(StateKinds.shadow, KeptPolicy(archive))),
      (
        "shadow-counts",
        try bytes(KeptState.shadowCounts, ShadowCounts(digest: archive.digest, since: now))
      ),
      (
        "monitor-counts",
        try bytes(KeptState.monitorCounts, ShadowCounts(digest: archive.digest, since: now))
      ),
      (
        "loading",
        try bytes(KeptState.loading, LoadMark.Record(boot: Self.boot, subject: archive.digest))
      ),
      ("identities", try bytes(KeptState.identities, KnownUsers(entries: [], groupsSeen: [:]))),
    ]
  }

  private func archive(_ policy: String) throws -> SnapshotArchive {
    let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(policy.utf8)))
    return try #require(SnapshotArchive(PolicySnapshot(policyFiles: [file])))
  }

  private func grant(
    _ id: String = "one", since: Int64 = 0, until: Int64, from address: String = "203.0.113.7"
  ) throws -> Grant {
    let now = Instant.now().microseconds
    return Grant(
      id: id, user: "daemon", place: try GrantPlace(written: address),
      since: Instant(microsecondsSinceEpoch: now + since * 1_000_000),
      until: Instant(microsecondsSinceEpoch: now + until * 1_000_000), author: "root",
      why: "routine")
  }

  private func trial(
    _ archive: SnapshotArchive, start: Duration = .zero, end: Duration = .seconds(3600)
  ) -> TrialRecord {
    let now = uptime()
    return TrialRecord(
      author: "root", exempt: nil, began: .now(), boot: Self.boot, start: max(.zero, now + start),
      end: max(.zero, now + end), sessions: [], subject: archive.digest)
  }

  private func uptime() -> Duration {
    var time = timespec()
    // SAFETY: a structure of this frame.
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Serves by the folder's policy, and by nothing else.
  private func expectToServe(_ bench: DaemonBench, _ daemon: ChildProcess, _ what: String) throws {
    #expect(try bench.ask("daemon", from: "192.0.2.7").reason == "listed", "\(what)")
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "not_listed", "\(what)")
    let status = try gatehouse(["status", "--socket", bench.socket])
    #expect(status.output.contains("generation 1 ("), "\(what): \(status)")
    #expect(daemon.poll() == nil, "\(what)")
  }

  /// Starts the daemon over what `damage` makes of every file, twice.
  private func expectSetAside(
    _ what: String, _ damage: (_ path: String, _ whole: [UInt8]) throws -> Void
  ) throws {
    let bench = try bench()
    let samples = try samples()
    #expect(samples.map(\.0) == Self.names)
    for (name, whole) in samples { try damage(path(bench, name), whole) }
    do {
      let daemon = try start(bench)
      try expectToServe(bench, daemon, what)
      for name in Self.names {
        try bench.waitForLog("\(path(bench, name)) cannot be used: ")
        #expect(unsafe Glibc.access("\(path(bench, name)).damaged", F_OK) == 0, "\(what): \(name)")
      }
      daemon.signal(SIGTERM)
      try daemon.wait()
    }
    let log = bench.log
    let daemon = try start(bench)
    try expectToServe(bench, daemon, "again, \(what)")
    #expect(!bench.log.dropFirst(log.count).contains("cannot be used"), "\(what): \(bench.log)")
  }

  @Test("with any byte of the head changed")
  func flips() throws {
    for index in stride(from: 0, to: StateHead.byteCount, by: 9) + [StateHead.byteCount - 1] {
      try expectSetAside("byte \(index)") { path, whole in
        var changed = whole
        changed[index] ^= 0x10
        try writeFile(path, changed)
      }
    }
  }

  @Test("cut, empty, followed by more, of another version, or something else")
  func otherBytes() throws {
    try expectSetAside("empty") { path, _ in try writeFile(path, []) }
    try expectSetAside("cut in the head") { try writeFile($0, Array($1.prefix(50))) }
    try expectSetAside("without its last byte") { try writeFile($0, $1.dropLast()) }
    try expectSetAside("with one more") { try writeFile($0, $1 + [0]) }
    try expectSetAside("text") { path, _ in try writeFile(path, Array("hello\n".utf8)) }
    try expectSetAside("another version") { path, whole in
      var changed = whole
      changed[19] = 9
      try writeFile(path, changed)
    }
  }

  @Test("a folder, a pipe, a link or a file of 1 TB in its place")
  func otherThings() throws {
    try expectSetAside("a folder") { path, _ in
      #expect(unsafe mkdir(path, 0o755) == 0)
      try writeFile("\(path)/file", [])
    }
    try expectSetAside("a pipe") { path, _ in #expect(unsafe mkfifo(path, 0o600) == 0) }
    try expectSetAside("a link") { path, _ in #expect(unsafe symlink("/dev/zero", path) == 0) }
    try expectSetAside("1 TB") { path, _ in
      try writeFile(path, [])
      #expect(unsafe truncate(path, 1 << 40) == 0)
    }
  }

  @Test("a trial that ends in no time that a trial may end in is set aside")
  func forgedTrials() throws {
    let archive = try archive("version: 1\nmode: off\n")
    func bytes(_ record: TrialRecord) throws -> [UInt8] {
      Array(try KeptState.trial.pieces(KeptPolicy(record, archive)).joined())
    }
    func old(_ end: String) -> [UInt8] {
      let head = """
        gatehouse trial, format 1
        author root
        began 0
        boot \(Self.boot)
        end \(end)
        sessions \n\n
        """
      return Array(head.utf8) + archive.bytes
    }
    let week = Duration.seconds(604_800)
    let forgeries = [
      try bytes(trial(archive, end: .seconds(53_375_995 * 86_400))),
      try bytes(trial(archive, end: week + .seconds(60))),
      try bytes(trial(archive, start: .seconds(60), end: .seconds(120))),
      old("\(UInt64.max)"), old("\(Int64.max)"), old("-1"), old("4611686018427387904"),
      old("3162240000000000"),
    ]
    for (index, forgery) in forgeries.enumerated() {
      let bench = try bench()
      try writeFile(path(bench, "trial"), forgery)
      let daemon = try start(bench)
      try expectToServe(bench, daemon, "forgery \(index)")
      try bench.waitForLog("\(path(bench, "trial")) cannot be used: ")
    }
  }

  @Test("a trial with mode off ends like any other")
  func off() throws {
    let archive = try archive("version: 1\nmode: off\n")
    let bench = try bench()
    let record = trial(archive, start: .seconds(-10), end: .seconds(3))
    try writeFile(
      path(bench, "trial"),
      Array(try KeptState.trial.pieces(KeptPolicy(record, archive)).joined()))
    let daemon = try start(bench)
    try wait { try bench.ask("daemon", from: "203.0.113.7").reason == "not_listed" }
    try bench.waitForLog("nobody confirmed it in time")
    #expect(daemon.poll() == nil)
  }

  @Test("counts from before time began do not kill a status")
  func forgedCounts() throws {
    let bench = try bench()
    let digest = String(repeating: "a", count: 64)
    for name in ["shadow-counts", "monitor-counts"] {
      try writeFile(
        path(bench, name),
        Array(
          "gatehouse changes, format 1\npolicy \(digest) \(Int64.min)\nlogins 1 0 0\n".utf8))
    }
    let daemon = try start(bench)
    try expectToServe(bench, daemon, "counts")
    try bench.waitForLog("monitor-counts cannot be used: ")
  }

  @Test("a grant that lasts longer than grants.longest ends when it may")
  func forgedGrants() throws {
    let bench = try bench()
    let year: Int64 = 365 * 86_400
    try writeFile(
      path(bench, "grants"),
      Array(
        try KeptState.grants.pieces([
          grant("long", until: year), grant("past", since: -year, until: year, from: "203.0.113.8"),
          grant("future", since: year, until: year + 3600, from: "203.0.113.9"),
        ]).joined()))
    let daemon = try start(bench)
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "granted")
    #expect(try bench.ask("daemon", from: "203.0.113.8").reason == "not_listed")
    try bench.waitForLog("grant long for daemon from 203.0.113.7 ends earlier")
    try bench.waitForLog("grant past for daemon from 203.0.113.8 has ended")
    let grants = try gatehouse(["grants", "--socket", bench.socket]).output
    #expect(grants.contains("203.0.113.7"))
    #expect(!grants.contains("203.0.113.8"))
    #expect(!grants.contains("203.0.113.9"))
    #expect(daemon.poll() == nil)
  }

  @Test("the folder of the first version is read, and written anew")
  func firstVersion() throws {
    let bench = try bench()
    let samples =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/GatehouseStateTests/FirstVersion/state"
    for name in [
      "grants", "denials", "shadow", "shadow-counts", "monitor-counts", "last-good-policy",
    ] {
      try writeFile(path(bench, name), try readFile("\(samples)/\(name)"))
    }
    // No policy of its own: the kept one serves.
    try bench.folder.write("version: 2\n", to: "etc/policy.yaml")
    let daemon = try start(bench)
    #expect(try bench.ask("daemon", from: "198.51.100.1").reason == "listed")
    let shadow = try gatehouse(["shadow", "--socket", bench.socket])
    #expect(shadow.output.contains("since      2026-11-26T01:25:07Z"), "\(shadow)")
    #expect(!bench.log.contains("cannot be used"), "\(bench.log)")
    for name in ["denials", "shadow", "shadow-counts", "monitor-counts", "last-good-policy"] {
      let head = try readFile(path(bench, name)).prefix(StateHead.magic.count)
      #expect(Array(head) == StateHead.magic, "\(name)")
    }
    #expect(daemon.poll() == nil)
  }

  // MARK: Death in loading

  /// Kills the daemon while it loads; so many died before.
  private func killInLoading(_ bench: DaemonBench, after deaths: Int) throws {
    let daemon = try bench.launch("exec \"$@\" --boot-id \(Self.boot)")
    try wait {
      guard let bytes = try? readFile(path(bench, "loading")),
        let record = try? KeptState.loading.decode(bytes)
      else { return false }
      return record.subject != nil && record.deaths.values.reduce(0, +) == deaths
    }
    daemon.signal(SIGKILL)
    try daemon.wait()
  }

  /// Puts a policy into the folder that takes seconds to load.
  private func writeLong(_ bench: DaemonBench) throws {
    let lines = (0..<400_000).map { "10.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)\n" }
    try bench.folder.write(lines.joined(), to: "etc/list.txt")
    try bench.folder.write(
      "version: 1\neveryone: {from: [{file: list.txt}, 203.0.113.0/24]}\n",
      to: "etc/policy.yaml")
  }

  @Test("a trial of which it died twice while it read the file is given up")
  func deadlyTrial() throws {
    let bench = try bench()
    try writeFile(
      path(bench, "trial"),
      Array(
        try KeptState.trial.pieces(
          KeptPolicy(
            trial(try archive("version: 1\nmode: off\n"), end: .seconds(60)),
            try archive("version: 1\nmode: off\n"))
        ).joined()))
    let record = LoadMark.Record(
      boot: Self.boot, subject: nil, deaths: [LoadMark.trialSubject: LoadMark.deathLimit])
    try writeFile(path(bench, "loading"), Array(try KeptState.loading.pieces(record).joined()))
    let daemon = try start(bench)
    try expectToServe(bench, daemon, "the folder's policy")
    try bench.waitForLog("gatehoused died twice while it read \(path(bench, "trial"))")
    #expect((try? readFile(path(bench, "trial"))) == nil)
  }

  @Test("a policy of which it died twice is followed by the one that was accepted last")
  func deadly() throws {
    let bench = try bench()
    do {
      let daemon = try start(bench)
      try wait { (try? readFile(path(bench, "last-good-policy"))) != nil }
      daemon.signal(SIGTERM)
      #expect(try daemon.wait() == .exited(0))
      #expect(unsafe access(path(bench, "loading"), F_OK) != 0)
    }
    try writeLong(bench)
    for deaths in 0..<2 { try killInLoading(bench, after: deaths) }
    let daemon = try start(bench)
    #expect(try bench.ask("daemon", from: "192.0.2.7").reason == "listed")
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "not_listed")
    let status = try gatehouse(["status", "--socket", bench.socket])
    #expect(status.status == 1)
    #expect(status.output.contains("not loaded again by itself"), "\(status)")
    #expect(status.output.contains("gatehouse reload"), "\(status)")
    // Whoever asks for it gets it.
    #expect(try bench.reload().exitStatus == 0)
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "listed")
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    // And then it is loaded at a start again.
    let last = try start(bench)
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "listed")
    #expect(last.poll() == nil)
  }

  @Test("a policy that was corrected is loaded by the next start")
  func corrected() throws {
    let bench = try bench()
    try writeLong(bench)
    for deaths in 0..<2 { try killInLoading(bench, after: deaths) }
    try bench.folder.write(
      "version: 1\neveryone: {from: [203.0.113.0/24]}\n", to: "etc/policy.yaml")
    let daemon = try start(bench)
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "listed")
    #expect(daemon.poll() == nil)
  }

  @Test("in another boot it is tried again")
  func otherBoot() throws {
    let bench = try bench()
    try writeLong(bench)
    for deaths in 0..<2 { try killInLoading(bench, after: deaths) }
    let daemon = try bench.start("exec \"$@\" --boot-id another")
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "listed")
    #expect(daemon.poll() == nil)
  }

  @Test("if it died of the newest accepted policy, too, the one before it serves")
  func before() throws {
    let bench = try bench()
    let newest = try archive("version: 1\neveryone: {from: [203.0.113.0/24]}\n")
    try bench.accept("version: 1\neveryone: {from: [203.0.113.0/24]}\n")
    try bench.accept(
      "version: 1\neveryone: {from: [198.51.100.0/24]}\n", as: "last-good-policy.before")
    try bench.folder.write(
      "version: 1\neveryone: {from: [203.0.113.0/24]}\n", to: "etc/policy.yaml")
    try writeFile(
      path(bench, "loading"),
      Array(
        try KeptState.loading.pieces(
          LoadMark.Record(boot: Self.boot, subject: newest.digest, deaths: [newest.digest: 1])
        ).joined()))
    let daemon = try start(bench)
    #expect(try bench.ask("daemon", from: "203.0.113.7").reason == "not_listed")
    #expect(try bench.ask("daemon", from: "198.51.100.7").reason == "listed")
    #expect(daemon.poll() == nil)
  }

  @Test("an end by SIGTERM is no death")
  func terminated() throws {
    let bench = try bench()
    let daemon = try start(bench)
    try writeLong(bench)
    for _ in 0..<3 {
      daemon.signal(SIGHUP)
      try wait { (try? readFile(path(bench, "loading")).isEmpty) == false }
    }
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    let next = try start(bench)
    // It is judged once the daemon is ready.
    try wait { try bench.ask("daemon", from: "203.0.113.7").reason == "listed" }
    #expect(!bench.log.contains("died"))
    #expect(next.poll() == nil)
  }
}
