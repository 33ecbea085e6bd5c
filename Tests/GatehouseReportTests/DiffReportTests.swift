import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("Who gains and loses what")
struct DiffReportTests {
  /// A report of two policies, for everyone else, these groups and these users.
  private func report(
    _ old: String, _ new: String, groups: [Set<Name>: [Name]] = [:], users: [Name] = []
  ) throws -> DiffReport {
    let policies = try [old, new].map { try policy("version: 1\n\($0)\n") }
    let comparison = PolicyComparison(
      old: policies[0], new: policies[1], from: try instant("2026-11-21T12:00:00.25Z"))
    func side(_ path: String, _ policy: Policy) -> DiffReport.Side {
      .init(
        path: path,
        source: .init(generation: nil, digest: "0123456789abcdef", mode: policy.mode))
    }
    func result(_ subject: Subject, _ users: [Name] = []) -> DiffReport.SubjectResult {
      .init(difference: comparison.difference(for: subject), users: users)
    }
    let scopes = groups.sorted { $0.key.sorted().lexicographicallyPrecedes($1.key.sorted()) }
    return DiffReport(
      old: side("old.yaml", policies[0]), new: side("new.yaml", policies[1]),
      time: comparison.time,
      results: [result(.everyoneElse)] + scopes.map { result(.members(of: $0), $1) }
        + users.map { result(.user($0, groups: [])) })
  }

  /// The report without its head.
  private func body(_ report: DiffReport) -> String {
    let lines = report.text().split(separator: "\n", omittingEmptySubsequences: false)
    return lines.dropFirst(6).joined(separator: "\n")
  }

  @Test("what one user loses at a later day is one line")
  func later() throws {
    let report = try report(
      "everyone: {from: [192.0.2.0/24]}\nusers: {bob: {also_from: [198.51.100.7]}}",
      """
      everyone: {from: [192.0.2.0/24]}
      users: {bob: {also_from: [{address: 198.51.100.7, until: 2026-12-31}]}}
      """, users: ["bob"])
    #expect(report.status == .no)
    #expect(
      report.text() == """
        DIFFERENT  for 1 of 2 users and scopes

          old   old.yaml  enforce  (0123456789ab)
          new   new.yaml  enforce  (0123456789ab)
          from  2026-11-21T12:00:00Z

        bob
          loses  198.51.100.7  (from 2027-01-01)

        """)
  }

  @Test("a day that ends something is named as the policy names it, another time in full")
  func ends() throws {
    let report = try report(
      "everyone: {from: [nowhere]}",
      """
      everyone:
        from:
          - {address: 192.0.2.1, until: 2026-12-31}
          - {address: 192.0.2.2, since: 2026-12-01, until: "2026-12-31T12:00:00Z"}
      """)
    #expect(
      body(report) == """
        everyone else
          gains  192.0.2.1  (until 2026-12-31)
          gains  192.0.2.2  (from 2026-12-01 until 2026-12-31T12:00:00Z)

        """)
  }

  @Test("subjects with the same differences stand together, roles with the addresses they go with")
  func together() throws {
    let report = try report(
      """
      everyone: {from: [192.0.2.0/24, 198.51.100.0/24]}
      roles: {staff: {members: {groups: [staff]}}, admin: {members: {groups: [wheel]}}}
      """,
      """
      everyone: {from: [192.0.2.0/24, 203.0.113.0/24]}
      roles:
        staff: {members: {groups: [staff]}}
        admin: {members: {groups: [wheel], users: [bob]}, from: [192.0.2.8/29]}
      """,
      groups: [
        ["staff"]: [], ["staff", "wheel"]: ["amy", "ben", "cat", "dan", "eve"], ["wheel"]: ["fay"],
      ],
      users: ["ann", "bob"])
    #expect(
      body(report) == """
        everyone else, ann
          loses  198.51.100.0/24
          gains  203.0.113.0/24

        members of staff
          loses  198.51.100.0/24  (with role staff)
          gains  203.0.113.0/24  (with role staff)

        members of staff and wheel together (amy, ben, cat and 2 more)
          loses             198.51.100.0/24  (with role staff)
          gains             203.0.113.0/24  (with role staff)
          loses role admin  192.0.2.0/29, 192.0.2.16/28, 192.0.2.32/27, 192.0.2.64/26, \
        192.0.2.128/25, 198.51.100.0/24

        members of wheel (fay)
          loses             198.51.100.0/24
          gains             203.0.113.0/24
          loses role admin  192.0.2.0/29, 192.0.2.16/28, 192.0.2.32/27, 192.0.2.64/26, \
        192.0.2.128/25, 198.51.100.0/24

        bob
          loses             198.51.100.0/24
          gains             203.0.113.0/24
          gains role admin  192.0.2.8/29; local

        """)
  }

  @Test("a crowd is cut, and says by how much and where all of it is")
  func crowd() throws {
    let users = (10..<50).map { Name("user\($0)") }
    let report = try report("", "block: [192.0.2.1]", users: users)
    #expect(
      body(report).hasSuffix(
        """
        user27, user28 and 21 more (--json has all)
          loses  192.0.2.1

        """))
    #expect(report.text(.json).contains("user49"))
  }

  @Test("what concerns some services alone says which")
  func services() throws {
    let report = try report(
      "everyone: {from: [192.0.2.0/24]}\nservices: {ftp: {check: false}, imap: {from: [anywhere]}}",
      """
      everyone: {from: [192.0.2.0/25]}
      services: {ftp: {check: false}, imap: {from: [192.0.2.0/24]}}
      """)
    #expect(
      body(report) == """
        everyone else  (service imap)
          loses  every address except 192.0.2.0/24; self

        everyone else  (every service except ftp, imap)
          loses  192.0.2.128/25

        """)
  }

  @Test("who may sit at the machine concerns the console and the screen alone")
  func local() throws {
    let report = try report(
      "local: {users: [amy]}\nservices: {gdm-password: {from: [anywhere]}, cron: {check: true}}",
      """
      local: {users: [bob]}
      services: {gdm-password: {from: [anywhere]}, cron: {check: true}}
      """,
      users: ["amy", "bob"])
    #expect(
      body(report) == """
        amy  (service gdm-password, console and screen)
          loses  local

        bob  (service gdm-password, console and screen)
          gains  local

        """)
  }

  @Test("a program that gives no address can be made local, and that is told")
  func withoutAddress() throws {
    let report = try report("", "services: {kiosk: {without_address: local}}")
    #expect(
      body(report) == """
        everyone else  (service kiosk)
          gains  programs that give no address

        """)
  }

  @Test("monitor mode lets in what it would deny, and a policy that is off checks nothing")
  func modes() throws {
    let strict = "everyone: {from: [192.0.2.0/24]}"
    let wide = "everyone: {from: [192.0.2.0/23]}"
    #expect(
      body(try report("mode: monitor\n" + strict, strict)) == """
        everyone else
          loses  every address except 192.0.2.0/24; self; programs that give no address; \
        unknown origins

        """)
    #expect(
      body(try report("mode: monitor\n" + wide, "mode: monitor\n" + strict)) == """
        everyone else
          would lose  192.0.3.0/24

        """)
    #expect(
      body(try report("mode: off\n" + strict, strict)) == """
        everyone else
          loses            every address except 192.0.2.0/24; self; programs that give no address; \
        unknown origins
          is checked from  192.0.2.0/24; local

        """)
  }

  @Test("two policies that decide alike are the same, wherever their lines stand")
  func same() throws {
    let report = try report(
      "everyone: {from: [192.0.2.0/24]}",
      "# a comment\nnetworks: {n: [192.0.2.0/25]}\neveryone: {from: [n, 192.0.2.128/25]}")
    #expect(report.status == .yes)
    #expect(
      report.text().hasPrefix("SAME  no decision differs, for 1 user or scope\n"))
    #expect(
      report.text(.json).hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"old":{"path":"old.yaml","#))
    #expect(report.text(.json).hasSuffix(#""compared":1,"notes":[],"subjects":[]}"# + "\n"))
  }

  @Test("JSON has every prefix, the time of each change, and both decisions")
  func json() throws {
    let report = try report(
      "everyone: {from: [192.0.2.0/24]}",
      "everyone: {from: [{address: 192.0.2.0/24, until: 2026-12-31}]}",
      groups: [["staff"]: ["amy"]], users: ["bob"])
    let changes =
      #"[{"services":[],"console_services":true,"other_services":true,"#
      + #""differences":[{"prefixes":["192.0.2.0/24"],"#
      + #""self":false,"local":false,"no_address":false,"unknown":false,"#
      + #""changes":[{"since":"2027-01-01T00:00:00Z","until":null,"#
      + #""old":{"decision":"allow","roles":[],"would_deny":false,"second_factor":null,"#
      + #""authorize":null},"#
      + #""new":{"decision":"deny","roles":[],"would_deny":false,"second_factor":null,"#
      + #""authorize":null}}]}]}]"#
    #expect(
      report.text(.json).hasSuffix(
        #""time":"2026-11-21T12:00:00.25Z","compared":3,"notes":[],"subjects":["#
          + #"{"kind":"everyone_else","groups":[],"users":[],"parts":\#(changes)},"#
          + #"{"kind":"members","groups":["staff"],"users":["amy"],"parts":\#(changes)},"#
          + #"{"kind":"user","user":"bob","groups":[],"parts":\#(changes)}]}"# + "\n"))
  }
}
