import Testing

@testable import GatehousePolicy

/// A mistake in one of several files, in a list or in a test of the policy.
struct MistakeInFiles: CustomTestStringConvertible {
  let testDescription: String
  let files: [String: String]
  var lists: [String: String] = [:]
  /// The remedy of the one error.
  let remedy: String
  /// The files that whoever does what it says has changed.
  var mended: [String: String] = [:]
  var mendedLists: [String: String] = [:]
  /// Logins as `+USER ADDRESS`, with a minus if they are refused, that show what was meant.
  let means: [String]
}

@Suite("Remedies, followed literally")
struct FollowedRemedyTests {
  private static let listed = "version: 1\neveryone: {from: [{file: lists/x.txt}]}\n"
  private static let tested =
    "version: 1\neveryone: {from: [192.0.2.0/24]}\nroles: {dba: {members: {users: [al]}}}\n"

  static let mistakes = [
    MistakeInFiles(
      testDescription: "host bits in a list", files: ["policy.yaml": listed],
      lists: ["lists/x.txt": "192.0.2.1/24\n"], remedy: "write 192.0.2.0/24 or 192.0.2.1",
      mendedLists: ["lists/x.txt": "192.0.2.0/24\n"],
      means: ["+al 192.0.2.9", "-al 198.51.100.1"]),
    MistakeInFiles(
      testDescription: "no address in a list", files: ["policy.yaml": listed],
      lists: ["lists/x.txt": "# office\n192.0.2\n"], remedy: "an IPv4 address has four numbers",
      mendedLists: ["lists/x.txt": "# office\n192.0.2.7\n"],
      means: ["+al 192.0.2.7", "-al 192.0.2.8"]),
    MistakeInFiles(
      testDescription: "a list that is looked for beside another file",
      files: [
        "policy.yaml": "version: 1\n",
        "policy.d/a.yaml": "version: 1\neveryone: {from: [{file: lists/x.txt}]}\n",
      ],
      lists: ["lists/x.txt": "192.0.2.7\n"],
      remedy: "a `file` is relative to the policy file that names it",
      mended: ["policy.d/a.yaml": "version: 1\neveryone: {from: [{file: ../lists/x.txt}]}\n"],
      means: ["+al 192.0.2.7", "-al 192.0.2.8"]),
    MistakeInFiles(
      testDescription: "a key in two files",
      files: [
        "policy.yaml": "version: 1\nmode: enforce\n",
        "policy.d/a.yaml": "version: 1\nmode: off\nblock: [192.0.2.9]\n",
      ],
      remedy: "it is also at policy.yaml:2:1: keep one of the two",
      mended: ["policy.d/a.yaml": "version: 1\nblock: [192.0.2.9]\n"],
      means: ["+al 192.0.2.7", "-al 192.0.2.9"]),
    MistakeInFiles(
      testDescription: "a network in two files",
      files: [
        "policy.yaml": "version: 1\nnetworks: {office: [192.0.2.1]}\neveryone: {from: [office]}\n",
        "policy.d/a.yaml": "version: 1\nnetworks: {office: [192.0.2.2]}\n",
      ],
      remedy: "it is also at policy.yaml:2:12: a name is defined once",
      mended: ["policy.d/a.yaml": "version: 1\n"], means: ["+al 192.0.2.1", "-al 192.0.2.2"]),
    MistakeInFiles(
      testDescription: "a name that another file spells otherwise",
      files: [
        "policy.yaml": "version: 1\neveryone: {from: [ofice]}\n",
        "policy.d/a.yaml": "version: 1\nnetworks: {office: [192.0.2.2]}\n",
      ],
      remedy: "did you mean `office`?",
      mended: ["policy.yaml": "version: 1\neveryone: {from: [office]}\n"],
      means: ["+al 192.0.2.2", "-al 192.0.2.1"]),
    MistakeInFiles(
      testDescription: "a second file without a version",
      files: [
        "policy.yaml": "version: 1\n", "policy.d/a.yaml": "block: [192.0.2.9]\n",
      ],
      remedy: "write `version: 1` first",
      mended: ["policy.d/a.yaml": "version: 1\nblock: [192.0.2.9]\n"],
      means: ["+al 192.0.2.1", "-al 192.0.2.9"]),
    test(
      "{from: 192.0.2.1, expect: allow}", "a test has at least user, from, and expect or factor",
      "{user: al, from: 192.0.2.1, expect: allow}"),
    test(
      "{user: al, from: selv, expect: deny}", "did you mean `self`?",
      "{user: al, from: self, expect: deny}"),
    test(
      "{user: al, from: office, expect: deny}",
      "write the address in numbers, or self, local or unknown",
      "{user: al, from: 198.51.100.1, expect: deny}"),
    test(
      "{user: al, from: 192.0.2.1, expect: alow}", "did you mean `allow`?",
      "{user: al, from: 192.0.2.1, expect: allow}"),
    test(
      "{user: al, from: 192.0.2.1, role: dbb, expect: allow}", "did you mean `dba`?",
      "{user: al, from: 192.0.2.1, role: dba, expect: allow}"),
  ]

  /// A mistake in a test of the policy.
  private static func test(
    _ wrong: String, _ remedy: String, _ right: String
  ) -> MistakeInFiles {
    MistakeInFiles(
      testDescription: wrong, files: ["policy.yaml": tested + "tests: [\(wrong)]\n"],
      remedy: remedy, mended: ["policy.yaml": tested + "tests: [\(right)]\n"],
      means: ["+al 192.0.2.1", "-al 198.51.100.1"])
  }

  @Test(
    "of errors of lists, of several files and of tests: the policy loads, and means what was said",
    arguments: mistakes)
  func errors(_ mistake: MistakeInFiles) throws {
    let wrong = load(files: mistake.files, lists: mistake.lists)
    #expect(wrong.policy == nil)
    #expect(wrong.diagnostics.map(\.remedy) == [mistake.remedy], "\(messages(wrong))")
    let right = load(
      files: mistake.files.merging(mistake.mended) { $1 },
      lists: mistake.lists.merging(mistake.mendedLists) { $1 })
    let policy = try #require(right.policy, "\(messages(right))")
    #expect(policy.failingTests() == [])
    for login in mistake.means {
      let words = login.dropFirst().split(separator: " ").map { String($0) }
      let decision = policy.decide(
        Login(
          user: Name(words[0]), groups: [], service: "sshd",
          origin: Origin(remoteHost: words[1]), time: .now()))
      #expect(decision.isDenial == login.hasPrefix("-"), "\(login)")
    }
  }

  /// What may not be meant: its warning, what the remedy says, and what was made of it.
  static let doubts = [
    (
      "users: {al: {only_from: [{address: 192.0.2.1, active: false}]}}", "unreachable_list",
      "write [nowhere] if that is meant", "users: {al: {only_from: [nowhere]}}"
    ),
    (
      "roles: {r: {members: {users: [al]}, only_from: [192.0.2.0/24]}}\n"
        + "users: {al: {only_from: [10.0.0.1]}}", "unreachable_list", "let the two lists overlap",
      "roles: {r: {members: {users: [al]}, only_from: [192.0.2.0/24]}}\n"
        + "users: {al: {only_from: [192.0.2.1]}}"
    ),
    (
      "users: {al: {only_from: [10.0.0.1, {address: 192.0.2.1, until: 2026-11-20}]}}",
      "expired_entry", "take the entry out, or give it a later `until`",
      "users: {al: {only_from: [10.0.0.1]}}"
    ),
    (
      "users: {al: {only_from: [10.0.0.1, {address: 192.0.2.1, until: 2026-12-04}]}}",
      "expires_soon", "give it a later `until`, if it is still needed",
      "users: {al: {only_from: [10.0.0.1, {address: 192.0.2.1, until: 2027-12-04}]}}"
    ),
    (
      "users: {al: {only_from: [{address: 192.0.2.1, until: 2026-11-30}]}}", "empty_soon",
      "give an entry that is still needed a later `until`",
      "users: {al: {only_from: [{address: 192.0.2.1, until: 2027-11-30}]}}"
    ),
    (
      "users: {al: {also_from: [192.0.2.1]}}", "hidden_rule", "use only_from to confine",
      "users: {al: {only_from: [192.0.2.1]}}"
    ),
    ("services: {s: {only_from: [anywhere]}}", "hidden_rule", "leave the key out", "mode: monitor"),
    (
      "networks: {n: {addresses: [192.0.2.0/24], except: [198.51.100.1]}}\nblock: [n]",
      "idle_exception", "take it out of the except, or correct it",
      "networks: {n: {addresses: [192.0.2.0/24], except: [192.0.2.1]}}\nblock: [n]"
    ),
    (
      "users: {al: {only_from: [192.0.2.9, 192.0.2.66]}}\nblock: [192.0.2.64/26]", "blocked_entry",
      "remove it here or from block",
      "users: {al: {only_from: [192.0.2.9]}}\nblock: [192.0.2.64/26]"
    ),
    (
      "block: [anywhere]", "blocks_everyone", "to allow a few places only, use everyone.from",
      "everyone: {from: [192.0.2.1]}"
    ),
    (
      "roles: {r: {from: [192.0.2.1]}}", "empty_role",
      "give it members: {groups: […], users: […]}",
      "roles: {r: {from: [192.0.2.1], members: {groups: [g], users: [al]}}}"
    ),
    (
      "users: {al: {only_from: [\"2001:db8::9d4f:31c2:8e0a:77b1\"]}}", "privacy_address",
      "list its /64, or give that machine a stable address",
      "users: {al: {only_from: [\"2001:db8::/64\"]}}"
    ),
    (
      "users: {al: {only_from: [0.0.0.0]}}", "unspecified_address",
      "write 0.0.0.0/0 or anywhere if all are meant", "users: {al: {only_from: [anywhere]}}"
    ),
  ]

  private static let breakGlass = "break_glass: {users: [rescue], from: [203.0.113.250]}\n"

  /// The same where the way in of break_glass is what is missing.
  static let doubtsOfBreakGlass = [
    (
      "mode: enforce\nblock: [192.0.2.9]", "no_break_glass",
      "name a local user: break_glass: {users: [rescue], from: […]}",
      breakGlass + "mode: enforce\nblock: [192.0.2.9]"
    ),
    (
      "break_glass: {users: [rescue], from: [nowhere]}\nblock: [192.0.2.9]", "no_break_glass",
      "list an address that you can reach, or leave `from` out",
      breakGlass + "block: [192.0.2.9]"
    ),
    (
      "break_glass: {users: [rescue]}\nblock: [192.0.2.9]", "open_break_glass",
      "list where help comes from, or write from: [anywhere] if that is meant",
      "break_glass: {users: [rescue], from: [anywhere]}\nblock: [192.0.2.9]"
    ),
    (
      breakGlass + "mode: enforce", "no_list", "list in everyone.from where people come from",
      breakGlass + "mode: enforce\neveryone: {from: [192.0.2.0/24]}"
    ),
  ]

  @Test("of each warning of a policy: there is no warning any more")
  func warnings() throws {
    let now = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
    func found(_ text: String) throws -> [Diagnostic] {
      let loaded = load("version: 1\n" + text)
      return try #require(loaded.policy, "\(messages(loaded))").warnings(now: now)
    }
    let all =
      Self.doubts.map { (Self.breakGlass + $0.0, $0.1, $0.2, Self.breakGlass + $0.3) }
      + Self.doubtsOfBreakGlass
    for (text, name, remedy, mended) in all {
      let told = try found(text)
      let warning = try #require(told.first { $0.name == name }, "\(text): \(told)")
      #expect(warning.remedy == remedy)
      #expect(try found(mended) == [], "\(mended)")
    }
  }
}
