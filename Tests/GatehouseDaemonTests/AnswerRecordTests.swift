import GatehouseJournal
import GatehousePolicy
import GatehouseWire
import Testing

@testable import GatehouseDaemon

struct AnswerRecordTests {
  private func record(
    _ decision: Decision, _ frame: [UInt8] = question("bob", [(.remoteHost, "198.51.100.8")]),
    wasDelivered: Bool = true
  ) throws -> LogEntry {
    try record(
      .decided(Ruling(decision, step: .allowed, origin: .machine)), frame,
      wasDelivered: wasDelivered)
  }

  private func record(
    _ answer: LoginAnswer, _ frame: [UInt8] = question("bob", [(.remoteHost, "198.51.100.8")]),
    wasDelivered: Bool = true
  ) throws -> LogEntry {
    let question = try Question(decoding: frame.span)
    let asked = AskedLogin(question, in: frame.span)
    return AnswerRecord(
      asked: asked, user: asked.user, answer: answer, generation: "3:abcdef", id: "k3f9xk3f9x",
      peer: 4711, wasDelivered: wasDelivered
    ).entry
  }

  private let rule = SourceLocation(file: "policy.yaml", line: 8, column: 3)

  @Test func aDenialIsAWarningInOnePlainSentence() throws {
    let entry = try record(Decision(verdict: .deny, reason: .notListed, rule: rule))
    #expect(
      entry.message
        == "denied bob from 198.51.100.8 (sshd): not_listed, policy.yaml:8, id k3f9xk3f9x")
    #expect(entry.priority == .warning)
  }

  @Test func anAllowNamesTheRoles() throws {
    let entry = try record(
      Decision(verdict: .allow, reason: .listed, roles: ["admin", "dev"], rule: rule))
    #expect(entry.message.hasSuffix("listed, policy.yaml:8, roles admin,dev, id k3f9xk3f9x"))
    #expect(entry.priority == .info)
  }

  @Test(arguments: [
    (Decision(verdict: .allow, reason: .confined, wouldDeny: true), "would have denied", 5),
    (Decision(verdict: .ignore, reason: .notChecked), "ignored", 6),
    (Decision(verdict: .allow, reason: .breakGlass), "allowed", 4),
  ])
  func eachOutcomeHasItsWordAndItsPriority(
    _ decision: Decision, _ verb: String, _ priority: Int32
  ) throws {
    let entry = try record(decision)
    #expect(entry.message.hasPrefix("\(verb) bob from "))
    #expect(entry.priority.rawValue == priority)
  }

  @Test func withoutAPolicyNothingIsDecided() throws {
    let entry = try record(.noPolicy)
    #expect(
      entry.message == "no policy for bob from 198.51.100.8 (sshd): no_policy, id k3f9xk3f9x")
    #expect(entry.priority == .warning)
    #expect(entry.fields["GATEHOUSE_DECISION"] == "no_policy")
    #expect(entry.fields["GATEHOUSE_REASON"] == "no_policy")
    #expect(entry.fields["GATEHOUSE_WOULD_DENY"] == "false")
    #expect(entry.fields["GATEHOUSE_RULE"] == nil)
  }

  @Test func theFieldsSayAllThereIs() throws {
    let frame = question(
      "bob",
      [
        (.remoteHost, "198.51.100.8"), (.remoteUser, "carol"), (.terminal, "ssh"),
        (.sshAuthInfo, "publickey ssh-ed25519 AAAA"),
      ])
    let entry = try record(
      Decision(verdict: .allow, reason: .listed, roles: ["dev"], rule: rule), frame)
    #expect(
      entry.fields == [
        "MESSAGE_ID": EntryKind.decision.rawValue, "GATEHOUSE_ID": "k3f9xk3f9x",
        "GATEHOUSE_DECISION": "allow", "GATEHOUSE_REASON": "listed",
        "GATEHOUSE_WOULD_DENY": "false", "GATEHOUSE_USER": "bob", "GATEHOUSE_SERVICE": "sshd",
        "GATEHOUSE_ORIGIN": "198.51.100.8", "GATEHOUSE_ORIGIN_KIND": "address",
        "GATEHOUSE_RULE": "policy.yaml:8", "GATEHOUSE_ROLES": "dev",
        "GATEHOUSE_GENERATION": "3:abcdef", "GATEHOUSE_RHOST": "198.51.100.8",
        "GATEHOUSE_RUSER": "carol", "GATEHOUSE_TTY": "ssh",
        "GATEHOUSE_AUTH": "publickey ssh-ed25519 AAAA", "GATEHOUSE_PEER_PID": "4711",
      ])
  }

  @Test func aRemoteHostThatCallsItselfLocalStaysUnknown() throws {
    let entry = try record(
      Decision(verdict: .deny, reason: .originUnknown), question("bob", [(.remoteHost, "local")]))
    #expect(entry.message.hasPrefix("denied bob from unknown \"local\" (sshd)"))
    #expect(entry.fields["GATEHOUSE_ORIGIN_KIND"] == "unknown")
  }

  @Test func textFromOutsideCannotEndALineOrCommandATerminal() throws {
    let hostile = "x\n\u{1b}[2J\u{202e}\"y\\"
    let entry = try record(
      Decision(verdict: .deny, reason: .originUnknown),
      question(hostile, service: hostile, [(.remoteHost, hostile), (.sshAuthInfo, hostile)]))
    for text in [entry.message, entry.line] + entry.fields.values {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" })
    }
  }

  @Test func aLineWithoutFieldsOfTheJournalHoldsThemInBrackets() throws {
    let line = try record(Decision(verdict: .deny, reason: .notListed, rule: rule)).line
    #expect(line.contains("[message_id=\"\(EntryKind.decision.rawValue)\" id=\"k3f9xk3f9x\""))
    #expect(line.contains("user=\"bob\" service=\"sshd\" origin=\"198.51.100.8\""))
  }

  @Test func marksInAValueAreEscapedInTheLine() throws {
    let entry = try record(
      Decision(verdict: .allow, reason: .listed),
      question("a\"b\\c", [(.remoteHost, "2001:db8::1")]))
    #expect(entry.line.contains(#" user="a\"b\\c" service="sshd" origin="2001:db8::1" "#))
    #expect(entry.fields["GATEHOUSE_USER"] == #"a"b\c"#)
  }

  @Test func anAnswerThatNobodyWaitedForSaysSo() throws {
    let entry = try record(Decision(verdict: .allow, reason: .listed), wasDelivered: false)
    #expect(entry.message.hasSuffix("the asker was gone before the answer"))
  }
}
