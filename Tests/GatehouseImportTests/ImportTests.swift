import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseImport

/// Files and the policies made from them.
struct ImportTests {
  struct Example: CustomTestStringConvertible {
    let testDescription: String
    let file: String
    /// What follows `version: 1` in the policy.
    let policy: String
    /// Each diagnostic as `line name`, with a `!` if something is not imported, and a second `!` if the
    /// policy allows more for it.
    let diagnostics: [String]

    init(_ description: String, _ file: String, _ policy: String, _ diagnostics: [String] = []) {
      testDescription = description
      self.file = file
      self.policy = policy
      self.diagnostics = diagnostics
    }
  }

  private static let consoleComment =
    "# Who may log in on the console, if the PAM lines say local=ask. "

  /// Files that are imported with `nodefgroup`.
  static let examples = [
    Example(
      "no line: everyone may log in from anywhere", "# nothing\n\n", "everyone: from: [anywhere]"),
    Example(
      "nobody may", "-:ALL:ALL\n", "everyone: from: [nowhere] local: users: [root]",
      ["1 local_logins"]),
    Example(
      "permissions before a last refusal add up",
      "+:root:10.0.0.1\n+:(wheel):10.0.0.0/8 2001:db8::/32\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] \
      groups: wheel: also_from: [10.0.0.0/8, "2001:db8::/32"] \
      users: root: also_from: [10.0.0.1] \
      local: users: [root]
      """, ["3 local_logins"]),
    Example(
      "refusals before the silent permission confine",
      "-:(guests):ALL EXCEPT 192.0.2.0/24\n-:root:ALL\n",
      """
      everyone: from: [anywhere] groups: guests: only_from: [192.0.2.0/24] \
      users: root: only_from: [nowhere]
      """, ["1 console!!", "1 local_logins"]),
    Example(
      "a user's own lines, permission and refusal, are one list",
      "+:root:192.0.2.1\n-:root:ALL\n",
      "everyone: from: [anywhere] users: root: only_from: [192.0.2.1]", ["2 local_logins"]),
    Example(
      "a refusal of all but some", "-:ALL EXCEPT (wheel) root:ALL\n",
      """
      everyone: from: [nowhere] groups: wheel: also_from: [anywhere] \
      users: root: also_from: [anywhere] \
      local: groups: [wheel] users: [root]
      """, ["1 local_logins"]),
    Example(
      "a group that is refused first stays refused, whatever other groups its members are in",
      "-:(contractors):ALL\n+:alice (staff):10.0.0.0/8\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] groups: contractors: only_from: [nowhere] \
      staff: also_from: [10.0.0.0/8] users: alice: also_from: [10.0.0.0/8] \
      local: users: [root]
      """, ["1 local_logins"]),
    Example(
      "a refusal that leaves something to others' permissions is a role, which allows nothing",
      "-:(contractors) root:ALL EXCEPT 10.8.0.0/16\n+:(staff):10.0.0.0/8\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] \
      roles: confined-1: members: groups: [contractors] users: [root] only_from: [10.8.0.0/16] \
      groups: staff: also_from: [10.0.0.0/8] \
      local: users: [root]
      """, ["1 local_logins"]),
    Example(
      "a line that pam_access never reaches says nothing",
      "+:ALL:192.0.2.0/24\n-:ALL:ALL\n+:root:ALL\n-:(staff):192.0.2.1\n",
      "everyone: from: [192.0.2.0/24] local: users: [root]", ["2 local_logins"]),
    Example(
      "what is left without a part is written as ranges",
      "-:ALL:192.0.2.7 2001:db8::1\n",
      """
      everyone: from: - 0.0.0.0-192.0.2.6 - 192.0.2.8-255.255.255.255 - "::-2001:db8::" \
      - "2001:db8::2-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
      """),
    Example(
      "a long list that is needed twice gets a name",
      "+:alice bob:10.0.0.1 10.0.0.3 10.0.0.5\n-:ALL:ALL\n",
      """
      networks: list-1: [10.0.0.1, 10.0.0.3, 10.0.0.5] everyone: from: [nowhere] \
      users: alice: also_from: [list-1] bob: also_from: [list-1] \
      local: users: [root]
      """, ["2 local_logins"]),
    Example(
      "an exception to the exception", "-:ALL:10.0.0.0/8 EXCEPT 10.1.0.0/16 EXCEPT 10.1.1.0/24\n",
      """
      everyone: from: - 0.0.0.0/5 - 8.0.0.0/7 - 10.1.0.0/24 - 10.1.2.0-10.1.255.255 \
      - 11.0.0.0-255.255.255.255 - "::/0"
      """),
    Example(
      "capitals in the names of users mean the small letters too",
      "+:ROOT:192.0.2.1\n-:all:aLL\n",
      """
      everyone: from: [nowhere] users: ROOT: also_from: [192.0.2.1] \
      root: also_from: [192.0.2.1] \
      local: users: [root]
      """, ["2 local_logins"]),
    Example(
      "names that YAML would take for something else are quoted",
      "+:no (a\"b\\c) (é) (a\u{202E}b):192.0.2.1\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] groups: "a\\"b\\\\c": also_from: [192.0.2.1] \
      "a\\u202eb": also_from: [192.0.2.1] "é": also_from: [192.0.2.1] \
      users: "no": also_from: [192.0.2.1] \
      local: users: [root]
      """, ["2 local_logins"]),
    Example(
      "spaces around the fields, commas and a carriage return do not matter",
      "+ : alice , bob : 192.0.2.1\t192.0.2.3 \r\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] users: alice: also_from: [192.0.2.1, 192.0.2.3] \
      bob: also_from: [192.0.2.1, 192.0.2.3] \
      local: users: [root]
      """, ["2 local_logins"]),
    Example(
      "what pam_access skips is skipped, and said",
      " -:ALL:ALL\n-:ALL\n-\nnever:ALL:ALL\n-:ALL: \n-:ALL:ALL",
      "everyone: from: [anywhere]", (1...6).map { "\($0) skipped_line" }),
    Example(
      "a line that begins with a colon refuses", ":+:ALL:10.0.0.0/8\n",
      "everyone: from: [0.0.0.0/5, 8.0.0.0/7, 11.0.0.0-255.255.255.255, \"::/0\"]",
      ["1 leading_separator"]),
    Example(
      "masks mean what pam_access makes of them",
      """
      +:ALL:10.0.0.0/0 20.0.0.0/010 30.0.0.0/33 40.1.2.3/ffff:: 50.1.2.3/255.255.0.0 60.0.0.0/0x10
      -:ALL:ALL

      """,
      "everyone: from: [10.0.0.0, 20.0.0.0/8, 40.1.2.3, 50.1.0.0/16, 60.0.0.0/16] local: users: [root]",
      [
        "1 surprising_address", "1 surprising_address", "1 surprising_address",
        "1 surprising_address", "1 surprising_address", "2 local_logins",
      ]),
    Example(
      "an IPv4-mapped address matches nothing",
      "+:ALL:::ffff:192.0.2.1 ::ffff:0:0/96 192.0.2.2\n-:ALL:ALL\n",
      "everyone: from: [192.0.2.2] local: users: [root]",
      ["1 surprising_address", "1 surprising_address", "2 local_logins"]),
    Example(
      "0.0.0.0/0.0.0.0 and ::/:: are all of a family",
      "+:(a):0.0.0.0/0.0.0.0\n+:(b):::/::\n-:ALL:ALL\n",
      """
      everyone: from: [nowhere] groups: a: also_from: [0.0.0.0/0] b: also_from: ["::/0"] \
      local: users: [root]
      """, ["3 local_logins"]),

    // What a policy cannot say.
    Example(
      "a permission that goes before a refusal of another group",
      "+:(wheel):ALL\n-:(contractors):ALL\n",
      "everyone: from: [anywhere] groups: contractors: only_from: [nowhere]",
      ["1 order!", "2 console!!", "2 local_logins"]),
    Example(
      "a permission of a user that goes before a refusal of a group",
      "+:alice:ALL\n-:(staff):ALL\n",
      "everyone: from: [anywhere] groups: staff: only_from: [nowhere]",
      ["1 order!", "2 console!!", "2 local_logins"]),
    Example(
      "a refusal of a group except for the members of another",
      "-:(staff) EXCEPT (wheel):ALL\n",
      "everyone: from: [anywhere] groups: staff: only_from: [nowhere]",
      ["1 console!!", "1 order!", "1 local_logins"]),
    Example(
      "logins without a remote host",
      "+:root:LOCAL tty1 :0 pts/0 console\n-:ALL EXCEPT (wheel):LOCAL\n",
      "everyone: from: [anywhere] local: groups: [wheel] users: [root]",
      ["2 local_logins"]),
    Example(
      "terminals are not told apart, and whoever may use all of them is named",
      "+:alice:tty1 LOCAL\n+:bob:tty1\n+:(wheel):LOCAL EXCEPT tty2\n-:ALL:LOCAL\n",
      "everyone: from: [anywhere] local: users: [alice, root]", ["3 console!", "4 local_logins"]),
    Example(
      "who may log in on the console without a name in any list is not locked out of it",
      "-:alice:tty1\n-:bob:console LOCAL\n", "everyone: from: [anywhere]",
      ["2 console!!", "2 local_logins"]),
    Example(
      "names of hosts, domains and services",
      "-:root:host.example.org .example.org crond\n+:root:crond\n", "everyone: from: [anywhere]",
      ["1 host_name!!", "1 host_name!!", "1 local_login!!"]),
    Example(
      "netgroups and the machine's own name",
      "+:@admins alice@gate bob@ALL:@hosts 192.0.2.1\n-:@@all:ALL\n-:ALL EXCEPT @admins:ALL\n",
      "everyone: from: [nowhere] users: bob: also_from: [192.0.2.1] local: users: [root]",
      [
        "1 host_netgroup!", "1 own_host_name!", "1 user_netgroup!", "2 user_netgroup!!",
        "2 local_logins", "3 user_netgroup!",
      ]),
    Example(
      "addresses too scattered to list",
      "-:ALL:.7 10.0.0.0/255.0.255.0 2001:db8::/ffff::ffff\n", "everyone: from: [anywhere]",
      ["1 address_ending!!", "1 scattered_mask!!"]),
    Example(
      "an interface", "-:root:fe80::1%eth0\n", "everyone: from: [anywhere]", ["1 zone!!"]),
    Example(
      "a link-local address after a word that spoils it",
      "+:ALL:10.1. fe80::/10\n-:ALL:ALL\n",
      "everyone: from: [10.1.0.0/16, \"fe80::/10\"] local: users: [root]",
      ["1 link_local!!", "2 local_logins"]),
  ]

  @Test("each file becomes this policy, with these diagnostics", arguments: examples)
  func example(_ example: Example) throws {
    let made = imported(example.file) { $0.groupsInParenthesesOnly = true }
    let body = try #require(
      made.policy.split(separator: "version: 1\nmode: monitor\n", maxSplits: 1).last)
    #expect(
      body.split { $0.isWhitespace }.joined(separator: " ")
        .replacing(Self.consoleComment, with: "") == example.policy)
    #expect(
      made.diagnostics.map {
        "\($0.line) \($0.name)\($0.kind == .note ? "" : "!")\($0.opens ? "!" : "")"
      }.sorted() == example.diagnostics.sorted())
    #expect(made.isComplete == !example.diagnostics.contains { $0.contains("!") })
    #expect(made.policy.contains("INCOMPLETE") == !made.isComplete)
  }

  @Test("a plain word is a user and a group, unless pam_access is told otherwise")
  func plainWords() {
    let file = "+:alice:192.0.2.1\n-:ALL:ALL\n"
    #expect(imported(file).policy.contains("groups:\n  alice:\n    also_from: [192.0.2.1]\n"))
    #expect(!imported(file) { $0.groupsInParenthesesOnly = true }.policy.contains("groups:"))
  }

  @Test("a plain word that was looked up is the user or the group that the machine has")
  func lookedUp() {
    let file = "+:alice staff wheel:192.0.2.1\n-:ALL:ALL\n"
    let policy = imported(file) {
      $0.lookup = { name in
        switch name {
        case "alice": .user
        case "staff": .group
        default: .unclear
        }
      }
    }.policy
    #expect(policy.contains("groups:\n  staff:\n    also_from: [192.0.2.1]\n  wheel:\n"))
    #expect(policy.contains("users:\n  alice:\n    also_from: [192.0.2.1]\n  wheel:\n"))
    #expect(policy.contains("looked up on this machine"))
    #expect(!imported(file).policy.contains("looked up"))
  }

  @Test("one finding says what is true of several words, and @wheel hints at (wheel)")
  func oneFinding() {
    let made = imported("+:@wheel @staff @wheel:192.0.2.1\n-:ALL:ALL\n")
    #expect(
      made.diagnostics.first?.description == """
        access.conf:1: not imported: `@wheel` (likewise `@staff`) is a netgroup of users, and a \
        policy has only Unix groups; if the group of that name is meant, write it in parentheses, \
        such as (wheel); without it the policy allows less
        """)
    let followed = imported("+:(wheel) (staff):192.0.2.1\n-:ALL:ALL\n")
    #expect(followed.isComplete)
  }

  @Test("what opens is an error, and stands before everything else that is said of its line")
  func opening() {
    let made = imported("-:ALL EXCEPT @a:192.0.2.1 host.example.org\n-:ALL:ALL\n")
    #expect(made.diagnostics.map(\.kind) == [.error, .notImported, .note])
    #expect(made.diagnostics.first?.description.hasPrefix("access.conf:1: error: `host.ex") == true)
    #expect(made.policy.contains("# - access.conf:1: error: "))
  }

  @Test("the message says if a permission is lost because of a plain word")
  func plainWordDiagnostic() {
    let made = imported("+:alice:192.0.2.0/24\n-:bob:192.0.2.0/24\n")
    #expect(
      made.diagnostics.first?.description == """
        access.conf:1: not imported: the policy refuses users in groups alice and bob from \
        192.0.2.0/24, but this line allows them: line 2 refuses users in group bob there, and in a \
        policy no line comes before another (`alice` counts as a group only because pam_access, \
        without nodefgroup, takes plain words as groups too)
        """)
  }

  @Test("fields and words are separated as the options say")
  func separators() {
    let made = imported("+|domain users;alice|192.0.2.1\n-|ALL|ALL\n") {
      $0.fieldSeparators = Array("|".utf8)
      $0.listSeparators = Array(";".utf8)
    }
    #expect(made.policy.contains("  \"domain users\":\n    also_from: [192.0.2.1]\n"))
    #expect(made.isComplete)
  }

  @Test("files follow one another, and each diagnostic names its file")
  func severalFiles() {
    let made = Import(access: [
      ImportFile(name: "access.conf", content: Array("+:ALL:192.0.2.1\n-:ALL:ALL".utf8)),
      ImportFile(name: "more\u{1B}.conf", content: Array("+:ALL:192.0.2.2 @x\n-:ALL:ALL\n".utf8)),
    ])
    #expect(made.policy.contains("from: [192.0.2.1, 192.0.2.2]"))
    #expect(
      made.diagnostics.map { $0.description.split(separator: " ")[0] } == [
        "access.conf:2:", "more\\u{1b}.conf:1:", "more\\u{1b}.conf:2:",
      ])
    #expect(!made.policy.contains("\u{1B}"))
  }

  @Test("a name that is not UTF-8 is reported, not written")
  func notText() {
    let made = Import(access: [
      ImportFile(name: "a", content: Array("-:".utf8) + [0xFF] + Array(":ALL\n".utf8))
    ])
    #expect(made.diagnostics.map(\.name).contains("not_text"))
    #expect(made.diagnostics.first?.message.hasPrefix("`\\xff` ") == true)
  }

  @Test("a name is as long as a login name may be, also if all of it has to be escaped")
  func longNames() throws {
    let longest = String(repeating: "\u{10}", count: 255)
    let made = Import(access: [
      ImportFile(name: "a", content: Array("-:\(longest):ALL\n-:\(longest)x:ALL\n".utf8))
    ])
    #expect(made.diagnostics.map(\.name).contains("name_too_long"))
    #expect(made.policy.contains(#""\x10\x10"#))
    _ = try loaded(made.policy)
  }

  @Test("any bytes at all become a policy that loads")
  func anyBytes() throws {
    var random = SeededRandom(seed: 11)
    let pieces =
      [
        "+", "-", ":", ":", " ", ",", "\n", "\n", "\r", "\0", "\t", "ALL", "EXCEPT", "(", ")", "@",
        "#", "/",
      ]
      + [
        "10.0.0.0", "8", "::1", "fe80::", "%lo", ".", "a", "B", "\"", "\\", "\u{7F}", "\u{85}",
        "\u{2028}",
      ]
      + [
        "\u{FEFF}", "\u{FFFE}", "é", "e\u{301}", "\u{10FFFF}", "'", "~", "null", "{", "]", "&x",
        "*x", "!",
      ]
    for _ in 0..<3000 {
      var content = (0..<Int.random(in: 0...40, using: &random))
        .flatMap { _ in Array(random.pick(pieces).utf8) }
      if random.once(in: 8), let index = content.indices.randomElement(using: &random) {
        content[index] = UInt8.random(in: 0...255, using: &random)
      }
      let lines = Array("+:".utf8) + content + Array(":10.0.0.1\n".utf8) + content
      let made = Import(access: [ImportFile(name: "access.conf", content: lines)])
      _ = try loaded(made.policy)
    }
  }

  @Test("from where too many groups decide, nobody is allowed, and that is reported")
  func tooComplicated() throws {
    var random = SeededRandom(seed: 1)
    let text = (0..<60).map { _ in
      let groups = (0..<10).map { _ in "(g\(Int.random(in: 0..<60, using: &random)))" }
      return "\(Bool.random(using: &random) ? "+" : "-"):\(groups[..<5].joined(separator: " "))"
        + " EXCEPT \(groups[5...].joined(separator: " ")):192.0.2.0/24\n"
    }.joined()
    let made = imported("+:alice:192.0.3.1\n-:alice:192.0.3.0/24\n" + text)
    #expect(made.diagnostics.map(\.name) == ["too_complicated"])
    #expect(made.diagnostics.first?.opens == false)
    let policy = try loaded(made.policy)
    for (user, groups, address, isAllowed) in [
      ("alice", [], "192.0.2.1", false), ("bob", [], "192.0.2.1", false),
      ("bob", ["g1"], "192.0.2.255", false), ("bob", ["g2"], "192.0.2.0", false),
      ("alice", [], "192.0.3.1", true), ("alice", [], "192.0.3.2", false),
      ("bob", ["alice"], "192.0.3.2", false), ("bob", ["g2"], "192.0.3.2", true),
      ("alice", ["g1"], "192.0.4.0", true),
    ] as [(Name, Set<Name>, String, Bool)] {
      let decision = policy.decide(
        Login(
          user: user, groups: groups, service: "sshd", origin: Origin(remoteHost: address),
          time: .now()))
      #expect(!decision.isDenial == isAllowed, "\(user) \(groups) from \(address)")
    }
  }
}

/// Imports one file.
private func imported(_ text: String, _ set: (inout AccessOptions) -> Void = { _ in }) -> Import {
  var options = AccessOptions()
  set(&options)
  return Import(
    access: [ImportFile(name: "access.conf", content: Array(text.utf8))], options: options)
}
