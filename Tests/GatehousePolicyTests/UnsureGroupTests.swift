import Testing

@testable import GatehousePolicy

@Suite("Groups of which it is unknown whether the user is in them")
struct UnsureGroupTests {
  private func decide(
    _ text: String, sure: Set<Name>? = [], unsure: Set<Name> = [], isNameSure: Bool = true,
    from address: String = "192.0.2.1", role: Name? = nil
  ) throws -> Decision {
    let loaded = load("version: 1\n" + text)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let login = Login(
      user: "bob", groups: sure, unsureGroups: unsure, isNameSure: isNameSure, service: "sshd",
      origin: Origin(remoteHost: address), time: Instant(microsecondsSinceEpoch: 0), role: role)
    let decision = policy.decide(login)
    #expect(policy.explain(login).decision == decision)
    return decision
  }

  private let lists = """
    everyone: {from: [192.0.2.0/24]}
    groups:
      contractors: {only_from: [192.0.2.9]}
      travellers: {also_from: [198.51.100.7]}
    """

  @Test("A group that would refuse the login is waited for, and one that could only help is not")
  func refusing() throws {
    #expect(try decide(lists, unsure: ["contractors"]).reason == .identityUnavailable)
    #expect(try decide(lists, unsure: ["travellers"]).reason == .listed)
    #expect(try decide(lists, unsure: ["contractors"], from: "192.0.2.9").reason == .listed)
  }

  @Test("A group that would let the user in is waited for where they are refused without it")
  func admitting() throws {
    let away = "198.51.100.7"
    #expect(try decide(lists, unsure: ["travellers"], from: away).reason == .identityUnavailable)
    #expect(try decide(lists, unsure: ["contractors"], from: away).reason == .notListed)
    #expect(try decide(lists, unsure: ["travellers"], from: "203.0.113.1").reason == .notListed)
    // In travellers alone they would get in.
    #expect(
      try decide(lists, unsure: ["travellers", "contractors"], from: away).reason
        == .identityUnavailable)
    // But whoever is surely a contractor is refused in any case.
    #expect(
      try decide(lists, sure: ["contractors"], unsure: ["travellers"], from: away).reason
        == .confined)
  }

  @Test("Nothing known of any group is the same as unsure of every one")
  func nothingKnown() throws {
    #expect(try decide(lists, sure: nil).reason == .identityUnavailable)
    #expect(try decide(lists, sure: nil, from: "192.0.2.9").reason == .listed)
    #expect(try decide(lists, sure: nil, from: "203.0.113.1").reason == .notListed)
  }

  @Test("Two groups that only together would let the user in are waited for")
  func together() throws {
    let policy = """
      everyone: {from: [192.0.2.1], requires_role: true}
      roles: {desk: {members: {groups: [desk]}, from: [198.51.100.7]}}
      groups: {travellers: {also_from: [198.51.100.7]}}
      """
    func reason(_ unsure: Set<Name>) throws -> Reason {
      try decide(policy, unsure: unsure, from: "198.51.100.7").reason
    }
    #expect(try reason([]) == .notListed)
    #expect(try reason(["travellers"]) == .notListed || reason(["travellers"]) == .noRole)
    #expect(try reason(["desk"]) == .identityUnavailable)
    #expect(try reason(["desk", "travellers"]) == .identityUnavailable)
  }

  @Test("The roles of an allow are those by the sure groups")
  func roles() throws {
    let policy = """
      everyone: {from: [192.0.2.0/24]}
      roles: {a: {members: {groups: [a]}}, b: {members: {groups: [b]}}}
      """
    let decision = try decide(policy, sure: ["a"], unsure: ["b"])
    #expect(decision.reason == .listed)
    #expect(decision.roles == ["a"])
    #expect(try decide(policy, sure: ["a"], unsure: ["b"], role: "a").reason == .listed)
    #expect(
      try decide(policy, sure: ["a"], unsure: ["b"], role: "b").reason == .identityUnavailable)
  }

  @Test("A group that requires a list of the user's own is waited for if the user has none")
  func requiredList() throws {
    let policy = "groups: {g: {requires_user_list: true}}\n"
    #expect(try decide(policy, unsure: ["g"]).reason == .identityUnavailable)
    let listed = policy + "users: {bob: {only_from: [192.0.2.1]}}\n"
    #expect(try decide(listed, unsure: ["g"]).reason == .listed)
  }

  @Test("A group that break_glass would let in by does not stand in the way")
  func breakGlass() throws {
    let policy = """
      everyone: {from: [192.0.2.0/24]}
      groups: {rescue: {only_from: [192.0.2.9]}}
      break_glass: {groups: [rescue]}
      """
    #expect(try decide(policy, unsure: ["rescue"]).reason == .listed)
    #expect(try decide(policy, sure: ["rescue"]).reason == .breakGlass)
    #expect(
      try decide(policy, unsure: ["rescue"], from: "203.0.113.1").reason == .identityUnavailable)
  }

  @Test("A name that no directory could spell is not judged by rules for users")
  func spelling() throws {
    let policy = "everyone: {from: [192.0.2.0/24]}\n"
    #expect(try decide(policy, isNameSure: false).reason == .listed)
    for rules in [
      "users: {Bob: {only_from: [192.0.2.9]}}", "roles: {r: {members: {users: [Bob]}}}",
    ] {
      #expect(try decide(policy + rules, isNameSure: false).reason == .identityUnavailable)
      #expect(try decide(policy + rules).reason == .listed)
    }
    // For break_glass the name as it was typed is enough.
    #expect(
      try decide(
        policy + "users: {x: {only_from: [192.0.2.9]}}\nbreak_glass: {users: [bob]}",
        isNameSure: false
      ).reason == .breakGlass)
  }
}
