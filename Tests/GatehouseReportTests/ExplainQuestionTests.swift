import GatehouseJSON
import GatehousePolicy
import GatehouseReport
import Testing

@Suite("A question in a line")
struct ExplainQuestionTests {
  private func question(_ line: String) throws(JSONError) -> ExplainQuestion {
    let bytes = Array(line.utf8)
    return try ExplainQuestion(bytes, in: bytes.indices)
  }

  @Test("needs user and from, and takes sshd, NSS and now for the rest")
  func least() throws {
    let question = try question(#"{"user":"alice","from":"192.0.2.1"}"#)
    #expect(question == ExplainQuestion(user: "alice", from: "192.0.2.1"))
    #expect(question.service == "sshd")
    #expect(question.groups == nil)
    #expect(question.time == nil)
    #expect(question.role == nil)
  }

  @Test("takes every member, in any order")
  func most() throws {
    let question = try question(
      #"""
      {"role":"admin","at":"2026-11-21T12:00:00Z","groups":["b","a","a"],"service":"login",
      "from":"local","user":"alice"}
      """#)
    #expect(
      question
        == ExplainQuestion(
          user: "alice", from: "local", service: "login", groups: ["a", "b"],
          time: Instant(rfc3339: "2026-11-21T12:00:00Z"), role: "admin"))
  }

  @Test("an empty list of groups is no groups, not a question to NSS")
  func noGroups() throws {
    #expect(try question(#"{"user":"a","from":"","groups":[]}"#).groups == [])
  }

  @Test("keeps names apart that differ in their bytes alone")
  func names() throws {
    let composed = try question(#"{"user":"\u00e9","from":""}"#).user
    let decomposed = try question(#"{"user":"e\u0301","from":""}"#).user
    #expect(composed != decomposed)
  }

  @Test(
    "only the word local is local; the rest is judged as PAM_RHOST",
    arguments: [
      ("local", Origin.local),
      ("self", .machine), ("127.0.0.1", .machine), ("::ffff:127.9.9.9", .machine),
      ("Local", .unknown(.notAnAddress)),
      ("", .unknown(.noAddress)),
      ("UNKNOWN", .unknown(.notAnAddress)),
      ("host.example.org", .unknown(.notAnAddress)),
      ("192.0.2.1", IPAddress("192.0.2.1").map { .address($0) } ?? .local),
      ("::ffff:192.0.2.1", IPAddress("192.0.2.1").map { .address($0) } ?? .local),
      ("fe80::1%eth0", IPAddress("fe80::1").map { .address($0) } ?? .local),
    ])
  func origin(from: String, origin: Origin) {
    #expect(ExplainQuestion(user: "alice", from: from).origin == origin)
  }

  @Test("origin names the kind in place of from", arguments: OriginWord.allCases)
  func named(word: OriginWord) throws {
    let question = try question(#"{"user":"a","origin":"\#(word.rawValue)"}"#)
    #expect(question.origin == word.origin && question.from == nil)
    #expect(question.service == (word == .local ? "login" : "sshd"))
  }

  @Test("an empty from is judged as the module judges it for the service")
  func emptyFrom() throws {
    for service in ["su", "cron", "login", "gdm-password"] {
      let line = #"{"user":"a","from":"","service":"\#(service)"}"#
      #expect(try question(line).origin == .local, "\(service)")
    }
    for service in ["sshd", "xrdp-sesman", "vsftpd"] {
      let line = #"{"user":"a","from":"","service":"\#(service)"}"#
      #expect(try question(line).origin == .unknown(.noAddress), "\(service)")
    }
  }

  @Test(
    "refuses what is no question",
    arguments: [
      ("", "an object in {…} is expected here"),
      ("{}", #""user" is missing"#),
      (#"{"from":"192.0.2.1"}"#, #""user" is missing"#),
      (#"{"user":"alice"}"#, #""from" is missing"#),
      (#"{"user":"a","from":"","origin":"self"}"#, #""from" and "origin" are both given"#),
      (
        #"{"user":"a","origin":"Self"}"#,
        #""Self" is not an origin (self, local, unknown, session)"#
      ),
      (
        #"{"user":"a","from":"","usr":"b"}"#,
        #"unknown key "usr" (user, from, origin, service, groups, at, role are known)"#
      ),
      (
        #"{"user":"a","from":"","User":"b"}"#,
        #"unknown key "User" (user, from, origin, service, groups, at, role are known)"#
      ),
      (#"{"user":"a","from":"","user":"a"}"#, #""user" is given twice"#),
      (#"{"user":"a","from":"","us\u0065r":"a"}"#, #""user" is given twice"#),
      (#"{"user":"a","from":"","groups":[],"groups":[]}"#, #""groups" is given twice"#),
      (#"{"user":1,"from":""}"#, "a string is expected here"),
      (#"{"user":"a","from":null}"#, "a string is expected here"),
      (#"{"user":"a","from":"","service":null}"#, "a string is expected here"),
      (#"{"user":"a","from":"","groups":"staff"}"#, "a list of strings in […] is expected here"),
      (#"{"user":"a","from":"","groups":[1]}"#, "a string is expected here"),
      (#"{"user":"","from":""}"#, "an empty name"),
      (#"{"user":"a\u0000b","from":""}"#, "a text with a NUL character"),
      (#"{"user":"a","from":"192.0.2.1\u0000"}"#, "a text with a NUL character"),
      (#"{"user":"a","from":"","groups":[""]}"#, "an empty name"),
      (#"{"user":"a","from":"","role":""}"#, "an empty name"),
      (
        #"{"user":"a","from":"","at":"tomorrow"}"#,
        #""tomorrow" is not an RFC 3339 time, such as 2026-11-21T12:00:00Z"#
      ),
      (
        #"{"user":"a","from":"","at":"2026-11-21"}"#,
        #""2026-11-21" is not an RFC 3339 time, such as 2026-11-21T12:00:00Z"#
      ),
      (#"{"user":"a","from":"","at":1700000000}"#, "a string is expected here"),
      (#"{"user":"a","from":""} {"user":"b","from":""}"#, "text after the end of the object"),
      ("# a comment", "an object in {…} is expected here"),
    ])
  func refuses(line: String, problem: String) {
    let error = #expect(throws: JSONError.self) { try question(line) }
    #expect(error?.problem == problem)
  }
}
