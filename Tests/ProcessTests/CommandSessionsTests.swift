import TestKit
import Testing

@Suite(
  "gatehouse sessions",
  .enabled(if: isRoot, "needs root: the login sessions are mounted over the machine's"))
struct CommandSessionsTests {
  /// Does what logind does to a session, as far as its file goes.
  private static let loginctl = """
    #!/bin/sh
    echo "$*" >>"$(dirname "$0")/../ended"
    [ "$4" = 8 ] || rm "/run/systemd/sessions/$4"

    """

  private func bench(_ policy: String? = nil) throws -> PAMBench {
    let bench = try PAMBench(policy: policy)
    try bench.write(Self.loginctl, to: "bin/loginctl")
    try bench.openSession("4", user: 1, from: "198.51.100.8", state: "closing")
    try bench.openSession("5", user: 1, from: nil)
    try bench.openSession("6", user: 1, from: "192.0.2.6")
    try bench.openSession("7", user: 1, from: "198.51.100.7")
    return bench
  }

  @Test("shows who is in, and whom of them the policy would refuse")
  func shows() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    let result = try bench.sessions([])
    #expect(result.status == 1)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      result.output.hasPrefix("3 sessions, 1 of which the policy would refuse\n"), "\(result)")
    #expect(lines.count == 5)
    #expect(lines[1].joined(separator: " ").hasPrefix("5 not judged daemon unknown "))
    #expect(lines[2].prefix(4) == ["6", "allow", "daemon", "192.0.2.6"])
    #expect(lines[2].suffix(2) == ["listed", "policy.yaml:3"])
    #expect(lines[3].prefix(4) == ["7", "deny", "daemon", "198.51.100.7"])
    #expect(lines[3].contains("not_listed") && lines[3].contains("2027-01-15"))
    let json = try bench.sessions(["--json"])
    #expect(json.status == 1)
    #expect(
      json.output.contains(
        #"{"session":"7","own":false,"user":"daemon","origin":{"kind":"address","address":"198.51.100.7"},"#
          + #""remote_host":"198.51.100.7","service":"sshd","terminal":null,"since":"2027-01-15T08:00:00Z","#
          + #""decision":"deny","reason":"not_listed","would_deny":false,"rule":"policy.yaml:3","remedy":""#
      ), "\(json.output)")
    #expect(daemon.poll() == nil)
  }

  @Test("without a policy it shows who is in, and judges nobody")
  func noPolicy() throws {
    let bench = try bench("version: 1\nevryone: {}\n")
    let daemon = try bench.daemon.start()
    let result = try bench.sessions([])
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("no policy  nothing is decided of 3 sessions\n"))
    let end = try bench.sessions(["end", "--refused", "--yes"])
    #expect(end.status == 1 && end.errors.contains("it would refuse nobody"))
    #expect(bench.content("ended") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("ends those that the policy would refuse, and no other")
  func endsRefused() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    let result = try bench.sessions(["end", "--refused", "--yes"])
    #expect(result.status == 0, "\(result)")
    #expect(result.output == "ended  session 7: daemon from 198.51.100.7\n")
    #expect(bench.content("ended") == "--no-ask-password terminate-session -- 7\n")
    #expect(daemon.poll() == nil)
  }

  @Test("ends those that are named, without a daemon too, and says which did not end")
  func endsNamed() throws {
    let bench = try bench()
    try bench.openSession("8", user: 1, from: "192.0.2.8")
    let result = try bench.sessions(["end", "6", "8", "6", "--yes", "--json"])
    #expect(result.status == 1)
    #expect(
      result.output
        == #"{"version":1,"outcome":"no","error":null,"left":0,"sessions":[{"session":"6","person":"daemon from 192.0.2.6","told":false,"#
        + #""ended":true,"problem":null},{"session":"8","person":"daemon from 192.0.2.8","#
        + #""told":false,"ended":false,"#
        + #""problem":"it is being ended, and processes of it are still there"}]}"# + "\n")
  }

  @Test(
    "ends nothing if anything is not as it should be",
    arguments: [
      (["end", "--refused"], 2, "--yes is needed"), (["end", "6"], 2, "--yes is needed"),
      (["end", "--yes"], 2, "names of sessions or --refused"),
      (["end", "6", "--refused", "--yes"], 2, "names of sessions or --refused"),
      (["end", "6", "99", "--yes"], 1, "there is no session 99"),
      (["end", "../6", "--yes"], 2, "../6: not the name of a session"),
      (["end", "6 7", "--yes"], 2, "not the name of a session"),
    ] as [([String], Int32, String)])
  func endsNothing(arguments: [String], status: Int32, problem: String) throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    let result = try bench.sessions(arguments)
    #expect(result.status == status && result.errors.contains(problem), "\(result)")
    #expect(result.output == "" && bench.content("ended") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("its own session is left, unless it is said to end it")
  func own() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    try bench.logIn(as: 1)
    let shown = try bench.sessions([])
    #expect(shown.output.contains("\n7 (you)  "), "\(shown)")
    let named = try bench.sessions(["end", "7", "--yes"])
    #expect(named.status == 1 && named.errors.contains("session 7 may be the one that you are in"))
    let refused = try bench.sessions(["end", "--refused", "--yes"])
    #expect(refused.status == 0 && refused.errors.contains("your own session 7 is left"))
    #expect(bench.content("ended") == "")
    #expect(try bench.sessions(["end", "7", "--yes", "--also-mine"]).status == 0)
    #expect(bench.content("ended") == "--no-ask-password terminate-session -- 7\n")
    #expect(daemon.poll() == nil)
  }
}
