import TestKit
import Testing

@Suite("gatehouse explain, asking a policy")
struct CommandExplainTests {
  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    groups: {staff: {also_from: [198.51.100.0/24]}, root: {also_from: [203.0.113.0/28]}}
    services: {ftp: {check: false}}

    """

  private let folder: TemporaryDirectory
  private let path: String

  init() throws {
    folder = try TemporaryDirectory()
    path = try folder.write(Self.policy, to: "policy.yaml")
  }

  private func explain(_ arguments: String) throws -> ProcessResult {
    try gatehouse(
      ["explain"] + arguments.split(separator: " ").map(String.init) + ["--policy", path])
  }

  @Test(
    "the exit status is the answer",
    arguments: [
      ("eve --from 192.0.2.1", 0, "ALLOW  listed  policy.yaml:2"),
      ("eve --from 198.51.100.1", 1, "DENY  not_listed  policy.yaml:2"),
      ("eve --from 198.51.100.1 --group staff", 0, "ALLOW  listed  policy.yaml:3"),
      ("eve --from 198.51.100.1 --group a --group staff", 0, "ALLOW  listed  policy.yaml:3"),
      ("eve --from local", 0, "ALLOW  local"),
      ("eve --from self", 1, "DENY  not_listed  policy.yaml:2"),
      ("eve --from 127.0.0.1", 1, "DENY  not_listed  policy.yaml:2"),
      ("eve --from host.example", 1, "DENY  origin_unknown"),
      ("eve --from fe80::1%eth0", 1, "DENY  not_listed  policy.yaml:2"),
      ("eve --from 198.51.100.1 --service ftp", 0, "IGNORE  not_checked  policy.yaml:4"),
      ("eve --from 192.0.2.1 --role admin", 1, "DENY  role_unavailable"),
      ("root --from 203.0.113.1", 0, "ALLOW  listed  policy.yaml:3"),
      ("root --from 203.0.113.1 --group staff", 1, "DENY  not_listed  policy.yaml:3"),
    ])
  func answers(arguments: String, status: Int32, verdict: String) throws {
    let outcome = try explain(arguments)
    #expect(outcome.status == status)
    #expect(outcome.output.split(separator: "\n").contains { $0 == verdict }, "\(outcome)")
    #expect(outcome.errors == "")
  }

  @Test("a denial that the user can authorise says what code would be sent, and for how long")
  func codes() throws {
    let authorize = "authorize: {users: [root], for: 8h, mail: \"{user}@example.org\"}\n"
    try folder.write(
      "version: 1\neveryone: {from: [203.0.113.0/24]}\n" + authorize, to: "policy.yaml")
    let denied = try explain("root --from 192.0.2.1")
    #expect(denied.status == 1)
    #expect(
      denied.output.contains(
        "\nA code would be sent by mail to r…t@example.org; it opens this address for 8 hours.\n"),
      "\(denied)")
    #expect(denied.output.contains("the user logs in again, and enters the code"), "\(denied)")
    #expect(
      try explain("root --from 192.0.2.1 --json").output.contains(
        #""authorize":{"way":"mail","to":"r…t@example.org","for_seconds":28800,"per_day":5}"#))
    for others in ["root --from 203.0.113.1", "bin --from 192.0.2.1", "root --from self"] {
      #expect(!(try explain(others).output.contains("code would")), "\(others)")
      #expect(try explain(others + " --json").output.contains(#""authorize":null"#), "\(others)")
    }
  }

  private static let factors = """
    version: 1
    second_factor:
      not_from: [192.0.2.0/24, local]
      new_places: always
      users: {root: never}
      groups: {staff: {not_from: [198.51.100.0/24]}}

    """

  @Test(
    "with --factor the exit status says whether a second factor is needed",
    arguments: [
      ("eve --from 203.0.113.9", 1, "NEEDED  not_listed  policy.yaml:3"),
      // Without the daemon's record every place is new.
      ("eve --from 192.0.2.1", 1, "NEEDED  new_place  policy.yaml:4"),
      ("eve --from local", 0, "NOT NEEDED  listed  policy.yaml:3"),
      ("eve --from self", 1, "NEEDED  not_listed  policy.yaml:3"),
      ("eve --from 192.0.2.1 --group staff", 1, "NEEDED  not_listed  policy.yaml:6"),
      ("root --from 203.0.113.9", 0, "NOT NEEDED  never  policy.yaml:5"),
    ])
  func factor(arguments: String, status: Int32, verdict: String) throws {
    try folder.write(Self.factors, to: "policy.yaml")
    let outcome = try explain("--factor " + arguments)
    #expect(outcome.status == status)
    #expect(outcome.output.split(separator: "\n").contains { $0 == verdict }, "\(outcome)")
    #expect(outcome.errors == "")
    let json = try explain("--factor --json " + arguments)
    #expect(json.status == status)
    #expect(
      json.output.contains(status == 0 ? "\"factor\":\"not_needed\"" : "\"factor\":\"needed\""))
  }

  @Test("--factor shows each rule that counts, and is about one user")
  func factorRules() throws {
    try folder.write(Self.factors, to: "policy.yaml")
    let outcome = try explain("--factor eve --from 192.0.2.1 --group staff")
    #expect(
      outcome.output.contains("second_factor.groups.staff  not from its places"), "\(outcome)")
    #expect(try explain("--factor eve --from 192.0.2.1 --role admin").status == 2)
    #expect(try explain("--factor --batch").status == 2)
  }

  @Test("where --factor cuts out from where it is needed")
  func factorPlaces() throws {
    try folder.write(Self.factors, to: "policy.yaml")
    func places(_ user: String, _ options: [String] = []) throws -> ProcessResult {
      try gatehouse(["where", user, "--factor", "--policy", path] + options)
    }
    let eve = try places("eve")
    #expect(eve.status == 0)
    #expect(eve.output.contains("\nNeeded if the place is new, from\n  192.0.2.0/24"), "\(eve)")
    #expect(eve.output.contains("\nNeeded from\n"))
    let root = try places("root", ["--json"])
    #expect(root.status == 0 && root.output.contains("\"factor\":\"not_needed\""))
    #expect(try places("eve", ["--role", "a"]).status == 2)
  }

  @Test(
    "without an address the service says what the origin is",
    arguments: [("xrdp-sesman", "DENY  no_address"), ("su", "ALLOW  local")])
  func withoutAddress(service: String, verdict: String) throws {
    let outcome = try gatehouse(
      ["explain", "root", "--from", "", "--service", service, "--policy", path])
    #expect(outcome.output.hasPrefix(verdict + "\n"))
  }

  @Test("what is wrong with the question is said before the answer")
  func doubts() throws {
    let unknown = try explain("gh-nobody-x --from 192.0.2.1")
    #expect(
      unknown.output.hasPrefix(
        "There is no user gh-nobody-x on this machine. The answer is for a user in no group.\nALLOW"
      ))
    let named = try explain("gh-nobody-x --from 192.0.2.1 --group staff")
    #expect(named.output.hasPrefix("ALLOW  listed"))
    let office = try explain("root --from office --group staff")
    #expect(office.output.hasPrefix("\"office\" is not an IP address.\nDENY  origin_unknown\n"))
  }

  @Test("a service with users of its own asks nobody who they are, by one question and by many")
  func virtualAccounts() throws {
    try folder.write(
      Self.policy.replacing("check: false}}", with: "check: false}, radius: {accounts: virtual}}"),
      to: "policy.yaml")
    let single = try explain("root --from 203.0.113.1 --service radius")
    #expect(single.output.hasPrefix("DENY  not_listed  policy.yaml:2\n"))
    #expect(!single.output.contains("There is no user"))
    let batch = try gatehouse(
      ["explain", "--batch", "--policy", path],
      input: #"{"user":"root","from":"203.0.113.1","service":"radius","groups":["root"]}"# + "\n")
    #expect(batch.output.hasPrefix(#"{"decision":"deny","reason":"not_listed","#))
  }

  @Test("a denial that monitor mode lets through is a no")
  func monitor() throws {
    try folder.write(Self.policy + "mode: monitor\n", to: "policy.yaml")
    let outcome = try explain("eve --from 198.51.100.1")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("ALLOW, would be DENY  not_listed"))
  }

  @Test("--json prints one object, with the same exit status")
  func json() throws {
    let outcome = try explain("eve --from 198.51.100.1 --json")
    #expect(outcome.status == 1)
    #expect(
      outcome.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"decision":"deny","reason":"not_listed","roles":[],"#
      ))
    #expect(outcome.output.hasSuffix("}\n"))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test("--at decides for that time")
  func time() throws {
    try folder.write(
      "version: 1\neveryone: {from: [{address: 192.0.2.1, until: 2026-12-31}]}\n",
      to: "policy.yaml")
    #expect(try explain("eve --from 192.0.2.1 --at 2026-12-31T23:59:59Z").status == 0)
    #expect(try explain("eve --from 192.0.2.1 --at 2027-01-01T00:00:00Z").status == 1)
  }

  @Test(
    "there is colour on a terminal alone, and only where it is welcome",
    arguments: [
      (["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], false),
      (["TERM": "xterm", "NO_COLOR": ""], true), (["TERM": "dumb"], false), (["TERM": ""], false),
    ])
  func colour(environment: [String: String], isColoured: Bool) throws {
    let environment = ["NO_COLOR": ""].merging(environment) { $1 }
    let command = [try builtProgram("gatehouse"), "explain", "eve", "--from", "192.0.2.1"]
    let onTerminal = try run(
      "script",
      ["-qec", (command + ["--policy", path]).joined(separator: " "), "/dev/null"],
      environment: environment)
    #expect(onTerminal.output.contains("ALLOW"))
    #expect(onTerminal.output.contains("\u{1B}[1;32mALLOW") == isColoured)
    let intoFile = try gatehouse(
      Array(command.dropFirst()) + ["--policy", path], environment: environment)
    #expect(!intoFile.output.contains("\u{1B}"))
  }

  @Test("an answer that cannot be written is no answer: it exits 3")
  func fullDisk() throws {
    for arguments in ["explain eve --from local", "explain --batch", "check"] {
      let outcome = try run(
        "sh",
        [
          "-c", "echo '{}' | \"$0\" \(arguments) --policy \"$1\" >/dev/full",
          try builtProgram("gatehouse"), path,
        ])
      #expect(outcome.status == 3)
      #expect(outcome.errors.contains("gatehouse: error: standard output cannot be written to: "))
    }
  }

  @Test("a policy that cannot be reached exits 3, and says why")
  func unreachable() throws {
    let missing = folder.file("missing")
    let outcome = try gatehouse(["explain", "eve", "--from", "local", "--policy", missing])
    #expect(outcome.status == 3)
    #expect(
      outcome.errors.hasPrefix(
        "gatehouse: error: the policy \(missing) cannot be read: No such file or directory\n"))
  }

  @Test("a policy with errors cannot answer: it exits 3, names them, and says what says more")
  func broken() throws {
    let broken = try folder.write("version: 1\nevryone: {}\n", to: "broken.yaml")
    let outcome = try gatehouse(["explain", "eve", "--from", "local", "--policy", broken])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("broken.yaml:2:1: error: "))
    #expect(outcome.errors.contains("gatehouse: error: the policy \(broken) has 1 error\n"))
    #expect(
      outcome.errors.hasSuffix(
        "gatehouse: hint: `gatehouse check \(broken)` lists them all\n"))
  }

  @Test("a folder is a policy too, and a symbolic link is what it points to")
  func folders() throws {
    try folder.write("version: 1\nblock: [192.0.2.9]\n", to: "policy.d/block.yaml")
    let outcome = try gatehouse(
      ["explain", "eve", "--from", "192.0.2.9", "--policy", folder.path])
    #expect(outcome.output.contains("\nDENY  blocked  policy.d/block.yaml:2\n"))
    _ = try run("ln", ["-s", "policy.yaml", folder.file("link.yaml")])
    let linked = try gatehouse(
      ["explain", "eve", "--from", "192.0.2.1", "--policy", folder.file("link.yaml")])
    #expect(linked.status == 0)
  }
}
