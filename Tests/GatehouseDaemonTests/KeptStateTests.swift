import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseState
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("What the first version of the daemon kept")
struct FirstVersionStateTests {
  /// What is read of a file that the first version's own daemon wrote; it is written anew then.
  private func read<Value>(_ name: String, _ kind: StateKind<Value>) throws -> Value {
    let samples =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
      .joined(separator: "/") + "/GatehouseStateTests/FirstVersion/state"
    let folder = try TemporaryDirectory("gatehouse-state")
    try writeFile(folder.file(name), try readFile("\(samples)/\(name)"))
    let file = StateFile(folder: folder.path, name: name, kind)
    guard case .value(let value) = try file.read() else {
      throw TestKitError("\(name) is not read")
    }
    #expect(file.holds(value))
    guard case .value = try file.read() else { throw TestKitError("\(name) is not read again") }
    return value
  }

  @Test("grants")
  func grants() throws {
    let grants = try read("grants", KeptState.grants)
    #expect(grants.map(\.id) == ["3eh6s5kde7", "d4k9gk6kxz"])
    #expect(grants[0].service == nil && grants[1].service == "sudo")
    #expect(try grants[1].place == GrantPlace(written: "2001:db8::9"))
    #expect(grants[1].why == "caffè" && grants[1].author == "root")
    #expect(grants[0].until.microseconds == 1_795_663_507_658_203)
  }

  @Test("denials")
  func denials() throws {
    let denials = try read("denials", KeptState.denials)
    #expect(denials.count == 7)
    #expect(denials[1].authentication == "publickey ssh-ed25519 AAAA\n")
    #expect(denials[4].reason == .blocked)
    #expect(denials[6].role == "admin")
  }

  @Test("a trial")
  func trial() throws {
    let kept = try read("trial", KeptState.trial)
    #expect(kept.note.author == "root" && kept.note.exempt == "all")
    #expect(kept.note.boot == "5a9a7bcd-0000-4000-8000-000000000001")
    #expect(kept.note.end == .microseconds(4_524_884_753))
    #expect(kept.note.isPlausible(at: .seconds(3600)))
    #expect(kept.note.subject == kept.archive.digest)
  }

  @Test("a candidate in the shadow, counts, and the last good policy")
  func others() throws {
    let shadow = try read("shadow", StateKinds.shadow).archive
    let counts = try read("shadow-counts", KeptState.shadowCounts)
    #expect(counts.digest == shadow.digest)
    #expect(counts.changes.judged == 24 && counts.changes.counts.count == 10)
    #expect(counts.changes.counts.keys.contains { $0.role == "admin" && $0.rule == nil })
    #expect(counts.changes.counts.keys.contains { $0.rule == "new.yaml:3" && $0.user == "bin" })
    let monitored = try read("monitor-counts", KeptState.monitorCounts)
    #expect(monitored.changes.judged == 12)
    let policy = try read("last-good-policy", StateKinds.acceptedPolicy).archive
    #expect(policy.snapshot.listFiles.count == 1)
  }
}

@Suite("What stands in the state folder")
struct StateBoundsTests {
  @Test("no kind but one with a policy is longer than 64 MiB")
  func bounds() {
    #expect(KeptState.grants.byteLimit <= 16 << 20)
    #expect(KeptState.denials.byteLimit <= 2 << 20)
    #expect(KeptState.shadowCounts.byteLimit <= 8 << 20)
    #expect(KeptState.loading.byteLimit <= 1 << 16)
    for limit in [KeptState.trial.byteLimit, StateKinds.acceptedPolicy.byteLimit] {
      #expect(limit > 1 << 30 && limit <= 1200 << 20)
    }
  }

  @Test("at the end of a count's bounds, counting on does not overflow")
  func counting() throws {
    let most = 1 << 48
    var counts = ShadowCounts(
      digest: "", since: .now(),
      changes: LoginChanges(
        counts: [:], judged: most, unjudged: most, unlisted: most, bound: ShadowCounts.placeLimit))
    counts = try KeptState.shadowCounts.decode(
      Array(try KeptState.shadowCounts.pieces(counts).joined()))
    let login = Login(
      user: "bob", groups: [], service: "sshd", origin: .local, time: .now(), role: nil)
    counts.changes.count(
      login, was: DecisionOutcome(verdict: .allow),
      is: Decision(verdict: .deny, reason: .notListed),
      at: .now())
    #expect(counts.changes.judged == most + 1)
  }
}
