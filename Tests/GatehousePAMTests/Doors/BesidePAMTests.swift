import GatehouseDoors
import PAMKit
import Testing

@Suite("What stands beside PAM")
struct BesidePAMTests {
  private static let sudoLine = """
    account requisite pam_gatehouse.so origin=session role=admin
    @include common-account

    """
  private static let policy = "version: 1\nroles: {admin: {members: {users: [a]}}}\n"

  @Test("sshd -T that fails makes sshd unknown")
  func sshFails() {
    var machine = FakeMachine()
    machine.programs["sshd -T"] = .failed("no hostkeys available")
    #expect(
      machine.doors().said(of: "sshd") == [
        "unknown: whether it asks PAM cannot be known: `sshd -T` fails: no hostkeys available"
      ])
    #expect(machine.doors().needsAttention)
  }

  @Test("another PAMServiceName is a door, and rules for sshd are not its")
  func serviceName() throws {
    var machine = FakeMachine(
      ["ssh-in": "account required pam_unix.so\n"], sshd: "usepam yes\npamservicename ssh-in\n")
    #expect(machine.doors()[service: "ssh-in"]?.remoteLogins == .unjudged)
    machine["ssh-in"] = "@include common-account\n"
    let doors = machine.doors()
    #expect(doors[service: "ssh-in"]?.remoteLogins == .judged)
    #expect(
      doors.said(of: "sshd") == [
        "note: it asks PAM as `ssh-in`, so rules for `sshd` do not apply to it"
      ])
    machine["ssh-in"] = "account requisite pam_gatehouse.so service=sshd\n@include common-account\n"
    #expect(machine.doors().said(of: "sshd") == [])
  }

  @Test("a Match block that names another service or no PAM is found, with its place")
  func matchBlocks() {
    var machine = FakeMachine(["sftp-in": "account required pam_unix.so\n"])
    machine["/etc/ssh/sshd_config"] = """
      Include /etc/ssh/sshd_config.d/*.conf
      # Match user nobody
      Match User "partner" Address 192.0.2.0/24
        PAMServiceName sftp-in
      Match all
      UseDNS no

      """
    machine["/etc/ssh/sshd_config.d/x.conf"] = "match group=a\nUsePAM=no\n"
    let doors = machine.doors()
    #expect(
      doors.said(of: "sshd") == [
        "urgent: x.conf:2: for `Match group=a` it does not ask PAM, so those logins are not judged",
        "note: sshd_config:4: for `Match User partner Address 192.0.2.0/24` it asks PAM as "
          + "`sftp-in`",
      ])
    #expect(doors[service: "sftp-in"]?.remoteLogins == .unjudged)
  }

  @Test("another sshd's unit is asked with its own arguments")
  func otherInstance() {
    var machine = FakeMachine()
    machine["/etc/systemd/system/sshd-alt.service"] = """
      [Service]
      EnvironmentFile=-/etc/default/alt
      ExecStart=/usr/sbin/sshd -D $OPTS -f /etc/ssh/alt

      """
    machine["/etc/default/alt"] = "OPTS=\"-o UsePAM=no\"\n"
    machine.programs["sshd -T -o UsePAM=no -f /etc/ssh/alt"] = .text("usepam no\n")
    let doors = machine.doors()
    #expect(
      doors.said(of: "sshd-alt.service") == [
        "urgent: it does not ask PAM (UsePAM no), so no login by ssh is judged"
      ])
    // The other one asks.
    #expect(doors[service: "sshd"]?.remoteLogins == .judged)
  }

  @Test("drop-ins count as systemd takes them: another start, other variables, one of a name")
  func dropIns() {
    var machine = FakeMachine()
    machine["/usr/lib/systemd/system/ssh.service"] = """
      [Service]
      Environment="OPTS=-o UsePAM=no"
      ExecStart=/usr/sbin/sshd -D $OPTS

      """
    machine.programs["sshd -T -o UsePAM=no"] = .text("usepam no\n")
    // The argument counts before what the file says.
    machine["/etc/ssh/sshd_config"] = "UsePAM yes\n"
    let unjudged = "urgent: it does not ask PAM (UsePAM no), so no login by ssh is judged"
    #expect(machine.doors().said(of: "ssh.service") == [unjudged])
    let folder = "/etc/systemd/system/ssh.service.d"
    machine["\(folder)/b.conf"] = "[Service]\nEnvironment=\n"
    #expect(machine.doors().said(of: "ssh.service") == [])
    machine["\(folder)/b.conf"] = "[Service]\nEnvironmentFile=/etc/opts\n"
    machine["/etc/opts"] = "# OPTS='-f /etc/ssh/no'\nOPTS='-f /etc/ssh/b'\n"
    machine.programs["sshd -T -f /etc/ssh/b"] = .failed("b")
    #expect(machine.doors().said(of: "ssh.service").first?.contains("-f /etc/ssh/b` fails") == true)
    machine["\(folder)/b.conf"] =
      "[Service]\nExecStart = \nExecStart = -/usr/sbin/sshd -D \\\n -o \"UsePAM ${X}\"\nEnvironment=X=c\n"
    machine.programs["sshd -T -o UsePAM c"] = .failed("c")
    #expect(machine.doors().said(of: "ssh.service").first?.contains("-o UsePAM c` fails") == true)
    // Of two drop-ins of one name that in /etc counts; a later name comes later.
    machine["/usr/lib/systemd/system/ssh.service.d/b.conf"] = "[Service]\nExecStart=\n"
    #expect(machine.doors().said(of: "ssh.service").count == 1)
    machine["/usr/lib/systemd/system/ssh.service.d/c.conf"] = "[Service]\nExecStart=\n"
    #expect(machine.doors().said(of: "ssh.service") == [])
  }

  @Test("a masked unit starts nothing")
  func masked() {
    var machine = FakeMachine()
    let unit = "[Service]\nExecStart=/usr/sbin/sshd -o UsePAM=no\n"
    machine.programs["sshd -T -o UsePAM=no"] = .text("usepam no\n")
    machine["/usr/lib/systemd/system/alt.service"] = unit
    #expect(machine.doors().said(of: "alt.service").count == 1)
    machine["/etc/systemd/system/alt.service"] = ""
    #expect(machine.doors().said(of: "alt.service") == [])
    machine["/etc/systemd/system/alt.service"] = unit
    #expect(machine.doors().said(of: "alt.service").count == 1)
    machine.unreadable["/etc/systemd/system/alt.service"] = "it is no regular file"
    #expect(machine.doors().said(of: "alt.service") == [])
  }

  @Test("another program of OpenSSH speaks for itself, and has settings of its own")
  func otherProgram() {
    var machine = FakeMachine()
    machine["/etc/systemd/system/own.service"] = "[Service]\nExecStart=/opt/ssh/sbin/sshd -D\n"
    // A unit whose program is not there starts nothing.
    #expect(machine.doors().said(of: "own.service") == [])
    machine.programs["/opt/ssh/sbin/sshd -T"] = .text("usepam no\n")
    machine["/opt/ssh/etc/sshd_config"] = "Include more\n"
    machine["/opt/ssh/etc/more"] = "Port 2222\nUsePAM no\n"
    #expect(
      machine.doors().said(of: "own.service") == [
        "urgent: more:2: it does not ask PAM (UsePAM no), so no login by ssh is judged"
      ])
    #expect(machine.doors().said(of: "sshd") == [])
    machine.programs["sshd -T"] = nil
    #expect(machine.doors().said(of: "own.service").count == 1)
  }

  @Test("the first place of a setting counts, in files that are included before, too")
  func firstPlace() {
    var machine = FakeMachine(sshd: "usepam no\n")
    machine["/etc/ssh/sshd_config"] = "Include sshd_config.d/*.conf\nUsePAM yes\n"
    machine["/etc/ssh/sshd_config.d/b.conf"] = "Match all\nUsePAM = no\n"
    machine["/etc/ssh/sshd_config.d/c.conf"] = "UsePAM no\n"
    #expect(
      machine.doors().said(of: "sshd") == [
        "urgent: b.conf:2: it does not ask PAM (UsePAM no), so no login by ssh is judged"
      ])
  }

  @Test(
    "sudoers that turn the account stage off are found",
    arguments: [
      ("Defaults !pam_acct_mgmt\n", "sudoers:1: `Defaults !pam_acct_mgmt`"),
      ("Defaults env_reset, \\\n  !pam_acct_mgmt # no\n", "sudoers:1: `Defaults !pam_acct_mgmt`"),
      ("\n Defaults:al,bob x=\"a, b\",! pam_acct_mgmt\n", "sudoers:2: `Defaults:al,bob !pam_acct"),
      ("@include sudo.more\n", "sudo.more:1: `Defaults !pam_acct_mgmt`"),
      ("#includedir /etc/sudoers.d\n", "90-x:1: `Defaults !pam_acct_mgmt`"),
      ("@includedir \"/etc/sudoers.d\"\n", "90-x:1: `Defaults !pam_acct_mgmt`"),
    ])
  func sudoers(text: String, found: String) {
    var machine = FakeMachine(["sudo": Self.sudoLine])
    machine["/etc/sudoers"] = text
    machine["/etc/sudo.more"] = "Defaults !pam_acct_mgmt\n"
    machine["/etc/sudoers.d/90-x"] = "Defaults !pam_acct_mgmt\n"
    machine["/etc/sudoers.d/old.bak"] = "Defaults pam_service=old\n"
    let said = machine.doors(Self.policy).said(of: "sudo")
    #expect(said.count == 1, "\(said)")
    #expect(said.first?.hasPrefix("urgent: \(found)") == true, "\(said)")
  }

  @Test(
    "sudoers that leave it on are not",
    arguments: [
      "# Defaults !pam_acct_mgmt\n", "Defaults !pam_acct_mgmt\nDefaults pam_acct_mgmt\n",
      "Defaults !!pam_acct_mgmt\n", "Defaults badpass_message=\"!pam_acct_mgmt\"\n",
      "Defaults pam_service=sudo\n", "alice ALL=(ALL) ALL # !pam_acct_mgmt\n",
    ])
  func harmlessSudoers(text: String) {
    var machine = FakeMachine(["sudo": Self.sudoLine])
    machine["/etc/sudoers"] = text
    #expect(machine.doors(Self.policy).said(of: "sudo") == [])
  }

  @Test("another pam_service counts as sudo's door")
  func pamService() {
    var machine = FakeMachine(["sudo": Self.sudoLine, "sudo-x": "@include common-account\n"])
    machine["/etc/sudoers"] = "Defaults pam_service = \"sudo-x\", pam_login_service=sudo-i\n"
    let said = { (machine: FakeMachine) in machine.doors(Self.policy).said(of: "sudo") }
    #expect(
      said(machine) == [
        "urgent: sudoers:1: `Defaults pam_service=sudo-x`: sudo asks PAM as `sudo-x`, whose stack "
          + "asks for no role"
      ])
    machine["sudo-x"] = Self.sudoLine
    #expect(
      said(machine) == [
        "note: sudoers:1: `Defaults pam_service=sudo-x`: sudo asks PAM as `sudo-x`"
      ])
  }

  @Test("sudoers that cannot be read, or come from a directory too, are unknown")
  func unknownSudoers() {
    var machine = FakeMachine(["sudo": Self.sudoLine])
    machine.unreadable = ["/etc/sudoers": "Permission denied"]
    machine["/etc/nsswitch.conf"] = "passwd: files\nsudoers: files sss\n"
    #expect(
      machine.doors(Self.policy).said(of: "sudo") == [
        "unknown: whether sudo asks PAM cannot be known: /etc/sudoers cannot be read: Permission "
          + "denied",
        "note: sudoers also come from sss: settings there are not known here",
      ])
  }

  @Test("polkit and su beside a sudo that asks for a role are ways around it")
  func waysAround() {
    var machine = FakeMachine([
      "sudo": Self.sudoLine, "polkit-1": "@include common-account\n",
      "su": "@include common-account\n",
    ])
    #expect(
      machine.doors(Self.policy).said(of: "polkit-1").first?.hasPrefix(
        "urgent: common-account:1: sudo asks for the role `admin`, and pkexec, run0") == true)
    #expect(machine.doors(Self.policy).said(of: "su").count == 1)
    machine["polkit-1"] = Self.sudoLine
    machine["su"] = Self.sudoLine
    #expect(!machine.doors(Self.policy).needsAttention)
    // polkit without a file of its own, as it is before a line was written.
    machine["polkit-1"] = nil
    machine["/usr/lib/pam.d/polkit-1"] = "@include common-account\n"
    #expect(machine.doors(Self.policy).said(of: "polkit-1").count == 1)
  }

  @Test("what counts refusals against whole networks is named, with what to do")
  func penalties() {
    var machine = FakeMachine(
      sshd: "usepam yes\npersourcepenalties crash:90 authfail:5 noauth:1\n")
    machine["/etc/fail2ban/filter.d/sshd.conf"] =
      "[Definition]\nfailregex = by PAM account "
      + "configuration\n"
    let doors = machine.doors()
    #expect(doors.said(of: "sshd").first?.hasPrefix("note: PerSourcePenalties counts") == true)
    #expect(doors.said(of: "fail2ban").first?.hasPrefix("note: sshd.conf:2: its filter") == true)
    #expect(!doors.needsAttention)
    machine.programs["sshd -T"] = .text("usepam yes\npersourcepenalties no\n")
    #expect(machine.doors().said(of: "sshd") == [])
  }

  @Test("a socket of systemd's by which sshd is reached is named")
  func unixSocket() {
    var machine = FakeMachine()
    machine["/run/systemd/generator/sshd-unix-local.socket"] = "[Socket]\n"
    #expect(machine.doors().said(of: "sshd-unix-local.socket").count == 1)
  }
}
