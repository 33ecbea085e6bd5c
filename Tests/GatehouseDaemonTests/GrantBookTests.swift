import GatehousePlatform
import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The grants that the daemon has")
struct GrantBookTests {
  /// A book over a folder, by a clock that a test sets.
  private final class Bench {
    let collector = LogCollector()
    let log: Log
    let loop: EventLoop
    let worker: Worker
    let book: GrantBook
    /// Microseconds since the epoch.
    var now: Int64
    /// Microseconds since the boot.
    var uptime: UInt64 = 1
    private static let boot = Uptime.now

    init(_ folder: TemporaryDirectory, now: Int64) throws {
      self.now = now
      log = try collector.makeLog()
      loop = try EventLoop()
      worker = try Worker("grants", loop: loop)
      let clock = Clock()
      book = try GrantBook(
        loop: loop, state: folder.path, worker: worker, log: log,
        clock: { Instant(microsecondsSinceEpoch: clock.bench?.now ?? now) },
        uptime: { Bench.boot + .microseconds(clock.bench?.uptime ?? 1) })
      clock.bench = self
      book.start()
    }

    private final class Clock { weak var bench: Bench? }

    /// Gives a grant and waits until it counts, or does not.
    func give(_ grant: Grant) throws -> SystemError? {
      var result: SystemError?
      book.give(grant, denial: nil) { error in
        result = error
        self.loop.exit(0)
      }
      _ = try loop.run()
      return result
    }

    /// Ends what is over by the clock, and waits until that is on the disk.
    func end() {
      book.endOver()
      worker.close()
    }

    deinit {
      worker.close()
      log.close()
    }
  }

  private let hour: Int64 = 3_600_000_000
  private let noon: Int64 = 1_795_262_400_000_000

  private func limits(longest: Duration) -> GrantLimits {
    var limits = GrantLimits()
    limits.longestDuration = longest
    return limits
  }

  private func grant(
    _ id: String = "one", for place: String = "2001:db8::1", hours: Int64 = 2
  ) throws -> Grant {
    Grant(
      id: id, user: Name(bytes: [0x62, 0xFF, 0x0A]),
      place: try GrantPlace(written: place),
      service: "sshd", role: nil, since: Instant(microsecondsSinceEpoch: noon),
      until: Instant(microsecondsSinceEpoch: noon + hours * hour), author: "root", why: "a: b,\n")
  }

  @Test("are taken up as they were given, whatever bytes are in them")
  func kept() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    let grants = [try grant("one"), try grant("two", hours: 3)]
    do {
      let bench = try Bench(folder, now: noon)
      for grant in grants { #expect(try bench.give(grant) == nil) }
      #expect(bench.book.grants == grants)
    }
    #expect(try Bench(folder, now: noon).book.grants == grants)
  }

  @Test("a clock that jumps ahead ends them, and one that is set back revives none")
  func jumps() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    do {
      let bench = try Bench(folder, now: noon)
      #expect(try bench.give(try grant("one")) == nil)
      bench.now = noon + 24 * hour
      bench.end()
      #expect(bench.book.grants == [])
      bench.now = noon
      bench.book.endOver()
      #expect(bench.book.grants == [])
      bench.log.close()
      #expect(bench.collector.messages.last?.hasSuffix("has ended") == true)
    }
    #expect(try Bench(folder, now: noon).book.grants == [])
  }

  @Test("a clock that is set back makes none last longer than it was given for")
  func prolonged() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    let bench = try Bench(folder, now: noon)
    #expect(try bench.give(try grant()) == nil)
    bench.now = noon - 24 * hour
    bench.uptime += UInt64(2 * hour) - 1
    bench.book.endOver()
    #expect(bench.book.grants.count == 1)
    bench.uptime += 1
    bench.book.endOver()
    #expect(bench.book.grants == [])
    // And where the daemon is started meanwhile, what counts is the whole length at most.
    #expect(try bench.give(try grant()) == nil)
    let second = try Bench(folder, now: noon - 24 * hour)
    second.uptime += UInt64(2 * hour)
    second.book.endOver()
    #expect(second.book.grants == [])
  }

  @Test("a start at which one is over deletes it, and no later start revives it")
  func overAtStart() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    do { #expect(try Bench(folder, now: noon).give(try grant()) == nil) }
    do { #expect(try Bench(folder, now: noon + 2 * hour).book.grants == []) }
    #expect(try Bench(folder, now: noon).book.grants == [])
  }

  @Test("every damage to the file means that there are none, and is told")
  func damage() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    do { #expect(try Bench(folder, now: noon).give(try grant()) == nil) }
    let path = folder.file("grants")
    let whole = try readFile(path)
    for position in stride(from: 0, to: whole.count, by: 7) {
      var flipped = whole
      flipped[position] ^= 1
      for damaged in [flipped, Array(whole[..<position])] {
        try writeFile(path, damaged)
        let bench = try Bench(folder, now: noon)
        #expect(bench.book.grants == [])
        bench.log.close()
        #expect(bench.collector.messages.contains { $0.hasPrefix("the grants are lost") })
      }
    }
  }

  @Test("what the disk does not take does not count, and what is over is believed by no start")
  func fullDisk() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    let bench = try Bench(folder, now: noon)
    #expect(try bench.give(try grant("one")) == nil)
    // A folder where the new file is to be made.
    try folder.directory("grants.new/x")
    #expect(try bench.give(try grant("two")) != nil)
    #expect(bench.book.grants.map(\.id) == ["one"])
    #expect(try Bench(folder, now: noon).book.grants == [])
  }

  @Test("end if the policy that serves allows no network so wide")
  func tooWide() throws {
    let bench = try Bench(TemporaryDirectory("gatehouse-grants"), now: noon)
    for (id, place) in [("one", "2001:db8::/56"), ("two", "2001:db8::/60"), ("three", "self")] {
      #expect(try bench.give(try grant(id, for: place)) == nil)
    }
    var limits = GrantLimits()
    bench.book.obey(limits)
    #expect(bench.book.grants.map(\.id) == ["one", "two", "three"])
    limits.widestIPv6 = 57
    bench.book.obey(limits)
    #expect(bench.book.grants.map(\.id) == ["two", "three"])
  }

  @Test("last no longer than the policy that serves allows")
  func shorten() throws {
    let folder = try TemporaryDirectory("gatehouse-grants")
    let bench = try Bench(folder, now: noon)
    #expect(try bench.give(try grant("one", hours: 2)) == nil)
    bench.book.obey(limits(longest: .seconds(3 * 3600)))
    #expect(bench.book.grants.first?.until.microseconds == noon + 2 * hour)
    bench.book.obey(limits(longest: .seconds(3600)))
    #expect(bench.book.grants.first?.until.microseconds == noon + hour)
    // A clock that is set back in between does not make more of what was left.
    bench.now = noon - 24 * hour
    bench.uptime += UInt64(hour / 2)
    bench.book.obey(limits(longest: .seconds(3000)))
    bench.uptime += UInt64(hour / 2)
    bench.book.endOver()
    #expect(bench.book.grants == [])
    #expect(try bench.give(try grant("two", hours: 2)) == nil)
    bench.now = noon + hour
    bench.book.obey(limits(longest: .seconds(1800)))
    #expect(bench.book.grants == [])
  }
}
