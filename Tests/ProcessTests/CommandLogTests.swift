import GatehousePlatform
import TestKit
import Testing

@Suite(
  "gatehouse log",
  .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"))
struct CommandLogTests {
  /// A decision as the daemon writes it today, with all that it has.
  private static func entry(
    _ id: String, _ user: String, _ origin: String, minutesAgo minutes: Int64,
    _ more: [String: String] = [:]
  ) -> JournalFolder.Entry {
    .decision(
      user, origin, at: minutesAgo(minutes),
      [
        "GATEHOUSE_ID": id, "GATEHOUSE_RULE": "policy.yaml:3", "_HOSTNAME": "gate",
        "GATEHOUSE_GENERATION": "4:\(String(repeating: "ab", count: 32))",
      ].merging(more) { $1 })
  }

  private static let entries = [
    entry("aaaaaaaaaa", "ann", "192.0.2.7", minutesAgo: 3000, ["GATEHOUSE_ROLES": "admin,mobile"]),
    entry("bbbbbbbbbb", "bob", "198.51.100.1", minutesAgo: 50, JournalFolder.Entry.denied),
    entry(
      "cccccccccc", "carol", "2001:db8::17", minutesAgo: 40,
      ["GATEHOUSE_WOULD_DENY": "true", "GATEHOUSE_REASON": "confined"]),
    entry(
      "dddddddddd", "dan", "self", minutesAgo: 30,
      ["GATEHOUSE_ORIGIN_KIND": "self", "GATEHOUSE_SERVICE": "cockpit"]),
    entry(
      "eeeeeeeeee", "eve", "unknown", minutesAgo: 20,
      [
        "GATEHOUSE_ORIGIN_KIND": "unknown", "GATEHOUSE_DECISION": "deny",
        "GATEHOUSE_REASON": "origin_unknown", "GATEHOUSE_RHOST": "trap.example",
      ]),
    entry(
      "ffffffffff", "frank", "192.0.2.8", minutesAgo: 10,
      ["GATEHOUSE_DECISION": "no_policy", "GATEHOUSE_REASON": "no_policy"]),
  ]

  private func log(
    _ arguments: [String], _ entries: [JournalFolder.Entry] = Self.entries
  ) throws -> ProcessResult {
    let journal = try JournalFolder(entries)
    return try gatehouse(["log", "--journal", journal.path] + arguments)
  }

  /// The ids of the lines of JSON, in order.
  private func ids(_ result: ProcessResult) -> String {
    result.output.split(separator: "\n").map { line in
      line.split(separator: #""id":""#).dropFirst().first.map { String($0.prefix(1)) } ?? "?"
    }.joined()
  }

  @Test("with --factor, the answers about the second factor stand in place of the decisions")
  func factors() throws {
    let answers = [
      Self.entry(
        "gggggggggg", "ann", "192.0.2.7", minutesAgo: 9,
        JournalFolder.Entry.factor("needed", "new_place")),
      Self.entry(
        "hhhhhhhhhh", "ann", "192.0.2.7", minutesAgo: 8,
        JournalFolder.Entry.factor("not_needed", "listed")),
      Self.entry(
        "iiiiiiiiii", "bob", "192.0.2.7", minutesAgo: 7,
        JournalFolder.Entry.factor("needed", "listed", wouldSpare: true)),
      Self.entry(
        "jjjjjjjjjj", "eve", "192.0.2.7", minutesAgo: 6,
        JournalFolder.Entry.factor("not_needed", "listed").merging(["_UID": "1000"]) { $1 }),
    ]
    let entries = Self.entries + answers
    let result = try log(["--factor"], entries)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 3, "\(result)")
    let ends = [
      "needed           ann   192.0.2.7  sshd  new_place  policy.yaml:3  gggggggggg",
      "not needed       ann   192.0.2.7  sshd  listed     policy.yaml:3  hhhhhhhhhh",
      "would be spared  bob   192.0.2.7  sshd  listed     policy.yaml:3  iiiiiiiiii",
    ]
    for (line, end) in zip(lines, ends) {
      #expect(
        line.replacing(#/ +/#, with: " ").hasSuffix(end.replacing(#/ +/#, with: " ")), "\(line)")
    }
    #expect(ids(try log(["--json"], entries)) == "abcdef")
    #expect(ids(try log(["--factor", "--json"], entries)) == "ghi")
    #expect(ids(try log(["--factor", "--json", "--reason", "new_place"], entries)) == "g")
    #expect(ids(try log(["--factor", "--json", "--user", "bob"], entries)) == "i")
    #expect(try log(["--factor", "--decision", "deny"], entries).status == 2)
    #expect(try log(["--reason", "new_place"], entries).status == 2)
    #expect(
      try log(["--factor", "--json", "--user", "bob"], entries).output
        .contains(#""decision":"would_spare","reason":"listed","would_deny":false"#))
  }

  @Test("with --codes, what became of codes stands in place of the decisions")
  func codes() throws {
    let steps = [
      JournalFolder.Entry.code("made", "ann", "203.0.113.9", at: minutesAgo(9)),
      .code("wrong", "ann", "203.0.113.9", at: minutesAgo(8)),
      .code(
        "used", "ann", "203.0.113.9", at: minutesAgo(7),
        ["GATEHOUSE_GRANT": "h4kqm7wnt3", "GATEHOUSE_ROLE": "admin"]),
      .code("ended", "bob", "203.0.113.9", at: minutesAgo(6), ["GATEHOUSE_DENIAL": "eeeeeeeeee"]),
      .code("used", "eve", "203.0.113.9", at: minutesAgo(5), ["_UID": "1000"]),
      .code("used", "eve", "203.0.113.9", at: minutesAgo(4), ["_SYSTEMD_UNIT": "session-3.scope"]),
    ]
    let entries = Self.entries + steps
    let result = try log(["--codes"], entries)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 4, "\(result)")
    let ends = [
      "made ann 203.0.113.9 sshd dddddddddd", "wrong ann 203.0.113.9 sshd dddddddddd",
      "used ann 203.0.113.9 sshd grant h4kqm7wnt3 dddddddddd",
      "ended bob 203.0.113.9 sshd eeeeeeeeee",
    ]
    for (line, end) in zip(lines, ends) {
      #expect(line.replacing(#/ +/#, with: " ").hasSuffix(end), "\(line)")
    }
    #expect(result.errors.contains("1 entry looks like gatehoused's"))
    #expect(ids(try log(["--json"], entries)) == "abcdef")
    #expect(ids(try log(["--factor", "--json"], entries)) == "")
    #expect(ids(try log(["--codes", "--json", "--user", "bob"], entries)) == "e")
    let used = try log(["--codes", "--json", "--role", "admin"], entries).output
    #expect(
      used.contains(
        #""id":"dddddddddd","decision":"used","reason":"authorize","would_deny":false,"user":"ann""#
      ))
    #expect(used.contains(#""grant":"h4kqm7wnt3""#))
    #expect(try log(["--codes"], Self.entries).errors.contains("no code"))
    for more in [["--decision", "deny"], ["--reason", "listed"], ["--factor"], ["--first"]] {
      #expect(try log(["--codes"] + more, entries).status == 2, "\(more)")
    }
  }

  @Test("a line for each decision, the newest last, with the id")
  func lines() throws {
    let result = try log([])
    #expect(result.status == 0 && result.errors == "")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 6)
    #expect(
      lines[1].hasSuffix(
        "deny        bob    198.51.100.1    sshd     not_listed      policy.yaml:3  bbbbbbbbbb"),
      "\(result.output)")
    #expect(lines[4].contains(#"deny        eve    "trap.example"  sshd     origin_unknown"#))
  }

  @Test(
    "chooses by user, place, service, decision, reason, role, rule and time",
    arguments: [
      (["--user", "ann", "--user", "bob"], "ab"), (["--from", "198.51.100.1"], "b"),
      (["--from", "192.0.2.0/24"], "af"), (["--from", "2001:db8::/32"], "c"),
      (["--from", "192.0.2.8-192.0.2.9"], "f"), (["--from", "self"], "d"),
      (["--from", "unknown"], "e"), (["--service", "cockpit"], "d"),
      (["--decision", "deny"], "be"), (["--decision", "would_deny"], "c"),
      (["--decision", "allow"], "ad"),
      (["--decision", "allow", "--decision", "would_deny"], "acd"),
      (["--decision", "no_policy"], "f"), (["--reason", "not_listed"], "b"),
      (["--reason", "not_listed", "--reason", "confined"], "bc"), (["--role", "mobile"], "a"),
      (["--rule", "policy.yaml:3", "--user", "bob"], "b"), (["--rule", "policy.yaml"], "abcdef"),
      (["--rule", "policy.yaml:30"], ""), (["--since", "1h"], "bcdef"),
      (["--since", "1h", "--until", "35m"], "bc"), (["--since", "2000-01-01"], "abcdef"),
      (["-n", "2"], "ef"), (["-n", "1", "--user", "bob"], "b"),
      (["--user", "ann", "--decision", "deny"], ""),
    ] as [([String], String)])
  func filters(arguments: [String], expected: String) throws {
    let result = try log(arguments + ["--json"])
    #expect(ids(result) == expected, "\(result)")
    #expect(result.status == (expected.isEmpty ? 1 : 0))
  }

  @Test("a long time is shown whole, the oldest first, and a number of lines is the newest of it")
  func many() throws {
    let entries = (0..<2500).map { number in
      Self.entry("\(10_000 + number)", "ann", "192.0.2.7", minutesAgo: 3000 - Int64(number))
    }
    func numbers(_ arguments: [String]) throws -> [Int] {
      try log(["--json"] + arguments, entries).output.split(separator: "\n").compactMap { line in
        line.split(separator: #""id":""#).dropFirst().first.flatMap { Int($0.prefix(5)) }
      }
    }
    #expect(try numbers(["--since", "3d"]) == Array(10_000..<12_500))
    #expect(try numbers(["--since", "3d", "-n", "7"]) == Array(12_493..<12_500))
    #expect(try numbers([]) == Array(12_400..<12_500))
  }

  @Test("what any user can write is not believed, and is said to be there")
  func forged() throws {
    let forged = [
      Self.entry("gggggggggg", "eve", "192.0.2.1", minutesAgo: 5, ["_UID": "1000"]),
      Self.entry(
        "hhhhhhhhhh", "eve", "192.0.2.1", minutesAgo: 4, ["_SYSTEMD_UNIT": "session-3.scope"]),
      Self.entry("iiiiiiiiii", "eve", "192.0.2.1", minutesAgo: 3, ["MESSAGE_ID": "00"]),
      Self.entry("jjjjjjjjjj", "eve", "nowhere.example", minutesAgo: 2),
    ]
    let result = try log(["--json"], Self.entries + forged)
    #expect(ids(result) == "abcdef")
    #expect(
      result.errors
        == "gatehouse: 2 entries look like gatehoused's, but cannot be believed or read\n")
  }

  @Test("a machine is known by its file, whatever its entries say of themselves")
  func machines() throws {
    let journal = try JournalFolder([Self.entries[0]], as: "remote-gate")
    // Another machine that says it is the first one, also by its own name.
    for (name, entry) in zip(
      ["remote-evil", "remote-gate@x", "remote-gatehouse"], Self.entries[1...])
    { try journal.add([entry], as: name) }
    func log(_ machine: String) throws -> ProcessResult {
      try gatehouse(["log", "--journal", journal.path, "--machine", machine, "--json"])
    }
    #expect(ids(try log("gate")) == "a")
    let evil = try log("evil")
    #expect(ids(evil) == "b" && evil.output.contains(#""machine":"evil""#), "\(evil)")
    for machine in ["gat", "", "../gate", "gate@"] {
      let none = try log(machine)
      #expect(none.status == 2 && none.errors.contains("there is no remote-\(machine).journal"))
    }
    let alone = try gatehouse(["log", "--machine", "gate"])
    #expect(alone.status == 2 && alone.errors.contains("--journal says where"))
  }

  @Test(
    "without a journal it reads the files of syslog, and says that they prove nothing",
    .enabled(if: isRoot, "needs root: the folders of the logs are mounted over the machine's"))
  func syslog() throws {
    let folder = try TemporaryDirectory()
    func line(_ id: String, _ user: String) -> String {
      "2026-11-26T20:51:54+01:00 gate gatehoused[812]: denied \(user) "
        + #"[message_id="cd6ea7754a4f4d81bcc7da29e5486793" id="\#(id)" decision="deny" "#
        + #"reason="not_listed" would_deny="false" user="\#(user)" service="sshd" "#
        + #"origin="192.0.2.7" origin_kind="address" generation="4:ab"]"# + "\n"
    }
    let file = try folder.write(
      "2026-11-26T20:00:00+01:00 gate sshd[1]: hello\n" + line("aaaaaaaaaa", "ann")
        + line("bbbbbbbbbb", "bob"), to: "auth.log")
    func log(_ arguments: [String]) throws -> ProcessResult {
      let script = """
        for folder in /var/log /run; do mount -t tmpfs none "$folder"; done
        cat "$0" >/var/log/auth.log
        exec "$@"
        """
      return try run(
        "unshare",
        ["--mount", "sh", "-c", script, file, try builtProgram("gatehouse"), "log", "--json"]
          + arguments)
    }
    let all = try log([])
    #expect(all.status == 0 && ids(all) == "ab", "\(all)")
    #expect(
      all.errors == """
        gatehouse: there is no journal: these are lines of /var/log/auth.log; the files begin \
        2026-11-26T19:00:00Z
        gatehouse: any user can have such lines written (logger), so they prove nothing

        """)
    #expect(ids(try log(["--user", "bob"])) == "b")
    #expect(ids(try log(["-n", "1"])) == "b")
    #expect(try log(["--user", "carol"]).status == 1)
    #expect(try log(["--since", "2026-11-27"]).status == 1)
  }

  @Test("watch shows the newest, and goes on")
  func watch() throws {
    let journal = try JournalFolder(Self.entries)
    let folder = try TemporaryDirectory()
    let output = folder.file("output")
    let watching = try ChildProcess(
      "/bin/sh",
      ["-c", "exec \"$@\" >\"$0\"", output, try builtProgram("gatehouse"), "watch"]
        + ["--journal", journal.path, "--decision", "deny"])
    try wait { (try? readText(output))?.contains("eeeeeeeeee") ?? false }
    #expect(watching.poll() == nil)
    #expect(try readText(output).split(separator: "\n").count == 2)
  }

  @Test("nothing of an entry reaches the terminal as a command")
  func hostile() throws {
    let name = "\u{1B}]0;x\u{7}<script>\u{202E},\""
    let entry = Self.entry("kkkkkkkkkk", name, "192.0.2.1", minutesAgo: 1)
    for arguments in [[], ["--json"], ["kkkkkkkkkk"], ["kkkkkkkkkk", "--json"]] {
      let result = try log(arguments, [entry])
      #expect(result.status == 0)
      #expect(
        result.output.unicodeScalars.allSatisfy {
          ($0.value >= 0x20 || $0 == "\n") && $0 != "\u{202E}"
        },
        "\(result)")
    }
  }

  @Test("one decision is found by its id, in any case, and told with all that is known")
  func story() throws {
    let result = try log(["BBBBBBBBBB"])
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("deny  bob from 198.51.100.1 by sshd: not_listed\n"))
    #expect(result.output.contains("\n  policy   generation 4 (abababababab)\n"))
    #expect(result.output.contains("Its policy is not in the history any more."))
    let missing = try log(["zzzzzzzzzz"])
    #expect(missing.status == 1)
    #expect(
      missing.errors.contains("there is no decision with the id zzzzzzzzzz; the journal begins"))
  }

  @Test(
    "what makes no sense is misuse",
    arguments: [
      ["--decision", "denied"], ["--reason", "not_liste"], ["--since", "yesterday"], ["-n", "0"],
      ["bbbbbbbbbb", "--user", "bob"], ["--from", "no-such-network!"], ["--first"],
    ])
  func misuse(arguments: [String]) throws {
    let result = try log(arguments)
    #expect(result.status == 2 || result.status == 3 && arguments[0] == "--from", "\(result)")
    #expect(result.output == "" && !result.errors.isEmpty)
  }
}
