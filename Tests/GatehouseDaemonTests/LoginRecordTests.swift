import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState
import TestKit
import Testing

@testable import GatehouseDaemon

@Suite("The login record")
struct LoginRecordTests {
  private func note(
    _ outcome: LoginNote.Outcome = .allowed, of user: Name = "alice",
    from origin: String = "192.0.2.7", by service: Name = "sshd", at second: Int64 = 0
  ) -> LoginNote {
    LoginNote(
      user: user, origin: Origin(written: origin), service: service, outcome: outcome,
      time: Instant(microsecondsSinceEpoch: second * 1_000_000))
  }

  private func record(_ notes: [LoginNote]) -> LoginRecord {
    var record = LoginRecord(since: Instant(microsecondsSinceEpoch: 0))
    for note in notes { record.add(note) }
    return record
  }

  private func place(
    _ origin: String, of user: Name = "alice", by service: Name = "sshd"
  ) -> LoginRecord.Place {
    LoginRecord.Place(user: user, service: service, origin: Origin(written: origin))
  }

  @Test("has first, last, how often and with what outcome of each place")
  func visits() throws {
    let record = record([
      note(at: 5), note(.refused, at: 7), note(at: 9), note(from: "local", by: "login", at: 6),
    ])
    let visits = try #require(record.admitted.visits[place("192.0.2.7")])
    #expect(visits.first.microseconds == 5_000_000)
    #expect(visits.last.microseconds == 9_000_000)
    #expect(visits.allowed == 2 && visits.refused == 1)
    #expect(record.admitted.visits[place("local", by: "login")]?.allowed == 1)
    #expect(record.refused.visits.isEmpty)
  }

  @Test("keeps refused places apart, until somebody is let in from there")
  func refused() throws {
    var record = record([note(.refused, at: 1), note(.refused, at: 2)])
    #expect(record.admitted.visits.isEmpty)
    #expect(record.refused.visits[place("192.0.2.7")]?.refused == 2)
    record.add(note(at: 3))
    #expect(record.refused.visits.isEmpty)
    let visits = try #require(record.admitted.visits[place("192.0.2.7")])
    #expect(visits.refused == 2 && visits.allowed == 1)
    #expect(visits.first.microseconds == 1_000_000)
  }

  @Test("puts a user's IPv6 addresses of one /64 together when their places are full")
  func networks() {
    var record = record((1...200).map { note(from: "2001:db8:0:1::\($0)", at: Int64($0)) })
    #expect(record.admitted.visits.count == 200)
    record.add(note(from: "2001:db8:0:2::1", at: 300))
    #expect(record.admitted.visits.count == 2)
    let network = LoginRecord.Place(
      user: "alice", service: "sshd", origin: Origin(written: "2001:db8:0:1::"), isNetwork: true)
    #expect(record.admitted.visits[network]?.allowed == 200)
    #expect(record.admitted.visits[network]?.last.microseconds == 200_000_000)
    // A further address of the /64 is one more visit of it.
    record.add(note(from: "2001:db8:0:1::ffff", at: 301))
    #expect(record.admitted.visits.count == 2)
    #expect(record.admitted.visits[network]?.allowed == 201)
  }

  @Test("gives a user with too many places their newest, and nobody else fewer")
  func perUser() {
    var record = record([note(of: "bob", at: 0)])
    for number in 0..<300 {
      record.add(note(from: "10.0.\(number / 256).\(number % 256)", at: Int64(number + 1)))
    }
    #expect(record.admitted.visits.count == LoginRecord.limitPerUser + 1)
    #expect(record.admitted.visits[place("192.0.2.7", of: "bob")] != nil)
    #expect(record.admitted.visits[place("10.0.1.43")] != nil)
    #expect(record.admitted.visits[place("10.0.0.0")] == nil)
  }

  @Test("is bounded for all together, and then whoever has no place gets none")
  func bounded() {
    var table = PlaceTable(limit: 3)
    let visits = LoginRecord.Visits(
      first: Instant(microsecondsSinceEpoch: 1), last: Instant(microsecondsSinceEpoch: 1))
    for user: Name in ["alice", "bob", "carol", "dave"] {
      table.add(visits, to: place("192.0.2.7", of: user))
    }
    #expect(Set(table.visits.keys.map(\.user)) == ["alice", "bob", "carol"])
    table.add(visits, to: place("192.0.2.8", of: "bob"))
    #expect(table.visits.count == 3)
    #expect(table.visits[place("192.0.2.8", of: "bob")] != nil)
    #expect(table.visits[place("192.0.2.7", of: "bob")] == nil)
  }

  @Test("forgets places from which nobody has come for long")
  func old() {
    var record = record([
      note(at: 0), note(.refused, of: "bob", at: 0), note(of: "carol", at: 40_000_000),
    ])
    record.forgetOld(at: Instant(microsecondsSinceEpoch: 40_000_000_000_000))
    #expect(record.admitted.visits.keys.map(\.user) == ["carol"])
    #expect(record.refused.visits.isEmpty)
  }

  @Test("counts each service by outcome and kind of origin")
  func services() throws {
    let uses = record([
      note(at: 1), note(.refused, from: "self", at: 2), note(.refused, from: "", by: "xrdp", at: 3),
      note(.refused, from: "cafe.example", at: 4), note(from: "local", by: "login", at: 5),
      note(.seen, from: "192.0.2.9", at: 6),
    ]).uses
    #expect(uses.services.map(\.service) == ["login", "sshd", "xrdp"])
    let sshd = try #require(uses.services.first { $0.service == "sshd" })
    #expect(sshd.allowed == 1 && sshd.refused == 2)
    #expect(sshd.fromAddress == 1 && sshd.fromSelf == 1 && sshd.fromUnknown == 1)
    #expect(sshd.first.microseconds == 1_000_000 && sshd.last.microseconds == 4_000_000)
    #expect(uses.services.first { $0.service == "xrdp" }?.withoutAddress == 1)
    #expect(uses.services.first { $0.service == "login" }?.fromLocal == 1)
    #expect(!uses.isCut)
  }

  @Test("counts a bounded number of services, and says if there were more")
  func manyServices() {
    let uses = record((0...LoginRecord.serviceLimit).map { note(by: Name("service\($0)")) }).uses
    #expect(uses.services.count == LoginRecord.serviceLimit)
    #expect(uses.isCut)
  }

  @Test("is the same once it was kept")
  func kept() throws {
    var record = record([
      note(at: 1), note(.refused, from: "2001:db8::7", at: 2), note(from: "self", at: 3),
      note(.refused, from: "", by: "xrdp", at: 4), note(from: "local", by: "login", at: 5),
    ])
    for number in 0..<300 { record.add(note(of: "carol", from: "2001:db8::\(number)", at: 6)) }
    let bytes = try KeptState.logins.pieces(record).joined()
    let kept = try KeptState.logins.decode(Array(bytes))
    #expect(kept.admitted.visits == record.admitted.visits)
    #expect(kept.refused.visits == record.refused.visits)
    #expect(kept.uses.services.map(\.service) == record.uses.services.map(\.service))
    #expect(kept.uses.services.map(\.refused) == record.uses.services.map(\.refused))
  }
}

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
