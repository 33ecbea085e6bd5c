import GatehousePolicy
import Testing

@testable import GatehouseRecord

/// Whoever fills the record with names that they invent takes nobody's place but those of other
/// invented names.
@Suite("The login record in a flood of invented names")
struct FloodTests {
  @Test("keeps every place of a confirmed user, and has room for more")
  func confirmed() {
    var record = record([note(of: "alice", at: 1), note(.refused, of: "bob", at: 1)])
    for number in 0..<(LoginRecord.strangerLimit * 2) {
      let name = Name("invented\(number)")
      record.add(note(of: name, at: Int64(number + 2), isKnown: false))
      record.add(note(.refused, of: name, from: "192.0.2.8", at: Int64(number + 2), isKnown: false))
    }
    #expect(record.admitted.visits.count <= LoginRecord.strangerLimit + 1)
    #expect(record.refused.visits.count <= LoginRecord.refusedStrangerLimit + 1)
    #expect(record.admitted.visits[place("192.0.2.7", of: "alice")] != nil)
    #expect(record.refused.visits[place("192.0.2.7", of: "bob")] != nil)
    record.add(note(of: "carol", at: 100_000))
    #expect(record.admitted.visits[place("192.0.2.7", of: "carol")] != nil)
    // The newest of the strangers are there.
    let last = Name("invented\(LoginRecord.strangerLimit * 2 - 1)")
    #expect(record.admitted.visits[place("192.0.2.7", of: last)] != nil)
  }

  @Test("gives the room of strangers to confirmed users when it is full")
  func givesWay() {
    var table = PlaceTable(limit: 4, strangers: 2)
    let visits = LoginRecord.Visits(first: instant(1), last: instant(1))
    for user: Name in ["x", "y"] {
      table.add(visits, to: place("192.0.2.7", of: user), isKnown: false)
    }
    for user: Name in ["alice", "bob", "carol", "dave"] {
      table.add(visits, to: place("192.0.2.7", of: user), isKnown: true)
    }
    #expect(Set(table.visits.keys.map(\.user)) == ["alice", "bob", "carol", "dave"])
    // Full of confirmed users: a stranger gets nothing, and takes nothing.
    table.add(visits, to: place("192.0.2.7", of: "z"), isKnown: false)
    #expect(Set(table.visits.keys.map(\.user)) == ["alice", "bob", "carol", "dave"])
  }

  @Test("takes a user whom a directory confirms later out of the strangers")
  func later() {
    var table = PlaceTable(limit: 9, strangers: 2)
    let visits = LoginRecord.Visits(first: instant(1), last: instant(1))
    table.add(visits, to: place("192.0.2.7", of: "alice"), isKnown: false)
    table.add(visits, to: place("192.0.2.8", of: "alice"), isKnown: true)
    for user: Name in ["x", "y", "z", "u", "v"] {
      table.add(visits, to: place("192.0.2.7", of: user), isKnown: false)
    }
    #expect(table.places(of: "alice").count == 2)
    #expect(table.visits.count == 4)
    // Once confirmed is enough, also if the directory is away.
    table.add(visits, to: place("192.0.2.9", of: "alice"), isKnown: false)
    #expect(table.places(of: "alice").count == 3)
    #expect(table.visits.count == 5)
  }

  @Test("lets a stranger with many places push out nobody else")
  func manyPlaces() {
    var record = record([note(of: "y", from: "198.51.100.1", at: 1, isKnown: false)])
    for number in 0..<300 {
      record.add(
        note(of: "x", from: "10.0.\(number / 256).\(number % 256)", at: 2, isKnown: false))
    }
    #expect(record.places(of: "x").count == LoginRecord.limitPerUser)
    #expect(record.places(of: "y").count == 1)
  }
}
