import GatehousePolicy
import Testing

@testable import GatehouseJournal

@Suite("A decision that gatehoused logged")
struct DecisionEntryTests {
  private let time = Instant(microsecondsSinceEpoch: 1_000_000)
  private let written: [DecisionEntry.JournalField: String] = [
    .userID: "994", .decision: "allow", .reason: "listed", .wouldDeny: "false", .user: "bob",
    .service: "sshd", .originKind: "address", .origin: "192.0.2.7",
  ]

  private func entry(_ changes: [DecisionEntry.JournalField: String?] = [:]) -> DecisionEntry {
    var fields = written
    for (field, value) in changes { fields[field] = value }
    return DecisionEntry(fields.mapValues { Array($0.utf8) }, time: time)
  }

  private func omission(_ changes: [DecisionEntry.JournalField: String?]) -> Omission? {
    if case .failure(let omission) = entry(changes).login { omission } else { nil }
  }

  @Test("gives user, service, role, origin, outcome and time")
  func login() throws {
    let login = try entry([.askedRole: "operator", .wouldDeny: "true"]).login.get()
    #expect(
      login
        == RecordedLogin(
          user: "bob", service: "sshd", role: "operator", origin: Origin(remoteHost: "192.0.2.7"),
          outcome: DecisionOutcome(verdict: .allow, wouldDeny: true), time: time))
  }

  @Test("has the origin that its kind says, whatever the text")
  func origins() throws {
    #expect(try entry([.originKind: "local", .origin: "192.0.2.7"]).login.get().origin == .local)
    #expect(
      try entry([.originKind: "unknown", .origin: "local"]).login.get().origin
        == .unknown(.notAnAddress))
    #expect(try entry([.originKind: "self", .origin: "192.0.2.7"]).login.get().origin == .machine)
    for why in UnknownOrigin.allCases {
      let denial: [DecisionEntry.JournalField: String] = [
        .originKind: "unknown", .decision: "deny", .reason: why.rawValue,
      ]
      #expect(try entry(denial).login.get().origin == .unknown(why))
    }
    #expect(omission([.origin: "local"]) == .unreadable)
    #expect(omission([.originKind: "house"]) == .unreadable)
  }

  @Test("is untrusted if an ordinary user wrote it", arguments: ["1000", "65534", "", "-1x", nil])
  func writer(id: String?) {
    #expect(omission([.userID: id]) == .untrusted)
  }

  @Test("is left out if no rule decided")
  func undecided() {
    #expect(omission([.decision: "no_policy", .reason: "no_policy"]) == .undecided)
    #expect(omission([.decision: "deny", .reason: "identity_unavailable"]) == .undecided)
    #expect(omission([.reason: "granted"]) == .granted)
  }

  @Test(
    "is unreadable if a field is missing or empty",
    arguments: [DecisionEntry.JournalField.decision, .user, .service, .originKind, .origin])
  func incomplete(field: DecisionEntry.JournalField) {
    #expect(omission([field: nil]) == .unreadable)
    #expect(omission([field: ""]) == .unreadable)
  }

  @Test("corresponds to sshd's own line, which has the name that the client gave")
  func accepted() {
    let origin = Origin(remoteHost: "192.0.2.7")
    #expect(entry().accepted == AcceptedLogin(user: "bob", origin: origin))
    #expect(entry([.askedUser: "BOB"]).accepted == AcceptedLogin(user: "BOB", origin: origin))
    #expect(entry([.service: "other"]).accepted == nil)
    let asOther = entry([.service: "other", .authInfo: "publickey ssh-ed25519 AAAA"])
    #expect(asOther.accepted == AcceptedLogin(user: "bob", origin: origin))
    #expect(entry([.decision: "deny", .reason: "not_listed"]).accepted == nil)
    #expect(entry([.reason: "no_policy", .decision: "no_policy"]).accepted == nil)
  }
}

@Suite("Decisions not yet matched with sshd's own line")
struct UnmatchedDecisionsTests {
  private let login = AcceptedLogin(user: "bob", origin: .unknown(.notAnAddress))
  private func second(_ number: Int64) -> Instant {
    Instant(microsecondsSinceEpoch: number * 1_000_000)
  }

  @Test("each matches one line within 30 seconds, whichever came first")
  func pairs() {
    var decided = UnmatchedDecisions()
    decided.add(login, at: second(100))
    decided.add(login, at: second(101))
    let taken = [90, 131, 131].map { decided.remove(login, near: second($0)) }
    #expect(taken == [true, true, false])
  }

  @Test("none matches another user's line or a later one")
  func mismatches() {
    var decided = UnmatchedDecisions()
    decided.add(login, at: second(100))
    let other = AcceptedLogin(user: "eve", origin: .unknown(.notAnAddress))
    let matchesOtherUser = decided.remove(other, near: second(100))
    let matchesLater = decided.remove(login, near: second(131))
    #expect(!matchesOtherUser && !matchesLater)
  }

  @Test("many of them do not pile up, with lines or without")
  func memory() {
    var alone = UnmatchedDecisions()
    for number in 0..<100_000 { alone.add(login, at: second(Int64(number))) }
    #expect(alone.storedCount < 8192)
    var decided = UnmatchedDecisions()
    for number in 0..<100_000 {
      decided.add(login, at: second(Int64(number)))
      _ = decided.remove(login, near: second(Int64(number)))
    }
    #expect(decided.storedCount < 8192)
  }
}
