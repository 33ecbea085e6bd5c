import GatehouseControl
import GatehousePolicy
import Testing

@testable import GatehouseDaemon

struct AnswererTests {
  @Test func anIDIsTenCharactersThatCannotBeMistaken() throws {
    var ids = AnswerIDs()
    var seen: Set<String> = []
    for _ in 0..<2000 {
      let id = try ids.next()
      #expect(id.wholeMatch(of: /[a-km-np-z2-9]{10}/) != nil)
      seen.insert(id)
    }
    #expect(seen.count == 2000)
  }

  @Test func answersAreCountedByServiceUntilThereAreTooMany() {
    var counts = AnswerCounts()
    let deny = LoginAnswer.decided(
      Ruling(Decision(verdict: .deny, reason: .blocked), step: .blocked, origin: .machine))
    for number in 0..<40 {
      counts.count(deny, by: Name("service\(number)"), in: .enforce)
      counts.count(deny, by: "service0", in: .enforce)
    }
    counts.count(.noPolicy, by: "service0", in: nil)
    counts.count(.local, by: "login", in: .enforce)
    let value = counts.value
    #expect(value.deny == 80 && value.noPolicy == 1 && value.reasons == [.blocked: 80])
    #expect(value.answers.count == 32 + 1 + 1)
    let first = value.answers.first { $0.service == "service0" && $0.verdict == .deny }
    let other = value.answers.first { $0.service == "other" }
    #expect(first?.count == 41 && other?.count == 8)
  }

  @Test(arguments: [(0, 0), (4, 0), (50, 45), (2000, 1800), (30_000, 29_800), (.max, 59_800)])
  func theAnswerComesBeforeTheAskerGivesUp(_ timeLeft: UInt32, _ milliseconds: UInt64) {
    #expect(Answerer.time(for: timeLeft) == .milliseconds(milliseconds))
  }
}
