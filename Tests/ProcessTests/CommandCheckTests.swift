import TestKit
import Testing

@Suite("gatehouse check")
struct CommandCheckTests {
  private let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
  }

  private func check(
    _ policy: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let path = try folder.write(policy, to: "policy.yaml")
    return try gatehouse(["check", path] + arguments, environment: environment)
  }

  @Test("a policy on standard input is checked as a file is; --policy names one, too")
  func standardInput() throws {
    let path = try folder.write(Self.clean, to: "policy.yaml")
    let named = try gatehouse(["check", "--policy", path])
    let input = try gatehouse(["check", "-"], input: Self.clean)
    #expect(named.status == 0)
    #expect(input.status == 0)
    #expect(
      input.output.replacing("standard input", with: path).split(separator: "\n").last
        == named.output.split(separator: "\n").last)
    let broken = try gatehouse(["check", "-"], input: "version: 1\nblok: [192.0.2.1]\n")
    #expect(broken.status == 1)
    #expect(broken.output.contains("policy.yaml:2:1: error: "))
  }

  /// A policy without any finding on any machine.
  private static let clean = """
    version: 1
    everyone: {from: [192.0.2.0/24, self]}
    break_glass: {users: [root], from: [203.0.113.250]}

    """

  @Test("a policy with errors names all of them, with their places, and exits 1")
  func errors() throws {
    let outcome = try check("version: 1\nevryone: {}\nblock: [300.1.1.1, 10.0.0.1/8]\n")
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n")
    for place in ["2:1", "3:9", "3:20"] {
      #expect(lines.contains { $0.hasPrefix("\(folder.path)/policy.yaml:\(place): error: ") })
    }
    #expect(lines.last?.hasPrefix("not ok  \(folder.path)/policy.yaml: 3 errors, ") == true)
    #expect(outcome.errors == "")
  }

  @Test("the policy's own tests are run")
  func failingTest() throws {
    let outcome = try check(
      Self.clean + "tests: [{user: eve, from: 198.51.100.1, expect: allow}]\n")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("policy.yaml:4:"))
  }

  @Test("users and groups that the machine does not know are warned of, by name and place")
  func unknownNames() throws {
    let policy = """
      version: 1
      users: {gh-nobody-x: {also_from: [192.0.2.1]}, root: {also_from: [192.0.2.1]}}
      groups: {gh-nogroup-x: {also_from: [192.0.2.1]}, root: {also_from: [192.0.2.1]}}
      roles: {r: {members: {users: [gh-member-x], groups: [gh-members-x]}}}
      break_glass: {users: [root, gh-rescue-x]}

      """
    let output = try check(policy).output
    for (place, kind, name) in [
      ("2:9", "user", "gh-nobody-x"), ("3:10", "group", "gh-nogroup-x"),
      ("4:31", "user", "gh-member-x"), ("4:54", "group", "gh-members-x"),
      ("5:29", "user", "gh-rescue-x"),
    ] {
      #expect(
        output.contains(
          "policy.yaml:\(place): warning: there is no \(kind) `\(name)` on this machine"))
    }
    #expect(!output.contains("`root`"))
  }

  @Test("warnings leave the exit status 0, but a strict check's 1")
  func strict() throws {
    let policy = Self.clean + "users: {gh-nobody-x: {also_from: [192.0.2.1]}}\n"
    #expect(try check(policy).status == 0)
    #expect(try check(policy, ["--strict"]).status == 1)
  }

  @Test("what the policy silences counts for nothing, and is counted")
  func silenced() throws {
    let policy = Self.clean + "users: {gh-nobody-x: {also_from: [198.51.100.1]}}\n"
    let outcome = try check(policy + "silence: [unknown_user]\n", ["--strict"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(": no errors, no warnings (1 silenced), mode enforce "))
    #expect(try check(policy, ["--strict"]).status == 1)
  }

  @Test("a name that other programs take for a group or pattern is an error if nobody has it")
  func foreignNames() throws {
    let policy = Self.clean + "users: {\"%gh-nobody-x\": {also_from: [198.51.100.1]}}\n"
    let outcome = try check(policy)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("[foreign_name]"))
    #expect(outcome.output.contains("write the name of the group, `gh-nobody-x`, under `groups`"))
  }

  @Test("a local that no line of the module asks for is warned of")
  func unaskedLocal() throws {
    #expect(try check(Self.clean + "local: {users: [root]}\n").output.contains("[local_not_asked]"))
    #expect(try !check(Self.clean).output.contains("[local_not_asked]"))
  }

  @Test("a break_glass without a user of /etc/passwd is warned of")
  func distantBreakGlass() throws {
    let policy = "version: 1\nbreak_glass: {users: [gh-rescue-x]}\n"
    #expect(
      try check(policy).output.contains(
        "policy.yaml:2:1: warning: no user of break_glass is in /etc/passwd"))
    #expect(try !check(Self.clean).output.contains("[no_break_glass]"))
  }

  @Test(
    "the address you are connected from is tried",
    arguments: [
      (["SSH_CONNECTION": "198.51.100.7 50000 192.0.2.2 22"], "198.51.100.7"),
      (["SSH_CONNECTION": "fe80::7%eth0 50000 fe80::2%eth0 22"], "fe80::7"),
      (["SSH_CLIENT": "198.51.100.7 50000 22", "SSH_CONNECTION": "-"], nil),
      (["SSH_CONNECTION": "192.0.2.7 50000 192.0.2.2 22"], nil),
      (["SSH_CONNECTION": "nonsense"], nil),
      ([:], nil),
    ] as [([String: String], String?)])
  func ownSession(environment: [String: String], address: String?) throws {
    var environment = environment
    environment["SUDO_USER"] = "gh-admin-x"
    let output = try check(Self.clean, environment: environment).output
    if let address {
      #expect(
        output.contains(
          "policy.yaml:2:12: warning: you, gh-admin-x, are connected from \(address), "
            + "and would be denied from there: not_listed [you_are_not_listed]"))
    } else {
      #expect(!output.contains("you_are_not_listed"))
    }
  }

  @Test("the address you are connected from is known under sudo, which takes it away")
  func ownSessionAbove() throws {
    let path = try folder.write(Self.clean, to: "policy.yaml")
    let outcome = try run(
      "sh",
      [
        "-c", "env -u SSH_CONNECTION -u SSH_CLIENT \"$0\" check --policy \"$1\"; true",
        try builtProgram("gatehouse"), path,
      ],
      environment: ["SSH_CONNECTION": "198.51.100.7 1 192.0.2.2 22", "SUDO_USER": "gh-admin-x"])
    #expect(outcome.output.contains("you, gh-admin-x, are connected from 198.51.100.7, "))
  }

  @Test("an address of the machine itself in a list is warned of", .enabled(if: isRoot))
  func ownAddress() throws {
    let path = try folder.write(
      Self.clean + "block: [192.0.2.99, 192.0.2.0/24]\n", to: "policy.yaml")
    let outcome = try run(
      "unshare",
      [
        "--net", "sh", "-c",
        "ip link add gh0 type veth peer name gh1 && ip addr add 192.0.2.99/24 dev gh0 "
          + "&& exec \"$0\" check --policy \"$1\"", try builtProgram("gatehouse"), path,
      ])
    #expect(
      outcome.output.contains(
        "policy.yaml:4:9: warning: 192.0.2.99 is an address of this machine itself"))
    #expect(
      outcome.output.contains(
        "policy.yaml:4:21: warning: `192.0.2.0/24` holds 192.0.2.99, which is"))
    // A list that says what comes from the machine itself is meant.
    #expect(!outcome.output.contains("policy.yaml:2:19: warning: `192.0.2.0/24` holds"))
  }

  @Test(
    "a service account that came in from the network is warned of, by the journal",
    .enabled(if: isRoot && JournalFolder.canBeMade, "needs root and systemd-journal-remote"))
  func remoteServiceAccount() throws {
    let path = try folder.write(
      Self.clean + "service_accounts: {users: [daemon, bin], groups: [games]}\n", to: "policy.yaml")
    let journal = try JournalFolder([
      .decision("daemon", "198.51.100.1", at: minutesAgo(60)),
      .decision("games", "192.0.2.8", at: minutesAgo(50)),
      .decision("daemon", "192.0.2.7", at: minutesAgo(40)),
      .decision("daemon", "203.0.113.7", at: minutesAgo(30), JournalFolder.Entry.denied),
      .decision("bin", "self", at: minutesAgo(20), ["GATEHOUSE_ORIGIN_KIND": "self"]),
      .decision("man", "192.0.2.7", at: minutesAgo(10)),
    ])
    let outcome = try run(
      "unshare",
      [
        "--mount", "sh", "-c",
        """
        set -e
        mkdir -p /var/log/journal
        mount -t tmpfs none /var/log/journal
        mount -t tmpfs none /run
        echo 6b1c3b1f4c7f4a0e9c1d2e3f4a5b6c7d >"$0/id"
        mount --bind "$0/id" /etc/machine-id
        mkdir "/var/log/journal/$(cat /etc/machine-id)"
        cp "$3/system.journal" "/var/log/journal/$(cat /etc/machine-id)"
        exec "$1" check --policy "$2"
        """, folder.path, try builtProgram("gatehouse"), path, journal.path,
      ])
    let found = outcome.output.split(separator: "\n").filter {
      $0.hasSuffix("[service_account_remote]")
    }
    #expect(
      found == [
        "warning: games of service_accounts came in from 192.0.2.8 in the last 30 days, "
          + "and what is left running then counts as local for sudo and su [service_account_remote]",
        "\(path):4:28: warning: daemon of service_accounts came in from 192.0.2.7 in the last 30 days, "
          + "and what is left running then counts as local for sudo and su [service_account_remote]",
      ], "\(outcome)")
  }

  /// Runs a check where these files are all there is in /etc/pam.d.
  private func checkPAM(_ files: [String: String]) throws -> ProcessResult {
    let path = try folder.write(Self.clean, to: "policy.yaml")
    try folder.directory("pam")
    for (name, content) in files { try folder.write(content, to: "pam/\(name)") }
    return try run(
      "unshare",
      [
        "--mount", "sh", "-c",
        """
        set -e
        \(PAMBench.givingModule)
        mount --bind "$0/pam" /etc/pam.d
        exec "$1" check --policy "$2"
        """, folder.path, try builtProgram("gatehouse"), path,
      ])
  }

  @Test("a PAM line that the module would not understand is an error", .enabled(if: isRoot))
  func badOptions() throws {
    let outcome = try checkPAM([
      "sshd": """
      # account required pam_gatehouse.so nonsense
      @include common-account
      account required pam_gatehouse.so onerr=succed \\
        timeout=2000 quiet=yes
      account [success=ok default=die] /lib/security/pam_gatehouse.so timeout=9 # comment
      account required pam_unix.so nonsense

      """,
      "common-account": "account required pam_permit.so\n",
      "login": "account required pam_gatehouse.so onerr=fail local=ask\n"
        + "account required pam_permit.so\n",
    ])
    #expect(outcome.status == 1)
    for finding in [
      "3:1: error: `onerr=succed`: write onerr=fail or onerr=succeed [pam_option]",
      "3:1: error: `quiet=yes`: this option takes no value [pam_option]",
      "5:1: error: `timeout=9`: write timeout= and a number",
    ] {
      #expect(outcome.output.contains("/etc/pam.d/sshd:\(finding)"))
    }
    #expect(!outcome.output.contains("/etc/pam.d/login"))
    #expect(outcome.output.contains(": 3 errors, "))
  }

  @Test("a PAM line that never denies is a warning", .enabled(if: isRoot))
  func lineWithoutEffect() throws {
    let outcome = try checkPAM([
      "a": "account optional pam_gatehouse.so\n", "b": "account sufficient pam_gatehouse.so\n",
      "c": "session required pam_gatehouse.so\n",
      "d": "-account requisite pam_gatehouse.so\naccount required pam_permit.so\n",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("/etc/pam.d/a:1:1: warning: "))
    #expect(outcome.output.contains("/etc/pam.d/b:1:1: warning: "))
    #expect(outcome.output.contains("/etc/pam.d/c:1:1: warning: "))
    #expect(!outcome.output.contains("/etc/pam.d/d"))
  }

  @Test("lines about roles, sessions and networks", .enabled(if: isRoot))
  func newerOptions() throws {
    let outcome = try checkPAM([
      "a": "account required pam_gatehouse.so origin=session role=administrator\n",
      "b": "auth [success=1 default=ignore] pam_gatehouse.so network=office\n",
      "c": "auth sufficient pam_gatehouse.so network=office origin=session\n",
      "d": "auth required pam_gatehouse.so\n", "e": "auth optional pam_gatehouse.so network=x\n",
      "f": "account required pam_gatehouse.so role=1st\n",
      "g": "auth sufficient pam_gatehouse.so onerr=succeed network=office\n",
      "h": "session required pam_gatehouse.so network=office\n",
      "i": "auth required pam_unix.so\n"
        + "auth sufficient pam_gatehouse.so origin=session network=anywhere\n"
        + "auth required pam_oath.so\n",
    ])
    #expect(outcome.status == 1)
    #expect(!outcome.output.contains("/etc/pam.d/i"))
    for (name, problem) in [
      ("a", "the policy has no role `administrator`, so this line refuses everybody"),
      ("b", "the policy has no network `office`, so this line never says yes"),
      ("c", "the policy has no network `office`, so this line never says yes"),
    ] {
      #expect(outcome.output.contains("/etc/pam.d/\(name):1:1: warning: \(problem)"))
    }
    for name in ["d", "e", "h"] {
      #expect(outcome.output.contains("/etc/pam.d/\(name):1:1: warning: "))
    }
    #expect(outcome.output.contains("/etc/pam.d/f:1:1: error: `role=1st`: write role= and a name"))
    #expect(
      outcome.output.contains("/etc/pam.d/g:1:1: error: `network=office`: network= has one answer"))
  }

  @Test(
    "lines about the second factor, and a policy about which no line asks", .enabled(if: isRoot))
  func factorLines() throws {
    let asked = try checkPAM([
      "a": "auth required pam_unix.so\nauth [success=1 default=ignore] pam_gatehouse.so factor\n"
        + "auth required pam_oath.so\n",
      "b": "auth required pam_unix.so\nauth [success=2 default=ignore] pam_gatehouse.so factor\n"
        + "auth required pam_oath.so\n",
      "c": "auth optional pam_gatehouse.so factor role=a\n",
    ])
    #expect(
      asked.output.contains(
        "/etc/pam.d/a:2:1: warning: the policy has no second_factor, so this line never says yes"))
    #expect(
      asked.output.contains(
        "/etc/pam.d/b:2:1: warning: b: it jumps too far: one line is left, and libpam takes that "
          + "for a failure"))
    #expect(!asked.output.contains("a: it jumps"))
    #expect(asked.output.contains("/etc/pam.d/c:1:1: error: `role=a`: factor has one answer"))
    let unasked = try check(Self.clean + "second_factor: {not_from: [anywhere]}\n")
    #expect(unasked.output.contains("[factor_not_asked]"))
  }

  @Test(
    "lines about codes, and a policy about which no line asks", .enabled(if: isRoot))
  func codeLines() throws {
    let asked = try checkPAM([
      "a": "auth required pam_unix.so\nauth required pam_gatehouse.so authorize\n",
      "b": "auth required pam_gatehouse.so authorize role=a\n",
      "c": "account required pam_gatehouse.so authorize\n",
    ])
    #expect(
      asked.output.contains(
        "/etc/pam.d/a:2:1: warning: the policy has no authorize, so this line never asks for a code"
      ))
    #expect(asked.output.contains("/etc/pam.d/b:1:1: error: `role=a`: authorize "))
    #expect(
      asked.output.contains(
        "/etc/pam.d/c:1:1: error: `authorize`: this option has its place in an auth line only"))
    #expect(asked.output.contains("[code_misses]"))
    let unasked = try check(Self.clean + "authorize: {users: [root], mail: root}\n")
    #expect(unasked.output.contains("[code_not_asked]"))
  }

  @Test("files that others could have written are a warning where the policy is named")
  func insecure() throws {
    try folder.write(Self.clean, to: "policy.yaml", mode: 0o666)
    let outcome = try gatehouse(["check", "--policy", folder.file("policy.yaml")])
    #expect(outcome.output.contains(" warning: the file "))
    #expect(outcome.output.contains("[insecure_file]"))
    #expect(outcome.status == 0)
  }

  @Test("and an error where the daemon's own is checked", .enabled(if: isRoot))
  func insecureOwn() throws {
    try folder.write(Self.clean, to: "etc/gatehouse/policy.yaml", mode: 0o666)
    let outcome = try run(
      "unshare",
      [
        "--mount", "sh", "-c",
        "mkdir -p /etc/gatehouse && mount --bind \"$1\" /etc/gatehouse && exec \"$0\" check",
        try builtProgram("gatehouse"), folder.file("etc/gatehouse"),
      ])
    #expect(outcome.output.contains("[insecure_file]"))
    #expect(outcome.status == 1)
  }

  @Test(
    "what the daemon's user may not read is an error of check and apply, which its remedy ends",
    .enabled(if: isRoot),
    arguments: [
      ("policy.yaml", "600", ["chgrp gatehouse /etc/gatehouse/policy.yaml && chmod g+r"]),
      ("policy.d/a.yaml", "640", ["chgrp gatehouse /etc/gatehouse/policy.d/a.yaml && chmod g+r"]),
      ("lists/x.txt", "200", ["chgrp gatehouse /etc/gatehouse/lists/x.txt && chmod g+r"]),
      ("lists", "700", ["chmod o+x"]), ("policy.d", "711", ["chmod o+r"]),
      (".", "700", ["chmod o+rx"]),
    ])
  func unreadableToTheDaemon(name: String, mode: String, remedies: [String]) throws {
    let outcome = try checkAsInstalled(
      """
      chmod \(mode) /etc/gatehouse/\(name)
      "$1" check >"$0/first" || echo "check $?"
      "$1" apply "$0/new.yaml" --history "$0/history" --socket "$0/none" >"$0/apply" || echo "apply $?"
      sed -n 's/^    `\\(ch.*\\)`$/\\1/p' "$0/first" | tee "$0/remedies"
      . "$0/remedies"
      "$1" check >"$0/second" && echo mended
      for file in policy.yaml policy.d/a.yaml lists/x.txt; do
        setpriv --reuid gatehouse --regid gatehouse --clear-groups cat "/etc/gatehouse/$file"
      done >"$0/read" && ls /etc/gatehouse/policy.d && echo read
      """)
    let first = try readText(folder.file("first"))
    let place = name == "." ? "/etc/gatehouse" : "/etc/gatehouse/\(name)"
    let whole = remedies.map { "\($0) \(place)" }
    #expect(
      outcome.output.split(separator: "\n").map { String($0) } == ["check 1", "apply 1"] + whole + [
        "mended", "a.yaml", "read",
      ], "\(outcome) \(first)")
    for report in ["first", "apply"] {
      let text = try readText(folder.file(report))
      #expect(text.contains("error: the daemon, which runs as the user `gatehouse`, may not "))
      #expect(text.contains("[unreadable_file]"))
    }
  }

  @Test("where that is not known, it is said", .enabled(if: isRoot))
  func readingNotKnown() throws {
    let outcome = try checkAsInstalled(
      """
      "$1" check
      mount -t tmpfs none /root
      chmod 755 /root
      cp /etc/gatehouse/lists/x.txt /root
      sed -i s,lists/x.txt,/root/x.txt, /etc/gatehouse/policy.yaml
      "$1" check | grep -o 'the daemon may not see.*'
      umount /etc/passwd
      "$1" check | grep -o 'it is not known.*'
      """)
    let lines = outcome.output.split(separator: "\n")
    #expect(
      lines.dropFirst().first?.hasPrefix("ok  /etc/gatehouse: no errors, no warnings") == true)
    #expect(
      lines.dropFirst(2) == [
        "the daemon may not see the file: its unit hides /root from it [reading_not_known]",
        "it is not known whether the daemon can read the policy: no user `gatehouse` was found on "
          + "this machine [reading_not_known]",
      ], "\(outcome)")
  }

  /// Runs a script on a machine with a policy in /etc/gatehouse and the user `gatehouse`; `$1` is the
  /// command, and `$0` a folder with another policy in `new.yaml`.
  private func checkAsInstalled(_ script: String) throws -> ProcessResult {
    let policy =
      "version: 1\neveryone: {from: [192.0.2.0/24, self, {file: lists/x.txt}]}\n"
      + "break_glass: {users: [root], from: [203.0.113.250]}\n"
      // What this machine's doors are does not matter here.
      + "silence: [logins_not_judged, nobody_gets_in, door_not_known, gives_no_address, way_around, "
      + "beside_pam, local_not_asked]\n"
    try folder.write(policy, to: "etc/policy.yaml")
    try folder.write(policy.replacing("192.0.2.0/24", with: "192.0.2.0/25"), to: "new.yaml")
    try folder.write("version: 1\nblock: [203.0.113.9]\n", to: "etc/policy.d/a.yaml")
    try folder.write("198.51.100.1\n", to: "etc/lists/x.txt")
    return try run(
      "unshare",
      [
        "--mount", "sh", "-c",
        """
        mkdir -p /etc/gatehouse
        mount --bind "$0/etc" /etc/gatehouse
        mkdir "$0/pam.d"
        mount --bind "$0/pam.d" /etc/pam.d
        for file in passwd group; do
          { cat "/etc/$file"; echo "gatehouse:x:64999:64999::/:/bin/false"; } >"$0/$file"
        done
        sed -i 's/^\\(gatehouse:x:64999\\):64999.*/\\1:/' "$0/group"
        mount --bind "$0/passwd" /etc/passwd
        mount --bind "$0/group" /etc/group
        \(script)
        """, folder.path, try builtProgram("gatehouse"),
      ])
  }

  @Test("--json prints one object with every finding")
  func json() throws {
    let outcome = try check("version: 1\nevryone: {}\n", ["--json"])
    #expect(outcome.status == 1)
    #expect(
      outcome.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"path":"\#(folder.path)/policy.yaml","#))
    #expect(outcome.output.contains(#""name":"unknown_key","file":"policy.yaml","line":2,"#))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test(
    "a policy that cannot be reached exits 3, and says which file it is",
    arguments: [
      ("missing", "missing"), ("policy.yaml/x", "policy.yaml/x"), ("dangling", "dangling"),
      ("loop", "loop"), ("empty", "empty/policy.yaml"), ("broken", "broken/policy.yaml"),
    ])
  func unreachable(path: String, named: String) throws {
    try folder.write(Self.clean, to: "policy.yaml")
    try folder.directory("empty")
    try folder.directory("broken")
    for (link, target) in [("dangling", "nothing"), ("loop", "loop"), ("broken/policy.yaml", "x")] {
      _ = try run("ln", ["-s", target, folder.file(link)])
    }
    let outcome = try gatehouse(["check", "--policy", folder.file(path)])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(
      outcome.errors.hasPrefix(
        "gatehouse: error: the policy \(folder.file(named)) cannot be read: "))
  }

  @Test("what is no regular file is an error, and nobody waits for it")
  func irregular() throws {
    _ = try run("mkfifo", [folder.file("fifo")])
    let outcome = try gatehouse(["check", "--policy", folder.file("fifo")])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("[unreadable_file]"))
  }
}
