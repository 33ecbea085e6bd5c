import GatehouseDoors
import GatehousePAM
import PAMKit
import Testing

@Suite("Lines that skip a second factor")
struct JumpTests {
  private static let password = """
    auth [success=1 default=ignore] pam_unix.so nullok
    auth requisite pam_deny.so
    auth required pam_permit.so

    """
  private static let keyFirst =
    "usepam yes\nusedns no\nauthenticationmethods publickey,keyboard-interactive:pam\n"

  /// What is found about the stack auth of a service.
  private func said(
    of service: String = "sshd", _ auth: String, sshd: String = keyFirst
  ) -> [String] {
    let machine = FakeMachine(
      [service: auth + "@include common-account\n", "common-auth": Self.password], sshd: sshd)
    return machine.doors().findings
      .filter { $0.kind == .jump && $0.subject == service }
      .map { "\($0.location.map { "\($0.line): " } ?? "")\($0.message)" }
  }

  @Test(
    "one that skips the second factor and nothing else is in order",
    arguments: ["factor", "network=office", "factor origin=session", "network=office,local quiet"])
  func sound(options: String) {
    let line = "auth [success=1 default=ignore] pam_gatehouse.so \(options)\n"
    let factor = "auth required pam_google_authenticator.so\n"
    #expect(said(line + factor + "auth required pam_permit.so\n") == [])
    #expect(said(of: "login", "@include common-auth\n" + line + factor) == [])
    let two = "auth [success=2 default=ignore] pam_gatehouse.so \(options)\n"
    let block = "auth [success=1 default=ignore] pam_oath.so\nauth requisite pam_deny.so\n"
    #expect(said(of: "login", "@include common-auth\n" + two + block) == [])
    // A module that is not known may be a second factor, and so may the password after a key.
    #expect(said(line + "auth required pam_mine.so\nauth required pam_permit.so\n") == [])
    #expect(said(line + "auth required pam_unix.so\nauth required pam_permit.so\n") == [])
    // An include counts as each of its lines, a substack as one.
    #expect(
      said(of: "login", "auth substack common-auth\n" + line + "auth required pam_u2f.so\n") == [])
  }

  @Test(
    "too much or too little is found, at its line",
    arguments: [
      (
        "auth [success=2 default=ignore] pam_gatehouse.so factor\nauth required pam_oath.so\n",
        "2: it jumps too far: one line is left, and libpam takes that for a failure"
      ),
      (
        "auth [success=1 default=ignore] pam_gatehouse.so factor\n"
          + "auth required pam_u2f.so\nauth required pam_oath.so\n",
        "2: it jumps too short: pam_oath.so (login:4) still asks for a second factor"
      ),
      (
        "auth [success=1 default=ignore] pam_gatehouse.so factor\n"
          + "auth optional pam_faildelay.so\nauth required pam_oath.so\n",
        "2: it jumps over no line that asks for a factor"
      ),
      (
        "auth [success=2 default=ignore] pam_gatehouse.so network=office\n"
          + "auth required pam_oath.so\nauth required pam_sss.so\n",
        "2: it jumps too far: over pam_sss.so (login:4) too, which asks for the first factor"
      ),
      (
        "auth required pam_gatehouse.so factor\nauth required pam_oath.so\n",
        "2: a yes of this line changes nothing"
      ),
      (
        "auth [success=1 default=die] pam_gatehouse.so factor\nauth required pam_oath.so\n",
        "2: without a yes of this line nobody gets in"
      ),
    ])
  func wrong(lines: String, message: String) {
    #expect(said(of: "login", "@include common-auth\n" + lines) == [message])
  }

  @Test("without a line that reports a success, whoever is spared is refused")
  func noSuccess() {
    let lines = """
      auth [success=1 default=ignore] pam_gatehouse.so factor
      auth required pam_oath.so

      """
    #expect(
      said(lines) == ["1: after a yes of it no line reports a success, so libpam refuses"])
  }

  @Test("whoever is spared has to prove something before or after, in PAM or to sshd")
  func nothingProved() {
    let lines = """
      auth [success=1 default=ignore] pam_gatehouse.so factor
      auth required pam_oath.so
      auth required pam_permit.so

      """
    let problem =
      "1: whoever it spares proves nothing in this stack, neither before nor after the jump"
    #expect(said(lines) == [])
    #expect(said(of: "login", lines) == [problem])
    for methods in [
      "any", "keyboard-interactive", "publickey,keyboard-interactive keyboard-interactive:pam",
    ] {
      let sshd = "usepam yes\nusedns no\nauthenticationmethods \(methods)\n"
      #expect(said(lines, sshd: sshd) == [problem], "\(methods)")
    }
    #expect(said(lines, sshd: "usepam yes\nusedns no\n") == [problem])
    #expect(said("@include common-auth\n" + lines, sshd: "usepam yes\nusedns no\n") == [])
  }

  @Test("a line of the policy's is none of them, nor is one that cannot be loaded")
  func others() {
    #expect(said("auth required pam_gatehouse.so\nauth required pam_oath.so\n") == [])
  }
}
