import GatehouseReport
import Testing

@testable import GatehousePolicy

@Suite("Decisions")
struct DecisionTests {
  private func policy(_ text: String) throws -> Policy {
    let loaded = load("version: 1\n" + text)
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private func login(
    _ user: Name = "bob", groups: Set<Name>? = [], service: Name = "sshd",
    from address: String = "192.0.2.1", at time: String = "2026-11-21T12:00:00Z", role: Name? = nil
  ) throws -> Login {
    Login(
      user: user, groups: groups, service: service,
      origin: address == "local" ? .local : Origin(remoteHost: address),
      time: try #require(Instant(rfc3339: time)), role: role)
  }

  @Test(
    "`since` begins, and `until` ends, exactly on its microsecond",
    arguments: [
      ("since: 2027-01-31", "2027-01-30T23:59:59.999999Z", false),
      ("since: 2027-01-31", "2027-01-31T00:00:00Z", true),
      ("until: 2027-01-31", "2027-01-31T23:59:59.999999Z", true),
      ("until: 2027-01-31", "2027-02-01T00:00:00Z", false),
      ("until: 2027-01-31T12:00:00Z", "2027-01-31T11:59:59.999999Z", true),
      ("until: 2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z", false),
      ("since: 2027-01-31T12:00:00.000001+01:00", "2027-01-31T11:00:00Z", false),
      ("since: 2027-01-31T12:00:00.000001+01:00", "2027-01-31T11:00:00.000001Z", true),
      ("active: false", "2027-01-31T12:00:00Z", false),
      ("active: true", "2027-01-31T12:00:00Z", true),
    ])
  func timeEdges(keys: String, time: String, isHeld: Bool) throws {
    let policy = try policy("everyone: {from: [{address: 192.0.2.1, \(keys)}]}")
    #expect(
      policy.decide(try login(at: time)).verdict == (isHeld ? .allow : .deny))
  }

  @Test("A reference narrows the times of the network that it names")
  func windowsThroughNetworks() throws {
    let policy = try policy(
      """
      networks:
        inner: [{address: 192.0.2.1, since: 2027-01-01, until: 2027-01-20}, 192.0.2.2]
        outer: [{address: inner, since: 2027-01-10, until: 2027-01-31}]
      everyone: {from: [outer]}
      """)
    for (address, day, isHeld) in [
      ("192.0.2.1", "05", false), ("192.0.2.1", "15", true), ("192.0.2.1", "25", false),
      ("192.0.2.2", "05", false), ("192.0.2.2", "25", true),
    ] {
      let decision = policy.decide(try login(from: address, at: "2027-01-\(day)T12:00:00Z"))
      #expect(decision.verdict == (isHeld ? .allow : .deny), "\(address) \(day)")
    }
  }

  @Test("Monitor mode allows what it would deny, says so, and gives no roles")
  func monitor() throws {
    let policy = try policy(
      """
      mode: monitor
      everyone: {from: [192.0.2.1]}
      roles: {r: {members: {users: [bob]}, from: [anywhere]}}
      users: {bob: {only_from: [192.0.2.1]}}
      """)
    let denied = policy.decide(try login(from: "192.0.2.9"))
    #expect(
      denied
        == Decision(
          verdict: .allow, reason: .confined, roles: [],
          rule: SourceLocation(file: "policy.yaml", line: 5, column: 15), wouldDeny: true))
    let allowed = policy.decide(try login())
    #expect(allowed.verdict == .allow && !allowed.wouldDeny && allowed.roles == ["r"])
    #expect(!policy.explain(try login(from: "192.0.2.9")).remedies.isEmpty)
  }

  @Test("Groups that could not be read deny if the answer depends on them, and only then")
  func unreadableGroups() throws {
    let named = try policy("groups: {g: {only_from: [192.0.2.9]}}\nbreak_glass: {users: [rescue]}")
    #expect(named.decide(try login(groups: nil)).reason == .identityUnavailable)
    #expect(named.decide(try login(groups: nil, from: "192.0.2.9")).reason == .unrestricted)
    #expect(named.decide(try login("rescue", groups: nil)).reason == .breakGlass)
    #expect(named.decide(try login(groups: nil, from: "local")).reason == .local)
    let unnamed = try policy("everyone: {from: [192.0.2.1]}")
    #expect(unnamed.decide(try login(groups: nil)).reason == .listed)
  }

  @Test("A denial that a group of break_glass might turn into an allow waits for the groups")
  func unreadableBreakGlass() throws {
    let policy = try policy(
      """
      everyone: {from: [192.0.2.1]}
      block: [192.0.2.3]
      break_glass: {groups: [g], from: [192.0.2.1, 192.0.2.2, 192.0.2.3]}
      """)
    func reason(_ from: String, groups: Set<Name>? = nil) throws -> Reason {
      policy.decide(try login(groups: groups, from: from)).reason
    }
    #expect(try reason("192.0.2.1") == .listed)
    #expect(try reason("192.0.2.2") == .identityUnavailable)
    #expect(try reason("192.0.2.3") == .identityUnavailable)
    #expect(try reason("192.0.2.4") == .notListed)
    #expect(try reason("192.0.2.2", groups: ["g"]) == .breakGlass)
    #expect(try reason("192.0.2.2", groups: []) == .notListed)
  }

  @Test("A role asked for is unavailable to a stranger, and unknown while groups cannot be read")
  func askedRole() throws {
    let policy = try policy(
      """
      roles:
        byName: {members: {users: [bob]}}
        byGroup: {members: {groups: [g]}}
      """)
    #expect(policy.decide(try login("al", role: "byName")).reason == .roleUnavailable)
    #expect(policy.decide(try login("al", groups: nil, role: "byName")).reason == .roleUnavailable)
    #expect(policy.decide(try login(groups: nil, role: "byGroup")).reason == .identityUnavailable)
    #expect(policy.decide(try login(role: "none")).reason == .roleUnavailable)
    #expect(policy.decide(try login(from: "local", role: "byGroup")).reason == .roleUnavailable)
    #expect(policy.decide(try login(role: "byName")).verdict == .allow)
  }

  @Test("The rule is the most specific list that decided, then the first by name")
  func rule() throws {
    let policy = try policy(
      """
      everyone: {from: [192.0.2.0/24]}
      groups:
        b: {also_from: [192.0.2.0/24]}
        a: {also_from: [192.0.2.0/24]}
      users:
        bob: {also_from: [192.0.2.0/24]}
      services:
        quiet: {check: false}
      block: [192.0.2.66]
      """)
    let rule = { (login: Login) in policy.decide(login).rule?.fileAndLine }
    #expect(rule(try login(groups: ["a", "b"])) == "policy.yaml:7")
    #expect(rule(try login("al", groups: ["a", "b"])) == "policy.yaml:5")
    #expect(rule(try login("al")) == "policy.yaml:2")
    #expect(rule(try login(service: "quiet")) == "policy.yaml:9")
    #expect(rule(try login(from: "192.0.2.66")) == "policy.yaml:10")
    #expect(rule(try login(from: "198.51.100.1")) == "policy.yaml:7")
    #expect(rule(try login(from: "local")) == nil)
    #expect(rule(try login(from: "UNKNOWN")) == nil)
  }

  @Test("A list of many networks is one decision")
  func manyNetworks() throws {
    let networks = (0..<300).map { "  n\($0): [10.0.\($0 / 256).\($0 % 256)]" }
    let names = (0..<300).map { "n\($0)" }
    let policy = try policy(
      "networks:\n" + networks.joined(separator: "\n")
        + "\neveryone: {from: [\(names.joined(separator: ", "))]}")
    #expect(policy.decide(try login(from: "10.0.1.43")).verdict == .allow)
    #expect(policy.decide(try login(from: "10.0.1.44")).verdict == .deny)
  }

  @Test("The policy's own tests judge the rules whatever the mode", arguments: Mode.allCases)
  func ownTests(mode: Mode) throws {
    let policy = try policy(
      """
      mode: \(mode.rawValue)
      everyone: {from: [192.0.2.1]}
      roles: {r: {members: {groups: [g]}}}
      tests:
        - {user: bob, from: 192.0.2.9, expect: deny, reason: not_listed}
        - {user: bob, groups: [g], from: 192.0.2.1, expect: allow, roles: [r]}
        - {user: bob, from: 192.0.2.1, expect: allow, roles: []}
        - {user: bob, from: local, expect: allow, reason: local}
        - {user: bob, from: 192.0.2.9, expect: allow}
        - {user: bob, from: 192.0.2.1, expect: allow, roles: [r]}
        - {user: bob, from: 192.0.2.1, expect: allow, reason: local}
      """)
    #expect(
      policy.failingTests().map(\.description) == [
        "policy.yaml:10:5: error: test failed: bob from 192.0.2.9: expected allow,"
          + " got deny (not_listed) by policy.yaml:3",
        "policy.yaml:11:5: error: test failed: bob from 192.0.2.1: expected allow with the roles r,"
          + " got allow (listed) without roles by policy.yaml:3",
        "policy.yaml:12:5: error: test failed: bob from 192.0.2.1: expected allow (local),"
          + " got allow (listed) by policy.yaml:3",
      ])
  }

  @Test("An explanation names the entry that holds the address, and the networks on the way to it")
  func explanation() throws {
    let policy = try policy(
      """
      networks:
        office: [{address: 192.0.2.0/24, description: desks}]
        all: [office]
      everyone: {from: [all]}
      users: {bob: {also_from: [{address: 198.51.100.7, until: 2026-01-31}]}}
      """)
    let inside = policy.explain(try login())
    let base = try #require(inside.lists.last)
    #expect(base.path == "everyone.from" && base.holdsOrigin)
    #expect(base.matched?.text == "192.0.2.0/24" && base.matched?.comment == "desks")
    #expect(base.matched?.networks == ["all", "office"])
    #expect(base.matched?.location.description == "policy.yaml:3:22")
    let outside = policy.explain(try login(from: "198.51.100.7"))
    let also = try #require(outside.lists.first)
    #expect(!also.holdsOrigin && also.matched?.text == "198.51.100.7")
    #expect(also.note == "it ended 2026-02-01T00:00:00Z")
    #expect(
      outside.remedies.map(\.text) == [
        "add 198.51.100.7 to users.bob.also_from (policy.yaml:6)",
        "add 198.51.100.7 to everyone.from (policy.yaml:5)",
      ])
    #expect(outside.steps.first { $0.outcome == .decided }?.step.rawValue == 14)
  }

  @Test("Networks that lead to each other in a million ways are looked through once")
  func diamonds() throws {
    let networks = (1..<32).map { index in
      "  n\(index): [n\(index - 1), {address: n\(index - 1), until: 2027-01-\(10 + index % 20)}]"
    }
    let policy = try policy(
      "networks:\n  n0: [192.0.2.1]\n" + networks.joined(separator: "\n")
        + "\neveryone: {from: [n31]}")
    #expect(policy.explain(try login(from: "192.0.2.9")).decision.verdict == .deny)
    #expect(policy.explain(try login()).lists.first?.matched?.networks.count == 32)
  }

  @Test("A denied user can be let in by what the remedy names")
  func remedies() throws {
    let policy = try policy(
      """
      everyone: {from: [192.0.2.0/24], requires_role: true}
      roles: {staff: {members: {groups: [staff]}}}
      users: {deploy: {only_from: [192.0.2.1]}}
      block: [192.0.2.66]
      """)
    let remedies = { (login: Login) in policy.explain(login).remedies.map(\.text) }
    #expect(
      remedies(try login("deploy", groups: ["staff"], from: "192.0.2.2")) == [
        "add 192.0.2.2 to users.deploy.only_from (policy.yaml:4)"
      ])
    #expect(
      remedies(try login(from: "192.0.2.66")) == [
        "take 192.0.2.66 (policy.yaml:5) out of block;"
          + " and add bob to roles.staff.members.users (policy.yaml:3)"
      ])
    #expect(
      remedies(try login("al", groups: ["staff"], from: "2001:db8::1")) == [
        "give users.al the key also_from: [\"2001:db8::1\"]",
        "add 2001:db8::1 to everyone.from (policy.yaml:2)",
      ])
    #expect(remedies(try login(groups: ["staff"])).isEmpty)
    #expect(remedies(try login(from: "UNKNOWN")).count == 1)
  }
}
