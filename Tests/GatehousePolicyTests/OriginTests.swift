import GatehouseReport
import Testing

@testable import GatehousePolicy

@Suite("Origins besides addresses")
struct OriginTests {
  private func policy(_ text: String) throws -> Policy {
    let loaded = load("version: 1\n" + text, lists: ["list.txt": "192.0.2.9\n127.0.0.5\n"])
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private func decision(
    _ policy: Policy, _ user: Name = "bob", groups: Set<Name>? = [], exists: Bool = true,
    service: Name = "sshd", from origin: Origin
  ) throws -> Decision {
    policy.decide(
      Login(
        user: user, groups: groups, exists: exists, service: service, origin: origin,
        time: try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))))
  }

  @Test(
    "A list holds self by anywhere, self and loopback addresses, and by nothing else however wide",
    arguments: [
      ("anywhere", true), ("self", true), ("127.0.0.1", true), ("127.0.0.0/8", true),
      ("127.*.*.*", true), ("127.1.0.0-127.255.255.255", true), ("127.0.0.0/255.0.0.0", true),
      ("\"::1\"", true), ("\"::1/128\"", true), ("\"::ffff:127.0.0.1\"", true),
      ("\"::ffff:127.0.0.0/104\"", true), ("{address: self}", true), ("inner", true),
      ("{file: list.txt}", true), ("nowhere", false), ("0.0.0.0/0", false), ("\"::/0\"", false),
      ("126.0.0.0-128.0.0.0", false), ("126.0.0.0/7", false), ("\"::/127\"", false),
      ("\"::1-::2\"", false), ("192.0.2.1", false), ("outer", false),
      ("{address: self, active: false}", false), ("{address: self, until: 2026-11-20}", false),
      ("{address: 127.0.0.1, since: 2026-11-22}", false),
    ])
  func holdsSelf(entry: String, isHeld: Bool) throws {
    let policy = try policy(
      """
      networks: {inner: [self], outer: [10.0.0.0/8, {address: inner, active: false}]}
      everyone: {from: [\(entry)]}
      """)
    let decision = try decision(policy, from: .machine)
    #expect(decision.verdict == (isHeld ? .allow : .deny))
    #expect(decision.reason == (isHeld ? .listed : .notListed))
    // A loopback address of a remote host is the machine itself.
    for host in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
      #expect(Origin(remoteHost: host) == .machine, "\(host)")
    }
    let asked = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
    #expect(policy.network("inner", holds: .machine, at: asked) == true)
    #expect(policy.network("outer", holds: .machine, at: asked) == false)
  }

  @Test("Self is blocked, confined and granted like an address")
  func selfInEveryStep() throws {
    let blocked = try policy("block: [self]\nbreak_glass: {users: [rescue], from: [self]}")
    #expect(try decision(blocked, from: .machine).reason == .blocked)
    #expect(try decision(blocked, "rescue", from: .machine).reason == .breakGlass)
    #expect(try decision(blocked, from: Origin(remoteHost: "192.0.2.1")).reason == .unrestricted)
    let confined = try policy("users: {bob: {only_from: [0.0.0.0/0]}}")
    #expect(try decision(confined, from: .machine).reason == .confined)
    #expect(try decision(confined, from: Origin(remoteHost: "192.0.2.1")).reason == .listed)
  }

  @Test("Who sits at the machine has to be named, if local names anybody, and nobody else asks")
  func local() throws {
    let policy = try policy(
      """
      local: {users: [amy], groups: [wheel]}
      break_glass: {groups: [rescuers], from: [192.0.2.1]}
      services:
        kiosk: {without_address: local}
        cron: {local: {users: [bob]}}
      """)
    func reason(
      _ user: Name, _ service: Name, groups: Set<Name>? = [], from origin: Origin = .local
    ) throws -> Reason {
      try decision(policy, user, groups: groups, service: service, from: origin).reason
    }
    for service: Name in ["login", "gdm-password", "lightdm", "swaylock", "screen", "kiosk"] {
      #expect(try reason("amy", service) == .local)
      #expect(try reason("cat", service, groups: ["wheel"]) == .local)
      #expect(try reason("root", service) == .local)
      #expect(try reason("dan", service, groups: ["rescuers"]) == .local)
      #expect(try reason("bob", service) == .localNotListed, "\(service)")
      #expect(try reason("bob", service, groups: nil) == .identityUnavailable)
    }
    for service: Name in ["su", "sudo", "systemd-user", "atd", "sshd"] {
      #expect(try reason("bob", service) == .local)
    }
    #expect(try reason("bob", "cron") == .local)
    #expect(try reason("amy", "cron") == .localNotListed)
    #expect(try reason("amy", "kiosk", from: .unknown(.noAddress)) == .local)
    #expect(try reason("amy", "xrdp-sesman", from: .unknown(.noAddress)) == .noAddress)
    #expect(try reason("amy", "kiosk", from: .unknown(.session)) == .sessionUnclear)
    let refused = try decision(policy, "bob", service: "login", from: .local)
    #expect(refused.rule?.fileAndLine == "policy.yaml:2")
  }

  @Test("A user who does not exist is refused, unless the service's accounts are virtual")
  func unknownUser() throws {
    let policy = try policy(
      """
      groups: {staff: {only_from: [192.0.2.1]}}
      block: [192.0.2.66]
      services: {radius: {accounts: virtual}}
      """)
    let office = Origin(remoteHost: "192.0.2.9")
    func reason(_ service: Name, from origin: Origin) throws -> Reason {
      try decision(policy, groups: ["staff"], exists: false, service: service, from: origin).reason
    }
    #expect(try reason("sshd", from: office) == .userUnknown)
    #expect(try reason("sshd", from: Origin(remoteHost: "192.0.2.66")) == .blocked)
    // Its users are in no group, even if a question names one.
    #expect(try reason("radius", from: office) == .unrestricted)
    #expect(policy.hasVirtualAccounts("radius") && !policy.hasVirtualAccounts("sshd"))
  }

  @Test("Service accounts are known by name and by group, and never by a guess")
  func serviceAccounts() throws {
    let policy = try policy("service_accounts: {users: [nagios], groups: [monitoring]}")
    #expect(policy.isServiceAccount(user: "nagios", groups: nil))
    #expect(policy.isServiceAccount(user: "ann", groups: ["monitoring"]))
    #expect(!policy.isServiceAccount(user: "ann", groups: []))
    #expect(!policy.isServiceAccount(user: "ann", groups: nil))
    #expect(policy.groupNames == ["monitoring"])
  }

  @Test("A refusal at the console says in which list to name the user")
  func localRemedy() throws {
    let policy = try policy("services: {login: {local: {users: [amy]}}}\nlocal: {users: [eve]}")
    let time = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
    func remedies(_ service: Name) -> [String] {
      policy.explain(
        Login(user: "bob", groups: [], service: service, origin: .local, time: time)
      ).remedies.map(\.text)
    }
    #expect(remedies("login") == ["add bob to services.login.local.users (policy.yaml:2)"])
    #expect(remedies("lightdm") == ["add bob to local.users (policy.yaml:3)"])
  }

  @Test(
    "A test comes from an address or a word, and from nothing else",
    arguments: [
      ("local", "allow", "local"), ("self", "deny", "not_listed"),
      ("\"::1\"", "deny", "not_listed"),
      ("unknown", "deny", "origin_unknown"), ("192.0.2.1", "allow", "listed"),
    ])
  func origins(from: String, expected: String, reason: String) throws {
    let policy = try policy(
      """
      everyone: {from: [192.0.2.1]}
      tests: [{user: bob, from: \(from), expect: \(expected), reason: \(reason)}]
      """)
    #expect(policy.failingTests() == [])
  }

  @Test("A test from local is one of login, so that the policy's local counts")
  func localTest() throws {
    let policy = try policy(
      """
      local: {users: [amy]}
      tests: [{user: bob, from: local, expect: deny, reason: local_not_listed}]
      """)
    #expect(policy.failingTests() == [])
  }

  @Test(
    "Names that other programs take for more are told, with what to write here",
    arguments: [
      (
        "users: {\"%sudo\": {only_from: [nowhere]}}", "%sudo", "write the name of the group, `sudo`"
      ),
      ("users: {\"@ops\": {only_from: [nowhere]}}", "@ops", "`ops`, under `groups`"),
      ("groups: {\"%sudo\": {only_from: [nowhere]}}", "%sudo", "write `sudo`"),
      ("users: {\"svc-*\": {only_from: [nowhere]}}", "svc-*", "each name on its own"),
      ("local: {users: [\"bob,carol\"]}", "bob,carol", "each name on its own"),
      ("break_glass: {users: [\"!bob\"]}", "!bob", "name those who are meant"),
      ("service_accounts: {users: [\"+nagios\"]}", "+nagios", "write `nagios`"),
      ("services: {s: {local: {groups: [\"-wheel\"]}}}", "-wheel", "write `wheel`"),
    ])
  func foreignNames(text: String, name: String, remedy: String) throws {
    let found = try #require(try policy(text).foreignNames.first)
    #expect(found.name.description == name)
    for diagnostic in [found.error, found.warning] {
      #expect(diagnostic.name == "foreign_name" && diagnostic.location?.line == 2)
      #expect(diagnostic.message.contains("`\(name)`"))
      #expect(diagnostic.remedy?.contains(remedy) == true, "\(diagnostic)")
    }
    #expect(found.error.severity == .error && found.warning.severity == .warning)
  }

  @Test("Ordinary names are not among them")
  func ordinaryNames() throws {
    let text = "users: {bob@example.org: {only_from: [nowhere]}, 'AD\\team': {also_from: [self]}}"
    #expect(try policy(text).foreignNames.isEmpty)
  }
}
