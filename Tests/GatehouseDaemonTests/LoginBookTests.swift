import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseState
import Glibc
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("From where users have come in")
struct ArrivalsTests {
  @Test("is asked since a time, and the newest is first")
  func since() {
    var arrivals = Arrivals()
    arrivals.add("alice", from: .local, at: .seconds(1))
    arrivals.add("alice", from: .machine, at: .seconds(2))
    arrivals.add("alice", from: .local, at: .seconds(3))
    arrivals.add("bob", from: .machine, at: .seconds(9))
    #expect(arrivals.origins(of: "alice", since: .zero) == [.local, .machine])
    #expect(arrivals.origins(of: "alice", since: .seconds(3)) == [.local])
    #expect(arrivals.origins(of: "alice", since: .seconds(4)) == [])
    #expect(arrivals.origins(of: "carol", since: .zero) == [])
  }

  @Test("is not known for a time of which something was forgotten")
  func forgotten() {
    var arrivals = Arrivals()
    for number in 0...Arrivals.limitPerUser {
      arrivals.add("alice", from: Origin(written: "192.0.2.\(number)"), at: .seconds(number + 10))
    }
    #expect(arrivals.origins(of: "alice", since: .seconds(10)) == nil)
    #expect(arrivals.origins(of: "alice", since: .seconds(11))?.count == Arrivals.limitPerUser)
  }

  @Test("is bounded for all users, and not known for anybody from before that")
  func bounded() {
    var arrivals = Arrivals()
    for number in 0...Arrivals.userLimit {
      arrivals.add(Name("user\(number)"), from: .machine, at: .seconds(number))
    }
    let last = Arrivals.userLimit
    #expect(arrivals.origins(of: "user1", since: .seconds(1)) == nil)
    #expect(arrivals.origins(of: Name("user\(last)"), since: .seconds(last + 1)) == [])
  }
}

@Suite("The login record over restarts")
struct LoginBookTests {
  private func book(
    in folder: TemporaryDirectory, boot: String? = "b", socket: Int? = 7, at second: Int = 100
  ) throws -> LoginBook {
    let log = try LogCollector().makeLog()
    return try LoginBook(
      loop: EventLoop(), state: folder.file("state"), boot: boot, socket: socket,
      now: .seconds(second), log: log)
  }

  private func note(_ book: LoginBook, at second: Int) {
    book.add(
      LoginNote(
        user: "alice", origin: .machine, service: "sshd", outcome: .allowed, time: .now()))
    book.arrive("alice", from: .machine, at: .seconds(second))
  }

  @Test("has seen everything if the socket went on, and the daemon ended in good order")
  func goodOrder() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    note(first, at: 150)
    first.close()
    let second = try book(in: folder, at: 200)
    #expect(second.seenSince == .seconds(100))
    #expect(second.arrivals.origins(of: "alice", since: .seconds(100)) == [.machine])
    second.close()
    #expect(try book(in: folder, at: 300).seenSince == .seconds(100))
  }

  @Test("has not if the daemon was killed, the socket is another one, or the boot")
  func otherwise() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    note(first, at: 150)
    first.close()
    // Killed: it does not close.
    _ = try book(in: folder, at: 200)
    #expect(try book(in: folder, at: 300).seenSince == .seconds(300))
    for (boot, socket): (String?, Int?) in [("c", 7), ("b", 8), ("b", nil), (nil, 7)] {
      let again = try TemporaryDirectory("gatehouse-logins")
      let before = try book(in: again)
      note(before, at: 150)
      before.close()
      let after = try book(in: again, boot: boot, socket: socket, at: 200)
      #expect(after.seenSince == .seconds(200))
      #expect(after.arrivals.origins(of: "alice", since: .zero) == [])
    }
  }

  @Test("hands over who has come in, whatever the record has room for, and what was forgotten")
  func everyArrival() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    // None of these is in the record, as if it were full.
    for number in 0...Arrivals.limitPerUser {
      first.arrive("carol", from: Origin(written: "192.0.2.\(number)"), at: .seconds(number + 110))
    }
    first.arrive("bob", from: Origin(written: "2001:db8::7"), at: .seconds(120))
    first.arrive("bob", from: .local, at: .seconds(130))
    first.arrive("bob", from: .unknown(.session), at: .seconds(125))
    let own = SelfLogin(
      user: "dave",
      processes: [.init(number: .max, start: UInt64(Int.max)), .init(number: 1, start: 0)])
    for _ in 0...SelfLogin.limit { first.add(own) }
    let arrivals = first.arrivals
    first.close()
    let second = try book(in: folder, at: 300)
    #expect(second.arrivals == arrivals)
    #expect(second.selfLogins == Array(repeating: own, count: SelfLogin.limit))
    #expect(
      second.arrivals.origins(of: "bob", since: .seconds(110))
        == [.local, .unknown(.session), Origin(written: "2001:db8::7")])
    #expect(second.arrivals.origins(of: "carol", since: .seconds(110)) == nil)
  }

  @Test("takes nobody of an earlier boot for somebody who has come in")
  func earlierBoot() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let before = try book(in: folder, boot: "a", at: 90_000)
    note(before, at: 90_001)
    before.close()
    let first = try book(in: folder, at: 100)
    first.arrive("alice", from: .local, at: .seconds(150))
    first.close()
    let second = try book(in: folder, at: 200)
    #expect(second.seenSince == .seconds(100))
    #expect(second.arrivals.origins(of: "alice", since: .zero) == [.local])
  }

  @Test("hands over the logins whose processes still run, also to a daemon with another socket")
  func open() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    let running = try ChildProcess("/bin/sleep", ["60"])
    let ended = try ChildProcess("/bin/sleep", ["60"])
    let mine = CurrentProcess.id
    for process in [running.pid, ended.pid, mine, 0] {
      let note = LoginNote(
        user: "alice", origin: .machine, service: "sshd", outcome: .allowed, time: .now())
      first.add(note, openedBy: process)
    }
    // These opened no session.
    first.add(
      LoginNote(user: "bob", origin: .machine, service: "imap", outcome: .allowed, time: .now()))
    ended.signal(SIGKILL)
    _ = try ended.wait()
    first.close()
    let second = try book(in: folder, socket: 8, at: 200)
    let open = second.record().open.times.keys
    #expect(Set(open.map(\.process)) == [running.pid, mine])
    #expect(Set(open.map(\.user)) == ["alice"])
    #expect(try open.allSatisfy { try ProcessDescriptor.start(of: $0.process) == $0.start })
    running.signal(SIGKILL)
    _ = try running.wait()
    #expect(second.record().open.times.keys.map(\.process) == [mine])
  }

  @Test("knows no open login of another boot, or of a process that was started after it")
  func notOpen() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    first.add(
      LoginNote(user: "alice", origin: .machine, service: "sshd", outcome: .allowed, time: .now()),
      openedBy: CurrentProcess.id)
    first.close()
    #expect(try book(in: folder, boot: "c", at: 200).record().open == OpenLogins())
    let start = try #require(try ProcessDescriptor.start(of: CurrentProcess.id))
    #expect(start <= ProcessDescriptor.ticks(at: SystemClock.sinceBoot()))
    #expect(start > ProcessDescriptor.ticks(at: .zero))
  }

  @Test("reads what the version before has left at its end")
  func version1() throws {
    let end = LoginBook.Ending(
      boot: "b", socket: 7, seenSince: .seconds(5), arrivals: Arrivals(), selfLogins: [],
      open: OpenLogins())
    let first = StateKind("logins end", version: 1, KeptState.loginsEndVersion1)
    #expect(try KeptState.loginsEnd.decode(Array(first.pieces(end).joined())) == end)
  }

  @Test("goes on from an end once alone")
  func once() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    let first = try book(in: folder)
    first.close()
    #expect(try book(in: folder, at: 200).seenSince == .seconds(100))
    #expect(try book(in: folder, at: 300).seenSince == .seconds(300))
    let damaged = try book(in: folder, at: 400)
    damaged.close()
    try folder.write("gatehouse state\n, damaged", to: "state/logins-end")
    let last = try book(in: folder, at: 500)
    #expect(last.seenSince == .seconds(500))
    #expect(last.arrivals == Arrivals())
  }

  @Test("is begun anew if its file is damaged, which is said")
  func damaged() throws {
    let folder = try TemporaryDirectory("gatehouse-logins")
    try folder.write("gatehouse state\n, damaged", to: "state/logins")
    let collector = LogCollector()
    let log = try collector.makeLog()
    defer { log.close() }
    _ = try LoginBook(
      loop: EventLoop(), state: folder.file("state"), boot: "b", socket: nil, now: .zero, log: log)
    try wait { collector.messages.contains { $0.contains("who has come from where") } }
  }
}
