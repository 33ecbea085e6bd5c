import TestKit
import Testing

@Suite("gatehouse pam test", .enabled(if: isRoot, "needs root: PAM's files are mounted over"))
struct CommandPAMTestTests {
  /// A machine with the real module in front of a stack that lets everybody in.
  private func bench() throws -> PAMBench {
    let bench = try PAMBench()
    try bench.useRealModule()
    try bench.write(
      "account requisite pam_gatehouse.so socket=\(bench.daemon.socket)\n"
        + "account required pam_permit.so\n", to: "pam.d/common-account")
    return bench
  }

  private func words(_ outcome: ProcessResult) -> String {
    outcome.output.split(separator: " ").joined(separator: " ")
  }

  @Test(
    "an allowed user gets in, a denied one reads why, and neither was a login",
    .enabled(if: PAMBench.hasRealModule, "packaging/build-module makes the module"))
  func decisions() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    let allowed = try bench.pam(["test", "daemon", "--from", "192.0.2.7"])
    #expect(allowed.status == 0, "\(allowed)")
    #expect(allowed.output.hasPrefix("in  daemon from 192.0.2.7, by the account stack of sshd\n"))
    #expect(words(allowed).contains(" libpam PAM_SUCCESS\n"))
    #expect(words(allowed).contains(" answer allow, listed (policy.yaml:3), origin 192.0.2.7\n"))
    #expect(words(allowed).contains(" user reads nothing\n"))
    let denied = try bench.pam(["test", "daemon", "--from", "198.51.100.7"])
    #expect(denied.status == 1)
    #expect(denied.output.hasPrefix("refused  daemon from 198.51.100.7, by the account stack"))
    #expect(words(denied).contains(" libpam PAM_PERM_DENIED\n"))
    #expect(words(denied).contains(" decided our line, common-account:1\n"))
    #expect(words(denied).contains(" user reads Access denied from this address (198.51.100.7)"))
    #expect(
      try bench.status(["--json"]).output.contains(#""answers":{"allow":0,"deny":0,"ignore":0,"#))
    #expect(daemon.poll() == nil)
  }

  @Test(
    "a program that gives no address is tried as it is, and refused",
    .enabled(if: PAMBench.hasRealModule, "packaging/build-module makes the module"))
  func noAddress() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    try bench.write("@include common-account\n", to: "pam.d/imap")
    let outcome = try bench.pam(["test", "daemon", "--from", "192.0.2.7", "--service", "imap"])
    #expect(outcome.status == 1, "\(outcome)")
    #expect(words(outcome).contains(" PAM_RHOST not set, as by the service's program\n"))
    #expect(words(outcome).contains(", no_address, origin "))
    #expect(daemon.poll() == nil)
  }

  @Test(
    "what was asked about the second factor or a network is told apart from the login",
    .enabled(if: PAMBench.hasRealModule, "packaging/build-module makes the module"))
  func questions() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    let module = "pam_gatehouse.so socket=\(bench.daemon.socket)"
    try bench.write(
      ["factor", "network=office", ""].map {
        "account [success=ok default=ignore] \(module) \($0)\n"
      }.joined() + "account required pam_permit.so\n", to: "pam.d/common-account")
    let text = words(try bench.pam(["test", "daemon", "--from", "192.0.2.7"]))
    #expect(
      text.contains(" answer deny, no_rule, of the second factor, origin 192.0.2.7\n"), "\(text)")
    let json = try bench.pam(["test", "daemon", "--from", "192.0.2.7", "--json"]).output
    for about in ["second_factor", "network", "login"] {
      #expect(json.contains(#""about":"\#(about)","answer":"#), "\(json)")
    }
    #expect(daemon.poll() == nil)
  }

  @Test("a stack that is passed by says so; one of others that refuses, too")
  func otherLines() throws {
    let bench = try bench()
    let daemon = try bench.daemon.start()
    try bench.write(
      "account sufficient pam_permit.so\n@include common-account\n", to: "pam.d/sshd")
    let passed = try bench.pam(["test", "daemon", "--from", "198.51.100.7"])
    #expect(passed.status == 0)
    #expect(words(passed).contains(" daemon not asked\n"))
    #expect(
      words(passed).contains(" decided probably: pam_permit.so (sshd:1, sufficient) ends the"))
    try bench.write("account required pam_deny.so\n", to: "pam.d/sshd")
    let denied = try bench.pam(["test", "daemon", "--from", "192.0.2.7", "--json"])
    #expect(denied.status == 1)
    #expect(
      denied.output.hasPrefix(
        #"{"version":1,"outcome":"no","error":null,"notices":[],"user":"daemon","service":"sshd","#)
    )
    #expect(denied.output.contains(#""returned":"PAM_AUTH_ERR","ending":"returned","#))
    #expect(
      denied.output.contains(#""decided":"sshd:1, which alone can return that","asked":false,"#))
    #expect(denied.output.split(separator: "\n").count == 1)
    #expect(daemon.poll() == nil)
  }

  @Test("a libpam or module that crashes is told, and so is a daemon that cannot be asked")
  func crash() throws {
    let bench = try bench()
    try bench.write("account include\n", to: "pam.d/sshd")
    let outcome = try bench.pam(["test", "daemon", "--from", "192.0.2.7"])
    #expect(outcome.status == 1)
    #expect(words(outcome).contains(" libpam a module crashed: the process ended by signal 11\n"))
    #expect(words(outcome).contains(" daemon not known, and this may be recorded as a login: "))
  }

  @Test("only root can run it, and only from somewhere")
  func usage() throws {
    let outcome = try run(
      "unshare",
      ["--user", try builtProgram("gatehouse"), "pam", "test", "root", "--from", "192.0.2.1"])
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("only root can run a stack as its program would"))
    #expect(try gatehouse(["pam", "test", "root", "--from", "office"]).status == 2)
  }
}
