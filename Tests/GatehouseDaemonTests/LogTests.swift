import Synchronization
import TestKit
import Testing

@testable import GatehouseDaemon

struct LogTests {
  @Test func entriesAreWrittenInOrderAndAllBeforeTheEnd() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    for number in 1...1000 { log.post(.info, "entry \(number)") }
    log.close()
    #expect(collector.messages == (1...1000).map { "entry \($0)" })
  }

  @Test func whatDoesNotFitIsCountedAndTold() throws {
    let written = Mutex<[String]>([])
    let isOpen = Atomic<Bool>(false)
    let log = try Log(bound: 10) { entries in
      while !isOpen.load(ordering: .acquiring) { pause() }
      written.withLock { $0 += entries.map(\.message) }
      return 0
    }
    for number in 1...100 { log.post(.info, "entry \(number)") }
    // Ten are being written, and ten wait.
    #expect(log.lost >= 80)
    isOpen.store(true, ordering: .releasing)
    log.close()
    // In one entry or in several, each with what was lost since the one before.
    let told = written.withLock { $0 }.filter { $0.contains(" log entries were lost") }
    #expect(told.compactMap { Int($0.prefix { $0.isNumber }) }.reduce(0, +) == log.lost)
  }

  @Test func whatIsNotTakenIsCountedAndToldOnceItIs() throws {
    let collector = LogCollector()
    let isBroken = Atomic<Bool>(true)
    let log = try Log { entries in
      isBroken.load(ordering: .acquiring) ? entries.count : collector.write(entries)
    }
    for number in 1...3 { log.post(.info, "entry \(number)") }
    while log.lost < 3 { pause() }
    isBroken.store(false, ordering: .releasing)
    log.post(.info, "entry 4")
    log.close()
    #expect(
      collector.messages == [
        "3 log entries were lost: the log did not take them in time", "entry 4",
      ])
  }

  @Test func anEntryIsWrittenThoughNoOtherFollows() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    defer { log.close() }
    log.post(.info, "the only one")
    while collector.messages.isEmpty { pause() }
    #expect(collector.messages == ["the only one"])
  }

  @Test func aQueueGivesEachItemToOneThread() throws {
    let queue = WorkQueue<Int>(bound: 10_000)
    let sum = Mutex(0)
    let threads = try (0..<4).map { _ in
      try Thread("test") { while let item = queue.pop() { sum.withLock { $0 += item } } }
    }
    for item in 1...5000 { #expect(queue.push(item)) }
    queue.close()
    for thread in threads { thread.join() }
    #expect(sum.withLock { $0 } == 5000 * 5001 / 2)
    #expect(!queue.push(1))
  }

  @Test func aRateLimitCountsWhatItHoldsBack() {
    var limit = RateLimit(every: 1_000_000)
    #expect(limit.take(at: MonotonicTime(microseconds: 1)) == 0)
    #expect(limit.take(at: MonotonicTime(microseconds: 2)) == nil)
    #expect(limit.take(at: MonotonicTime(microseconds: 3)) == nil)
    #expect(limit.take(at: MonotonicTime(microseconds: 2_000_000)) == 2)
  }
}
