import GatehouseControl
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("The JSON of a decision")
struct ExplanationJSONTests {
  private func batchLine(_ login: ExplainedLogin) -> String {
    String(decoding: ExplainReply.explained(login).batchLine(), as: UTF8.self)
  }

  @Test("a batch's line has the decision, reason, roles, rule and would_deny, in this order")
  func batchLine() throws {
    let allow = try explanation(user: "alice", groups: ["staff"], from: "10.15.1.11")
    #expect(
      batchLine(allow) == """
        {"decision":"allow","reason":"listed","roles":["staff"],"rule":"policy.yaml:8",\
        "would_deny":false}

        """)
    let monitor = try explanation(
      examplePolicy + "mode: monitor\n", user: "eve", groups: ["staff"], from: "192.0.2.1")
    #expect(
      batchLine(monitor) == """
        {"decision":"allow","reason":"not_listed","roles":[],"rule":"policy.yaml:8",\
        "would_deny":true}

        """)
    let local = try explanation(user: "eve", from: "local")
    #expect(
      batchLine(local)
        == #"{"decision":"allow","reason":"local","roles":[],"rule":null,"would_deny":false}"#
        + "\n")
  }

  @Test("the whole has everything that the picture shows, on one line")
  func whole() throws {
    let text = try explanation(user: "bob", groups: ["staff"], from: "198.51.100.7").text(.json)
    #expect(
      text.hasPrefix(
        """
        {"version":1,"outcome":"no","error":null,\
        "decision":"deny","reason":"not_listed","roles":[],"rule":"policy.yaml:15",\
        "would_deny":false,"notices":[],"user":"bob","groups":["staff"],\
        "unknown_groups":[],"groups_from":"given","groups_service":null,"read_at":null,\
        "origin":{"kind":"address","address":"198.51.100.7"},\
        "origins":[{"kind":"address","address":"198.51.100.7"}],"service":"sshd",\
        "role":null,"grant":null,\
        "time":"2026-11-21T12:00:00.25Z",\
        "policy":{"generation":7,"sha256":"0123456789abcdef","mode":"enforce"},\
        "steps":[{"number":1,"condition":
        """))
    #expect(
      text.contains(
        """
        "lists":[{"path":"users.bob.also_from","scope":"user","name":"bob","service":null,"key":"also_from",\
        "rule":"policy.yaml:15","holds_origin":false,"entry":{"text":"198.51.100.7",\
        "rule":"policy.yaml:15","networks":[],"description":"home","got":null},\
        "note":"it ended 2026-11-01T00:00:00Z"},{"path":"everyone.from",
        """))
    #expect(text.contains(#"],"remedies":["add 198.51.100.7 to users.bob.also_from"#))
    #expect(text.hasSuffix(#"],"authorize":null}"# + "\n"))
    #expect(text.split(separator: "\n").count == 1)
  }

  @Test(
    "the origin's kind is a member of its own",
    arguments: [
      ("local", #""origin":{"kind":"local"}"#),
      ("self", #""origin":{"kind":"self"}"#),
      ("127.0.0.1", #""origin":{"kind":"self"}"#),
      ("", #""origin":{"kind":"unknown","remote_host":""}"#),
      ("SELF", #""origin":{"kind":"unknown","remote_host":"SELF"}"#),
      ("LOCAL", #""origin":{"kind":"unknown","remote_host":"LOCAL"}"#),
      ("192.0.2.1", #""origin":{"kind":"address","address":"192.0.2.1"}"#),
      ("::ffff:192.0.2.1", #""origin":{"kind":"address","address":"192.0.2.1"}"#),
    ])
  func origins(from: String, member: String) throws {
    #expect(try explanation(user: "eve", from: from).text(.json).contains(member))
  }

  @Test("groups that could not be read are null, and not an empty list")
  func unreadGroups() throws {
    let text = try explanation(user: "eve", groups: nil, from: "local", source: .nss).text(.json)
    #expect(text.contains(#""groups":null,"unknown_groups":[],"groups_from":"nss""#))
  }
}
