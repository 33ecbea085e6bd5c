import GatehouseDoors
import GatehousePAM
import PAMKit
import Testing

@Suite("What becomes of logins by each service")
struct DoorTests {
  @Test("a line before everything else is asked, and its denial counts")
  func sound() throws {
    let doors = FakeMachine().doors()
    let sshd = try #require(doors[service: "sshd"])
    #expect(sshd.standing == .asked)
    #expect(sshd.remoteLogins == .judged)
    #expect(sshd.reason == nil)
    #expect(!doors.needsAttention)
    #expect(doors.findings == [])
    // What others include is no door.
    #expect(doors.doors.map(\.service) == ["other", "sshd"])
    #expect(doors.lines.map(\.text) == ["account requisite pam_gatehouse.so"])
  }

  @Test("a line that no remote login reaches is no line that logins ask by")
  func elsewhere() throws {
    let plain = """
      account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
      account requisite pam_deny.so
      account required pam_permit.so

      """
    #expect(FakeMachine().doors().areAsked)
    let su = FakeMachine([
      "common-account": plain,
      "su": "account requisite pam_gatehouse.so origin=session\n@include common-account\n",
    ]).doors()
    #expect(!su.lines.isEmpty && !su.areAsked)
    #expect(!FakeMachine(["common-account": plain]).doors().areAsked)
  }

  @Test("a user of /etc/passwd passes by a line below sssd's")
  func sss() throws {
    let doors = FakeMachine([
      "common-account": """
      account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
      account requisite pam_deny.so
      account required pam_permit.so
      account sufficient pam_localuser.so
      account [default=bad success=ok user_unknown=ignore] pam_sss.so
      account required pam_gatehouse.so

      """
    ]).doors()
    let sshd = try #require(doors[service: "sshd"])
    #expect(sshd.standing == .bypassed)
    #expect(sshd.remoteLogins == .unjudged)
    #expect(
      sshd.verdict?.unasked.contains { way in
        guard let stack = sshd.stack, let verdict = sshd.verdict else { return false }
        return way.sentence(about: stack, verdict)
          == "for a user of /etc/passwd, pam_localuser.so (common-account:4, sufficient) ends the "
          + "stack before common-account:6"
      } == true)
    #expect(doors.needsAttention)
  }

  @Test("an expired password passes by a line below Debian's pam_unix")
  func expired() throws {
    let doors = FakeMachine([
      "common-account": """
      account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so
      account requisite pam_deny.so
      account required pam_permit.so
      account required pam_gatehouse.so

      """
    ]).doors()
    #expect(
      doors.said(of: "sshd") == [
        "urgent: common-account:4: logins from the network are not judged: for a user with an "
          + "expired password, pam_unix.so (common-account:1, [success=1 new_authtok_reqd=done "
          + "default=ignore]) ends the stack before common-account:4"
      ])
  }

  @Test("a stack without a line, or a sshd that does not ask PAM, is not judged")
  func notAsked() {
    let unasked = FakeMachine(["sshd": "account required pam_unix.so\n"]).doors()
    #expect(unasked[service: "sshd"]?.standing == .unasked)
    #expect(
      unasked.said(of: "sshd") == [
        "urgent: logins from the network are not judged: no line of the stack asks Gatehouse"
      ])
    var machine = FakeMachine(sshd: "usepam no\n")
    machine["/etc/ssh/sshd_config"] = "Port 22\nUsePAM no\n"
    let doors = machine.doors()
    #expect(doors[service: "sshd"]?.remoteLogins == .unjudged)
    #expect(
      doors.said(of: "sshd") == [
        "urgent: sshd_config:2: it does not ask PAM (UsePAM no), so no login by ssh is judged"
      ])
  }

  @Test(
    "a control that swallows the denial is found",
    arguments: [
      "[success=1 default=ignore]", "[default=bad success=ok perm_denied=ignore]",
      "[success=ok default=ignore]", "optional", "sufficient",
    ])
  func swallowed(control: String) throws {
    let doors = FakeMachine([
      "sshd": """
      account \(control) pam_gatehouse.so
      account required pam_unix.so
      account required pam_permit.so

      """
    ]).doors()
    let sshd = try #require(doors[service: "sshd"])
    #expect(sshd.standing == .overruled)
    #expect(sshd.remoteLogins == .unjudged)
    #expect(sshd.reason?.contains("does not count") == true)
    #expect(doors.needsAttention)
  }

  @Test(
    "a line that refuses everybody is found, and says why",
    arguments: [
      ("account requisite pam_gatehouse", "libpam cannot load pam_gatehouse"),
      ("account requisite pam_gatehous.so", "libpam cannot load pam_gatehous.so"),
      ("account requird pam_gatehouse.so", ""),
      ("account requisite pam_gatehouse.so role=nosuch", "the policy has no role `nosuch`"),
      ("account requisite pam_gatehouse.so timeout=9", "`timeout=9`: write timeout= and"),
      (
        "account requisite pam_gatehouse.so onerror=fail", "`onerror=fail`: there is no such option"
      ),
    ])
  func refusing(line: String, why: String) throws {
    var machine = FakeMachine(["sshd": "\(line)\naccount required pam_unix.so\n"])
    machine.files.missing = ["pam_gatehouse", "pam_gatehous.so"]
    let doors = machine.doors("version: 1\nroles: {admin: {members: {users: [a]}}}\n")
    let sshd = try #require(doors[service: "sshd"])
    #expect(sshd.standing == .closed, "\(sshd.standing)")
    #expect(sshd.remoteLogins == .nobody)
    #expect(sshd.reason?.contains(why) == true, "\(sshd.reason ?? "-")")
    #expect(doors.needsAttention)
  }

  @Test(
    "what its program gives decides what becomes of remote logins",
    arguments: [
      ("vsftpd", Door.RemoteLogins.judged), ("saslauthd", .refused), ("pure-ftpd", .refused),
      ("xrdp-sesman", .unknown), ("somewhat", .unknown), ("su", .none), ("cron", .none),
    ])
  func programs(service: String, logins: Door.RemoteLogins) {
    let doors = FakeMachine([service: "@include common-account\n"]).doors()
    #expect(doors[service: service]?.remoteLogins == logins)
  }

  @Test("of a program that nobody has looked at, the login record tells")
  func seen() {
    let machine = FakeMachine(["somewhat": "@include common-account\n"])
    func logins(_ seen: SeenLogins) -> Door.RemoteLogins? {
      Doors(of: machine, policy: nil, seen: ["somewhat": seen, "sshd": seen])[service: "somewhat"]?
        .remoteLogins
    }
    #expect(logins(SeenLogins(withAddress: 1, withoutAddress: 5)) == .judged)
    #expect(logins(SeenLogins(withAddress: 0, withoutAddress: 1)) == .refused)
    #expect(logins(SeenLogins(withAddress: 0, withoutAddress: 0)) == .unknown)
  }

  @Test("xrdp gives the address from 0.10 on")
  func xrdp() {
    var machine = FakeMachine(["xrdp-sesman": "@include common-account\n"])
    machine.packages = ["xrdp": "0.9.21.1-1+deb12u1"]
    #expect(machine.doors()[service: "xrdp-sesman"]?.remoteLogins == .refused)
    machine.packages = ["xrdp": "0.10.1-3.1"]
    #expect(machine.doors()[service: "xrdp-sesman"]?.remoteLogins == .judged)
  }

  @Test("a file that cannot be read makes it unknown, never sound")
  func unreadable() {
    var machine = FakeMachine()
    machine["common-account"] = nil
    machine.unreadable = ["/etc/pam.d/common-account": "Permission denied"]
    let doors = machine.doors()
    #expect(doors[service: "sshd"]?.standing == .unknown)
    #expect(doors.needsAttention)
    #expect(
      doors.said(of: "sshd") == [
        "unknown: what becomes of its logins cannot be known: /etc/pam.d/common-account cannot be "
          + "read: Permission denied"
      ])
  }

  @Test("files that no program asks for are left out")
  func leftovers() {
    let doors = FakeMachine([
      "sshd.dpkg-old": "account required pam_permit.so\n", "sshd~": "account required x.so\n",
      "SSHD": "account required pam_permit.so\n",
    ]).doors()
    #expect(doors.doors.map(\.service) == ["other", "sshd"])
  }

  @Test("the version of libpam tells how it reads")
  func dialects() {
    func generation(_ version: String?) -> PAMDialect.Generation {
      InstalledLibpam(version: version, isDebian: true, source: "").dialect.generation
    }
    #expect(generation("1.5.2-6+deb12u2") == .fixedBuffer)
    #expect(generation("1:1.5.3-1") == .fixedBuffer)
    #expect(generation("1.6.0-1") == .wholeLines)
    #expect(generation("1.7.0-5") == .wholeLines)
    #expect(generation(nil) == .wholeLines)
  }
}
