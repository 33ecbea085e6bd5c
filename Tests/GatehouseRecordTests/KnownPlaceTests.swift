import GatehousePolicy
import GatehouseState
import Testing

@testable import GatehouseRecord

@Suite("From where a user has come in before")
struct KnownPlaceTests {
  private let day: Int64 = 86_400

  private func hasComeIn(
    _ record: LoginRecord, _ user: Name = "alice", from origin: String, at second: Int64
  ) -> Bool {
    record.hasComeIn(
      user, from: Origin(written: origin), since: instant(second - 30 * day), until: instant(second)
    )
  }

  @Test("only logins count that the policy itself let in")
  func proven() {
    let record = record([
      note(from: "192.0.2.1", at: 100, provesPlace: true),
      // By monitor mode, or unchecked.
      note(from: "192.0.2.2", at: 100),
      note(.refused, from: "192.0.2.3", at: 100), note(.seen, from: "192.0.2.4", at: 100),
    ])
    #expect(hasComeIn(record, from: "192.0.2.1", at: 200))
    for other in 2...5 { #expect(!hasComeIn(record, from: "192.0.2.\(other)", at: 200)) }
    #expect(!hasComeIn(record, "bob", from: "192.0.2.1", at: 200))
  }

  @Test("for thirty days after the last such login, whatever came later, and not before it")
  func time() {
    let record = record([
      note(from: "192.0.2.1", at: 100, provesPlace: true),
      note(from: "192.0.2.1", at: 20 * day, provesPlace: true),
      note(.refused, from: "192.0.2.1", at: 40 * day), note(from: "192.0.2.1", at: 45 * day),
    ])
    #expect(hasComeIn(record, from: "192.0.2.1", at: 50 * day))
    #expect(!hasComeIn(record, from: "192.0.2.1", at: 50 * day + 1))
    // The clock was wrong then, or is now.
    #expect(!hasComeIn(record, from: "192.0.2.1", at: 50))
  }

  @Test("an IPv4 address, and the /56 of an IPv6 one; self, local and unknown never")
  func place() {
    let record = record([
      note(from: "192.0.2.1", at: 1, provesPlace: true),
      note(from: "2001:db8:0:100::1", at: 1, provesPlace: true),
      note(from: "self", at: 1, provesPlace: true), note(from: "local", at: 1, provesPlace: true),
    ])
    #expect(!hasComeIn(record, from: "192.0.2.0", at: 2))
    #expect(hasComeIn(record, from: "2001:db8:0:1ff::9", at: 2))
    #expect(!hasComeIn(record, from: "2001:db8:0:200::1", at: 2))
    for origin in ["self", "local", "cafe.example"] {
      #expect(!hasComeIn(record, from: origin, at: 2))
    }
  }

  @Test("also where the addresses of a /64 were put together")
  func together() {
    var record = record((1...200).map { note(from: "2001:db8:0:1::\($0)", at: Int64($0)) })
    record.add(note(from: "2001:db8:0:1::7", at: 250, provesPlace: true))
    record.add(note(from: "2001:db8:0:2::1", at: 300))
    #expect(record.admitted.visits.count == 2)
    #expect(hasComeIn(record, from: "2001:db8:0:1::ffff", at: 301))
  }

  @Test("what the journal knew of the time before the record does not count")
  func history() {
    var new = LoginRecord(since: instant(1000))
    let history = record([note(from: "192.0.2.1", at: 900, provesPlace: true)])
    #expect(new.take(history: history, at: instant(1000)) == 1)
    #expect(!hasComeIn(new, from: "192.0.2.1", at: 1001))
  }

  @Test("it is kept over a restart; of a record of before, nothing counts")
  func kept() throws {
    let record = record([note(from: "192.0.2.1", at: 100, provesPlace: true)])
    let kept = try LoginRecord.kind.decode(Array(LoginRecord.kind.pieces(record).joined()))
    #expect(kept.admitted.visits == record.admitted.visits)
    #expect(hasComeIn(kept, from: "192.0.2.1", at: 200))
    let second = StateKind<LoginRecord>(
      "logins", version: 2, LoginRecord.version(of: LoginRecord.Row.version2))
    let earlier = try LoginRecord.kind.decode(Array(second.pieces(record).joined()))
    #expect(Set(earlier.admitted.visits.keys) == Set(record.admitted.visits.keys))
    #expect(!hasComeIn(earlier, from: "192.0.2.1", at: 200))
  }
}
