import TestKit
import Testing

@Suite(
  "gatehouse pam", .enabled(if: isRoot, "needs root: PAM's files are mounted over the machine's"))
struct CommandPAMTests {
  private static let trialLine = "account requisite pam_gatehouse.so onerr=succeed\n"
  private static let strictLine = "account requisite pam_gatehouse.so onerr=fail\n"

  /// The words of a page: how far apart its columns are depends on what else was found.
  private func words(_ outcome: ProcessResult) -> String {
    outcome.output.split(separator: " ").joined(separator: " ")
  }

  @Test(
    "enable turns on one profile, and status says that it fits",
    arguments: [
      ("monitor", ["enable"], "trial", trialLine),
      ("enforce", ["enable", "--strict"], "strict", strictLine),
    ])
  func enable(mode: String, arguments: [String], profile: String, line: String) throws {
    let bench = try PAMBench(mode: mode)
    let daemon = try bench.daemon.start()
    let outcome = try bench.pam(arguments)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.hasPrefix("\(profile)  logins ask; "))
    #expect(words(outcome).contains(" ok daemon "))
    #expect(outcome.errors == "it says something\n")
    #expect(bench.content("pam.d/common-account").hasPrefix(line))
    #expect(words(outcome).contains(" ok sshd its logins will be judged\n"))
    #expect(words(outcome).contains("changed pam-auth-update wrote the line of gatehouse-"))
    #expect(words(outcome).contains(" next log in anew in a second session"))
    let other = profile == "trial" ? "strict" : "trial"
    #expect(
      bench.content("calls")
        == "noninteractive --disable gatehouse-\(other) --enable gatehouse-\(profile)\n")
    let status = try bench.pam(["status"])
    #expect(status.status == 0, "\(status)")
    #expect(status.output.hasPrefix("\(profile)  "))
    #expect(words(status).contains(" mode \(mode), which fits\n"))
    #expect(words(status).contains(" services ask; none can be passed by\n"))
    #expect(status.output.contains("/etc/pam.d/common-account:1:  \(line)"))
    #expect(daemon.poll() == nil)
  }

  @Test("disable turns off whichever is on, without a daemon too")
  func disable() throws {
    let bench = try PAMBench()
    do {
      let daemon = try bench.daemon.start()
      #expect(try bench.pam(["enable", "--strict"]).status == 0)
      #expect(daemon.poll() == nil)
    }
    let outcome = try bench.pam(["disable"])
    #expect(outcome.status == 0)
    #expect(
      outcome.output
        == """
        off  logins do not ask the daemon

          changed  pam-auth-update took gatehouse-strict out

        """)
    #expect(bench.content("pam.d/common-account") == "account required pam_permit.so\n")
    #expect(
      bench.content("calls").hasSuffix(
        "noninteractive --disable gatehouse-trial gatehouse-strict\n"))
  }

  @Test("disable leaves lines that were written by hand, and names them")
  func disableByHand() throws {
    let bench = try PAMBench()
    try bench.write(Self.strictLine, to: "pam.d/sshd")
    let outcome = try bench.pam(["disable"])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("by hand  "))
    #expect(outcome.output.contains("/etc/pam.d/sshd:1:  \(Self.strictLine)"))
    #expect(bench.content("pam.d/sshd") == Self.strictLine)
  }

  /// Expects that a profile is refused for a reason, and that nothing has changed.
  private func expectRefusal(
    _ bench: PAMBench, _ arguments: [String] = ["enable"], environment: [String: String] = [:],
    because reasons: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let before = bench.content("pam.d/common-account")
    let outcome = try bench.pam(arguments, environment: environment)
    #expect(outcome.status == 1, "\(outcome)", sourceLocation: sourceLocation)
    #expect(outcome.output.hasPrefix("refused  gatehouse-"), sourceLocation: sourceLocation)
    let text = words(outcome)
    for reason in reasons {
      #expect(text.contains(reason), "\(outcome.output)", sourceLocation: sourceLocation)
    }
    #expect(bench.content("calls") == "", sourceLocation: sourceLocation)
    #expect(bench.content("pam.d/common-account") == before, sourceLocation: sourceLocation)
  }

  @Test("a daemon that does not answer refuses, with the remedy")
  func noDaemon() throws {
    let bench = try PAMBench()
    try expectRefusal(
      bench,
      because: ["not ok daemon ", "gatehoused cannot be asked at", "systemctl status gatehoused"])
  }

  @Test("a daemon without a policy refuses")
  func noPolicy() throws {
    let bench = try PAMBench(policy: "version: 1\nevryone: {}\n")
    let daemon = try bench.daemon.start()
    try expectRefusal(bench, because: ["not ok daemon ", "it has no policy", "not ok policy "])
    #expect(daemon.poll() == nil)
  }

  @Test(
    "files that do not load, or are not what the daemon serves, refuse",
    arguments: [
      ("version: 1\nevryone: {}\n", "has errors"),
      ("version: 1\neveryone: {from: [198.51.100.0/24]}\n", "is not what the daemon serves"),
      (
        "version: 1\ntests: [{user: a, from: 192.0.2.1, expect: deny}]\n", "or a test of it fails"
      ),
    ])
  func changedPolicy(policy: String, problem: String) throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.daemon.folder.write(policy, to: "etc/policy.yaml")
    try expectRefusal(bench, because: ["not ok policy ", problem, "gatehouse reload"])
    #expect(daemon.poll() == nil)
  }

  @Test("the address that you come from refuses, with what to write into the policy")
  func ownAddress() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let environment = ["SSH_CONNECTION": "198.51.100.7 1 192.0.2.2 22", "SUDO_USER": "daemon"]
    try expectRefusal(
      bench, environment: environment,
      because: [
        "not ok you ",
        "daemon from 198.51.100.7: deny, not_listed", "198.51.100.7", "also_from",
      ])
    #expect(daemon.poll() == nil)
  }

  @Test("an open session from an address that is not allowed refuses; others do not")
  func openSessions() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.openSession("4", user: 1, from: "198.51.100.8", state: "closing")
    try bench.openSession("5", user: 1, from: nil)
    try bench.openSession("6", user: 1, from: "192.0.2.6")
    try bench.openSession("8", user: 1, from: "host.example")
    let fine = try bench.pam(["enable"])
    #expect(fine.status == 0, "\(fine)")
    #expect(fine.output.contains("session 6    daemon from 192.0.2.6: allow, listed\n"))
    #expect(fine.output.contains("daemon came from host.example, which is not an IP address"))
    #expect(!fine.output.contains("session 4"))
    #expect(!fine.output.contains("session 5"))
    #expect(try bench.pam(["disable"]).status == 0)
    try bench.remove("calls")
    try bench.openSession("7", user: 1, from: "198.51.100.7")
    try expectRefusal(
      bench,
      because: ["session 7 ", "daemon from 198.51.100.7: deny, not_listed", "or end that session"])
    #expect(daemon.poll() == nil)
  }

  @Test("whom monitor mode alone lets in is a warning")
  func monitored() throws {
    let bench = try PAMBench(mode: "monitor")
    let daemon = try bench.daemon.start()
    try bench.openSession("7", user: 1, from: "198.51.100.7")
    let outcome = try bench.pam(["enable"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("warning  session 7 "))
    #expect(outcome.output.contains("let in only because of monitor mode, not_listed"))
    #expect(daemon.poll() == nil)
  }

  @Test("strict wants a policy that enforces", arguments: ["monitor", "off"])
  func strictWithoutEnforcing(mode: String) throws {
    let bench = try PAMBench(mode: mode)
    let daemon = try bench.daemon.start()
    try expectRefusal(
      bench, ["enable", "--strict"],
      because: [
        "not ok mode ", "the policy's mode is \(mode)",
        "set `mode: enforce`",
      ])
    #expect(daemon.poll() == nil)
  }

  @Test("a policy without a break-glass route is a warning")
  func noBreakGlass() throws {
    let bench = try PAMBench(policy: "version: 1\nmode: enforce\n")
    let daemon = try bench.daemon.start()
    let outcome = try bench.pam(["enable"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("warning  break-glass  the policy has no break_glass user"))
    #expect(daemon.poll() == nil)
  }

  @Test("a malformed line refuses, and is named")
  func malformedLine() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("account required pam_gatehouse.so onerr=succed\n", to: "pam.d/sudo")
    try expectRefusal(bench, because: ["not ok lines ", "/etc/pam.d/sudo:1: `onerr=succed`: "])
    #expect(daemon.poll() == nil)
  }

  @Test("without the module's package there is no profile to turn on")
  func noProfile() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.remove("profiles/gatehouse-trial")
    try expectRefusal(bench, because: ["not ok profile ", "apt install libpam-gatehouse"])
    #expect(daemon.poll() == nil)
  }

  @Test("a pam-auth-update that fails is told")
  func updateFails() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("exit 4\n", to: "bin/fails")
    let outcome = try bench.pam(["enable"])
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix("refused  gatehouse-trial is not on; nothing was turned on\n"))
    #expect(outcome.output.contains("gatehouse-trial: failed with status 4\n"))
    #expect(!bench.content("pam.d/common-account").contains("pam_gatehouse"))
    #expect(daemon.poll() == nil)
  }

  @Test("status says what does not fit, and exits 1; without a daemon 3")
  func status() throws {
    let bench = try PAMBench(mode: "monitor")
    do {
      let daemon = try bench.daemon.start()
      let off = try bench.pam(["status"])
      #expect(off.status == 1)
      #expect(off.output.hasPrefix("off  logins do not ask the daemon\n"))
      try bench.write(Self.strictLine, to: "pam.d/common-account")
      let byHand = try bench.pam(["status"])
      #expect(byHand.output.hasPrefix("by hand  "))
      #expect(words(byHand).contains(" not ok mode strict refuses logins without an answer"))
      #expect(byHand.status == 1)
      try bench.write("Module: gatehouse-trial\n", to: "lib/account")
      try bench.write("", to: "pam.d/common-account")
      let lost = try bench.pam(["status"])
      #expect(lost.output.contains("its line is not in /etc/pam.d/common-account any more"))
      #expect(lost.status == 1)
      #expect(daemon.poll() == nil)
    }
    #expect(try bench.pam(["status"]).status == 3)
  }

  @Test("the daemon's status names the profile, what does not fit, and who would be refused")
  func daemonStatus() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let off = try bench.status()
    // Whatever the policy says, it is for nobody.
    #expect(off.status == 1)
    #expect(
      off.output.hasPrefix(
        "no login asks  whatever the policy says, nobody is checked\n"), "\(off.output)")
    #expect(
      off.output.contains(
        """

        Needs attention
          - no login asks the daemon, so nobody is checked
            `gatehouse pam enable` makes logins ask

        """), "\(off.output)")
    #expect(
      off.output.contains(
        "\n\nLogins\n  off  logins do not ask the daemon\n  doors  off  no login asks Gatehouse yet; "
          + "`gatehouse pam enable` turns that on (gatehouse doors)\n"))
    #expect(try bench.pam(["enable"]).status == 0)
    try bench.openSession("6", user: 1, from: "192.0.2.6")
    let well = try bench.status()
    #expect(well.status == 0, "\(well.output)")
    #expect(well.output.hasPrefix("enforcing\n\n  policy "), "\(well.output)")
    #expect(
      try bench.status(["--json"]).output.hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"attention":[],"daemon_version":"#))
    try bench.openSession("7", user: 1, from: "198.51.100.7")
    try bench.openSession("8", user: 1, from: "host.example.org")
    let text = try bench.status()
    #expect(text.status == 1)
    #expect(
      text.output.hasPrefix(
        """
        enforcing

        Needs attention
          - session 7: daemon from 198.51.100.7: deny, not_listed

        """), "\(text.output)")
    #expect(
      text.output.contains(
        "  - session 8: daemon came from host.example.org, which is not an IP address\n"))
    // The machine's own /usr/lib/pam.d is there, too.
    let asking = try bench.doors().output.split(separator: "\n").count { $0.contains("  asks  ") }
    #expect(asking >= 2)
    #expect(
      text.output.contains(
        """

        Logins
          trial  logins ask; without an answer they go on, with a logged warning
          warning  mode  the policy enforces, but without an answer logins go on
                         once you have seen logins work: `gatehouse pam enable --strict`
          doors  ok  \(asking) of \(asking) services ask Gatehouse (gatehouse doors)

        Open sessions that the policy would refuse
          not ok  session 7  daemon from 198.51.100.7: deny, not_listed

        """), "\(text.output)")
    #expect(!text.output.contains("session 6"))
    let json = try bench.status(["--json"])
    #expect(
      json.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"attention":[{"name":"refused_session","message":"session 7: daemon from "#
      ),
      "\(json.output)")
    #expect(
      json.output.contains(
        #","pam":{"outcome":"yes","error":null,"profile":"trial","checks":[{"outcome":"warning","#))
    #expect(
      json.output.contains(
        #","refused_sessions":[{"outcome":"not_ok","subject":"session 7","message":"daemon from "#))
    #expect(json.output.split(separator: "\n").count == 1)
    #expect(daemon.poll() == nil)
  }

  @Test("only root can change PAM's files", arguments: ["enable", "disable"])
  func notRoot(subcommand: String) throws {
    let outcome = try run("unshare", ["--user", try builtProgram("gatehouse"), "pam", subcommand])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == """
        gatehouse: error: only root can change /etc/pam.d
        gatehouse: hint: run this as root

        """)
  }

  @Test("sudo's line beside a profile does not change what the profile is")
  func otherLine() throws {
    let bench = try PAMBench(mode: "monitor")
    let daemon = try bench.daemon.start()
    try bench.write(
      "account required pam_gatehouse.so origin=session role=admin\n", to: "pam.d/sudo")
    #expect(try bench.pam(["enable"]).status == 0)
    let status = try bench.pam(["status"])
    #expect(status.output.contains("monitor, which fits"))
    #expect(status.output.contains("/etc/pam.d/sudo:1:"))
    #expect(daemon.poll() == nil)
  }

  @Test("--json prints one object, and nothing else on standard output")
  func json() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let refused = try bench.pam(["status", "--json"])
    #expect(
      refused.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"profile":null,"checks":[{"outcome":"ok","#))
    let enabled = try bench.pam(["enable", "--strict", "--json"])
    #expect(
      enabled.output.hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"profile":"strict","checks":[{"outcome":"ok","#)
    )
    #expect(
      enabled.output.contains(
        #""lines":[{"file":"/etc/pam.d/common-account","line":1,"#
          + #""text":"account requisite pam_gatehouse.so onerr=fail"}],"changes":["pam-auth-update"#
      ))
    #expect(enabled.output.split(separator: "\n").count == 1)
    #expect(daemon.poll() == nil)
  }

  @Test(
    "the machine's own pam-auth-update turns them on, over and off, and leaves no trace",
    .enabled(if: PAMBench.hasPAMAuthUpdate))
  func realUpdate() throws {
    let bench = try PAMBench(isReal: true)
    let daemon = try bench.daemon.start()
    #expect(try bench.pam(["disable"]).status == 0)
    let before = bench.content("pam.d/common-account")
    #expect(!before.contains("pam_gatehouse"))
    for (arguments, line) in [
      (["enable"], "account\trequisite\tpam_gatehouse.so onerr=succeed"),
      (["enable", "--strict"], "account\trequisite\tpam_gatehouse.so onerr=fail"),
      (["enable"], "account\trequisite\tpam_gatehouse.so onerr=succeed"),
      (["enable"], "account\trequisite\tpam_gatehouse.so onerr=succeed"),
    ] {
      let outcome = try bench.pam(arguments)
      #expect(outcome.status == 0, "\(outcome)")
      let lines = bench.content("pam.d/common-account").split(separator: "\n")
        .filter { $0.contains("pam_gatehouse") }
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix(line) == true)
    }
    #expect(try bench.pam(["disable"]).status == 0)
    #expect(bench.content("pam.d/common-account") == before)
    #expect(daemon.poll() == nil)
  }
}
