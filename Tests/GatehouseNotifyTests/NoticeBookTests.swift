import GatehousePolicy
import GatehouseState
import TestKit
import Testing

@testable import GatehouseNotify

@Suite("What is told, and how often")
struct NoticeBookTests {
  private static let start = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)
  private let settings = NotifySettings()

  private func at(_ seconds: Int) -> Instant { Self.start + .seconds(seconds) }

  private func denial(
    _ user: Name = "bob", _ address: String = "203.0.113.9", second: Int = 0, id: String = "aaaa"
  ) throws -> NotedEvent {
    NotedEvent(
      .denials, at: at(second),
      .init(
        id: id, user: user, origin: .address(try #require(IPAddress(address))), service: "sshd",
        reason: "not_listed", rule: "policy.yaml:3"))
  }

  /// Takes what must be there.
  private func taken(
    from book: inout NoticeBook, at second: Int, _ settings: NotifySettings = .init()
  ) throws -> Notice {
    let notice = book.take(at: at(second), settings)
    return try #require(notice)
  }

  /// Whether there is nothing to take.
  private func hasNothing(
    _ book: NoticeBook, at second: Int, _ settings: NotifySettings = .init()
  ) -> Bool {
    var book = book
    return book.take(at: at(second), settings) == nil
  }

  @Test("the first event about a user and network is told at once, what follows together later")
  func together() throws {
    var book = NoticeBook()
    book.note(try denial(), at: at(0))
    #expect(hasNothing(book, at: 0))
    #expect(book.next(at: at(0), settings) == at(1))
    let first = try taken(from: &book, at: 1)
    #expect(first.count == 1 && first.groups.count == 1 && first.uncounted == 0)
    for second in 2..<100 {
      book.note(try denial(second: second, id: "n\(second)"), at: at(second))
      #expect(hasNothing(book, at: second))
    }
    #expect(book.next(at: at(100), settings) == at(301))
    let second = try taken(from: &book, at: 301)
    #expect(second.count == 98)
    // The newest are kept, the oldest of them first.
    #expect(
      second.groups[0].events.compactMap { $0.login?.id } == ["n95", "n96", "n97", "n98", "n99"])
    let none = book.take(at: at(700), settings)
    #expect(none == nil && book.groups.isEmpty)
  }

  @Test("a network is an IPv4 address's /24 and an IPv6 address's /64; users and kinds are apart")
  func subjects() throws {
    var book = NoticeBook()
    for address in ["203.0.113.9", "203.0.113.200", "203.0.114.1", "2001:db8::1", "2001:db8::9:1"] {
      book.note(try denial("bob", address), at: at(0))
    }
    book.note(try denial("ann"), at: at(0))
    book.note(NotedEvent(.doors, at: at(0), saying: "x"), at: at(0))
    #expect(
      book.groups.map { "\($0.subject.user?.description ?? "-") \($0.subject.network) \($0.count)" }
        == [
          "bob 203.0.113.0/24 2", "bob 203.0.114.0/24 1", "bob 2001:db8::/64 2",
          "ann 203.0.113.0/24 1", "-  1",
        ])
  }

  @Test("a flood of one user gives a message in each pause, and counts every event")
  func floodOfOne() throws {
    var book = NoticeBook()
    var messages = 0
    var told = 0
    for second in 0..<3600 {
      for _ in 0..<170 { book.note(try denial(second: second), at: at(second)) }
      while let notice = book.take(at: at(second), settings) {
        messages += 1
        told += notice.count
      }
    }
    #expect(messages == 12)
    let waiting = book.groups.reduce(0) { $0 + $1.count }
    #expect(told + waiting == 3600 * 170)
  }

  @Test("a flood of many gives no more messages than the policy allows, and loses no count")
  func floodOfMany() throws {
    var book = NoticeBook()
    var times: [Int] = []
    var told = 0
    for second in 0..<7300 {
      for number in 0..<20 {
        let address = "10.\(second / 250).\(second % 250).\(number)"
        book.note(try denial(Name("u\(number)"), address, second: second), at: at(second))
      }
      while let notice = book.take(at: at(second), settings) {
        times.append(second)
        told += notice.count
      }
      #expect(book.groups.count <= NoticeBook.groupLimit)
    }
    for time in times { #expect(times.count { (time..<(time + 3600)).contains($0) } <= 20) }
    let notice = try taken(from: &book, at: 20_000)
    told += notice.count
    var rest = told
    while let more = book.take(at: at(20_000), settings) { rest += more.count }
    #expect(rest == 7300 * 20)
  }

  @Test("the last message that is allowed has all that waits, with how much was only counted")
  func last() throws {
    var settings = NotifySettings()
    settings.most = 2
    var book = NoticeBook()
    for number in 0..<300 {
      book.note(try denial(Name("u\(number)")), at: at(0))
    }
    let first = try taken(from: &book, at: 1, settings)
    #expect(first.groups.count == 1 && first.uncounted == 100)
    let last = try taken(from: &book, at: 1, settings)
    #expect(last.groups.count == 199 && last.uncounted == 0)
    book.note(try denial("late"), at: at(2))
    #expect(hasNothing(book, at: 3500, settings))
    #expect(book.next(at: at(3500), settings) == at(3601))
    let late = try taken(from: &book, at: 3601, settings)
    #expect(late.count == 1)
  }

  @Test("a clock that is set back holds nothing up longer than the policy says")
  func clockSetBack() throws {
    var book = NoticeBook()
    book.note(try denial(), at: at(100_000))
    _ = try taken(from: &book, at: 100_001)
    book.note(try denial(), at: at(0))
    #expect(try #require(book.next(at: at(0), settings)) <= at(300))
    #expect(hasNothing(book, at: 0))
  }

  @Test("what waits outlives a restart, and what is damaged or out of bounds does not")
  func kept() throws {
    var state = NoticeState()
    state.position = "s=1;i=2"
    state.mail.book.note(try denial(), at: at(0))
    state.mail.waiting = state.mail.book.take(at: at(1), settings)
    state.mail.book.note(try denial("eve\n\u{1b}[2J", "2001:db8::1", second: 2), at: at(2))
    state.command.book.note(NotedEvent(.doors, at: at(3), saying: "a\u{1b}b"), at: at(3))
    state.openDoors = ["sshd"]
    state.mail.lastTold = at(1)
    state.command.failure = .init(since: at(2), problem: "page failed with status 1")
    let bytes = Array(try NoticeState.kind.pieces(state).joined())
    #expect(try NoticeState.kind.decode(bytes) == state)
    for place in stride(from: 0, to: bytes.count, by: 7) {
      var damaged = bytes
      damaged[place] ^= 1
      #expect(throws: (any Error).self) { try NoticeState.kind.decode(damaged) }
    }
  }
}
