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

  @Test(arguments: [(0, 0), (4, 0), (50, 45), (2000, 1800), (30_000, 29_800), (.max, 59_800)])
  func theAnswerComesBeforeTheAskerGivesUp(_ timeLeft: UInt32, _ milliseconds: UInt64) {
    #expect(Answerer.time(for: timeLeft) == .milliseconds(milliseconds))
  }
}
