import GatehousePolicy
import Testing

@testable import GatehouseJournal

@Suite("Codes that gatehoused logged")
struct CodeTallyTests {
  private let time = Instant(microsecondsSinceEpoch: 1_000_000)
  private let written: [DecisionEntry.JournalField: String] = [
    .userID: "994", .codeEvent: "used", .user: "bob", .service: "sshd", .originKind: "address",
    .origin: "192.0.2.7", .denial: "k3f9xk3f9x", .grant: "h4kqm7wnt3", .role: "admin",
  ]

  private func entry(_ changes: [DecisionEntry.JournalField: String?] = [:]) -> DecisionEntry {
    var fields = written
    for (field, value) in changes { fields[field] = value }
    return DecisionEntry(fields.mapValues { Array($0.utf8) }, time: time)
  }

  private func code(
    _ event: CodeEvent, _ user: Name, from origin: String = "192.0.2.7", second: Int64 = 1
  ) -> LoggedCode {
    LoggedCode(
      event: event, time: Instant(microsecondsSinceEpoch: second * 1_000_000), user: user,
      origin: Origin(written: origin), service: "sshd", role: nil, denial: "k3f9xk3f9x",
      grant: nil)
  }

  @Test("an entry has all that is logged")
  func whole() throws {
    let code = try #require(entry().code)
    #expect(
      code
        == LoggedCode(
          event: .used, time: time, user: "bob", origin: Origin(written: "192.0.2.7"),
          service: "sshd", role: "admin", denial: "k3f9xk3f9x", grant: "h4kqm7wnt3"))
    let decision = try #require(entry().logged)
    #expect(decision.code == .used && decision.outcome == .allow && decision.id == "k3f9xk3f9x")
    #expect(entry([.codeEvent: "wrong"]).logged?.outcome == .deny)
    for event in CodeEvent.allCases {
      #expect(entry([.codeEvent: event.rawValue]).code?.event == event)
    }
  }

  @Test("is not believed if an ordinary user wrote it, and not read if something is missing")
  func unbelieved() {
    let ids: [String?] = ["1000", "65534", "", "-1x", nil]
    for id in ids { #expect(entry([.userID: id]).code == nil) }
    for field in [DecisionEntry.JournalField.codeEvent, .user, .service, .originKind, .origin] {
      let without: [DecisionEntry.JournalField: String?] = [field: nil]
      #expect(entry(without).code == nil)
    }
    #expect(entry([.codeEvent: "guessed"]).code == nil)
    // It is no decision then, either.
    #expect(entry([.codeEvent: "guessed"]).logged == nil)
  }

  @Test("are counted by user and event, with the newest place")
  func counts() throws {
    var tally = CodeTally()
    tally.count(code(.made, "bob", second: 1))
    tally.count(code(.used, "bob", from: "192.0.2.9", second: 3))
    tally.count(code(.made, "ann", second: 2))
    var other = CodeTally()
    other.count(code(.made, "bob", second: 2))
    tally.add(other)
    let bob = try #require(tally.groups.first { $0.user == "bob" })
    #expect(bob[.made] == 2 && bob[.used] == 1 && bob[.wrong] == 0 && bob.total == 3)
    #expect(bob.origin == Origin(written: "192.0.2.9") && bob.last.microseconds == 3_000_000)
    #expect(tally.groups.count == 2)
  }

  @Test("of too many users some are only counted")
  func bounded() {
    var tally = CodeTally()
    for number in 0..<CodeTally.mostGroups + 7 { tally.count(code(.made, Name("user\(number)"))) }
    tally.count(code(.used, "user0"))
    #expect(tally.groups.count == CodeTally.mostGroups && tally.ungrouped == 7)
  }
}
