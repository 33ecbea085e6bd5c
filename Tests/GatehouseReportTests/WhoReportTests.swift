import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("Who may come from an address")
struct WhoReportTests {
  private func report(
    _ text: String = examplePolicy, from: String, users: [(Name, Set<Name>)]
  ) throws -> WhoReport {
    let policy = try policy(text)
    let address = try #require(IPAddress(from))
    let time = try instant("2026-10-21T12:00:00Z")
    let admissions = Admissions(
      by: policy,
      of: users.map { .init(name: $0, groups: $1, isRoot: $0 == "gone" ? nil : false) },
      from: .address(address), service: "sshd", at: time)
    return WhoReport(
      admissions, from: .address(address), service: "sshd", at: time,
      source: .init(generation: nil, digest: "0123456789abcdef", mode: policy.mode))
  }

  @Test("users of one decision stand together, everyone else last")
  func groups() throws {
    let report = try report(
      from: "10.15.1.11", users: [("amy", []), ("bob", []), ("cat", ["wheel"]), ("dan", [])])
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        YES  4 of 4 users, and everyone else, may log in from 10.15.1.11

          from     10.15.1.11
          service  sshd
          time     2026-10-21T12:00:00Z
          policy   enforce  (0123456789ab)

        Allowed
          listed  policy.yaml:8                amy, bob, dan, everyone else
          listed  policy.yaml:10  roles admin  cat

        """)
  }

  @Test("a user whom no directory knows is marked")
  func notFound() throws {
    let report = try report(from: "10.15.1.11", users: [("amy", []), ("gone", [])])
    #expect(report.text().contains("  amy, gone (not found), everyone else\n"))
    #expect(report.text(.json).contains(#""user":"gone","groups":[],"known":false,"#))
  }

  @Test("whoever is denied is left out")
  func denied() throws {
    let report = try report(from: "198.51.100.7", users: [("amy", []), ("bob", [])])
    #expect(report.text().hasPrefix("YES  1 of 2 users may log in from 198.51.100.7\n"))
    #expect(!report.text().contains("amy"))
    #expect(
      report.text(.json).contains(
        #""users":[{"user":"bob","groups":[],"known":true,"decision":"allow","reason":"listed","#
          + #""roles":[],"rule":"policy.yaml:15","would_deny":false}],"everyone_else":{"#
          + #""decision":"deny","reason":"not_listed","#))
  }

  @Test("nobody is a no, also where monitor mode lets them in")
  func nobody() throws {
    for text in [examplePolicy, examplePolicy + "mode: monitor\n"] {
      let report = try report(text, from: "192.0.2.1", users: [("amy", [])])
      #expect(report.status == .no)
      #expect(report.text().hasPrefix("NOBODY  0 of 1 user may log in from 192.0.2.1\n"))
    }
  }

  @Test("a crowd is cut, and everyone else stays")
  func crowd() throws {
    let users = (10..<60).map { (Name("user\($0)"), Set<Name>()) }
    let report = try report("version: 1\n", from: "192.0.2.1", users: users)
    #expect(
      report.text().hasSuffix("user37, user38, 21 more (--json has all), everyone else\n"))
  }
}
