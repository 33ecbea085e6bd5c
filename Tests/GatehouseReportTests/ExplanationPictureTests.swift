import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("The picture of a decision")
struct ExplanationPictureTests {
  @Test("a denial says what decided, whom it concerns, every list, and what to change")
  func denial() throws {
    let report = try explanation(user: "bob", groups: ["staff"], from: "198.51.100.7")
    #expect(report.status == .no)
    #expect(
      report.text() == """
        DENY  not_listed  policy.yaml:15
        198.51.100.7 is in none of: users.bob.also_from (policy.yaml:15), \
        everyone.from (policy.yaml:8)

          user     bob
          groups   staff  (as given)
          from     198.51.100.7
          service  sshd
          time     2026-11-21T12:00:00Z
          policy   enforce  (generation 7, 0123456789ab)

        Lists that apply, and whether they hold 198.51.100.7
          no  users.bob.also_from  policy.yaml:15  198.51.100.7, home  \
        it ended 2026-11-01T00:00:00Z
          no  everyone.from        policy.yaml:8
          no  block                policy.yaml:18

        Steps (the first that applies decides)
             1  mode is enforce, and sshd is checked
             2  no role was asked for
             3  bob is not in break_glass
             4  the origin is not local
             5  the origin is not local
             6  the program gave an address, or another origin
             7  the origin is the address 198.51.100.7
             8  block does not hold 198.51.100.7
             9  bob is not known to be missing
            10  there is no grant for bob from 198.51.100.7
            11  the groups were read
            12  no group or role of bob requires a list
            13  no only_from applies
          > 14  198.51.100.7 is in none of: users.bob.also_from (policy.yaml:15), \
        everyone.from (policy.yaml:8)

        To allow it, any one of these
          -  add 198.51.100.7 to users.bob.also_from (policy.yaml:15)
          -  add 198.51.100.7 to everyone.from (policy.yaml:8)

        """)
  }

  @Test("what the directory said is shown with the service that said so, and when")
  func source() throws {
    var report = try explanation(user: "alice", groups: ["staff"], from: "10.15.1.11", source: .nss)
    report.groupService = "sss"
    #expect(report.text().contains("(of those that the policy names; read from sss)\n"))
    report.readAt = .now()
    #expect(report.text().contains("(of those that the policy names; read from sss "))
    #expect(report.text(.json).contains(#""groups_from":"nss","groups_service":"sss","read_at":""#))
  }

  @Test("an allow names the roles, and by which entry a list holds the address")
  func allow() throws {
    let report = try explanation(
      user: "alice", groups: ["staff", "wheel"], from: "10.15.1.11", source: .nss)
    #expect(report.status == .yes)
    let text = report.text()
    #expect(text.hasPrefix("ALLOW  listed  policy.yaml:10\n"))
    #expect(text.contains("\n  groups   staff, wheel  (of those that the policy names)\n"))
    #expect(text.contains("\n  roles    admin, staff\n"))
    #expect(
      text.contains(
        """
          yes  roles.admin.from  policy.yaml:10  10.15.1.10-10.15.1.12
          yes  everyone.from     policy.yaml:8   10.15.1.* in vpn  policy.yaml:6
          no   block             policy.yaml:18

        """))
    #expect(!text.contains("To allow it"))
  }

  @Test("in monitor mode a denial is an allow that would be a denial")
  func monitor() throws {
    let report = try explanation(
      examplePolicy + "mode: monitor\n", user: "eve", from: "192.0.2.1", generation: nil)
    #expect(report.status == .no)
    let text = report.text()
    #expect(text.hasPrefix("ALLOW, would be DENY  not_listed  policy.yaml:8\n"))
    #expect(text.contains("\n  policy   monitor  (0123456789ab)\n"))
    #expect(text.contains("\nTo allow it"))
    #expect(!text.contains("\n  roles "))
  }

  @Test("a service that is not checked is ignored, and that is no denial")
  func ignored() throws {
    let report = try explanation(user: "eve", from: "192.0.2.1", service: "vsftpd")
    #expect(report.status == .yes)
    let text = report.text()
    #expect(text.hasPrefix("IGNORE  not_checked  policy.yaml:17\n"))
    #expect(!text.contains("\n   2"), "steps that were not reached are left out")
  }

  @Test("groups that could not be read are not taken for none")
  func unreadGroups() throws {
    let report = try explanation(user: "eve", groups: nil, from: "203.0.113.9", source: .nss)
    let text = report.text()
    #expect(text.hasPrefix("DENY  identity_unavailable\n"))
    #expect(text.contains("\n  groups   could not be read\n"))
  }

  @Test(
    "the origin's kind can be told whatever the remote host says",
    arguments: [
      ("local", "local  (at this machine, or from within it)"),
      ("self", "self  (the machine itself)"),
      ("::1", "self  (the machine itself)"),
      ("", "unknown  (the program gave no address)"),
      ("host.example.org", "unknown  (\"host.example.org\" is not an address)"),
      ("local (no remote host)", "unknown  (\"local (no remote host)\" is not an address)"),
      ("fe80::1%eth0", "fe80::1"),
    ])
  func origins(from: String, shown: String) throws {
    let text = try explanation(user: "eve", from: from).text()
    #expect(text.contains("\n  from     \(shown)\n"))
  }

  @Test("an address of the machine's own is called that, in words and in JSON")
  func ownAddress() throws {
    let report = try explanation(user: "eve", from: "192.0.2.1", origin: .machine)
    #expect(report.text().contains("\n  from     self  (192.0.2.1 is the machine's own now)\n"))
    #expect(
      report.text(.json).contains(
        #""origin":{"kind":"self","remote_host":"192.0.2.1"},"origins":[{"kind":"self"}]"#))
  }

  @Test("the users of a service that has its own are in no group, and not missing")
  func virtualAccounts() throws {
    let report = try explanation(
      examplePolicy.replacing("check: false}", with: "check: false}\n  ftp: {accounts: virtual}"),
      user: "eve", from: "10.15.1.11", service: "ftp", source: .virtualAccounts)
    #expect(report.text().hasPrefix("ALLOW  listed"))
    #expect(
      report.text().contains("\n  groups   none  (the service's users are not the machine's)\n"))
    #expect(
      report.text(.json).contains(
        #""groups":[],"unknown_groups":[],"groups_from":"virtual_accounts""#))
  }

  @Test("the asked role and an unknown user are named")
  func roleAndUser() throws {
    let text = try explanation(
      user: "eve", from: "10.15.1.11", role: "admin", source: .unknownUser
    ).text()
    #expect(text.contains("\n  groups    none  (there is no such user on this machine)\n"))
    #expect(text.contains("\n  asks for  role admin\n"))
  }

  @Test("colours come where they are asked for, and change nothing else")
  func colours() throws {
    let report = try explanation(user: "bob", from: "198.51.100.7")
    let coloured = report.text(.colouredText)
    #expect(coloured.hasPrefix("\u{1B}[1;31mDENY\u{1B}[0m  \u{1B}[1mnot_listed\u{1B}[0m"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == report.text())
  }

  @Test(
    "no text from outside reaches the terminal as a command", arguments: [ReportFormat.text, .json])
  func hostile(format: ReportFormat) throws {
    let hostile = "x\u{1B}[2J\r\n\u{9B}\u{202E}y"
    let report = try explanation(user: Name(hostile), groups: [Name(hostile)], from: hostile)
    let lines = report.render(as: format).split(separator: UInt8(ascii: "\n"))
    let scalars = lines.flatMap { String(decoding: $0, as: UTF8.self).unicodeScalars }
    #expect(!scalars.contains { $0.value < 0x20 || $0.value == 0x9B || $0.value == 0x202E })
  }
}
