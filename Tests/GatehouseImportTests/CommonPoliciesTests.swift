import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseImport

/// Files as administrators write them, with names and addresses replaced.
struct CommonPoliciesTests {
  struct Example: CustomTestStringConvertible {
    let testDescription: String
    let format: ImportFormat
    let text: String
    /// What hosts.deny has beside a hosts.allow.
    var deny = ""
    /// The names of what is not in the policy.
    var findings: [String] = []
    /// Logins as `user group,group address`, with `+` in front if they are allowed; the service follows
    /// if it is not sshd.
    let logins: [String]
  }

  static let examples = [
    Example(
      testDescription: "administrators from the office, a backup user from one machine",
      format: .sshd,
      text: """
        Port 22
        PermitRootLogin no
        PasswordAuthentication no
        # only these
        AllowUsers alice@203.0.113.0/24 bob@203.0.113.* backup@198.51.100.7
        Subsystem sftp /usr/lib/openssh/sftp-server

        """,
      logins: [
        "+alice users 203.0.113.9", "-alice users 203.0.114.9", "+bob wheel 203.0.113.255",
        "-carol wheel 203.0.113.9", "+backup backup 198.51.100.7", "-backup backup 198.51.100.8",
        "-root root 203.0.113.9",
      ]),
    Example(
      testDescription: "one group for ssh, and some people out", format: .sshd,
      text: """
        UsePAM yes
        AllowGroups ssh-users wheel
        DenyUsers guest test
        DenyGroups former-staff

        """,
      logins: [
        "+alice ssh-users 192.0.2.1", "+alice users,wheel 2001:db8::1", "-alice users 192.0.2.1",
        "-guest ssh-users 192.0.2.1", "-alice ssh-users,former-staff 192.0.2.1",
      ]),
    Example(
      testDescription: "anybody from within, one group from outside", format: .sshd,
      text: """
        Match Address *,!10.0.0.0/8,!192.168.0.0/16,!2001:db8::/32
            AllowGroups remote

        """,
      logins: [
        "+alice users 10.1.2.3", "+alice users 2001:db8::5", "-alice users 203.0.113.1",
        "+alice users,remote 203.0.113.1", "+bob users 192.168.4.4", "-bob users 2001:db9::1",
      ]),
    Example(
      testDescription: "root from two machines only, everybody else from anywhere", format: .sshd,
      text: """
        DenyUsers root@*,!10.0.0.5,!10.0.0.6
        PermitRootLogin prohibit-password

        """,
      logins: ["-root root 203.0.113.1", "+alice users 203.0.113.1"]),
    Example(
      testDescription: "root refused from outside the network of administration", format: .sshd,
      text: """
        DenyUsers root
        Match Address 10.20.0.0/24
            PermitRootLogin yes
            DenyUsers nobody

        """,
      logins: [
        "+root root 10.20.0.7", "-root root 10.21.0.7", "-nobody users 10.20.0.7",
        "+nobody users 10.21.0.7", "+alice users 10.21.0.7",
      ]),
    Example(
      testDescription: "contractors by the VPN, a user of a machine that copies files",
      format: .sshd,
      text: """
        AllowGroups staff contractors transfer
        Match Group contractors Address *,!10.8.0.0/16
            DenyGroups contractors
        Match User mover
            AllowUsers mover@192.0.2.10
            ForceCommand internal-sftp
            ChrootDirectory /srv/files

        """,
      logins: [
        "+alice staff 203.0.113.1", "+eve contractors 10.8.1.1", "-eve contractors 203.0.113.1",
        "-eve contractors,staff 203.0.113.1", "+mover transfer 192.0.2.10",
        "-mover transfer 192.0.2.11", "-bob users 10.8.1.1",
      ]),
    Example(
      testDescription: "the wheel group and root from the office, nobody else", format: .access,
      text: """
        # allow root from cron and the console
        + : root : LOCAL
        + : root : 203.0.113.0/24
        + : (wheel) : 203.0.113.0/24 2001:db8:1::/48
        - : ALL : ALL

        """, findings: [],
      logins: [
        "+root root 203.0.113.1", "-root root 203.0.114.1", "+alice wheel 2001:db8:1::7",
        "-alice users 203.0.113.1",
      ]),
    Example(
      testDescription: "service accounts only from where they work", format: .access,
      text: """
        - : backup : ALL EXCEPT 198.51.100.7
        - : deploy monitor : ALL EXCEPT 198.51.100.0/26

        """, findings: ["console", "console"],
      logins: [
        "+backup backup 198.51.100.7", "-backup backup 198.51.100.8", "+deploy users 198.51.100.63",
        "-monitor users 198.51.100.64", "+alice users 203.0.113.5",
      ]),
    Example(
      testDescription: "a group of a domain with a space in its name", format: .access,
      text: """
        +:(linux admins):10.
        +:(linux users):10.4. 10.5.
        -:ALL:ALL

        """,
      logins: [
        "+alice linux_admins 10.200.0.1", "+bob linux_users 10.4.9.9", "-bob linux_users 10.6.9.9",
        "-eve users 10.4.9.9",
      ]),
    Example(
      testDescription: "everybody from within, partners from one network", format: .access,
      text: """
        -:(partners):ALL EXCEPT 192.0.2.128/25
        +:ALL:10.0.0.0/8 192.168.0.0/255.255.0.0 192.0.2.128/25
        -:ALL:ALL

        """,
      logins: [
        "+alice users 10.1.1.1", "-eve partners 10.1.1.1", "+eve partners,users 192.0.2.129",
        "-alice users 172.16.0.1", "+alice users 192.168.255.255",
      ]),
    Example(
      testDescription: "ssh from the office and home, ftp for partners, everything else closed",
      format: .hosts,
      text: """
        # /etc/hosts.allow: list of hosts that are allowed to access the system.
        sshd: 203.0.113.0/255.255.255.0, [2001:db8:1::]/48 \\
              198.51.100.7
        vsftpd: 192.0.2. EXCEPT 192.0.2.66
        ALL: 127. [::1]

        """,
      deny: """
        # /etc/hosts.deny
        ALL: ALL

        """,
      logins: [
        "+alice users 203.0.113.9", "+alice users 2001:db8:1::7", "+root root 198.51.100.7",
        "-alice users 198.51.100.8", "-alice users 192.0.2.1", "+alice users 192.0.2.1 vsftpd",
        "-alice users 192.0.2.66 vsftpd", "-alice users 203.0.113.9 vsftpd",
        "+alice users 127.0.0.1", "+alice users ::1 vsftpd", "-alice users 203.0.113.9 proftpd",
        "+alice users 192.0.2.66 xrdp-sesman",
      ]),
    Example(
      testDescription: "all in hosts.allow: trouble makers out, then some places, then nobody",
      format: .hosts,
      text: """
        sshd: 203.0.113.66 203.0.113.128/25 : DENY
        sshd: 203.0.113. 10.0.0.0/8 : severity auth.info : ALLOW
        sshd: ALL : spawn (/usr/bin/logger -t sshd refused %a) & : DENY

        """,
      logins: [
        "+alice users 203.0.113.9", "-alice users 203.0.113.66", "-alice users 203.0.113.200",
        "+alice users 10.200.0.1", "-root root 192.0.2.1", "-alice users 2001:db8::1",
        "+alice users 192.0.2.1 vsftpd",
      ]),
  ]

  @Test(
    "a common policy is what it is taken for, and decides as its author means", arguments: examples)
  func decisions(_ example: Example) throws {
    var options = AccessOptions()
    options.groupsInParenthesesOnly = true
    if example.text.contains("(linux ") { options.listSeparators = Array(",".utf8) }
    // With a comma between the words of a list, a space is a part of a name.
    let text = example.text.replacing("10.4. 10.5.", with: "10.4.,10.5.")
    let file = ImportFile(name: "file", content: Array(text.utf8))
    let deny = ImportFile(name: "hosts.deny", content: Array(example.deny.utf8))
    #expect(try ImportFormat.of([file, deny], options: options) == example.format)
    let made =
      switch example.format {
      case .access: Import(access: [file], options: options)
      case .sshd: try importedSSH(text)
      case .hosts: try Import(hostsAllow: file, deny: deny)
      }
    #expect(
      Set(made.diagnostics.filter { $0.kind != .note }.map(\.name)) == Set(example.findings),
      "\(made.diagnostics)")
    let policy = try loaded(made.policy)
    for login in example.logins {
      let words = login.dropFirst().split(separator: " ").map(String.init)
      let groups = words[1].split(separator: ",").map { $0.replacing("_", with: " ") }
      #expect(
        policy.allows(
          words[0], Set(groups.map { String($0) }), words[2],
          service: words.count > 3 ? words[3] : "sshd")
          == login.hasPrefix("+"), "\(login)\n\(made.policy)")
    }
  }
}
