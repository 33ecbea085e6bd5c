import Testing

@testable import GatehousePolicy

@Suite("Places that users authorise themselves")
struct CodeSettingsTests {
  private static let text = """
    version: 1
    everyone: {from: [203.0.113.0/24]}
    roles: {admin: {members: {groups: [wheel], users: [ann]}, from: [203.0.113.10]}}
    block: [192.0.2.66]
    authorize:
      users: [al, ann]
      groups: [wheel]
      for: 8h
      from: [192.0.2.0/24, 203.0.113.0/24, "2001:db8::/32", self]
      mail: "{user}@example.org"

    """

  private func policy(_ text: String = text, book: String = "") throws -> Policy {
    let loaded = load(text, lists: ["mail-addresses": book])
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private func login(
    _ user: Name, _ groups: Set<Name>? = [], unsure: Set<Name> = [],
    from origin: String = "192.0.2.1", role: Name? = nil, exists: Bool = true
  ) -> Login {
    Login(
      user: user, groups: groups, unsureGroups: unsure, exists: exists, service: "sshd",
      origin: Origin(written: origin), time: .now(), role: role)
  }

  private func address(_ policy: Policy, _ login: Login) -> String? {
    guard case .mail(let address)? = policy.codeOffer(for: login)?.way else { return nil }
    return address.text
  }

  @Test("whoever is named, or certainly in a group that is, is offered a code")
  func members() throws {
    let policy = try policy()
    #expect(address(policy, login("al")) == "al@example.org")
    #expect(address(policy, login("al", nil)) == "al@example.org")
    #expect(address(policy, login("bo", ["wheel"])) == "bo@example.org")
    #expect(address(policy, login("bo", ["staff"])) == nil)
    #expect(address(policy, login("bo", nil)) == nil)
    #expect(address(policy, login("bo", [], unsure: ["wheel"])) == nil)
    #expect(address(policy, login("al", exists: false)) == nil)
    #expect(policy.groupNames.contains("wheel"))
    #expect(policy.mentionedUsers["al"]?.line == 6 && policy.mentionedGroups["wheel"]?.line == 3)
  }

  @Test("only from an address that `from` holds, and never from the machine or the console")
  func origins() throws {
    let policy = try policy()
    #expect(address(policy, login("al", from: "2001:db8::7")) != nil)
    for origin in ["198.51.100.1", "self", "local", "unknown", ""] {
      #expect(address(policy, login("al", from: origin)) == nil, "\(origin)")
    }
    let anywhere = try self.policy("version: 1\nauthorize: {users: [al], mail: root}\n")
    #expect(address(anywhere, login("al", from: "198.51.100.1")) == "root")
    #expect(address(anywhere, login("al", from: "self")) == nil)
    #expect(address(anywhere, login("al", from: "local")) == nil)
  }

  @Test("what is left out has a default, which grants.longest bounds")
  func defaults() throws {
    let settings = try #require(policy().codeSettings)
    #expect(settings.duration == .seconds(8 * 3600) && settings.perDay == 5)
    #expect(settings.location.line == 5)
    let plain = "authorize: {users: [al], command: /usr/local/sbin/code, per_day: 2}\n"
    let offer = try policy("version: 1\n" + plain).codeOffer(for: login("al"))
    #expect(
      offer == CodeOffer(way: .command("/usr/local/sbin/code"), duration: .seconds(3600), perDay: 2)
    )
    let short = try policy("version: 1\ngrants: {longest: 20m}\n" + plain)
    #expect(short.codeSettings?.duration == .seconds(1200))
    #expect(try policy("version: 1\n").codeSettings == nil)
    #expect(try policy("version: 1\n").codeOffer(for: login("al")) == nil)
  }

  @Test("the mode has to enforce", arguments: ["monitor", "off"])
  func modes(mode: String) throws {
    #expect(try policy(Self.text + "mode: \(mode)\n").codeOffer(for: login("al")) == nil)
  }

  @Test(
    "a user's name is only put in if the result is a mail address",
    arguments: [
      ("{user}@example.org", "al", "al@example.org"), ("{user}", "al", "al"),
      ("codes+{user}@{user}.example.org", "al", "codes+al@al.example.org"),
      ("ops@example.org", "b c", "ops@example.org"), ("{user}@example.org", "b c", nil),
      ("{user}@example.org", "-oX", nil), ("{user}@example.org", "a@b", nil),
      ("{user}@example.org", "a\nBcc: x", nil), ("{user}@example.org", "", nil),
      ("{user}@example.org", "{user}", nil), ("{user}@example.org", "é", nil),
    ])
  func templates(template: String, user: String, address: String?) throws {
    #expect(try #require(MailTemplate(template)).address(of: Name(user))?.text == address)
  }

  @Test(
    "a template that gives an address for nobody is none",
    arguments: [
      "", "@example.org", "{user}@", "{name}@example.org", "{user", "-{user}@example.org", "a b",
      "{user}@example.org, root", "{user}@{user}@example.org",
    ])
  func noTemplates(text: String) { #expect(MailTemplate(text) == nil) }

  @Test("a file of addresses has one for each user, with comments between")
  func book() throws {
    let text = "version: 1\nauthorize: {users: [al, bo], addresses: mail-addresses}\n"
    let book = "\u{FEFF}# ours\n\nal: al@example.org # at home\r\n\t bo :root\n"
    let policy = try policy(text, book: book)
    #expect(address(policy, login("al")) == "al@example.org")
    #expect(address(policy, login("bo")) == "root")
    let other = try self.policy(text, book: book + "cy: cy@example.org\n")
    #expect(other.digest != policy.digest)
    #expect(address(try self.policy(text, book: ""), login("al")) == nil)
  }

  @Test("what is no line of such a file is told, without quoting it")
  func badBook() {
    let loaded = load(
      "version: 1\nauthorize: {users: [al], addresses: mail-addresses}\n",
      lists: ["mail-addresses": "al\nal: a b@example.org\n: root\nal: a@b\nal: secret@b\n"])
    #expect(
      messages(loaded) == [
        "mail-addresses:1:1: error: the line is not a user, a colon and a mail address"
          + " (write it as alice: alice@example.org)",
        "mail-addresses:2:1: error: the line is not a user, a colon and a mail address"
          + " (write it as alice: alice@example.org)",
        "mail-addresses:3:1: error: the line is not a user, a colon and a mail address"
          + " (write it as alice: alice@example.org)",
        "mail-addresses:5:1: error: the user of this line has an address already"
          + " (it is in line 4: a user has one)",
      ])
    let absent = load("version: 1\nauthorize: {users: [al], addresses: sub/../book}\n")
    #expect(
      messages(absent) == [
        "policy.yaml:2:37: error: the list `book` was not read"
          + " (`addresses` is relative to the policy file that names it)"
      ])
    var much = ""
    for number in 0..<3000 { much += "line \(number)\n" }
    let many = load(
      "version: 1\nauthorize: {users: [al], addresses: a}\n", lists: ["a": much])
    #expect(many.diagnostics.count == 1000)
  }

  @Test("of all reasons only two leave room for a code")
  func reasons() {
    #expect(Set(Reason.allCases.filter(\.canBeAuthorized)) == [.notListed, .roleUnavailable])
  }

  @Test("an explanation has the code if the login is denied for such a reason, and a grant helps")
  func explanations() throws {
    let policy = try policy()
    func code(_ login: Login) -> CodeOffer? { policy.explain(login).code }
    #expect(code(login("al")) != nil)
    #expect(code(login("al", from: "203.0.113.1")) == nil)
    #expect(code(login("al", from: "192.0.2.66")) == nil)
    #expect(code(login("bo")) == nil)
    // A member gets the role by a grant; whoever is none does not.
    #expect(
      policy.decide(login("ann", from: "203.0.113.1", role: "admin")).reason == .roleUnavailable)
    #expect(code(login("ann", from: "203.0.113.1", role: "admin")) != nil)
    #expect(policy.decide(login("al", role: "admin")).reason == .roleUnavailable)
    #expect(code(login("al", role: "admin")) == nil)
    let confined = try self.policy(Self.text + "users: {al: {only_from: [203.0.113.7]}}\n")
    #expect(confined.explain(login("al")).decision.reason == .confined)
    #expect(confined.explain(login("al")).code == nil)
  }

  @Test("what may not be meant is told")
  func warnings() throws {
    func warnings(_ text: String, book: String = "") throws -> [String] {
      let text = "version: 1\nbreak_glass: {users: [r], from: [203.0.113.1]}\n" + text
      return try policy(text, book: book).warnings().filter { $0.name != "no_list" }
        .map { "\($0.location?.line ?? 0) \($0.name): \($0.message)" }
    }
    #expect(try warnings("authorize: {users: [al], mail: root}\n") == [])
    for from in ["nowhere", "self", "self, nowhere"] {
      #expect(
        try warnings("authorize: {users: [al], mail: root, from: [\(from)]}\n") == [
          "3 hidden_rule: authorize changes nothing: authorize.from holds no address, and only from "
            + "one a place is authorised"
        ])
    }
    #expect(
      try warnings("authorize: {users: [al, bo], addresses: mail-addresses}\n", book: "al: root\n")
        == [
          "3 hidden_rule: `bo` of authorize.users is sent no code: the file of addresses does not "
            + "have them"
        ])
    #expect(
      try warnings("authorize: {users: [a b], mail: \"{user}@b\"}\n") == [
        "3 hidden_rule: `a b` of authorize.users is sent no code: authorize.mail with that name is "
          + "not a mail address"
      ])
  }

  @Test("a comparison finds who is sent a code where, how and for how long")
  func differences() throws {
    let base = "version: 1\neveryone: {from: [203.0.113.0/24]}\n"
    func found(_ old: String, _ new: String, _ subject: Subject) throws -> [String] {
      let comparison = PolicyComparison(
        old: try policy(base + old), new: try policy(base + new), from: .now())
      return comparison.difference(for: subject).parts.flatMap(\.differences).flatMap {
        difference in
        difference.changes.map { change in
          func words(_ code: CodeReach?) -> String {
            code.map { "\($0.way) \($0.place ?? "own") \($0.duration.wholeSeconds)" } ?? "none"
          }
          return "\(difference.addresses.prefixes.count) \(words(change.old.code)) → "
            + words(change.new.code)
        }
      }
    }
    let mail = "authorize: {groups: [g], from: [192.0.2.0/24], mail: \"{user}@b\"}\n"
    let longer = "authorize: {groups: [g], from: [192.0.2.0/24], for: 2h, mail: \"{user}@b\"}\n"
    let members = Subject.members(of: ["g"])
    #expect(try found("", mail, members) == ["1 none → mail {user}@b 3600"])
    #expect(try found(mail, "", .user("al", groups: ["g"])) == ["1 mail al@b 3600 → none"])
    #expect(try found(mail, longer, members) == ["1 mail {user}@b 3600 → mail {user}@b 7200"])
    #expect(try found(mail, mail, members) == [])
    #expect(try found("", mail, .everyoneElse) == [])
  }

  @Test(
    "an address is masked for those who may not read it",
    arguments: [
      ("alice@example.org", "a…e@example.org"), ("bob@b", "b…b@b"), ("al@b", "a…@b"),
      ("a@b", "a…@b"), ("root", "r…t"), ("x", "x…"),
    ])
  func masks(address: String, masked: String) throws {
    #expect(try #require(MailAddress(address)).masked == masked)
  }
}
