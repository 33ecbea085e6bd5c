import Testing

@testable import GatehousePolicy

@Suite("Second factors")
struct SecondFactorTests {
  private static let text = """
    version: 1
    networks: {office: [203.0.113.0/24, "2001:db8:1::/48"], home: [198.51.100.7]}
    roles: {admin: {members: {groups: [wheel], users: [bill]}}}
    second_factor:
      not_from: [office, local]
      users:
        root: always
        deploy: never
        bob: {not_from: [home]}
      groups:
        staff: {not_from: [office, home]}
        guests: always
      roles:
        admin: {not_from: [203.0.113.10-203.0.113.12]}

    """

  private func policy(_ more: String = "", _ text: String = text) throws -> Policy {
    let loaded = load(text + more)
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private static let office = "203.0.113.9"

  private func ask(
    _ policy: Policy, _ user: Name, _ groups: Set<Name>? = [], unsure: Set<Name> = [],
    from origin: String = office, isNew: Bool = false, isNameSure: Bool = true, exists: Bool = true,
    service: Name = "sshd"
  ) -> String {
    let decision = policy.secondFactor(
      for: Login(
        user: user, groups: groups, unsureGroups: unsure, isNameSure: isNameSure, exists: exists,
        service: service, origin: Origin(written: origin), time: .now()), isNewPlace: isNew)
    return (decision.verdict == .needed ? "needed " : "spared ") + decision.reason.rawValue
      + (decision.rule.map { " \($0.line)" } ?? "")
  }

  @Test("the user's own says; else all of the groups' and roles'; else everybody's")
  func order() throws {
    let policy = try policy()
    #expect(ask(policy, "al") == "spared listed 5")
    #expect(ask(policy, "al", from: "192.0.2.1") == "needed not_listed 5")
    #expect(ask(policy, "root") == "needed always 7")
    #expect(ask(policy, "deploy", ["guests"], from: "192.0.2.1") == "spared never 8")
    #expect(ask(policy, "bob") == "needed not_listed 9")
    #expect(ask(policy, "bob", ["guests", "wheel"], from: "198.51.100.7") == "spared listed 9")
    #expect(ask(policy, "al", ["staff"], from: "198.51.100.7") == "spared listed 11")
    #expect(ask(policy, "al", ["staff", "guests"]) == "needed always 12")
    #expect(ask(policy, "al", ["staff", "wheel"]) == "needed not_listed 14")
    #expect(ask(policy, "al", ["staff", "wheel"], from: "203.0.113.11") == "spared listed 11")
    #expect(ask(policy, "bill", from: "203.0.113.11") == "spared listed 14")
    #expect(ask(policy, "bill") == "needed not_listed 14")
  }

  @Test("the machine itself and the console are spared by the words alone")
  func apart() throws {
    let policy = try policy()
    #expect(ask(policy, "al", from: "self") == "needed not_listed 5")
    #expect(ask(policy, "al", from: "127.0.0.1") == "needed not_listed 5")
    #expect(ask(policy, "al", from: "local", service: "login") == "spared listed 5")
    #expect(ask(policy, "al", from: "cafe.example") == "needed origin_unknown 5")
    let wide = try self.policy("", "version: 1\nsecond_factor: {not_from: [anywhere]}\n")
    #expect(ask(wide, "al", from: "self") == "spared listed 2")
    #expect(ask(wide, "al", from: "local", service: "login") == "needed not_listed 2")
    #expect(ask(wide, "al", from: "cafe.example") == "needed origin_unknown 2")
  }

  @Test("what is not certain counts as needed, unless it makes no difference")
  func doubt() throws {
    let policy = try policy()
    #expect(ask(policy, "al", nil) == "needed identity_unavailable")
    #expect(ask(policy, "deploy", nil, from: "192.0.2.1") == "spared never 8")
    #expect(ask(policy, "al", unsure: ["staff"]) == "spared listed 5")
    #expect(
      ask(policy, "al", unsure: ["staff"], from: "198.51.100.7") == "needed identity_unavailable")
    #expect(ask(policy, "al", unsure: ["wheel"]) == "needed identity_unavailable")
    #expect(ask(policy, "al", ["guests"], unsure: ["wheel"]) == "needed always 12")
    #expect(ask(policy, "al", unsure: ["other"]) == "spared listed 5")
    #expect(ask(policy, "al", isNameSure: false) == "needed identity_unavailable")
    #expect(ask(policy, "deploy", exists: false) == "needed user_unknown")
    let plain = try self.policy("", "version: 1\nsecond_factor: {not_from: [203.0.113.0/24]}\n")
    #expect(ask(plain, "al", nil, isNameSure: false) == "spared listed 2")
  }

  @Test("from a new place it is needed, unless the user or all of the groups say never")
  func newPlaces() throws {
    let policy = try policy("  new_places: always\n")
    #expect(ask(policy, "al") == "spared listed 5")
    #expect(ask(policy, "al", isNew: true) == "needed new_place 15")
    #expect(ask(policy, "bob", from: "198.51.100.7", isNew: true) == "needed new_place 15")
    #expect(ask(policy, "al", from: "192.0.2.1", isNew: true) == "needed not_listed 5")
    #expect(ask(policy, "deploy", from: "192.0.2.1", isNew: true) == "spared never 8")
    #expect(ask(policy, "al", from: "local", isNew: true, service: "login") == "spared listed 5")
    let wide = try self.policy(
      "", "version: 1\nsecond_factor: {not_from: [anywhere], new_places: always}\n")
    // Whoever hops through the machine may have come from anywhere.
    #expect(ask(wide, "al", from: "self") == "needed new_place 2")
    #expect(ask(wide, "al", from: "192.0.2.1") == "spared listed 2")
    let only = try self.policy("", "version: 1\nsecond_factor: {new_places: always}\n")
    #expect(ask(only, "al") == "needed not_listed 2")
    #expect(only.warnings().contains { $0.name == "hidden_rule" && $0.location?.line == 2 })
    #expect(!wide.warnings().contains { $0.name == "hidden_rule" })
  }

  @Test("without a rule, and while the policy is off, it is needed; monitor mode asks always")
  func modes() throws {
    #expect(try ask(policy("", "version: 1\n"), "al") == "needed no_rule")
    #expect(try ask(policy("mode: off\n"), "al") == "needed not_checked")
    let policy = try policy("mode: monitor\n")
    #expect(ask(policy, "al") == "needed listed 5")
    let login = Login(
      user: "al", groups: [], service: "sshd", origin: Origin(written: Self.office), time: .now())
    #expect(policy.secondFactor(for: login, isNewPlace: false).wouldSpare)
    #expect(ask(policy, "root") == "needed always 7")
  }

  @Test("neither a grant nor break-glass spares anybody, and a service does not matter")
  func noExceptions() throws {
    let policy = try policy(
      """
      break_glass: {users: [rescue]}
      services: {sshd: {check: false}, radius: {accounts: virtual}}

      """)
    #expect(ask(policy, "rescue", from: "192.0.2.1") == "needed not_listed 5")
    #expect(ask(policy, "rescue", service: "radius") == "spared listed 5")
    // Whose accounts are not the machine's are in none of its groups.
    #expect(ask(policy, "al", ["guests"], service: "radius") == "spared listed 5")
  }

  @Test("of several origins, one that asks is enough")
  func origins() throws {
    let policy = try policy()
    func ask(_ origins: [String]) -> FactorDecision {
      policy.secondFactor(
        for: Login(user: "al", groups: [], service: "sudo", origin: .local, time: .now()),
        from: origins.map { Origin(written: $0) }, isNewPlace: { _ in true })
    }
    #expect(ask(["203.0.113.9", "203.0.113.8"]).verdict == .notNeeded)
    let asked = ask(["203.0.113.9", "192.0.2.1", "192.0.2.2"])
    #expect(asked.verdict == .needed && asked.origin == Origin(written: "192.0.2.1"))
    #expect(ask([]).reason == .originUnknown)
  }

  @Test("the groups of its rules are asked about, and its names are mentioned")
  func names() throws {
    let policy = try policy()
    #expect(policy.groupNames == ["wheel", "staff", "guests"])
    #expect(policy.mentionedUsers.keys.contains("deploy"))
    #expect(policy.mentionedGroups.keys.contains("guests"))
  }

  @Test(
    "the lists of second factors admit nobody, and are no reason to think that somebody is confined"
  )
  func noLogin() throws {
    let policy = try policy()
    let login = Login(
      user: "al", groups: [], service: "sshd", origin: Origin(written: "192.0.2.1"), time: .now())
    #expect(policy.decide(login).reason == .unrestricted)
    #expect(policy.warnings().contains { $0.name == "no_list" })
    #expect(policy.everydayLists.isEmpty)
  }

  @Test("tests of a policy say whether a factor is needed, whatever the mode")
  func tests() throws {
    let policy = try policy(
      """
        new_places: always
      mode: monitor
      tests:
        - {user: al, from: 203.0.113.9, factor: not_needed}
        - {user: al, from: 192.0.2.1, factor: needed, expect: allow, reason: unrestricted}
        - {user: al, from: self, factor: not_needed}
        - {user: bob, from: 198.51.100.7, groups: [guests], factor: needed}
        - {user: al, from: local, factor: not_needed, expect: deny}

      """)
    let results = policy.testResults()
    #expect(results.map { $0.failure == nil } == [true, true, false, false, false])
    #expect(
      results.map(\.expected) == [
        "not_needed", "allow, needed", "not_needed", "needed", "deny, not_needed",
      ])
    #expect(
      results[3].failure?.description
        == "policy.yaml:21:5: error: test failed: bob from 198.51.100.7: expected a second factor to "
        + "be needed, got not needed (listed) by policy.yaml:9")
  }

  @Test("where it is needed is cut out exactly, and says what a new place changes")
  func map() throws {
    let policy = try policy("  new_places: always\n")
    let login = Login(user: "al", groups: ["staff"], service: "sshd", origin: .local, time: .now())
    let map = policy.factors(of: login)
    #expect(
      map.parts.map(\.verdict.reach).filter { $0 == .newPlaces }.count == 1)
    let spared = map.parts.first { $0.verdict.reach == .newPlaces }?.addresses
    #expect(
      spared?.prefixes.map(\.description)
        == ["198.51.100.7", "203.0.113.0/24", "2001:db8:1::/48"])
    #expect(map.machine.reach == .needed)
  }
}
