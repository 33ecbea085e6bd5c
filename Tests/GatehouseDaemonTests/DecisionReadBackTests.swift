import GatehousePolicy
import GatehouseWire
import Testing

@testable import GatehouseDaemon
@testable import GatehouseJournal

@Suite("What the daemon logs of a decision, read back from the journal")
struct DecisionReadBackTests {
  private func readBack(
    _ fields: [(GatehouseWire.Tag, String)], service: String = "sshd", user: Name? = nil,
    _ decision: Decision
  ) throws -> RecordedLogin {
    let frame = question("bob", service: service, fields)
    let question = try Question(decoding: frame.span)
    let asked = AskedLogin(question, in: frame.span)
    let ruling = Ruling(decision, step: .allowed, origin: asked.origin)
    let entry = AnswerRecord(
      asked: asked, user: user ?? asked.user, answer: .decided(ruling), generation: "3:abcdef",
      id: "k3f9xk3f9x", peer: 4711, wasDelivered: true
    ).entry
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

  @Test("knows the kinds of origin apart")
  func origins() throws {
    let deny = Decision(verdict: .deny, reason: .originUnknown)
    #expect(try readBack([(.remoteHost, "cafe.example")], deny).origin == .unknown(.notAnAddress))
    #expect(try readBack([(.remoteHost, "local")], deny).origin == .unknown(.notAnAddress))
    let local = Decision(verdict: .allow, reason: .local)
    #expect(try readBack([], service: "login", local).origin == .local)
  }
}
