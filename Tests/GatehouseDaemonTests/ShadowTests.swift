import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState
import GatehouseWire
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("A candidate in the shadow", .enabled(if: isRoot, "needs root: a policy must be root's"))
struct ShadowTests {
  private static let serving = "version: 1\neveryone: {from: [192.0.2.0/24]}\n"
  private static let candidate = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"

  private func folder(_ policy: String = serving) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("gatehouse-shadow")
    try folder.write(policy, to: "etc/policy.yaml")
    return folder
  }

  @discardableResult
  private func start(
    _ text: String = candidate, at daemon: InProcessDaemon
  ) throws -> (exitStatus: UInt8, text: String) {
    let bytes = try archive(text).bytes
    let file = try SealedMemoryFile(bytes)
    return try daemon.report(StartShadowRequest(), attaching: file.descriptor)
  }

  private func stop(_ daemon: InProcessDaemon) throws -> (exitStatus: UInt8, text: String) {
    try daemon.report(StopShadowRequest())
  }

  private func shown(
    _ daemon: InProcessDaemon, _ format: ReportFormat = .json
  ) throws -> (exitStatus: UInt8, text: String) {
    try daemon.report(ShadowRequest(), as: format)
  }

  @discardableResult
  private func login(
    _ user: String, _ address: String, at daemon: InProcessDaemon
  ) throws -> String {
    try daemon.ask(question(user, [(.remoteHost, address)]))
  }

  /// Waits until so many logins were judged, which comes after their answers.
  private func waitForJudged(
    _ count: Int, notJudged: Int = 0, at daemon: InProcessDaemon
  ) throws -> String {
    try eventually {
      let text = try shown(daemon).text
      return text.contains(#""judged":\#(count),"unjudged":\#(notJudged),"#) ? text : nil
    }
  }

  @Test("decides nothing, and counts who would come out differently, from where and by which rule")
  func counts() throws {
    let daemon = try InProcessDaemon(in: folder())
    #expect(try start(at: daemon).exitStatus == 0)
    for _ in 1...3 { #expect(try login("alice", "192.0.2.7", at: daemon) == "listed") }
    #expect(try login("bob", "203.0.113.9", at: daemon) == "not_listed")
    #expect(try login("bob", "198.51.100.1", at: daemon) == "not_listed")
    let text = try waitForJudged(5, at: daemon)
    #expect(text.contains(#""kind":"candidate","#))
    #expect(text.contains(#""differing":4,"unlisted":0,"#))
    #expect(
      text.contains(
        #"{"change":"loses","user":"alice","origin":{"kind":"address","address":"192.0.2.7"},"service":"sshd","role":null,"#
          + #""logins":3,"first":""#))
    #expect(text.contains(#""reason":"not_listed","rule":"policy.yaml:2"}"#))
    #expect(
      text.contains(
        #"{"change":"gains","user":"bob","origin":{"kind":"address","address":"203.0.113.9"},"#))
    #expect(!text.contains("198.51.100.1"))
    #expect(try shown(daemon, .text).exitStatus == 1)
    #expect(
      try shown(daemon, .text).text.hasPrefix(
        "DIFFERENT  1 user loses access, 1 user gains access: 4 of 5 logins\n"))
  }

  @Test("each difference is an entry of the log, with the id of the decision")
  func entries() throws {
    let daemon = try InProcessDaemon(in: folder())
    try start(at: daemon)
    try login("alice", "192.0.2.7", at: daemon)
    try daemon.waitForLog(
      "the candidate in the shadow would refuse alice from 192.0.2.7 (sshd): not_listed, "
        + "policy.yaml:2, id ")
    try login("bob", "203.0.113.9", at: daemon)
    try daemon.waitForLog("the candidate in the shadow would let in bob from 203.0.113.9")
  }

  @Test("goes on after a restart of the daemon, with its counts, until it is stopped")
  func restart() throws {
    let folder = try folder()
    func life(_ body: (InProcessDaemon) throws -> Void) throws {
      let daemon = try InProcessDaemon(in: folder)
      try body(daemon)
    }
    try life { (daemon) throws in
      try start(at: daemon)
      try login("alice", "192.0.2.7", at: daemon)
      _ = try waitForJudged(1, at: daemon)
    }
    try life { (daemon) throws in
      try login("alice", "192.0.2.7", at: daemon)
      let text = try waitForJudged(2, at: daemon)
      #expect(text.contains(#""logins":2,"first":""#))
      let stopped = try stop(daemon)
      #expect(stopped.exitStatus == 0)
      #expect(stopped.text.contains(#""outcome":"stopped""#))
      #expect(stopped.text.contains(#""logins":2,"first":""#))
      #expect(
        try shown(daemon).text
          == #"{"version":1,"outcome":"no","error":null,"watched":[]}"# + "\n")
    }
    try life { (daemon) throws in
      #expect(try shown(daemon).exitStatus == 1)
      #expect(try shown(daemon, .text).text.hasPrefix("NONE  there is no candidate"))
      #expect(try stop(daemon).exitStatus == 1)
    }
  }

  @Test("with errors, or while another one runs, it does not begin")
  func refusals() throws {
    let daemon = try InProcessDaemon(in: folder())
    let bad = try start("version: 1\neveryone: {form: [x]}\n", at: daemon)
    #expect(bad.exitStatus == 1)
    #expect(bad.text.contains(#""outcome":"refused""#))
    #expect(try start(at: daemon).exitStatus == 0)
    let second = try start("version: 1\n", at: daemon)
    #expect(second.exitStatus == 1)
    #expect(
      second.text.contains(
        #""outcome":"refused","error":{"message":"another candidate has been running since "#))
    let connection = try daemon.connect()
    connection.send(try StartShadowRequest().frame())
    #expect(try connection.receive().isEmpty)
  }

  @Test("groups that cannot be read are no difference, and refuse nobody")
  func badReadings() throws {
    let daemon = try InProcessDaemon(in: folder("version: 1\n"))
    daemon.directory.change { $0.awayGroups = ["wheel"] }
    try start("version: 1\ngroups: {wheel: {only_from: [203.0.113.0/24]}}\n", at: daemon)
    #expect(try login("alice", "192.0.2.7", at: daemon) == "unrestricted")
    _ = try waitForJudged(0, notJudged: 1, at: daemon)
    daemon.directory.change { $0.awayGroups = [] }
    #expect(try login("alice", "192.0.2.7", at: daemon) == "unrestricted")
    let text = try waitForJudged(1, notJudged: 1, at: daemon)
    #expect(text.contains(#""change":"loses","user":"alice""#))
    #expect(text.contains(#""reason":"confined""#))
  }

  @Test("a directory that hangs for the candidate's groups holds up no answer")
  func slowReadings() throws {
    let daemon = try InProcessDaemon(in: folder("version: 1\n"))
    #expect(try login("alice", "192.0.2.7", at: daemon) == "unrestricted")
    try start("version: 1\ngroups: {wheel: {only_from: [203.0.113.0/24]}}\n", at: daemon)
    daemon.directory.change { $0.isStuck = true }
    for _ in 1...3 { #expect(try login("alice", "192.0.2.7", at: daemon) == "unrestricted") }
    daemon.directory.change { $0.isStuck = false }
    #expect(try waitForJudged(3, at: daemon).contains(#""logins":3,"#))
  }

  @Test("monitor mode is watched likewise, also over a restart, and status says since when")
  func monitor() throws {
    let folder = try folder("mode: monitor\n" + Self.serving)
    func life(_ body: (InProcessDaemon) throws -> Void) throws {
      try body(try InProcessDaemon(in: folder))
    }
    try life { (daemon) throws in
      let status = try daemon.report(StatusRequest(), as: .text).text
      #expect(status.contains("none would have been denied since "), "\(status)")
      try login("alice", "192.0.2.7", at: daemon)
      try login("bob", "198.51.100.1", at: daemon)
      let text = try waitForJudged(2, at: daemon)
      #expect(text.contains(#""kind":"monitor","#))
      #expect(
        text.contains(
          #"{"change":"would_lose","user":"bob","origin":{"kind":"address","address":"198.51.100.1"},"#
        ))
    }
    try life { (daemon) throws in
      try login("bob", "198.51.100.1", at: daemon)
      _ = try waitForJudged(3, at: daemon)
      let status = try daemon.report(StatusRequest(), as: .text).text
      #expect(status.contains("2 of 3 logins would have been denied since "), "\(status)")
      #expect(
        try daemon.report(StatusRequest()).text.contains(
          #""judged":3,"unjudged":0,"differing":2},"shadow":null,"#))
    }
  }

  /// Writes a policy and has it loaded.
  private func load(_ policy: String, at daemon: InProcessDaemon) throws {
    try daemon.folder.write(policy, to: "etc/policy.yaml")
    let verdict = try daemon.verdictOnReload(allowing: "unjudged")
    #expect(verdict.status == .yes, "\(verdict)")
  }

  @Test("what monitor mode has counted is judged again by each correction of the policy")
  func correctedInMonitorMode() throws {
    let text = "mode: monitor\n" + Self.serving
    let daemon = try InProcessDaemon(in: folder(text))
    try login("alice", "192.0.2.7", at: daemon)
    try login("bob", "198.51.100.1", at: daemon)
    try login("bob", "203.0.113.9", at: daemon)
    let before = try waitForJudged(3, at: daemon)
    #expect(before.contains(#""differing":2,"#), "\(before)")
    // The vpn is added, and bob is still unlisted elsewhere.
    try load(text.replacing("[192.0.2.0/24]", with: "[192.0.2.0/24, 198.51.100.0/24]"), at: daemon)
    let after = try eventually {
      let text = try shown(daemon).text
      return text.contains(#""judged":3,"unjudged":0,"differing":1,"#) ? text : nil
    }
    #expect(
      after.contains(
        #"{"change":"would_lose","user":"bob","origin":{"kind":"address","address":"203.0.113.9"},"#
      ), "\(after)")
    #expect(!after.contains("198.51.100.1"))
    // What a correction takes away again is told, too.
    try load(text, at: daemon)
    _ = try eventually {
      try shown(daemon).text.contains(#""judged":3,"unjudged":0,"differing":2,"#) ? true : nil
    }
  }

  @Test("what a candidate was counted against is judged again by the next policy")
  func correctedBesideACandidate() throws {
    let daemon = try InProcessDaemon(in: folder())
    try start(at: daemon)
    try login("alice", "192.0.2.7", at: daemon)
    try login("bob", "203.0.113.9", at: daemon)
    _ = try waitForJudged(2, at: daemon)
    try load(
      Self.serving.replacing("[192.0.2.0/24]", with: "[192.0.2.0/24, 203.0.113.0/24]"), at: daemon)
    let after = try eventually {
      let text = try shown(daemon).text
      return text.contains(#""judged":2,"unjudged":0,"differing":1,"#) ? text : nil
    }
    #expect(
      after.contains(
        #"{"change":"loses","user":"alice","origin":{"kind":"address","address":"192.0.2.7"},"#),
      "\(after)")
  }
}

@Suite("The counts of what came out differently, as they are kept")
struct ShadowCountsTests {
  private let digest = String(repeating: "a1", count: 32)

  private func counts() throws -> ShadowCounts {
    var counts = ShadowCounts(digest: digest, since: Instant(microsecondsSinceEpoch: 5))
    let names: [Name] = ["ann", "e f", "", Name(bytes: [0xFF, 0x0A, 0x20]), "dörte"]
    for (index, user) in names.enumerated() {
      for origin in [
        Origin.local, .machine, .unknown(.noAddress), Origin(remoteHost: "2001:db8::7"),
      ] {
        let login = Login(
          user: user, groups: [], service: "ssh d", origin: origin,
          time: Instant(microsecondsSinceEpoch: 0), role: index == 1 ? "role" : nil)
        let rule = SourceLocation(file: "a b.yaml", line: index + 1, column: 1)
        counts.changes.count(
          login, was: DecisionOutcome(verdict: .allow),
          is: Decision(verdict: .deny, reason: .notListed, rule: index == 2 ? nil : rule),
          at: Instant(microsecondsSinceEpoch: Int64(index)))
      }
    }
    return counts
  }

  @Test("read back are what they were")
  func roundTrip() throws {
    let counts = try counts()
    #expect(counts.changes.counts.count == 20)
    let back = try KeptState.shadowCounts.decode(bytes(counts))
    #expect(back.digest == counts.digest && back.since == counts.since)
    #expect(back.changes.counts == counts.changes.counts)
    #expect(back.changes.judged == 20)
  }

  private func bytes(_ counts: ShadowCounts) throws -> [UInt8] {
    Array(try KeptState.shadowCounts.pieces(counts).joined())
  }

  @Test("cut or changed anywhere, they are none")
  func damage() throws {
    let bytes = try bytes(counts())
    for index in bytes.indices {
      #expect(throws: StateProblem.self) {
        try KeptState.shadowCounts.decode(Array(bytes[..<index]))
      }
      var changed = bytes
      changed[index] ^= 0x20
      #expect(throws: StateProblem.self) { try KeptState.shadowCounts.decode(changed) }
    }
    #expect(throws: StateProblem.otherKind) { try KeptState.monitorCounts.decode(bytes) }
  }

  @Test("are bounded: what finds no place is counted without one")
  func bounds() {
    var counts = ShadowCounts(digest: digest, since: Instant(microsecondsSinceEpoch: 5))
    for number in 0..<(ShadowCounts.placeLimit + 7) {
      let login = Login(
        user: Name("user\(number)"), groups: [], service: "sshd", origin: .unknown(.notAnAddress),
        time: Instant(microsecondsSinceEpoch: 0))
      counts.changes.count(
        login, was: DecisionOutcome(verdict: .allow),
        is: Decision(verdict: .deny, reason: .notListed),
        at: Instant(microsecondsSinceEpoch: 0))
    }
    #expect(counts.changes.counts.count == ShadowCounts.placeLimit)
    #expect(counts.changes.unlisted == 7)
    #expect(counts.changes.differing == ShadowCounts.placeLimit + 7)
  }
}
