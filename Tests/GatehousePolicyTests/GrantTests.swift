import GatehouseReport
import Testing

@testable import GatehousePolicy

@Suite("Grants")
struct GrantTests {
  private static let begin = 1_795_262_400_000_000
  private let hour = 3_600_000_000

  private func policy() throws -> Policy {
    let loaded = load(
      """
      version: 1
      everyone: {from: [192.0.2.0/24]}
      groups: {contractors: {only_from: [192.0.2.9]}}
      roles:
        admin: {members: {users: [bob]}, from: [192.0.2.1]}
        staff: {members: {users: [bob], groups: [staff]}}
        mobile: {members: {users: [bob]}, from: [anywhere]}
      users: {bob: {only_from: [192.0.2.0/24]}}
      services: {cron: {check: false}}
      block: [203.0.113.66]
      """)
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private func instant(_ offset: Int = 0) -> Instant {
    Instant(microsecondsSinceEpoch: Int64(Self.begin + offset))
  }

  private func login(
    _ user: Name = "bob", groups: Set<Name>? = [], service: Name = "sshd",
    from address: String = "203.0.113.7", at offset: Int = 0, role: Name? = nil
  ) -> Login {
    Login(
      user: user, groups: groups, service: service,
      origin: address == "local" ? .local : Origin(remoteHost: address), time: instant(offset),
      role: role)
  }

  private func grant(
    _ id: String = "one", user: Name = "bob", for address: String = "203.0.113.7",
    service: Name? = nil, role: Name? = nil, hours: Int = 2
  ) throws -> Grant {
    Grant(
      id: id, user: user, place: try GrantPlace(written: address), service: service,
      role: role,
      since: instant(), until: instant(hours * hour), author: "root", why: "a test")
  }

  @Test("A grant counts from its beginning up to, and without, the microsecond of its end")
  func edges() throws {
    let policy = try policy()
    let grants = [try grant()]
    for (offset, isGranted) in [(-1, false), (0, true), (2 * hour - 1, true), (2 * hour, false)] {
      let decision = policy.decide(login(at: offset), grants: grants)
      #expect(decision.reason == (isGranted ? .granted : .confined), "\(offset)")
      #expect(decision.grant == (isGranted ? "one" : nil))
    }
  }

  @Test("A grant for self lets in from the machine itself, and from no address")
  func grantForSelf() throws {
    let policy = try policy()
    var grant = try grant()
    grant = Grant(
      id: grant.id, user: grant.user, place: .machine,
      since: grant.since, until: grant.until, author: grant.author, why: grant.why)
    var asked = login()
    #expect(policy.decide(asked, grants: [grant]).reason == .confined)
    asked.origin = .machine
    #expect(policy.decide(asked, grants: [grant]).reason == .granted)
    for origin in [Origin.unknown(.noAddress), .unknown(.notAnAddress), .unknown(.session)] {
      asked.origin = origin
      #expect(policy.decide(asked, grants: [grant]).verdict == .deny)
    }
    asked.origin = .machine
    asked.exists = false
    #expect(policy.decide(asked, grants: [grant]).reason == .userUnknown)
    #expect(try GrantPlace(written: "self") == .machine)
    #expect(try GrantPlace(written: "127.0.0.1") == .machine)
    #expect(try GrantPlace(written: "::1") == .machine)
  }

  @Test("A grant is for its user, address and service alone")
  func scope() throws {
    let policy = try policy()
    let decide = { (login: Login, grant: Grant) in policy.decide(login, grants: [grant]).reason }
    #expect(decide(login("al"), try grant()) == .notListed)
    #expect(decide(login(from: "203.0.113.8"), try grant()) == .confined)
    #expect(decide(login(from: "::ffff:203.0.113.7"), try grant()) == .granted)
    #expect(decide(login(service: "su"), try grant()) == .granted)
    #expect(decide(login(service: "su"), try grant(service: "sshd")) == .confined)
    #expect(decide(login(from: "local"), try grant()) == .local)
    #expect(decide(login(from: "UNKNOWN"), try grant()) == .originUnknown)
    #expect(decide(login(service: "cron"), try grant()) == .notChecked)
    #expect(decide(login(groups: nil), try grant()) == .granted)
    #expect(decide(login(groups: ["contractors"]), try grant()) == .granted)
  }

  @Test("A grant for a network lets in from each of its addresses, and from no other")
  func network() throws {
    let policy = try policy()
    let grants = [try grant(for: "203.0.113.0/28")]
    for last in [0, 7, 15] {
      let login = login(from: "203.0.113.\(last)")
      #expect(policy.decide(login, grants: grants).reason == .granted, "\(last)")
    }
    for address in ["203.0.113.16", "203.0.112.255", "2001:db8::1"] {
      let login = login(from: address)
      #expect(policy.decide(login, grants: grants).reason == .confined, "\(address)")
    }
    let prefix = [try grant(for: "2001:db8:1:ff00::/56")]
    #expect(policy.decide(login(from: "2001:db8:1:ffff::9"), grants: prefix).reason == .granted)
    #expect(policy.decide(login(from: "2001:db8:1:fe00::9"), grants: prefix).reason == .confined)
    let wide = [try grant(for: "203.0.113.0/24")]
    #expect(policy.decide(login(from: "203.0.113.66"), grants: wide).reason == .blocked)
  }

  @Test(
    "What is neither an address, a prefix nor self is no place, and it says why",
    arguments: [
      "local", "unknown", "", "203.0.113.7/24", "203.0.113.1-203.0.113.9", "203.0.113.0/33",
      "bob.example.org", "2001:db8::1%eth0",
    ])
  func noPlace(text: String) {
    #expect(throws: GrantPlace.Problem.self) { try GrantPlace(written: text) }
  }

  @Test("A place is written as it is read")
  func placeText() throws {
    for text in ["self", "203.0.113.7", "203.0.113.0/24", "2001:db8::/56", "0.0.0.0/0", "::/0"] {
      #expect(try GrantPlace(written: text).description == text)
    }
    #expect(try GrantPlace(written: "203.0.113.0-203.0.113.255").description == "203.0.113.0/24")
    #expect(try GrantPlace(written: "203.0.113.*").description == "203.0.113.0/24")
  }

  @Test("A grant is too wide if its prefix is shorter than the policy allows")
  func tooWide() throws {
    let limits = GrantLimits()
    for (text, isTooWide) in [
      ("203.0.113.0/24", false), ("203.0.112.0/23", true), ("2001:db8::/56", false),
      ("2001:db8::/55", true), ("203.0.113.7", false), ("self", false), ("0.0.0.0/0", true),
    ] {
      #expect(try limits.isTooWide(GrantPlace(written: text)) == isTooWide, "\(text)")
    }
  }

  @Test("A grant reaches no blocked address")
  func blocked() throws {
    let decision = try policy().decide(
      login(from: "203.0.113.66"), grants: [grant(for: "203.0.113.66", role: "admin")])
    #expect(decision.verdict == .deny && decision.reason == .blocked && decision.grant == nil)
  }

  @Test("A grant changes no role but the one it names, and makes nobody a member of it")
  func roles() throws {
    let policy = try policy()
    let decide = { (login: Login, grants: [Grant]) in policy.decide(login, grants: grants) }
    let plain = try grant()
    let admin = try grant("two", role: "admin", hours: 1)
    #expect(decide(login(), [plain]).roles == ["mobile"])
    #expect(decide(login(), [admin]).roles == ["admin", "mobile"])
    #expect(decide(login(role: "admin"), [plain]).reason == .confined)
    #expect(decide(login(role: "mobile"), [plain, admin]).reason == .confined)
    let both = decide(login(role: "admin"), [plain, admin])
    #expect(both.reason == .granted && both.grant == "two" && both.roles == ["admin", "mobile"])
    #expect(decide(login(), [plain, admin]).grant == "one", "the one that lasts longest decides")
    let stranger = try grant(user: "al", role: "admin")
    #expect(decide(login("al", role: "admin"), [stranger]).reason == .roleUnavailable)
    #expect(decide(login("al"), [stranger]).reason == .granted)
    #expect(decide(login("al"), [stranger]).roles.isEmpty)
    let byGroup = try grant(user: "al", role: "staff")
    #expect(
      decide(login("al", groups: nil, role: "staff"), [byGroup]).reason == .identityUnavailable)
    #expect(decide(login("al", groups: ["staff"], role: "staff"), [byGroup]).roles == ["staff"])
  }

  @Test("An explanation shows the step with the grant that decided, or that there is none")
  func explanation() throws {
    let policy = try policy()
    let detail = { (grants: [Grant], role: Name?) in
      policy.explain(login(role: role), grants: grants).steps.first { $0.step == .granted }?.detail
    }
    #expect(try detail([grant()], nil) == "there is the grant one, until \(instant(2 * hour))")
    #expect(detail([], nil) == "there is no grant for bob from 203.0.113.7")
    #expect(
      try detail([grant()], "admin") == "no grant for bob from 203.0.113.7 names the role admin")
    let granted = policy.explain(login(), grants: [try grant()])
    #expect(granted.remedies.isEmpty && granted.decision.rule == nil)
  }
}
