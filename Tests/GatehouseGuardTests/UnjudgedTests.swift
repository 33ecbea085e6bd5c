import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseRecord
import GuardKit
import Testing

@Suite("The guard: who cannot be judged")
struct UnjudgedTests {
  private let grouped = "\(anywhere)\ngroups: {contractors: {only_from: [192.0.2.0/24]}}"

  private func asking() -> Village {
    var village = Village()
    village.unreadable("alice")
    village.opens("alice", from: "198.51.100.7", isOwn: true)
    return village
  }

  @Test("if the answer depends on groups that nobody can read, it is judged again later")
  func groups() throws {
    let verdict = try asking().verdict(anywhere, grouped)
    #expect(!verdict.isObstacle && verdict.isWaiting && verdict.isUnjudged)
    #expect(verdict.unjudged.first?.user == "alice")
    #expect(verdict.unjudged.first?.why == .directory)
    #expect(verdict.unjudged.first?.problem == "away")
  }

  @Test("if it does not, the directory does not matter")
  func noGroups() throws {
    #expect(
      try asking().losses(anywhere, office) == ["login alice 198.51.100.7 not_listed own"])
    let kept = try asking().verdict(anywhere, anywhere)
    #expect(!kept.isWaiting && kept.judgedCount == 1)
    // By name it is certain, whatever the groups are.
    let glass = "\(grouped)\nbreak_glass: {users: [alice]}"
    #expect(try !asking().verdict(glass, glass).isWaiting)
  }

  @Test("what the old policy says of unknown groups counts as allowed")
  func unknownOld() throws {
    #expect(
      try asking().losses(grouped, office) == ["login alice 198.51.100.7 not_listed own"])
  }

  @Test("whoever may be able to repair the machine makes the policy wait, and is no obstacle")
  func mayRepair() throws {
    var village = Village()
    village.unreadable("carol")
    village.opens("carol", from: "198.51.100.7")
    let verdict = try village.verdict(anywhere, office)
    #expect(!verdict.isObstacle && verdict.isWaiting)
    #expect(verdict.losing.map(\.user) == ["carol"])
    #expect(try !village.verdict(anywhere, anywhere).isWaiting)
    // Whoever is known to be a repairer by the record needs no directory for that.
    village.came("carol", from: "198.51.100.7", by: "sudo")
    #expect(try village.verdict(anywhere, office).isObstacle)
  }

  @Test("whoever there was no time for is counted, and holds nothing up")
  func noTime() throws {
    var village = Village()
    village.came("erin", from: "198.51.100.7")
    let verdict = try village.verdict(anywhere, grouped)
    #expect(!verdict.isWaiting && verdict.unjudgedCount == 1)
    #expect(verdict.unjudged.first?.matters == false)
  }

  @Test("a session that does not tell its address is named")
  func session() throws {
    var village = Village()
    village.person("carol", in: ["sudo"])
    village.person("dave")
    for user: Name in ["carol", "dave"] {
      village.scene.unread.append(
        .init(user: user, session: "5", isSession: true, problem: "cafe.example"))
    }
    let unjudged = try village.verdict(anywhere, office).unjudged
    #expect(unjudged.map(\.user) == ["carol", "dave"])
    #expect(unjudged.map(\.matters) == [true, false])
    #expect(unjudged.allSatisfy { $0.why == .session })
  }

  @Test("nobody to judge is said, and users who can repair nothing do not change that")
  func nobody() throws {
    var village = Village()
    #expect(try village.verdict(anywhere, office).isUnjudged)
    village.person("dave")
    village.came("dave", from: "198.51.100.7")
    #expect(try village.verdict(anywhere, office).isUnjudged)
    village.came("root", from: "192.0.2.7")
    #expect(try !village.verdict(anywhere, office).isUnjudged)
  }
}
