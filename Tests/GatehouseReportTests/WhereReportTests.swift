import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("Where a user may come from")
struct WhereReportTests {
  private func report(
    _ text: String = examplePolicy, user: Name, groups: Set<Name>? = [], service: Name = "sshd",
    role: Name? = nil, source: ExplainedLogin.GroupSource = .given
  ) throws -> WhereReport {
    let policy = try policy(text)
    let login = Login(
      user: user, groups: groups, service: service, origin: .machine,
      time: try instant("2026-10-21T12:00:00.25Z"), role: role)
    return WhereReport(
      login: login, groupSource: source,
      source: .init(generation: nil, digest: "0123456789abcdef", mode: policy.mode),
      decisions: policy.decisions(of: login, localService: "login"), localService: "login")
  }

  @Test("each part has its prefixes, reason, rule and roles; what is denied is told too")
  func parts() throws {
    let report = try report(user: "bob", groups: ["wheel", "contractors"])
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        bob may log in from the addresses below

          user     bob
          groups   contractors, wheel  (as given)
          service  sshd
          time     2026-10-21T12:00:00Z
          policy   enforce  (0123456789ab)

        Allowed from
          10.15.1.0/29   listed  policy.yaml:13
          10.15.1.8/31
          10.15.1.13
          10.15.1.14/31
          10.15.1.16/28
          10.15.1.32/27
          10.15.1.64/31
          10.15.1.67
          10.15.1.68/30
          10.15.1.72/29
          10.15.1.80/28
          10.15.1.96/27
          10.15.1.128/25
          10.15.1.10/31  listed  policy.yaml:13  roles admin
          10.15.1.12

        Denied from
          confined  policy.yaml:13  everywhere else
          blocked   policy.yaml:18  10.15.1.66

        Apart from addresses
          self           denied   confined  policy.yaml:13
          local (login)  allowed  local     -               roles admin

        """)
  }

  @Test("a user whom no list concerns may come from everywhere but what is blocked")
  func almostEverything() throws {
    let report = try report(
      "version: 1\nblock: [192.0.2.66, \"2001:db8::/32\"]\n", user: "eve")
    #expect(
      report.text().contains(
        "\n  every address except 192.0.2.66, 2001:db8::/32  unrestricted  -\n"))
  }

  @Test("everywhere is one word, and so is nowhere")
  func extremes() throws {
    let everywhere = try report(user: "eve", service: "vsftpd")
    #expect(everywhere.status == .yes)
    #expect(everywhere.text().hasPrefix("ANYWHERE  eve may log in from every address\n"))
    #expect(everywhere.text().contains("\n  anywhere  not_checked  policy.yaml:17\n"))
    let nowhere = try report(user: "eve", role: "admin")
    #expect(nowhere.status == .no)
    #expect(
      nowhere.text().hasPrefix("NOWHERE  eve may log in from no address with the role admin\n"))
    #expect(nowhere.text().contains("\nDenied from\n  role_unavailable  -  anywhere\n"))
  }

  @Test("a long list is cut, and says by how much and where all of it is")
  func long() throws {
    let many = (0..<40).map { "10.0.\(2 * $0).0/24" }.joined(separator: ", ")
    let report = try report("version: 1\neveryone: {from: [\(many)]}\n", user: "eve")
    #expect(report.text().contains("\n  10.0.38.0/24\n  and 20 more (--json has all)\n\nDenied"))
    #expect(report.text(.json).contains("\"10.0.78.0/24\""))
  }

  @Test("in monitor mode it says that what is denied is let in")
  func monitor() throws {
    let report = try report(examplePolicy + "mode: monitor\n", user: "eve")
    #expect(
      report.text().contains("\n  monitor  the logins denied here are let in, and logged\n"))
    #expect(report.text(.json).contains("\"would_deny\":true"))
  }

  @Test("groups that could not be read are not taken for none")
  func unreadGroups() throws {
    let known = try report(user: "eve", groups: nil, source: .nss)
    #expect(known.status == .yes, "from the VPN contractors may come, too")
    let report = try report(
      "version: 1\ngroups: {g: {only_from: [nowhere]}}\n", user: "eve", groups: nil, source: .nss)
    #expect(report.status == .no)
    #expect(report.text().contains("\n  groups   could not be read\n"))
    #expect(report.text(.json).contains("\"groups\":null"))
  }

  @Test("a hostile name reaches no terminal as it is")
  func hostile() throws {
    let report = try report(user: "e\u{1B}[31mve\n")
    #expect(report.text().contains("e\\u{1b}[31mve\\u{a} may log in"))
    #expect(!report.text().contains("\u{1B}"))
  }

  @Test("JSON has the fewest prefixes, and every part")
  func json() throws {
    let report = try report(
      """
      version: 1
      everyone: {from: [192.0.2.0/25]}
      users: {bob: {also_from: [192.0.2.128/25]}}

      """, user: "bob")
    #expect(
      report.text(.json).hasPrefix(
        """
        {"version":1,"outcome":"yes","error":null,"notices":[],"user":"bob","groups":[],"unknown_groups":[],"groups_from":"given",\
        "service":"sshd","role":null,"time":"2026-10-21T12:00:00.25Z",\
        "policy":{"sha256":"0123456789abcdef","mode":"enforce"},"prefixes":["192.0.2.0/24"],\
        "allowed":[{"prefixes":["192.0.2.0/25"],"decision":"allow","reason":"listed","roles":[],\
        "rule":"policy.yaml:2","would_deny":false},{"prefixes":["192.0.2.128/25"],
        """))
    #expect(report.text(.json).contains(#""denied":[{"prefixes":["0.0.0.0/1","#))
  }
}
