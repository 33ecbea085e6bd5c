import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GuardKit
import Testing

@Suite("The guard: open sessions")
struct SessionLossTests {
  private func asking(
    _ user: Name = "alice", from origin: String = "198.51.100.7", in groups: Set<Name> = [],
    by service: Name = "sshd"
  ) -> Village {
    var village = Village()
    village.person(user, in: groups)
    village.opens(user, from: origin, by: service, isOwn: true)
    return village
  }

  @Test("the session that asks is kept, whoever it is of")
  func asker() throws {
    let village = asking()
    #expect(try village.losses(anywhere, office) == ["login alice 198.51.100.7 not_listed own"])
    #expect(try village.verdict(anywhere, office).isObstacle)
    #expect(try village.losses(anywhere, anywhere) == [])
    #expect(try village.verdict(anywhere, anywhere).judgedCount == 1)
  }

  @Test("one on the console, or from the machine itself, is kept likewise")
  func otherOrigins() throws {
    #expect(
      try asking(from: "local", by: "login").losses(anywhere, "local: {users: [bob]}")
        == ["login alice local by login local_not_listed own"])
    #expect(
      try asking(from: "self").losses(anywhere, office) == ["login alice self not_listed own"])
  }

  @Test("a grant counts for neither policy; what the old one denies is not lost")
  func deniedBefore() throws {
    #expect(try asking().losses(office, office) == [])
    #expect(try asking().losses(office, "everyone: {from: [nowhere]}") == [])
  }

  @Test("without an old policy everything that the new one refuses is lost")
  func unknownOld() throws {
    #expect(try asking().losses(nil, office) == ["login alice 198.51.100.7 not_listed own"])
    #expect(try asking().losses(nil, anywhere) == [])
  }

  @Test("nobody is refused in monitor mode; what it let in counts when it is enforced")
  func modes() throws {
    #expect(try asking().losses(anywhere, "mode: monitor\n\(office)") == [])
    #expect(try asking().losses(anywhere, "mode: off\n\(office)") == [])
    for old in ["mode: monitor\n\(office)", "mode: off\n\(office)"] {
      #expect(try asking().losses(old, office) == ["login alice 198.51.100.7 not_listed own"])
    }
  }

  @Test("an open remote session of one who can repair the machine is kept, of nobody else")
  func others() throws {
    var village = Village()
    village.person("carol", in: ["sudo"])
    village.person("dave")
    village.opens("carol", from: "198.51.100.7")
    village.opens("dave", from: "198.51.100.8")
    village.opens("root", from: "198.51.100.9")
    let verdict = try village.verdict(anywhere, office)
    #expect(
      verdict.losses.filter { $0.kind == .login }.map(\.summary) == [
        "login carol 198.51.100.7 not_listed", "login root 198.51.100.9 not_listed",
      ])
    #expect(
      verdict.losing.map(\.summary) == [
        "carol 198.51.100.7 sshd not_listed", "dave 198.51.100.8 sshd not_listed",
        "root 198.51.100.9 sshd not_listed",
      ])
    #expect(verdict.losing.allSatisfy { $0.lastSeen == nil })
  }

  @Test("the service is the one that opened the session, the groups are the directory's")
  func serviceAndGroups() throws {
    let village = asking(in: ["staff"], by: "cockpit")
    #expect(
      try village.losses(anywhere, "services: {cockpit: {from: [nowhere]}}")
        == ["login alice 198.51.100.7 by cockpit not_listed own"])
    #expect(
      try village.losses(anywhere, "groups: {staff: {only_from: [192.0.2.0/24]}}")
        == ["login alice 198.51.100.7 by cockpit confined own"])
    #expect(try village.losses(anywhere, "groups: {field: {only_from: [192.0.2.0/24]}}") == [])
  }

  private static let admin =
    "roles: {admin: {members: {groups: [wheel]}, from: [198.51.100.0/24]}}"

  @Test(
    "the role by which it uses sudo is kept",
    arguments: [
      ("{members: {groups: [wheel]}, from: [192.0.2.0/24]}", true),
      ("{members: {groups: [wheel]}, from: [198.51.100.0/28]}", false),
      ("{members: {users: [bob]}, from: [198.51.100.0/24]}", true),
    ])
  func roles(_ role: String, _ isLost: Bool) throws {
    var village = asking(in: ["wheel"])
    village.scene.roleLines = [RoleLine(service: "sudo", role: "admin")]
    let found = try village.losses(Self.admin, "roles: {admin: \(role)}")
    #expect(
      found
        == (isLost ? ["role alice role admin 198.51.100.7 by sudo role_unavailable own"] : []))
  }

  @Test("a role that it does not have is not lost")
  func roleBefore() throws {
    var village = asking()
    village.scene.roleLines = [RoleLine(service: "sudo", role: "admin")]
    #expect(try village.losses(Self.admin, "") == [])
  }

  @Test(
    "a line that judges local logins is judged so, and not at all if it does not ask about them")
  func localLines() throws {
    var village = asking(in: ["wheel"])
    village.scene.roleLines = [RoleLine(service: "sudo", role: "admin", usesSession: false)]
    let away = "roles: {admin: {members: {groups: [wheel]}, from: [192.0.2.0/24]}}"
    #expect(try village.losses(Self.admin, away) == [])
    #expect(
      try village.losses(Self.admin, "")
        == ["role alice role admin local by sudo role_unavailable own"])
    village.scene.roleLines[0].asksLocally = false
    #expect(try village.losses(Self.admin, "") == [])
  }

  @Test("sudo by a line without a role is kept from where the session is")
  func sudoWithoutRole() throws {
    var village = asking()
    village.scene.roleLines = [RoleLine(service: "sudo", role: nil)]
    #expect(
      try village.losses(anywhere, "services: {sudo: {only_from: [192.0.2.0/24]}}")
        == ["login alice 198.51.100.7 by sudo confined own"])
  }

  @Test("su judges root, to whom it changes")
  func su() throws {
    var village = asking()
    village.scene.roleLines = [RoleLine(service: "su", role: nil, judgesRoot: true)]
    #expect(
      try village.losses(anywhere, "users: {root: {only_from: [192.0.2.0/24]}}")
        == ["login alice 198.51.100.7 by su confined own"])
    #expect(
      try village.losses(anywhere, "users: {alice: {also_from: [192.0.2.0/24]}}") == [])
  }

  @Test(
    "every change within 14 days counts: a start at its time, an end right after it",
    arguments: [
      ("until", 25, "in 25h"), ("until", 14 * 24, "in 336h"), ("until", 14 * 24 + 1, nil),
      ("since", 0, nil), ("since", 5, nil),
    ])
  func later(_ key: String, _ hours: Int, _ when: String?) throws {
    let entry = "{address: 198.51.100.7, \(key): \"\(written(hours: hours))\"}"
    let new = "everyone: {from: [192.0.2.0/24, \(entry)]}"
    let found = try asking().losses(anywhere, new)
    if key == "since" && hours > 0 {
      // Until then it is lost, which is now.
      #expect(found == ["login alice 198.51.100.7 not_listed own"])
    } else {
      #expect(found == (when.map { ["login alice 198.51.100.7 not_listed \($0) own"] } ?? []))
    }
  }

  @Test("the old policy is asked about the same time")
  func sameTime() throws {
    let ending = "everyone: {from: [{address: 198.51.100.7, until: \"\(written(hours: 2))\"}]}"
    #expect(try asking().losses(ending, ending) == [])
    let shorter = "everyone: {from: [{address: 198.51.100.7, until: \"\(written(hours: 1))\"}]}"
    #expect(
      try asking().losses(ending, shorter) == ["login alice 198.51.100.7 not_listed in 1h own"])
    // A start of the old policy's counts, too.
    let starting = "everyone: {from: [{address: 198.51.100.7, since: \"\(written(hours: 3))\"}]}"
    #expect(
      try asking().losses(starting, office) == ["login alice 198.51.100.7 not_listed in 3h own"])
  }

  @Test("a block that begins later is found, and the end of what opened a network")
  func nested() throws {
    let blocked = """
      everyone: {from: [anywhere]}
      networks: {bad: {addresses: [{address: 198.51.100.0/24, since: "\(written(hours: 9))"}]}}
      block: [bad]
      """
    #expect(
      try asking().losses(anywhere, blocked)
        == ["login alice 198.51.100.7 blocked in 9h own (not meant: asker_keeps)"])
  }

  @Test("a thousand changes are judged, and that there were more is said")
  func manyChanges() throws {
    let entries = (1...1100).map {
      "{address: 198.51.100.7, until: \"\(written(minutes: $0))\"}"
    }.joined(separator: ", ")
    let verdict = try asking().verdict(anywhere, "everyone: {from: [\(entries)]}")
    #expect(verdict.judgedUntil == present + .seconds(1000 * 60))
    #expect(!verdict.isObstacle)
    let few = try asking().verdict(anywhere, "everyone: {from: [anywhere]}")
    #expect(few.judgedUntil == nil)
  }
}
