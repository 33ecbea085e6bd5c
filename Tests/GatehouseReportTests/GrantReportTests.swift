import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("What is said of grants and denials")
struct GrantReportTests {
  private static let key =
    "AAAAC3NzaC1lZDI1NTE5AAAAIH8y5MXrwcLTooPakO38ZfY94FyQhwdoftJBHQrwO/vd"
  /// What `ssh-keygen -l` says of it.
  private static let fingerprint = "SHA256:dwOHw9EvAAhnCmtAnKnpT4Lw/dTZxMhxfMrWq9jJgWI"

  private func grant(_ id: String = "h4kqm7wnt3", role: Name? = nil, hours: Int = 2) throws -> Grant
  {
    Grant(
      id: id, user: "bob", place: try GrantPlace(written: "198.51.100.7"),
      service: "sshd",
      role: role, since: try instant("2026-11-21T12:00:00Z"),
      until: try instant("2026-11-21T1\(2 + hours):00:00Z"), author: "alice from 192.0.2.1",
      why: "on call")
  }

  private func denial(_ authentication: String?, role: Name? = nil) throws -> Denial {
    Denial(
      id: "zz7wnt3h4k", time: try instant("2026-11-21T11:57:00Z"), user: "bob", service: "sshd",
      origin: Origin(remoteHost: "198.51.100.7"), role: role, reason: .notListed,
      authentication: authentication.map { Name($0) })
  }

  @Test("a denial that can be approved is shown with who, from where, when and by which key")
  func approvable() throws {
    let report = GrantVerdict(
      .approvable, denial: try denial("publickey ssh-ed25519 \(Self.key)\npassword\n"),
      now: try instant("2026-11-21T12:00:00Z"))
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        denied  (nothing was changed)

        What was denied
          id         zz7wnt3h4k
          user       bob
          from       198.51.100.7
          service    sshd
          reason     not_listed
          time       2026-11-21T11:57:00Z (3 minutes ago)
          proved by  publickey ssh-ed25519 \(Self.fingerprint)
                     password

        To let this in:  gatehouse approve zz7wnt3h4k --for 1h

        """)
  }

  @Test("a grant is shown with whom it lets in, until when, who gave it and why")
  func given() throws {
    let report = GrantVerdict(.given(try grant(role: "admin")))
    #expect(report.status == .yes)
    #expect(
      report.text() == """
        granted  h4kqm7wnt3, until 2026-11-21T14:00:00Z

          user     bob
          from     198.51.100.7
          service  sshd
          role     admin
          by       alice from 192.0.2.1
          why      on call

        """)
    #expect(
      report.text(.json) == """
        {"version":1,"outcome":"granted","error":null,"grant":{"id":"h4kqm7wnt3","user":"bob",\
        "origin":{"kind":"address","address":"198.51.100.7"},\
        "service":"sshd","role":"admin","since":"2026-11-21T12:00:00Z",\
        "until":"2026-11-21T14:00:00Z","author":"alice from 192.0.2.1","why":"on call","denial":null},\
        "denial":null}

        """)
  }

  @Test("a refusal says why, what would be right, and what was denied")
  func refused() throws {
    let report = GrantVerdict(
      .refused(.tooMany(limit: 3)), denial: try denial(nil))
    #expect(report.status == .no)
    #expect(
      report.text().hasPrefix(
        "refused  there are 3 grants already, and the policy allows no more\n\nWhat was denied\n"))
    #expect(
      report.text().hasSuffix(
        "\n\nend one with `gatehouse revoke`, or raise grants.most in the policy\n"))
    #expect(
      report.text(.json).hasPrefix(
        #"{"version":1,"outcome":"refused","error":{"message":"there are 3 grants already, and the "#
          + #"policy allows no more","remedy":"end one with `gatehouse revoke`, or raise "#
          + #"grants.most in the policy"},"grant":null,"denial":{"id":"zz7wnt3h4k","#))
  }

  @Test(
    "keys are named as ssh-keygen names them, and what is no whole key is not named",
    arguments: [
      ("publickey ssh-ed25519 \(key)\n", ["publickey ssh-ed25519 \(fingerprint)"]),
      ("publickey ssh-ed25519 \(key)", ["publickey ssh-ed25519"]),
      ("publickey ssh-ed25519 \(key.dropLast())\n", ["publickey ssh-ed25519"]),
      (
        "publickey ssh-ed25519-cert-v01@openssh.com \(key)\n",
        ["publickey ssh-ed25519-cert-v01@openssh.com"]
      ),
      ("keyboard-interactive/pam\n", ["keyboard-interactive/pam"]),
      ("\n\n", ["sshd did not say; with LogLevel VERBOSE, its log has the key"]),
      ("", ["sshd did not say; with LogLevel VERBOSE, its log has the key"]),
      ("a\u{1B}[31m b c\n", [#"a\u{1b}[31m b"#]),
    ])
  func keys(authentication: String, shown: [String]) throws {
    let text = GrantVerdict(.approvable, denial: try denial(authentication)).text()
    let lines = text.split(separator: "\n")
    let methods = lines.drop { !$0.hasPrefix("  time") }.dropFirst().dropLast()
    #expect(
      methods.map { $0.dropFirst(13).drop { $0 == " " } }.map(String.init) == shown, "\(text)")
  }

  @Test("the list begins with what ends first")
  func list() throws {
    let report = GrantList(
      grants: [try grant("later", role: "admin", hours: 3), try grant("sooner")],
      now: try instant("2026-11-21T12:00:00Z"))
    #expect(
      report.text() == """
        2 grants

          sooner  bob  from 198.51.100.7  for sshd              until 2026-11-21T14:00:00Z  \
        by alice from 192.0.2.1: on call
          later   bob  from 198.51.100.7  for sshd  role admin  until 2026-11-21T15:00:00Z  \
        by alice from 192.0.2.1: on call

        """)
    #expect(
      report.text(.json).hasPrefix(
        #"{"version":1,"outcome":"yes","error":null,"time":"2026-11-21T12:00:00Z","grants":[{"id":"sooner""#
      ))
    #expect(GrantList(grants: []).text() == "no grants\n")
    #expect(GrantList(grants: []).status == .yes)
  }
}
