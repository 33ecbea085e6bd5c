import GatehouseControl
import GatehousePolicy
import GatehouseReport
import TestKit
import Testing

/// The policy that the reports of these tests are about.
let examplePolicy = """
  version: 1
  networks:
    office:
      description: headquarters
      addresses: [203.0.113.0/24, "2001:db8:1::/48"]
    vpn: [10.15.1.*]
  everyone:
    from: [office, vpn]
  roles:
    admin: {members: {groups: [wheel]}, from: [10.15.1.10-10.15.1.12]}
    staff: {members: {groups: [staff]}}
  groups:
    contractors: {only_from: [vpn]}
  users:
    bob: {also_from: [{address: 198.51.100.7, description: home, until: 2026-10-31}]}
  services:
    vsftpd: {check: false}
  block: [10.15.1.66]

  """

/// A policy from its text, as `policy.yaml`.
func policy(_ text: String) throws -> Policy {
  let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(text.utf8)))
  let load = Policy.load(PolicySnapshot(policyFiles: [file]))
  return try #require(load.policy, "\(load.diagnostics)")
}

/// A moment at which tests look at a report.
func instant(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

/// The explanation of a login at noon of 2026-11-21.
func explanation(
  _ text: String = examplePolicy, user: Name, groups: Set<Name>? = [], from: String,
  origin: Origin? = nil, service: Name = "sshd", role: Name? = nil,
  source: ExplainedLogin.GroupSource = .given, generation: Int? = 7, isNewPlace: Bool = true
) throws -> ExplainedLogin {
  let policy = try policy(text)
  let login = Login(
    user: user, groups: groups, service: service,
    origin: origin ?? Origin(written: from),
    time: try instant("2026-11-21T12:00:00.25Z"), role: role)
  return ExplainedLogin(
    explanation: policy.explain(login),
    factor: policy.explainFactor(of: login, isNewPlace: isNewPlace), remoteHost: from,
    groupSource: source,
    policy: PolicyIdentity(generation: generation, digest: "0123456789abcdef", mode: policy.mode))
}

extension Report {
  /// The rendered report as text; JSON is held against the schema of the reports.
  func text(_ format: ReportFormat = .text) -> String {
    let text = String(decoding: render(as: format), as: UTF8.self)
    if format == .json, SchemaJudge.python != nil {
      let schema = String(decoding: SchemaDocument.reports.json().dropLast(), as: UTF8.self)
      do {
        let problems = try SchemaJudge.problems(of: [String(text.dropLast())], by: schema)
        #expect(problems == [""])
      } catch {
        Issue.record(error)
      }
    }
    return text
  }
}
