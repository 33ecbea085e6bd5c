import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseImport

/// Policies that people have published, with their names, addresses and comments replaced: each is
/// imported, and compared with the program that it was written for.
@Suite("Policies as they were found")
struct FoundPoliciesTests {
  struct Found: CustomTestStringConvertible {
    let testDescription: String
    let text: String
    /// What hosts.deny has.
    var deny = ""
    /// From where logins are tried, beside the boundaries of what an access.conf names.
    var addresses: [String] = []
    /// The names of what is not in the policy, notes left out.
    var findings: Set<String> = []
    /// Whether nobody at all is let in, whatever its author meant.
    var refusesAll = false
  }

  static let access = [
    Found(
      testDescription: "a node of a cluster, for its services alone",
      text: """
        + : ALL : LOCAL
        - : ALL EXCEPT root alice bob : ALL

        """),
    Found(
      testDescription: "the secure variant of a script of administrators",
      text: "- : ALL EXCEPT root carol (staff) : ALL\n"),
    Found(
      testDescription: "virtual machines of a research project, by netgroup",
      text: """
        + : ALL : LOCAL
        + : @contractors : ALL
        - : ALL EXCEPT root alice:ALL EXCEPT LOCAL

        """, findings: ["user_netgroup"]),
    Found(
      testDescription: "a hardened desktop: one user, at the machine alone",
      text: """
        -:ALL EXCEPT alice:tty1
        -:ALL EXCEPT alice:LOCAL
        -:alice:ALL EXCEPT LOCAL
        +:alice:tty1 tty2 tty3
        -:root:ALL
        -:ALL:ALL

        """, findings: ["console"]),
    Found(
      testDescription: "a role of Ansible: cron, display managers, one group",
      text: """
        + : root : LOCAL
        + : bob : cron
        - : ALL : cron
        + : (staff) : ALL
        + : carol dave : LOCAL
        - : ALL : ALL

        """, findings: ["local_login"]),
    Found(
      testDescription: "root at the machine alone, EXCEPT in small letters",
      text: "\n-:root:ALL except LOCAL\n"),
    Found(
      testDescription: "LDAP on a server: some groups from elsewhere",
      text: "- : ALL EXCEPT root (wheel) (staff): ALL EXCEPT LOCAL\n"),
    Found(
      testDescription: "cron for all, the machine itself for a group",
      text: """
        +:ALL:cron
        -:ALL EXCEPT root (staff):LOCAL

        """),
    Found(
      testDescription: "a lesson: outside only for wheel, and a rule that comes too late",
      text: """
        -:ALL EXCEPT wheel:ALL EXCEPT LOCAL 192.0.2.0/24
        +:staff:ALL
        -:ALL:ALL

        """, findings: ["order"]),
  ]

  static let sshd = [
    Found(
      testDescription:
        "a gateway: root from private networks but not from tunnels, generated users",
      text: """
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        AuthenticationMethods publickey
        DenyUsers root@192.0.2.84/30 root@198.51.100.0/25 root@198.51.100.128/26 root@203.0.113.0/28
        AllowUsers root@192.0.2.0/24 root@198.51.100.0/24 root@203.0.113.0/24 ali?? use??
        X11Forwarding no
        PermitTunnel no
        Match Group staff
         ChrootDirectory %h
         ForceCommand internal-sftp

        """,
      addresses: [
        "192.0.2.83", "192.0.2.84", "192.0.2.87", "192.0.2.88", "198.51.100.127", "198.51.100.191",
        "198.51.100.192", "203.0.113.15", "203.0.113.16", "203.0.114.1", "2001:db8::1",
      ], findings: ["wildcard"]),
    Found(
      testDescription: "a home network whose last line refuses everybody",
      text: """
        PubkeyAuthentication yes
        PermitRootLogin no
        AllowGroups staff
        AllowUsers alice@192.0.2.* alice@198.51.100.*
        DenyUsers *@*
        Match Address 192.0.2.0/24,198.51.100.0/24
            PasswordAuthentication no

        """,
      addresses: ["192.0.2.1", "198.51.100.255", "203.0.113.1"], refusesAll: true),
    Found(
      testDescription: "an administrator and a deploying user, each from a network",
      text: """
        ListenAddress 0.0.0.0
        ListenAddress ::
        PermitRootLogin no
        UsePAM yes
        AllowUsers alice@192.0.2.0/24 bob@10.0.0.0/8
        DenyUsers root@0.0.0.0/0
        Banner none

        """,
      addresses: ["192.0.2.0", "192.0.2.255", "192.0.3.0", "10.0.0.1", "11.0.0.0", "2001:db8::1"]),
    Found(
      testDescription: "prefixes written with a star, of IPv6 too",
      text: """
        AllowUsers alice@10.* alice@172.16.* alice@2001:db8:1:*
        AllowUsers root@192.0.2.250

        """,
      addresses: [
        "10.0.0.1", "10.255.255.255", "100.1.1.1", "172.16.0.1", "172.160.0.1", "2001:db8:1::5",
        "2001:db8:1:2::5", "2001:db8:11::5", "192.0.2.250", "192.0.2.25",
      ]),
    Found(
      testDescription: "a hardening script that locks everybody out",
      text: """
        MaxAuthTries 3
        AllowUsers root@192.0.2.0/24
        DenyUsers *

        """, addresses: ["192.0.2.1", "198.51.100.1"], refusesAll: true),
    Found(
      testDescription: "a manual: denied, then allowed, one a line",
      text: """
        DenyUsers root@192.0.2.7
        DenyUsers *@192.0.2.151
        DenyUsers carol@*
        AllowUsers root@192.0.2.9
        AllowUsers alice@*
        AllowUsers *@192.0.2.7

        """,
      addresses: ["192.0.2.7", "192.0.2.9", "192.0.2.15", "192.0.2.151", "198.51.100.1"]),
  ]

  static let hosts = [
    Found(
      testDescription: "a hardened desktop: nothing from outside",
      text: "ALL: LOCAL, 127.0.0.1\n", deny: "ALL: ALL\n", addresses: ["192.0.2.9", "2001:db8::1"],
      findings: ["host_name", "loopback"]),
    Found(
      testDescription:
        "a page of the web: stars, colons of another alphabet, and all in small letters",
      text: """
        sshd:192.0.2.*:allow
        sshd:198.51.100.*:allow
        all:203.0.113.110
        in.telnetd：198.51.100.0/255.255.255.0
        in.telnetd：LOCAL
        smbd:10.0.0.0/255.255.255.0
        pptpd:all EXCEPT 10.0.0.0/255.255.255.0
        vsftpd:all

        """, deny: "all:all\n",
      addresses: ["192.0.2.9", "198.51.100.7", "203.0.113.110", "203.0.113.111", "10.0.0.9"],
      findings: ["host_name"]),
    Found(
      testDescription: "the file that a BSD comes with, its first line taken out",
      text: """
        ALL : PARANOID : RFC931 20 : deny
        ALL : localhost : allow
        sendmail : localhost : allow
        sendmail : 198.51.100.66 : deny
        sendmail : ALL : allow
        ftpd : localhost : allow
        ftpd : 198.51.100. : deny
        ftpd : ALL : allow
        fingerd : ALL \\
        \t: spawn (echo asked | \\
        \t /usr/bin/mail -s "who is here\\: %u@%h[%a]" root) & \\
        \t: deny
        ALL : ALL \\
        \t: severity auth.info : spawn (/usr/bin/finger -l @%h | \\
        \t /usr/bin/mail -s "refused\\: %u@%h[%a] by %d" root) & \\
        \t: twist /bin/echo "no %d for %h"

        """, addresses: ["192.0.2.9", "198.51.100.66"],
      findings: ["host_name", "command"]),
    Found(
      testDescription: "a router's framework: closed, until a line is opened",
      text: """
        #sshd:\t\t192.0.2.9, 192.0.2.:\tALLOW

        ALL:\tALL:\tDENY

        """, addresses: ["192.0.2.9", "2001:db8::1"]),
  ]

  private func names(_ made: Import) -> Set<String> {
    Set(made.diagnostics.filter { $0.kind != .note }.map(\.name))
  }

  @Test(
    "access.conf: what is left out is said, the rest decides as pam_access does",
    .enabled(if: RealAccess.obstacle == nil, "\(RealAccess.obstacle ?? "")"),
    arguments: access)
  func accessFiles(_ found: Found) throws {
    let file = ImportFile(name: "access.conf", content: Array(found.text.utf8))
    let comparison = Comparison(groupsInParenthesesOnly: false)
    #expect(try ImportFormat.of([file], options: comparison.options) == .access)
    let made = Import(access: [file], options: comparison.options)
    #expect(names(made) == found.findings, "\(made.diagnostics)")
    let complete = try comparison.run([found.text], TestAccounts(seed: 7))
    #expect((complete == 1) == made.isComplete)
  }

  @Test(
    "sshd_config: what is left out is said, the rest decides as sshd does",
    .enabled(if: RealSSHD.obstacle == nil, "\(RealSSHD.obstacle ?? "")"), arguments: sshd)
  func sshdFiles(_ found: Found) throws {
    let accounts = TestAccounts(seed: 7)
    let made = try importedSSH(found.text)
    #expect(names(made) == found.findings, "\(made.diagnostics)")
    let policy = try loaded(made.policy)
    let questions = accounts.groups.flatMap { user in
      found.addresses.map { SSHDQuestion(file: 0, user: user, address: $0) }
    }
    let answers = try RealSSHD(accounts).ask([found.text], questions)
    var allowed = 0
    for (question, answer) in zip(questions, answers) {
      let (user, groups) = (question.user.user, Set(question.user.groups))
      let expected = try #require(answer, "sshd stops").allows(
        user: user, groups: groups, address: question.address)
      let isAllowed = policy.allows(user, groups, question.address)
      if isAllowed { allowed += 1 }
      #expect(
        made.isComplete ? isAllowed == expected : expected || !isAllowed,
        "\(user) \(groups) from \(question.address): sshd \(expected)\n\(made.policy)")
    }
    #expect((allowed == 0) == found.refusesAll)
  }

  @Test(
    "hosts.allow: what is left out is said, the rest decides as tcpdmatch does",
    .enabled(if: RealTCPWrappers.obstacle == nil, "\(RealTCPWrappers.obstacle ?? "")"),
    arguments: hosts)
  func hostsFiles(_ found: Found) throws {
    let made = try importedHosts(allow: found.text, deny: found.deny)
    #expect(names(made) == found.findings, "\(made.diagnostics)")
    // Each meaning is told once.
    let meanings = made.diagnostics.filter { $0.kind == .notImported }
    #expect(Set(meanings.map { "\($0.name) \($0.line)" }).count == meanings.count)
    let policy = try loaded(made.policy)
    let questions = ["sshd", "vsftpd", "ftpd", "in.telnetd"].flatMap { daemon in
      found.addresses.map {
        HostsQuestion(files: (found.text, found.deny), daemon: daemon, address: $0)
      }
    }
    for (question, expected) in zip(questions, try RealTCPWrappers().ask(questions)) {
      for service in HostsServices.services(of: Name(question.daemon)) {
        let isAllowed = policy.allows(
          "alice", ["users"], question.address, service: service.description)
        #expect(
          made.isComplete
            ? isAllowed == expected
            : expected || !isAllowed || made.diagnostics.contains(where: \.opens),
          "\(service) from \(question.address): tcpdmatch \(expected)\n\(made.policy)")
      }
    }
  }
}
