import GatehouseControl
import GatehousePolicy
import GatehouseState
import Testing

@testable import GatehouseRecord

@Suite("What the record knows of lists and of first visits")
struct ListUseTests {
  @Test("is when each list has last decided, and which one did last at each place")
  func lists() {
    let record = record([
      note(at: 5, list: "everyone.from"), note(at: 7, list: "users.alice.also_from"),
      note(of: "bob", at: 9, list: "everyone.from"),
      note(.refused, of: "eve", at: 8, list: "groups.contractors.only_from"),
      note(.seen, at: 10), note(of: "carol", at: 3),
    ])
    #expect(record.lastUse(of: "everyone.from") == instant(9))
    #expect(record.lastUse(of: "users.alice.also_from") == instant(7))
    #expect(record.lastUse(of: "groups.contractors.only_from") == instant(8))
    #expect(record.lastUse(of: "users.alice.only_from") == nil)
    // A session that was seen has no list, and takes none away.
    #expect(record.admitted.visits[place("192.0.2.7")]?.list == "users.alice.also_from")
    #expect(
      record.refused.visits[place("192.0.2.7", of: "eve")]?.list == "groups.contractors.only_from")
    #expect(record.admitted.visits[place("192.0.2.7", of: "carol")]?.list == nil)
    #expect(!record.isMissingLists)
  }

  @Test("is bounded in number and length, and it says if something is missing")
  func bounded() {
    var record = record([])
    for number in 0..<LoginRecord.listLimit {
      record.add(note(at: 1, list: Name("users.user\(number).only_from")))
    }
    #expect(!record.isMissingLists)
    record.add(note(at: 2, list: "one.more"))
    #expect(record.isMissingLists)
    #expect(record.lastUse(of: "one.more") == nil)
    var other = LoginRecord(since: instant(0))
    other.add(note(at: 2, list: Name(bytes: [UInt8](repeating: 97, count: 513))))
    #expect(other.isMissingLists && other.lists.isEmpty)
  }

  @Test("of lists that nobody uses is forgotten like places")
  func old() {
    var record = record([note(at: 0, list: "everyone.from"), note(at: 40_000_000, list: "block")])
    record.forgetOld(at: instant(40_000_000))
    #expect(record.lists.keys.sorted() == ["block"])
  }

  @Test("is the first time that a user was let in from an origin, by any service")
  func firstVisit() {
    var record = record([
      note(by: "sshd", at: 5), note(by: "cockpit", at: 3), note(.refused, by: "imap", at: 1),
      note(of: "bob", at: 2),
    ])
    let origin = Origin(written: "192.0.2.7")
    #expect(record.firstVisit(of: "alice", from: origin) == instant(3))
    #expect(record.firstVisit(of: "alice", from: Origin(written: "192.0.2.8")) == nil)
    for number in 0..<300 { record.add(note(of: "carol", from: "2001:db8::\(number)", at: 6)) }
    #expect(record.firstVisit(of: "carol", from: Origin(written: "2001:db8::ffff")) == instant(6))
    #expect(record.firstVisit(of: "carol", from: Origin(written: "2001:db8:0:1::1")) == nil)
  }

  @Test("is kept in order, so that one record is always kept in the same way")
  func keptAlike() throws {
    var full = record([])
    let lists = (10..<60).map { "users.user\($0).only_from" }
    for list in lists.shuffled() { full.add(note(at: 1, list: Name(list))) }
    let text = String(decoding: try LoginRecord.kind.pieces(full).joined(), as: UTF8.self)
    #expect(text.matches(of: /users\.user\d\d\.only_from/).map { String($0.output) } == lists)
  }

  @Test("is kept, with who was confirmed; a record of the first version is still read")
  func kept() throws {
    var record = record([
      note(at: 5, list: "everyone.from"), note(.refused, of: "eve", at: 8, list: "block"),
      note(of: "mallory", at: 6, isKnown: false),
    ])
    #expect(record.take(history: LoginRecord(since: instant(9)), at: instant(9)) == 0)
    let kept = try LoginRecord.kind.decode(Array(LoginRecord.kind.pieces(record).joined()))
    #expect(kept.admitted.visits == record.admitted.visits)
    #expect(kept.refused.visits == record.refused.visits)
    #expect(kept.lists == record.lists)
    #expect(kept.hasHistory)
    #expect(kept.admitted.isKnown("alice") && !kept.admitted.isKnown("mallory"))
    let first = StateKind<LoginRecord>("logins", version: 1, LoginRecord.version1)
    let earlier = try LoginRecord.kind.decode(Array(first.pieces(record).joined()))
    #expect(Set(earlier.admitted.visits.keys) == Set(record.admitted.visits.keys))
    #expect(earlier.admitted.visits[place("192.0.2.7")]?.last == instant(5))
    #expect(!earlier.hasHistory && earlier.lists.isEmpty)
    let later = StateKind<LoginRecord>("logins", version: 4, LoginRecord.version1)
    #expect(throws: StateProblem.version(4, supported: 3)) {
      try LoginRecord.kind.decode(Array(later.pieces(record).joined()))
    }
  }
}

@Suite("What the journal knew of the time before the record")
struct HistoryTests {
  private let now = instant(50_000_000)

  @Test("is taken up once, and never again")
  func once() {
    var record = record([note(at: 49_000_000)], since: 48_000_000)
    let history = LoginRecord.history([note(from: "198.51.100.7", at: 47_000_000)])
    #expect(record.take(history: history, at: now) == 1)
    #expect(
      record.firstVisit(of: "alice", from: Origin(written: "198.51.100.7")) == instant(47_000_000))
    let more = LoginRecord.history([note(from: "198.51.100.8", at: 47_000_000)])
    #expect(record.take(history: more, at: now) == nil)
    #expect(record.firstVisit(of: "alice", from: Origin(written: "198.51.100.8")) == nil)
  }

  @Test(
    "is left out where it cannot be: newer than the record's beginning, too old, refused, unknown")
  func implausible() {
    var record = record([], since: 48_000_000)
    let history = LoginRecord.history([
      note(of: "new", at: 48_000_000), note(of: "old", at: 1),
      note(.refused, of: "eve", at: 47_000_000),
      note(of: "host", from: "cafe.example", at: 47_000_000),
      note(.seen, of: "seen", at: 47_000_000),
      note(of: "local", from: "local", by: "login", at: 47_000_000),
    ])
    #expect(record.take(history: history, at: now) == 1)
    #expect(Array(record.users) == ["local"])
    #expect(record.refused.visits.isEmpty)
    #expect(record.uses.services.isEmpty)
  }

  @Test("adds to a place that is known already")
  func known() throws {
    var record = record([note(at: 49_000_000)], since: 48_000_000)
    #expect(
      record.take(history: .history([note(at: 47_000_000), note(at: 47_000_001)]), at: now) == 1)
    let visits = try #require(record.admitted.visits[place("192.0.2.7")])
    #expect(visits.allowed == 3)
    #expect(visits.first == instant(47_000_000) && visits.last == instant(49_000_000))
  }
}

extension LoginRecord {
  /// What a journal knows, as the command hands it over.
  fileprivate static func history(_ notes: [LoginNote]) -> LoginRecord { record(notes) }
}
