import GatehouseControl
import GatehousePolicy
import GatehouseState
import Testing

@testable import GatehouseRecord

@Suite("The login record")
struct LoginRecordTests {
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
    var table = PlaceTable(limit: 3, strangers: 0)
    let visits = LoginRecord.Visits(
      first: Instant(microsecondsSinceEpoch: 1), last: Instant(microsecondsSinceEpoch: 1))
    for user: Name in ["alice", "bob", "carol", "dave"] {
      table.add(visits, to: place("192.0.2.7", of: user), isKnown: true)
    }
    #expect(Set(table.visits.keys.map(\.user)) == ["alice", "bob", "carol"])
    table.add(visits, to: place("192.0.2.8", of: "bob"), isKnown: true)
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
    let bytes = try LoginRecord.kind.pieces(record).joined()
    let kept = try LoginRecord.kind.decode(Array(bytes))
    #expect(kept.admitted.visits == record.admitted.visits)
    #expect(kept.refused.visits == record.refused.visits)
    #expect(kept.uses.services.map(\.service) == record.uses.services.map(\.service))
    #expect(kept.uses.services.map(\.refused) == record.uses.services.map(\.refused))
  }
}
