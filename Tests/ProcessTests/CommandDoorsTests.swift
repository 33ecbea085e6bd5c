import TestKit
import Testing

@Suite(
  "gatehouse doors, and pam enable that looks at them",
  .enabled(if: isRoot, "needs root: PAM's files are mounted over the machine's"))
struct CommandDoorsTests {
  private static let line = "account requisite pam_gatehouse.so onerr=fail"

  private func words(_ outcome: ProcessResult) -> String {
    outcome.output.split(separator: " ").joined(separator: " ")
  }

  @Test("doors says of each service whether it asks, and exits 1 if a remote login is unjudged")
  func doors() throws {
    let bench = try PAMBench()
    let off = try bench.doors()
    #expect(off.status == 1)
    #expect(off.output.hasPrefix("not ok  0 of "))
    #expect(
      words(off).contains(" sshd does not ask unjudged no line of the stack asks Gatehouse\n"))
    #expect(words(off).contains(" urgent sshd logins from the network are not judged: "))
    try bench.write("\(Self.line)\naccount required pam_permit.so\n", to: "pam.d/common-account")
    let on = try bench.doors()
    #expect(on.status == 0, "\(on)")
    #expect(on.output.hasPrefix("ok  "))
    #expect(words(on).contains(" sshd asks judged by address\n"))
    let one = try bench.doors(["sshd", "--json"])
    #expect(
      one.output.hasPrefix(#"{"version":1,"outcome":"yes","error":null,"libpam":{"version":""#))
    #expect(
      one.output.contains(#""doors":[{"service":"sshd","standing":"asked","remote":"judged","#))
    #expect(one.output.contains(#""file":"/etc/pam.d/common-account","line":1,"#))
    #expect(one.output.split(separator: "\n").count == 1)
    let none = try bench.doors(["nosuch"])
    #expect(none.status == 1)
    #expect(none.errors.contains("no file of PAM is about a service `nosuch`"))
  }

  @Test("with the daemon, doors says when each service was last asked for")
  func lastAsked() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("\(Self.line)\naccount required pam_permit.so\n", to: "pam.d/common-account")
    #expect(words(try bench.doors()).contains(" sshd asks judged by address never asked\n"))
    _ = try bench.daemon.ask("daemon", from: "192.0.2.7")
    _ = try bench.daemon.ask("daemon", from: "198.51.100.7")
    #expect(words(try bench.doors()).contains(" sshd asks judged by address asked "))
    let json = try bench.doors(["sshd", "--json"]).output
    #expect(json.contains(#","last_asked":""#))
    #expect(json.contains(#","allowed":1,"refused":1,"#))
    #expect(daemon.poll() == nil)
  }

  @Test("check tells what doors finds, once a line asks")
  func check() throws {
    let bench = try PAMBench()
    let unasked = "off  no login asks Gatehouse yet; `gatehouse pam enable` turns that on\n"
    let off = try bench.check()
    #expect(off.output.contains(unasked))
    #expect(!off.output.contains("[logins_not_judged]"))
    try bench.write("account required pam_permit.so\n\(Self.line)\n", to: "pam.d/login")
    let outcome = try bench.check()
    #expect(!outcome.output.contains(unasked))
    #expect(
      outcome.output.contains(
        "warning: sshd: logins from the network are not judged: no line of the stack asks "
          + "Gatehouse [logins_not_judged]"))
  }

  @Test("while no login asks, status says so first and needs attention, whatever the mode")
  func statusUnasked() throws {
    let bench = try PAMBench(mode: "monitor")
    let daemon = try bench.daemon.start()
    let off = try bench.status()
    #expect(off.status == 1, "\(off)")
    #expect(off.output.hasPrefix("no login asks  "), "\(off)")
    #expect(words(off).contains(" doors off no login asks Gatehouse yet; "))
    try bench.write("Module: unix\nModule: gatehouse-trial\n", to: "lib/account")
    #expect(try bench.status().status == 1)
    #expect(daemon.poll() == nil)
  }

  @Test("pam status calls no line sound that can be passed by, and status shows it")
  func passedBy() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write(
      "account sufficient pam_localuser.so\n\(Self.line)\n", to: "pam.d/common-account")
    let status = try bench.pam(["status"])
    #expect(status.status == 1)
    #expect(
      words(status).contains(
        " not ok sshd /etc/pam.d/common-account:2: logins from the network are not judged: for a "
          + "user of /etc/passwd, pam_localuser.so (common-account:1, sufficient) ends the stack "
          + "before common-account:2\n"))
    let daemonStatus = try bench.status()
    #expect(daemonStatus.status == 1)
    #expect(words(daemonStatus).contains(" doors not ok 0 of "))
    #expect(daemon.poll() == nil)
  }

  /// Expects that nothing is changed, for this reason.
  private func expectRefusal(
    _ bench: PAMBench, because reason: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let before = bench.content("pam.d/common-account")
    let outcome = try bench.pam(["enable"])
    #expect(outcome.status == 1, "\(outcome)", sourceLocation: sourceLocation)
    #expect(words(outcome).contains(reason), "\(outcome)", sourceLocation: sourceLocation)
    #expect(bench.content("pam.d/common-account") == before, sourceLocation: sourceLocation)
    #expect(bench.content("calls") == "", sourceLocation: sourceLocation)
  }

  @Test("enable refuses while sshd does not ask PAM")
  func usePAM() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("#!/bin/sh\necho usepam no\n", to: "bin/sshd")
    try expectRefusal(bench, because: " not ok sshd it does not ask PAM (UsePAM no), so no login")
    #expect(daemon.poll() == nil)
  }

  @Test("enable refuses while sshd's stack would not ask, or could be passed by")
  func sshStack() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("account required pam_permit.so\n", to: "pam.d/sshd")
    try expectRefusal(
      bench, because: " not ok sshd its logins would not be judged: no line of the stack asks")
    try bench.write(
      "account sufficient pam_localuser.so\n@include common-account\n", to: "pam.d/sshd")
    try expectRefusal(
      bench, because: "would not be judged: for a user of /etc/passwd, pam_localuser.so (sshd:1")
    #expect(daemon.poll() == nil)
  }

  @Test("enable refuses if libpam could not load the module: nobody would get in")
  func noModule() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.write("rm \"$0/security/pam_gatehouse.so\"\n", to: "prepare")
    try expectRefusal(bench, because: " not ok module libpam has no pam_gatehouse.so to load")
    #expect(daemon.poll() == nil)
  }

  @Test("files that were edited by hand get our line alone, and lose it again")
  func byHand() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let edited = """
      # my own
      auth optional pam_x.so
      # here are the per-package modules (the "Primary" block)
      account\t[success=1 default=ignore] \\
        pam_unix.so
      account requisite pam_deny.so
      account required pam_permit.so
      """
    try bench.write(edited, to: "pam.d/common-account")
    try bench.write("exit 0\n", to: "bin/fails")
    let outcome = try bench.pam(["enable", "--strict"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(words(outcome).contains("before all other account lines, since the file was edited"))
    let own = "\(Self.line) # written by gatehouse pam enable\n"
    let lines = edited.split(separator: "\n", omittingEmptySubsequences: false)
    let expected =
      lines[..<2].joined(separator: "\n") + "\n" + own + lines[2...].joined(separator: "\n")
    #expect(bench.content("pam.d/common-account") == expected)
    #expect(try bench.doors().status == 0)
    #expect(try bench.pam(["status"]).output.hasPrefix("strict  "))
    // Once more changes nothing; another profile changes the one word.
    #expect(try bench.pam(["enable", "--strict"]).status == 0)
    #expect(bench.content("pam.d/common-account") == expected)
    #expect(try bench.pam(["enable"]).status == 0)
    #expect(
      bench.content("pam.d/common-account")
        == expected.replacing("onerr=fail", with: "onerr=succeed"))
    let off = try bench.pam(["disable"])
    #expect(off.status == 0)
    #expect(words(off).contains("changed the command's own line was taken out of"))
    #expect(bench.content("pam.d/common-account") == edited)
    #expect(daemon.poll() == nil)
  }

  @Test("a machine without pam-auth-update gets our line, too")
  func noUpdate() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    try bench.hideUpdate()
    #expect(try bench.pam(["enable", "--strict"]).status == 0)
    #expect(bench.content("pam.d/common-account").hasPrefix("\(Self.line) # written by"))
    #expect(try bench.pam(["disable"]).status == 0)
    #expect(!bench.content("pam.d/common-account").contains("pam_gatehouse"))
    #expect(daemon.poll() == nil)
  }

  @Test("--dry-run says how it would be turned on, or why not, and changes nothing")
  func dryRun() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let before = bench.content("pam.d/common-account")
    let ready = try bench.pam(["enable", "--strict", "--dry-run"])
    #expect(ready.status == 0, "\(ready)")
    #expect(ready.output.hasPrefix("ready  gatehouse-strict can be turned on\n"))
    #expect(words(ready).contains(" next nothing was changed; it would be turned on by pam-auth-"))
    try bench.write("account required pam_permit.so\n", to: "pam.d/sshd")
    let refused = try bench.pam(["enable", "--strict", "--dry-run"])
    #expect(refused.status == 1)
    #expect(refused.output.hasPrefix("refused  gatehouse-strict would not be turned on; see below"))
    #expect(bench.content("pam.d/common-account") == before)
    #expect(bench.content("calls") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("what is not confirmed in time is undone by itself, and so it is at a boot")
  func undo() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let before = bench.content("pam.d/common-account")
    let outcome = try bench.pam(["enable", "--confirm-within", "1h"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(words(outcome).contains("run `gatehouse confirm` there; unless that is done within 1"))
    #expect(bench.content("systemctl") == "--quiet start gatehouse-pam-undo.timer\n")
    let on = bench.content("pam.d/common-account")
    #expect(on != before)
    // Its time is not up, and nobody may begin another.
    #expect(try bench.pam(["undo"]).status == 0)
    #expect(bench.content("pam.d/common-account") == on)
    #expect(try bench.pam(["enable", "--confirm-within", "1h"]).status == 1)
    // The machine is booted: another id.
    try bench.write("mount --bind \"$0/boot\" /proc/sys/kernel/random/boot_id\n", to: "prepare")
    try bench.write("00000000-0000-0000-0000-000000000000\n", to: "boot")
    #expect(try bench.pam(["undo"]).status == 0)
    #expect(bench.content("pam.d/common-account") == before)
    #expect(bench.content("systemctl").hasSuffix("--quiet stop gatehouse-pam-undo.timer\n"))
    // In time.
    #expect(try bench.pam(["enable", "--confirm-within", "1s"]).status == 0)
    #expect(bench.content("pam.d/common-account") == on)
    try wait {
      try bench.pam(["undo"]).status == 0 && bench.content("pam.d/common-account") == before
    }
    #expect(daemon.poll() == nil)
  }

  @Test("only a session that shows something may confirm; pam disable ends the waiting")
  func confirm() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    #expect(try bench.pam(["enable", "--confirm-within", "1h"]).status == 0)
    let refused = try bench.confirm()
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains("`pam enable` cannot be confirmed here: this is not a login session"))
    #expect(bench.content("history/.pam-trial") != "")
    #expect(try bench.pam(["disable"]).status == 0)
    #expect(bench.content("history/.pam-trial") == "")
    #expect(daemon.poll() == nil)
  }

  @Test("what is kept and damaged is undone")
  func damaged() throws {
    let bench = try PAMBench()
    let daemon = try bench.daemon.start()
    let before = bench.content("pam.d/common-account")
    #expect(try bench.pam(["enable", "--confirm-within", "1h"]).status == 0)
    try bench.write("nonsense", to: "history/.pam-trial")
    #expect(try bench.pam(["undo"]).status == 0)
    #expect(bench.content("pam.d/common-account") == before)
    #expect(daemon.poll() == nil)
  }

  @Test("a service of the policy that PAM has no file of is warned of, with the nearest")
  func unknownService() throws {
    let bench = try PAMBench(
      policy: "version: 1\nservices:\n  shhd: {from: [anywhere]}\n  sshd: {from: [anywhere]}\n")
    let output = try bench.check().output
    #expect(
      output.contains(
        "policy.yaml:3:10: warning: PAM has no file of a service `shhd`, so no login may come by "
          + "it [unknown_service]\n    did you mean `sshd`?\n"))
    #expect(!output.contains("`sshd`, so"))
  }
}
