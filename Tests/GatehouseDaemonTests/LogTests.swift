import GatehouseJournal
import GatehousePlatform
import Synchronization
import TestKit
import Testing

@testable import GatehouseDaemon

struct LogTests {
  @Test func entriesAreWrittenInOrderAndAllBeforeTheEnd() throws {
    let collector = LogCollector()
    let log = try collector.makeLog()
    for number in 1...1000 { log.post(.info, .started, "entry \(number)") }
    log.close()
    #expect(collector.messages == (1...1000).map { "entry \($0)" })
  }

  @Test func whatDoesNotFitIsCountedAndTold() throws {
    let written = Mutex<[String]>([])
    let isOpen = Atomic<Bool>(false)
    let log = try Log(bound: 10) { entries in
      while !isOpen.load(ordering: .acquiring) { pause() }
      written.withLock { $0 += entries.map(\.message) }
      return []
    }
    for number in 1...100 { log.post(.info, .started, "entry \(number)") }
    // Ten are being written, and ten wait.
    #expect(log.losses.all >= 80)
    isOpen.store(true, ordering: .releasing)
    log.close()
    // In one entry or in several, each with what was lost since the one before.
    let told = written.withLock { $0 }.filter { $0.contains(" log entries were lost") }
    #expect(told.compactMap { Int($0.prefix { $0.isNumber }) }.reduce(0, +) == log.losses.all)
  }

  @Test func infoMakesRoomForWhateverElseComes() throws {
    let written = Mutex<[String]>([])
    let isHeldUp = Atomic<Bool>(false)
    let isOpen = Atomic<Bool>(false)
    let log = try Log(bound: 10) { entries in
      isHeldUp.store(true, ordering: .releasing)
      while !isOpen.load(ordering: .acquiring) { pause() }
      written.withLock { $0 += entries.map(\.message) }
      return []
    }
    // The thread takes this one, and cannot write it.
    log.post(.info, .started, "held up")
    while !isHeldUp.load(ordering: .acquiring) { pause() }
    for number in 1...8 { log.post(.info, .started, "allowed \(number)") }
    for number in 1...2 { log.post(.warning, .client, "denied \(number)") }
    #expect(log.losses == Log.Losses())
    for number in 3...12 { log.post(.warning, .client, "denied \(number)") }
    // Eight have made room, and there was none left for the last two.
    #expect(log.losses == Log.Losses(info: 8, others: 2))
    log.post(.info, .started, "allowed 9")
    #expect(log.losses == Log.Losses(info: 9, others: 2))
    isOpen.store(true, ordering: .releasing)
    log.close()
    #expect(
      written.withLock { $0 } == ["held up"] + [
        "11 log entries were lost, 2 of them denials, warnings or the like: "
          + "the log did not take them in time"
      ] + (1...10).map { "denied \($0)" })
  }

  @Test func aFloodOfInfoKeepsNothingElseOut() throws {
    let written = Mutex<[String]>([])
    let isOpen = Atomic<Bool>(false)
    let log = try Log(bound: 100) { entries in
      while !isOpen.load(ordering: .acquiring) { pause() }
      written.withLock { $0 += entries.map(\.message) }
      return []
    }
    for number in 1...10_000 {
      log.post(.info, .started, "allowed")
      if number % 100 == 0 { log.post(.warning, .client, "denied \(number / 100)") }
    }
    isOpen.store(true, ordering: .releasing)
    log.close()
    let denials = written.withLock { $0 }.filter { $0.hasPrefix("denied ") }
    #expect(denials == (1...100).map { "denied \($0)" })
    #expect(log.losses.others == 0)
  }

  @Test func whatIsNotTakenIsCountedAndToldOnceItIs() throws {
    let collector = LogCollector()
    let isBroken = Atomic<Bool>(true)
    let log = try Log { entries in
      isBroken.load(ordering: .acquiring) ? entries : collector.write(entries)
    }
    for number in 1...3 { log.post(.info, .started, "entry \(number)") }
    while log.losses.all < 3 { pause() }
    isBroken.store(false, ordering: .releasing)
    log.post(.info, .started, "entry 4")
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
    log.post(.info, .started, "the only one")
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
    var limit = RateLimit(every: .seconds(1))
    let start = Uptime.now
    #expect(limit.take(at: start + .microseconds(1)) == 0)
    #expect(limit.take(at: start + .microseconds(2)) == nil)
    #expect(limit.take(at: start + .microseconds(3)) == nil)
    #expect(limit.take(at: start + .microseconds(2_000_000)) == 2)
  }
}
