import GatehouseControl
import GatehousePolicy
import Testing

@testable import GatehouseJournal
@testable import GatehouseNotify

@Suite("The letters that are to be sent")
struct LetterBookTests {
  private static let start = Instant(microsecondsSinceEpoch: 1_795_000_000_000_000)

  private func at(_ seconds: Int) -> Instant { Self.start + .seconds(seconds) }

  private func letter(_ id: String, second: Int = 0, isCode: Bool = true) throws -> Letter {
    let address = try #require(MailAddress("bob@example.org"))
    return Letter(
      id: id, kind: isCode ? .code : .guessed, user: "bob", service: "sshd", role: nil,
      origin: Origin(written: "203.0.113.9"), time: at(second),
      until: isCode ? at(second + 600) : nil, code: isCode ? "ABCDEFGHJK" : nil,
      way: .mail(address))
  }

  /// A book, and what it hands over by its ids.
  private final class Post {
    private var book = LetterBook()

    func take(_ letters: [Letter], told: [String] = []) { book.take(letters, told: told) }
    func start(at now: Instant) -> [String] { book.start(at: now).map(\.id) }
    func note(_ id: String, wasTaken: Bool, at now: Instant) -> Bool {
      book.note(id, wasTaken: wasTaken, at: now)
    }
    func next(at now: Instant) -> Instant? { book.next(at: now) }
    var done: [String] { book.done(atMost: 9) }
  }

  @Test(
    "each is handed over once, the oldest first, and the daemon is told of those that were taken")
  func once() throws {
    let book = Post()
    let letters = [try letter("b", second: 2), try letter("a", second: 1)]
    book.take(letters)
    #expect(book.start(at: at(3)) == ["a", "b"])
    #expect(book.start(at: at(3)).isEmpty && book.next(at: at(3)) == nil)
    // The daemon still has them.
    book.take(letters)
    #expect(book.start(at: at(4)).isEmpty)
    #expect(!book.note("a", wasTaken: true, at: at(4)))
    #expect(book.done == ["a"])
    book.take(letters)
    #expect(book.start(at: at(5)).isEmpty)
    book.take([letters[0]], told: ["a"])
    #expect(book.done.isEmpty && book.start(at: at(6)).isEmpty)
  }

  @Test("one that was not taken is tried again, with longer and longer pauses, until it is late")
  func again() throws {
    let book = Post()
    book.take([try letter("a")])
    var tries: [Int] = []
    for second in 0..<700 where !book.start(at: at(second)).isEmpty {
      tries.append(second)
      let isFirst = book.note("a", wasTaken: false, at: at(second))
      #expect(isFirst == (second == 0))
    }
    #expect(tries.starts(with: [0, 5, 15, 35, 75, 135, 195]) && tries.allSatisfy { $0 < 600 })
    #expect(book.done == ["a"] && book.next(at: at(700)) == nil)
  }

  @Test("one without an end is tried for an hour")
  func guessed() throws {
    let book = Post()
    book.take([try letter("a-guessed", isCode: false)])
    #expect(book.start(at: at(0)) == ["a-guessed"])
    _ = book.note("a-guessed", wasTaken: false, at: at(0))
    #expect(book.start(at: at(3599)) == ["a-guessed"])
    _ = book.note("a-guessed", wasTaken: false, at: at(3599))
    #expect(book.start(at: at(3700)).isEmpty && book.done == ["a-guessed"])
  }

  @Test("one that failed and that the daemon has no more is not tried again: its code was used")
  func used() throws {
    let book = Post()
    book.take([try letter("a")])
    _ = book.start(at: at(0))
    _ = book.note("a", wasTaken: false, at: at(0))
    book.take([])
    #expect(book.start(at: at(100)).isEmpty && book.done.isEmpty)
  }

  @Test("a mailer that hangs gets so many at a time, and those that wait do not hold up the others")
  func bounded() throws {
    let book = Post()
    let letters = try (0..<100).map { try letter("n\(100 + $0)", second: $0) }
    book.take(letters)
    let first = book.start(at: at(100))
    #expect(first.count == LetterBook.atOnce && book.start(at: at(100)).isEmpty)
    for id in first { _ = book.note(id, wasTaken: false, at: at(130)) }
    #expect(book.start(at: at(130)).first == "n132")
  }

  @Test("a clock that is set back holds no letter up for longer than a pause")
  func clock() throws {
    let book = Post()
    book.take([try letter("a")])
    _ = book.start(at: at(0))
    _ = book.note("a", wasTaken: false, at: at(500))
    #expect(!book.start(at: at(-5000)).isEmpty)
  }

  @Test("administrators are told of a code that was made, used or ended, and of no wrong try")
  func told() {
    for event in CodeEvent.allCases {
      let code = LoggedCode(
        event: event, time: Self.start, user: "bob", origin: Origin(written: "203.0.113.9"),
        service: "sshd", role: nil, denial: "k3f9xk3f9x", grant: nil)
      func noted(_ events: Set<NotifySettings.Event>) -> NotedEvent? {
        NotedEvent(.code(code), at: Self.start, telling: events) { _ in false }
      }
      #expect(noted([.denials]) == nil)
      let isTold = [.made, .used, .ended].contains(event)
      #expect((noted([.codes])?.kind == .codes) == isTold)
      #expect(noted([.codes])?.login?.reason == (isTold ? event.rawValue : nil))
    }
  }
}
