import Glibc
import TestKit
import Testing

@Suite("The command's own words")
struct CommandUsageTests {
  struct Misuse: CustomTestStringConvertible {
    let arguments: [String]
    let problem: String
    let help: String
    var testDescription: String { (["gatehouse"] + arguments).joined(separator: " ") }
  }

  @Test(
    "misuse exits 2, names the problem, and points to the help",
    arguments: [
      Misuse(
        arguments: ["frob"], problem: "there is no `gatehouse frob`", help: "gatehouse --help"),
      Misuse(
        arguments: ["status", "--jsno"], problem: "unknown option '--jsno'",
        help: "gatehouse status --help"),
      Misuse(
        arguments: ["check", "x", "y"], problem: "unexpected", help: "gatehouse check --help"),
      Misuse(
        arguments: ["check", "x", "--policy", "y"], problem: "one policy at a time",
        help: "gatehouse check --help"),
      Misuse(
        arguments: ["explain", "bob", "192.0.2.1", "--from", "192.0.2.2"],
        problem: "one address at a time", help: "gatehouse explain --help"),
      Misuse(arguments: ["who"], problem: "from where?", help: "gatehouse who --help"),
      Misuse(
        arguments: ["who", "192.0.2"], problem: "192.0.2: not an address",
        help: "gatehouse who --help"),
      Misuse(arguments: ["explain"], problem: "which USER?", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "bob"], problem: "from where?", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "--from", "192.0.2.1"], problem: "which USER?",
        help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "bob", "--from"], problem: "missing value",
        help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "bob", "--from", "192.0.2.1", "--at", "noon"],
        problem: "--at noon: not an RFC 3339 time", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "bob", "--from", "192.0.2.1", "--role", ""],
        problem: "a name is empty", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "--batch", "bob"], problem: "--batch takes its questions",
        help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "--batch", "--service", "login"],
        problem: "--batch takes its questions", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["explain", "b", "--from", "local", "--policy", "p", "--socket", "/s"],
        problem: "--policy asks no daemon", help: "gatehouse explain --help"),
      Misuse(
        arguments: ["status", "--socket", "relative"], problem: "--socket relative:",
        help: "gatehouse status --help"),
    ])
  func misuse(_ misuse: Misuse) throws {
    let outcome = try gatehouse(misuse.arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.first?.hasPrefix("gatehouse: error: \(misuse.problem)") == true)
    #expect(lines.dropFirst() == ["gatehouse: hint: `\(misuse.help)` says how it is used"])
  }

  @Test("a misspelt subcommand gets the one that is near")
  func misspelt() throws {
    let outcome = try gatehouse(["pam", "enabel", "--strict"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors
        == """
        gatehouse: error: there is no `gatehouse pam enabel`
        gatehouse: hint: did you mean `gatehouse pam enable`?

        """)
  }

  @Test(
    "help is asked for, so it goes to standard output and exits 0",
    arguments: [
      ["--help"], ["help", "explain"], ["check", "--help"], ["explain", "--help"],
      ["status", "--help"], ["reload", "--help"],
    ])
  func help(arguments: [String]) throws {
    let outcome = try gatehouse(arguments)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE: gatehouse"))
    #expect(outcome.output.contains(/Exit\s+status: 0/))
    #expect(outcome.errors == "")
  }

  @Test("the version is one line")
  func version() throws {
    let outcome = try gatehouse(["--version"])
    #expect(try gatehouse(["-V"]).output == outcome.output)
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
  }

  @Test("what is printed of an argument cannot speak to the terminal")
  func hostileArgument() throws {
    let outcome = try gatehouse(["status", "--socket", "x\u{1B}[2J\n"])
    #expect(outcome.errors.contains("x\\u{1b}[2J\\u{a}"))
    #expect(!outcome.errors.contains("\u{1B}"))
  }

  @Test(
    "a daemon that is not there is one error with its place, and exits 3",
    arguments: [["status"], ["reload"], ["explain", "bob", "--from", "192.0.2.1"]])
  func noDaemon(arguments: [String]) throws {
    let folder = try TemporaryDirectory()
    let socket = folder.file("gatehouse.sock")
    let outcome = try gatehouse(arguments + ["--socket", socket])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.first?.hasPrefix("gatehouse: error: gatehoused cannot be asked at \(socket): ") == true)
    #expect(lines.count == 2)
    #expect(lines.last?.hasPrefix("gatehouse: hint: ") == true)
  }

  @Test("a daemon that talks nonsense is an error at once, and exits 3")
  func nonsense() throws {
    let folder = try TemporaryDirectory()
    let socket = folder.file("gatehouse.sock")
    let listener = try SeqpacketSocket(listeningOn: socket)
    let script = "exec \"$0\" status --socket \"$1/gatehouse.sock\" >\"$1/out\" 2>\"$1/err\""
    let command = try ChildProcess(
      "/bin/sh", ["-c", script, try builtProgram("gatehouse"), folder.path])
    let client = try listener.accept()
    _ = try client.receive()
    client.send(Array("nonsense".utf8))
    #expect(try command.wait() == .exited(3))
    #expect(try readText(folder.file("out")) == "")
    #expect(try readText(folder.file("err")).contains("what came is not an answer"))
  }
}

@Suite("did you mean")
struct NearNameTests {
  private let folder: TemporaryDirectory
  private let policy: String

  init() throws {
    folder = try TemporaryDirectory()
    policy = try folder.write(
      """
      version: 1
      networks: {headquarters: [192.0.2.0/24]}
      services: {wardsvc: {from: [headquarters]}}
      everyone: {from: [headquarters]}
      roles: {operators: {members: {users: [wilhelmine], groups: [nightshift]}}}
      users: {wilhelmine: {also_from: [198.51.100.1]}}

      """, to: "policy.yaml")
  }

  private func hints(_ arguments: [String]) throws -> [String] {
    try gatehouse(arguments + ["--policy", policy]).errors.split(separator: "\n").map(String.init)
  }

  @Test(
    "a misspelt name gets the one that is near, of this machine or of the policy",
    arguments: [
      (["explain", "wilhelmina", "192.0.2.7"], "user `wilhelmina`", "wilhelmine"),
      (["explain", "nobdy", "192.0.2.7"], "user `nobdy`", "nobody"),
      (
        ["explain", "wilhelmine", "192.0.2.7", "--service", "wardsvx"], "service `wardsvx`",
        "wardsvc"
      ),
      (["explain", "x", "192.0.2.7", "--group", "nightshft"], "group `nightshft`", "nightshift"),
      (["where", "wilhelmina"], "user `wilhelmina`", "wilhelmine"),
      (["where", "wilhelmine", "--role", "operator"], "role `operator`", "operators"),
      (["who", "192.0.2.7", "--service", "wardsvx"], "service `wardsvx`", "wardsvc"),
      (["list", "--user", "wilhelmina"], "user `wilhelmina`", "wilhelmine"),
      (["list", "--group", "nightshft"], "group `nightshft`", "nightshift"),
      (["list", "--network", "headquarter"], "network `headquarter`", "headquarters"),
      (["list", "--service", "wardsvx"], "service `wardsvx`", "wardsvc"),
    ])
  func misspelt(arguments: [String], subject: String, near: String) throws {
    let hints = try hints(arguments)
    #expect(hints.contains("gatehouse: hint: there is no \(subject) here; did you mean `\(near)`?"))
  }

  @Test(
    "a misspelt name of this machine gets one from whatever else takes a name",
    .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"),
    arguments: [
      (["log", "--journal", "JOURNAL", "--user", "nobdy"], "user `nobdy`", "nobody"),
      (["log", "--journal", "JOURNAL", "--service", "logn"], "service `logn`", "login"),
      (["log", "--journal", "JOURNAL", "--group", "nogrop"], "group `nogrop`", "nogroup"),
      (["diff", "POLICY", "POLICY", "--user", "wilhelmina"], "user `wilhelmina`", "wilhelmine"),
    ])
  func misspeltElsewhere(arguments: [String], subject: String, near: String) throws {
    let journal = try JournalFolder([.decision("games", "192.0.2.7", at: minutesAgo(5))])
    let arguments = arguments.map {
      $0 == "POLICY" ? policy : $0 == "JOURNAL" ? journal.path : $0
    }
    let hint = "gatehouse: hint: there is no \(subject) here; did you mean `\(near)`?"
    #expect(try gatehouse(arguments).errors.split(separator: "\n").contains { $0 == hint })
    let quiet = try gatehouse(arguments + ["--quiet"])
    #expect(!quiet.errors.contains("did you mean"), "\(quiet)")
    #expect(quiet.output == "")
  }

  @Test(
    "and so it does from what asks the daemon, or changes an entry",
    .enabled(if: isRoot, "needs root: it runs a daemon"))
  func misspeltToTheDaemon() throws {
    let bench = try DaemonBench(
      policy: DaemonBench.examplePolicy + "networks: {headquarters: [192.0.2.0/24]}\n")
    let daemon = try bench.start()
    defer { daemon.signal(SIGKILL) }
    let socket = ["--socket", bench.socket]
    let change = [
      "--folder", bench.config, "--history", bench.folder.file("history"), "--dry-run",
    ]
    for (arguments, subject, near) in [
      (
        ["grant", "nobdy", "--from", "203.0.113.7", "--for", "1h", "--reason", "x"], "user `nobdy`",
        "nobody"
      ),
      (
        [
          "grant", "nobody", "--from", "203.0.113.7", "--for", "1h", "--reason", "x", "--service",
          "logn",
        ], "service `logn`",
        "login"
      ),
      (["refresh", "nobdy"], "user `nobdy`", "nobody"),
      (["pam", "test", "nobdy", "--from", "192.0.2.7"], "user `nobdy`", "nobody"),
      (["allow", "nobdy", "192.0.2.7"] + change, "user `nobdy`", "nobody"),
      (
        ["network", "add", "headquarter", "192.0.2.7"] + change, "network `headquarter`",
        "headquarters"
      ),
    ] {
      let outcome = try gatehouse(arguments + socket)
      let hint = "gatehouse: hint: there is no \(subject) here; did you mean `\(near)`?"
      #expect(
        outcome.errors.split(separator: "\n").contains { $0 == hint }, "\(arguments): \(outcome)")
    }
  }

  @Test("with --quiet no hint is given")
  func quiet() throws {
    for arguments in [["explain", "nobdy", "192.0.2.7"], ["where", "wilhelmina"]] {
      #expect(try hints(arguments) != [])
      #expect(try hints(arguments + ["--quiet"]) == [])
      #expect(try hints(arguments + ["-q"]) == [])
    }
  }

  @Test("a name that is there, or that is near to none, gets no hint")
  func right() throws {
    #expect(try hints(["explain", "wilhelmine", "192.0.2.7", "--service", "wardsvc"]) == [])
    #expect(try hints(["explain", "nobody", "192.0.2.7"]) == [])
    #expect(try hints(["explain", "zzyzx", "192.0.2.7"]) == [])
    #expect(try hints(["list", "--network", "headquarters"]) == [])
  }

  @Test("doors names the service that is near")
  func doors() throws {
    let outcome = try gatehouse(["doors", "logn"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("hint: did you mean `login`?"), "\(outcome)")
  }
}
