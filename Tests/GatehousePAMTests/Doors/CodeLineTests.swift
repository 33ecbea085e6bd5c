import GatehouseDoors
import GatehousePAM
import GatehousePolicy
import PAMKit
import Testing

@Suite("Lines that ask for a code")
struct CodeLineTests {
  private static let password = """
    auth [success=1 default=ignore] pam_unix.so nullok
    auth requisite pam_deny.so
    auth required pam_permit.so

    """
  private static let line = "auth required pam_gatehouse.so authorize\n"
  private static let policy = "version: 1\nauthorize: {users: [al], mail: root}\n"
  private static let keyFirst = """
    usepam yes
    usedns no
    pubkeyauthentication yes
    passwordauthentication no
    kbdinteractiveauthentication yes
    authenticationmethods publickey,keyboard-interactive

    """

  private func machine(
    _ auth: String, of service: String = "sshd", sshd: String = keyFirst
  ) -> FakeMachine {
    FakeMachine(
      [service: auth + "@include common-account\n", "common-auth": Self.password], sshd: sshd)
  }

  /// What is found about codes, with the subject if it is not the service.
  private func said(
    _ auth: String, of service: String = "sshd", sshd: String = keyFirst,
    policy: String? = policy
  ) -> [String] {
    machine(auth, of: service, sshd: sshd).doors(policy).findings.filter { $0.kind == .code }
      .map { "\($0.location.map { "\($0.line): " } ?? "")\($0.message)" }
  }

  @Test("one after the first factor is in order, whether that is PAM's or a key")
  func sound() {
    #expect(said("@include common-auth\n" + Self.line) == [])
    #expect(said(Self.line + "auth required pam_permit.so\n") == [])
    let requisite = "auth requisite pam_gatehouse.so authorize\n"
    #expect(said("auth requisite pam_unix.so\n" + requisite) == [])
    let factor =
      "auth [success=1 default=ignore] pam_gatehouse.so factor\nauth required pam_oath.so\n"
    #expect(said("@include common-auth\n" + factor + Self.line) == [])
    #expect(said("auth [success=ok ignore=ignore default=die] pam_sss.so\n" + Self.line) == [])
  }

  @Test(
    "without authorize in the policy a line is judged by its place, and nothing else is looked at")
  func noPolicy() {
    let plain = "usepam yes\nusedns no\nkbdinteractiveauthentication no\n"
    #expect(said("@include common-auth\n", sshd: plain, policy: nil) == [])
    #expect(said("@include common-auth\n" + Self.line, sshd: plain, policy: nil) == [])
    #expect(said("@include common-auth\n", sshd: plain, policy: "version: 1\n") == [])
  }

  @Test(
    "a wrong place or control is found, at its line",
    arguments: [
      (
        "@include common-auth\nauth sufficient pam_gatehouse.so authorize\n",
        "2: after a right code no other line is asked, so the code takes the place of a factor"
      ),
      (
        "auth [success=1 default=ignore] pam_gatehouse.so authorize\nauth required pam_oath.so\n",
        "1: after a right code no other line is asked, so the code takes the place of a factor"
      ),
      (
        "@include common-auth\nauth optional pam_gatehouse.so authorize\n",
        "2: a wrong code does not count"
      ),
      (
        "@include common-auth\nauth [success=ok default=die] pam_gatehouse.so authorize\n",
        "2: whoever has no code to enter is refused"
      ),
      (
        "auth sufficient pam_unix.so\nauth required pam_gatehouse.so authorize\n",
        "2: nobody is asked for the code: the lines before it end the stack"
      ),
      (
        "auth required pam_gatehouse.so authorize\n@include common-auth\n",
        "1: it asks for a code before the first factor (pam_unix.so, common-auth:1)"
      ),
      (
        "auth required pam_unix.so\nauth required pam_gatehouse.so authorize\n",
        "2: it asks for a code, too, if the first factor was wrong (pam_unix.so, ftpd:1)"
      ),
      (
        "auth required pam_gatehouse.so authorize\nauth required pam_permit.so\n",
        "1: it asks for a code, and nothing before it asks for a first factor"
      ),
    ])
  func wrong(lines: String, message: String) {
    let sshd = "usepam yes\nusedns no\n"
    #expect(said(lines, of: "ftpd", sshd: sshd, policy: nil) == [message])
  }

  @Test("after a key sshd's stack may begin with it, and any password is a factor more")
  func afterKeys() {
    #expect(said(Self.line + "@include common-auth\n") == [])
    #expect(said("auth required pam_unix.so\n" + Self.line) == [])
    let any = "usepam yes\nusedns no\nauthenticationmethods any\npasswordauthentication no\n"
    #expect(
      said(Self.line + "auth required pam_permit.so\n", sshd: any, policy: nil) == [
        "1: it asks for a code, and nothing before it asks for a first factor"
      ])
  }

  @Test("what keeps sshd from asking for a code is found")
  func sshServer() {
    let line = "@include common-auth\n" + Self.line
    let base = "usepam yes\nusedns no\n"
    #expect(
      said(
        line, sshd: base + "kbdinteractiveauthentication no\npubkeyauthentication no\n") == [
          "it asks nobody for a code (KbdInteractiveAuthentication no)"
        ])
    #expect(
      said(line, sshd: base + "passwordauthentication yes\npubkeyauthentication no\n") == [
        "a login with the method password gives the password as the code, which is a wrong one"
      ])
    for methods in ["any", "publickey", "publickey,keyboard-interactive publickey,password"] {
      let sshd = base + "passwordauthentication no\nauthenticationmethods \(methods)\n"
      #expect(
        said(line, sshd: sshd) == ["whoever logs in with a key is not asked for a code"],
        "\(methods)")
    }
    #expect(said(line, sshd: base + "authenticationmethods keyboard-interactive\n") == [])
  }

  @Test("a judged service without the line, and a service that does not send, are found")
  func missing() {
    #expect(
      said("@include common-auth\n") == [
        "1: who is refused here may be sent a code, and no line of its auth stack asks for it"
      ])
    for (state, isFound) in [("inactive", true), ("failed", true), ("offline", false)] {
      var machine = machine("@include common-auth\n" + Self.line)
      machine.programs["systemctl is-active gatehouse-notify.service"] = .failed(state)
      #expect(
        machine.doors(Self.policy).said(of: "gatehouse-notify.service")
          == (isFound ? ["note: it is \(state), so no code is sent"] : []))
    }
  }

  @Test("it judges no login, and belongs into the stage auth")
  func lines() throws {
    let files = FakeMachine(["a": Self.line + "account required pam_gatehouse.so authorize\n"])
    let doors = files.doors("version: 1\n")
    let lines = doors.lines.filter { $0.location.file == "/etc/pam.d/a" || $0.location.file == "a" }
    #expect(lines.count == 2 && lines.allSatisfy { $0.asksCode && $0.judgesNoLogin })
    let said = lines.flatMap { $0.diagnostics(for: nil) }.map(\.message)
    #expect(said == ["`authorize`: this option has its place in an auth line only"])
    #expect(doors[service: "a"]?.standing != .asked)
  }
}
