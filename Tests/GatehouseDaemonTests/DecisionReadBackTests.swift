import GatehousePolicy
import GatehouseWire
import Testing

@testable import GatehouseDaemon
@testable import GatehouseJournal

@Suite("What the daemon logs of a decision, read back from the journal")
struct DecisionReadBackTests {
  private func entry(
    _ fields: [(GatehouseWire.Tag, String)], service: String = "sshd", user: Name? = nil,
    _ decision: Decision
  ) throws -> LogEntry {
    let frame = question("bob", service: service, fields)
    let question = try Question(decoding: frame.span)
    let asked = AskedLogin(question, in: frame.span)
    let ruling = Ruling(decision, step: .allowed, origin: asked.origin)
    return AnswerRecord(
      asked: asked, user: user ?? asked.user, answer: .decided(ruling), generation: "3:abcdef",
      id: "k3f9xk3f9x", peer: 4711, wasDelivered: true
    ).entry
  }

  private func readBack(
    _ fields: [(GatehouseWire.Tag, String)], service: String = "sshd", user: Name? = nil,
    _ decision: Decision
  ) throws -> RecordedLogin {
    let entry = try entry(fields, service: service, user: user, decision)
    var values: [DecisionEntry.JournalField: [UInt8]] = [.userID: Array("994".utf8)]
    for (name, value) in entry.fields {
      if let key = DecisionEntry.JournalField(rawValue: name) {
        values[key] = Array(value.utf8)
      }
    }
    return try DecisionEntry(values, time: Instant(microsecondsSinceEpoch: 1)).login.get()
  }

  @Test("is the login that was asked about, and its outcome")
  func login() throws {
    let login = try readBack(
      [(.remoteHost, "198.51.100.8"), (.role, "operator")], user: "robert",
      Decision(verdict: .allow, reason: .notListed, wouldDeny: true))
    #expect(
      login
        == RecordedLogin(
          user: "robert", service: "sshd", role: "operator",
          origin: Origin(remoteHost: "198.51.100.8"),
          outcome: DecisionOutcome(verdict: .allow, wouldDeny: true),
          time: Instant(microsecondsSinceEpoch: 1)))
  }

  @Test(
    "is the same from a line of syslog, whatever stands in its names",
    arguments: [
      "robert", "a b", "x\" [message_id=\"cd6ea7754a4f4d81bcc7da29e5486793\" id=\"aaaaaaaaaa\"]",
      "\\\"", "]",
    ])
  func syslog(name: String) throws {
    for host in ["198.51.100.8", name] {
      var line = Array("2026-11-26T20:51:54.25+01:00 gate gatehoused[812]: ".utf8)
      try entry(
        [(.remoteHost, host)], user: Name(name),
        Decision(verdict: .deny, reason: host == name ? .originUnknown : .blocked)
      ).addLine(to: &line)
      let decision = try #require(
        SyslogLine.decision(in: line[...]), "\(String(decoding: line, as: UTF8.self))")
      #expect(decision.user == Name(name) && decision.askedUser == "bob")
      #expect(decision.id == "k3f9xk3f9x" && decision.machine == "gate")
      #expect(decision.outcome == .deny && decision.generation?.number == 3)
      #expect(decision.origin == (host == name ? .unknown(.notAnAddress) : Origin(written: host)))
      #expect(decision.time == Instant(rfc3339: "2026-11-26T19:51:54.25Z"))
    }
  }

  @Test(
    "no other line of syslog is one",
    arguments: [
      "", "]",
      "2026-11-26T20:51:54Z gate sshd[812]: x [message_id=\"cd6ea7754a4f4d81bcc7da29e5486793\" ]",
      "Nov 26 20:51:54 gate gatehoused[812]: x [message_id=\"cd6ea7754a4f4d81bcc7da29e5486793\" id=\"a\"]",
      "2026-11-26T20:51:54Z gate gatehoused[812]: generation 1 serves",
      "2026-11-26T20:51:54Z gate gatehoused[812]: x [message_id=\"cd6ea7754a4f4d81bcc7da29e5486793\" id=\"a]",
      "2026-11-26T20:51:54Z gate gatehoused[812]: x [message_id=\"cd6ea7754a4f4d81bcc7da29e5486793\" id=\"a\\]",
    ])
  func noDecision(line: String) {
    #expect(SyslogLine.decision(in: Array(line.utf8)[...]) == nil)
  }

  @Test("knows the kinds of origin apart")
  func origins() throws {
    let deny = Decision(verdict: .deny, reason: .originUnknown)
    #expect(try readBack([(.remoteHost, "cafe.example")], deny).origin == .unknown(.notAnAddress))
    #expect(try readBack([(.remoteHost, "local")], deny).origin == .unknown(.notAnAddress))
    let local = Decision(verdict: .allow, reason: .local)
    #expect(try readBack([], service: "login", local).origin == .local)
  }
}
