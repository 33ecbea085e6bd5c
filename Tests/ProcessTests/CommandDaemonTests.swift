import TestKit
import Testing

@Suite(
  "The command beside a daemon",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct CommandDaemonTests {
  private func ask(
    _ bench: DaemonBench, _ arguments: [String], input: String = ""
  ) throws -> ProcessResult {
    try gatehouse(arguments + ["--socket", bench.socket], input: input)
  }

  @Test("explain asks the daemon, about the policy that it serves")
  func explain() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let allowed = try ask(bench, ["explain", "games", "--from", "192.0.2.7"])
    #expect(allowed.status == 0)
    #expect(allowed.output.hasPrefix("ALLOW  listed  policy.yaml:5\n"))
    #expect(allowed.output.contains("(generation 1, "))
    let denied = try ask(bench, ["explain", "games", "--from", "203.0.113.7", "--json"])
    #expect(denied.status == 1)
    #expect(
      denied.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"decision":"deny","reason":"not_listed","#))
    let local = try ask(bench, ["explain", "games", "--from", "local", "--service", "login"])
    #expect(local.output.hasPrefix("ALLOW  local\n"))
    let given = try ask(
      bench, ["explain", "games", "--from", "198.51.100.9", "--group", "root", "--group", "x"])
    #expect(given.status == 0)
    #expect(daemon.poll() == nil)
  }

  @Test("a batch is answered by the daemon, line by line, as a policy would")
  func batch() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let questions = """
      {"user":"games","from":"192.0.2.7"}
      {"user":"games","from":"203.0.113.7","at":"2026-11-21T12:00:00Z","service":"login"}
      nonsense
      {"user":"root","from":"198.51.100.7"}
      {"user":"root","from":"198.51.100.7","groups":[]}
      {"user":"games","from":"local","role":"staff"}
      {"user":"games","from":"","role":"nosuch"}
      {"user":"games","from":"","service":"login"}
      {"user":"games","from":"fe80::1%eth0","service":"sudo"}
      {"user":"games","from":"local","service":"sshd"}

      """
    let asked = try ask(bench, ["explain", "--batch"], input: questions)
    let named = try gatehouse(
      ["explain", "--batch", "--policy", bench.config], input: questions)
    #expect(asked.status == 2)
    #expect(asked.output == named.output)
    #expect(asked.output.split(separator: "\n").count == 10)
    #expect(asked.errors == "gatehouse: error: 1 of 10 lines were not valid questions\n")
    #expect(daemon.poll() == nil)
  }

  @Test("status and reload say what became of the files, by exit status too")
  func reload() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // It would enforce, but no login of this machine asks.
    let status = try ask(bench, ["status"])
    #expect(status.status == 1)
    #expect(status.output.contains("\n  - no login asks the daemon, so nobody is checked\n"))
    #expect(!status.output.contains("enforcing"))
    #expect(
      try ask(bench, ["status", "--json"]).output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"attention":[{"#))

    try bench.folder.write("version: 1\nmode: monitor\n", to: "etc/policy.yaml")
    #expect(
      try ask(bench, ["status"]).output.contains(
        "\n  - \(bench.config) is not what the daemon serves\n    `gatehouse reload`\n"))
    try bench.folder.write("version: 1\nevryone: {}\n", to: "etc/policy.yaml")
    let refused = try ask(bench, ["reload"])
    #expect(refused.status == 1)
    #expect(refused.output.contains("\(bench.policy):2:1: error: "))
    #expect(refused.output.hasSuffix("refused  generation 1 stays in effect\n"))
    let behind = try ask(bench, ["status"])
    #expect(behind.status == 1)
    #expect(behind.output.hasPrefix("behind  "))
    #expect(behind.output.contains("\(bench.policy):2:1: error: "))

    try bench.folder.write("version: 1\nmode: monitor\n", to: "etc/policy.yaml")
    let loaded = try ask(bench, ["reload", "--json", "--allow-lockout=unjudged"])
    #expect(loaded.status == 0)
    #expect(
      loaded.output.hasPrefix(#"{"version":1,"outcome":"loaded","error":null,"generation":2,"#))
    #expect(try !ask(bench, ["status"]).output.contains("monitoring"))
    #expect(daemon.poll() == nil)
  }

  @Test("a daemon without a policy is neither a yes nor a no")
  func noPolicy() throws {
    let bench = try DaemonBench(policy: nil)
    let daemon = try bench.start()
    let single = try ask(bench, ["explain", "games", "--from", "192.0.2.7"])
    #expect(single.status == 3)
    #expect(single.output.hasPrefix("NO POLICY  no_policy\n"))
    let batch = try ask(
      bench, ["explain", "--batch"], input: "{\"user\":\"games\",\"from\":\"192.0.2.7\"}\n")
    #expect(batch.status == 3)
    #expect(batch.output.hasPrefix(#"{"error":"the daemon has no policy"#))
    #expect(try ask(bench, ["status"]).status == 1)
    #expect(daemon.poll() == nil)
  }

  @Test(
    "a question that no frame can hold is misuse, at once",
    arguments: [
      (["--role", "no role"], "no role can be called `no role`"),
      (["--service", String(repeating: "s", count: 256)], "a service has at most 255 bytes"),
      ((0..<400).flatMap { ["--group", "a-group-\($0)"] }, "it is longer than the 4096 bytes"),
    ])
  func unaskable(arguments: [String], problem: String) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let outcome = try ask(bench, ["explain", "games", "--from", "192.0.2.7"] + arguments)
    #expect(outcome.status == 2)
    #expect(
      outcome.errors.hasPrefix("gatehouse: error: the daemon cannot be asked this: \(problem)"))
    #expect(daemon.poll() == nil)
  }

  @Test("in a batch it is no question, and the rest is answered")
  func unaskableLine() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let long = String(repeating: "x", count: 1025)
    let outcome = try ask(
      bench, ["explain", "--batch"],
      input: """
        {"user":"\(long)","from":"192.0.2.7"}
        {"user":"games","from":"192.0.2.7"}

        """)
    #expect(outcome.status == 2)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first ?? "" == #"{"error":"line 1: a user has at most 1024 bytes"}"#)
    #expect(lines.last?.hasPrefix(#"{"decision":"allow","#) == true)
    #expect(daemon.poll() == nil)
  }
}
