import GatehousePolicy
import Testing

@testable import GatehouseJournal

@Suite("The tally of decisions")
struct LoginTallyTests {
  private static let hour: Int64 = 3_600_000_000

  private func tally() -> LoginTally {
    LoginTally(periods: [0, 1, 2].map { Instant(microsecondsSinceEpoch: $0 * Self.hour) })
  }

  private func decision(
    _ user: Name, _ service: Name, _ outcome: LoggedDecision.Outcome, _ id: String,
    at time: Instant
  ) -> LoggedDecision {
    LoggedDecision(
      time: time, id: id, outcome: outcome, reason: "listed", user: user, service: service,
      origin: .machine)
  }

  /// Counts a decision at an hour.
  private func count(
    _ user: String, _ service: Name = "sshd", _ outcome: LoggedDecision.Outcome = .allow,
    at hour: Double, id: String = "x", in tally: inout LoginTally
  ) {
    let time = Instant(microsecondsSinceEpoch: Int64(hour * Double(Self.hour)))
    tally.count(Array("\(user) \(service) \(outcome)".utf8), id: id, at: time) {
      decision(Name(user), service, outcome, id, at: time)
    }
  }

  @Test("decisions that are alike are one group, with the first and the newest of them")
  func groups() throws {
    var tally = tally()
    count("ann", at: 0.1, id: "a", in: &tally)
    count("ann", at: 2.5, id: "b", in: &tally)
    count("bob", "sudo", .deny, at: 1, in: &tally)
    #expect(tally.groups.count == 2)
    let ann = try #require(tally.groups.first { $0.newest.user == "ann" })
    #expect(ann.count == 2 && ann.newest.id == "b")
    #expect(ann.first.microseconds == Self.hour / 10)
    #expect(ann.newest.time.microseconds == Self.hour * 5 / 2)
  }

  @Test("each decision counts in its period: the last begins at or before it")
  func periods() {
    var tally = tally()
    for hour in [0, 0.99, 1, 7] { count("ann", at: hour, in: &tally) }
    count("bob", "sudo", .deny, at: 1.5, in: &tally)
    #expect(tally.byPeriod.map { $0[.allow] } == [2, 1, 1])
    #expect(tally.byPeriod.map { $0[.deny] } == [0, 1, 0])
    #expect(tally.total.total == 5)
  }

  @Test("what cannot be read is counted apart")
  func omitted() {
    var tally = tally()
    tally.count([1], id: "", at: .now()) { nil }
    #expect(tally.omitted == 1 && tally.total.total == 0 && tally.groups.isEmpty)
  }

  @Test("parts of a journal give the same as the whole, in any order")
  func parts() {
    var whole = tally()
    var parts = [tally(), tally(), tally()]
    for number in 0..<300 {
      let user = "user\(number * 7 % 11)"
      let service: Name = number % 3 == 0 ? "sshd" : "sudo"
      let outcome = LoggedDecision.Outcome.allCases[number % 5]
      let hour = Double(number) / 100
      count(user, service, outcome, at: hour, id: "\(number)", in: &whole)
      count(user, service, outcome, at: hour, id: "\(number)", in: &parts[number / 100])
    }
    for order in [[0, 1, 2], [2, 0, 1]] {
      var sum = tally()
      for part in order { sum.add(parts[part]) }
      #expect(sum.byPeriod == whole.byPeriod)
      func text(_ tally: LoginTally) -> [String] {
        tally.groups.map {
          "\($0.newest.user) \($0.newest.service) \($0.newest.outcome) \($0.count) \($0.newest.id) "
            + "\($0.first)"
        }.sorted()
      }
      let isSame = text(sum) == text(whole)
      #expect(isSame)
    }
  }

  @Test("the tables are bounded; what has no room is counted all the same")
  func bounds() {
    var tally = tally()
    for number in 0..<(LoginTally.mostOthers + 10) { count("u\(number)", at: 0, in: &tally) }
    for number in 0..<(LoginTally.mostRefusals + 20) {
      count("u\(number)", "sshd", .deny, at: 1, in: &tally)
    }
    for number in 0..<100 { count("ann", Name("service\(number)"), at: 2, in: &tally) }
    #expect(tally.groups.count == LoginTally.mostOthers + LoginTally.mostRefusals)
    #expect(tally.ungrouped[.allow] == 110 && tally.ungrouped[.deny] == 20)
    #expect(tally.services.count == LoginTally.mostServices + 1)
    #expect(tally.total.total == LoginTally.mostOthers + LoginTally.mostRefusals + 130)
    #expect(tally.services[0].byPeriod[2][.allow] == 37)
  }
}
