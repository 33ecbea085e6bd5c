import Testing

@testable import GatehousePolicy

@Suite("Which entries of a policy somebody has needed")
struct EntryUseTests {
  private static let now = Instant(rfc3339: "2026-11-26T12:00:00Z") ?? .now()

  private static let text = """
    version: 1
    networks:
      office: [203.0.113.0/24]
      lab: [198.51.100.0/24, "2001:db8::/48"]
      empty: [192.0.2.128/25]
    everyone: {from: [office, lab, empty, self]}
    users:
      bob: {also_from: [10.0.0.0/8, {address: 10.1.0.0/16, until: 2026-12-01, description: home}]}
      eve: {also_from: [10.0.0.0/8, {address: 172.16.0.0/12, active: false}]}
    block: [192.0.2.66]
    break_glass: {users: [rescue], from: [192.0.2.1]}
    """

  private func policy() throws -> Policy { try #require(load(Self.text).policy) }

  private func place(
    _ user: Name, _ origin: String, isNetwork: Bool = false
  ) -> VisitedPlace {
    VisitedPlace(user: user, origin: Origin(written: origin), isNetwork: isNetwork)
  }

  private func unused(_ places: [VisitedPlace]) throws -> [String] {
    try policy().entries(holdingNoneOf: places, at: Self.now).map { "\($0.list) \($0.text)" }
  }

  @Test("those that hold nobody's place, in lists and networks; not those of block and break_glass")
  func unusedEntries() throws {
    let places = [
      place("ann", "203.0.113.7"), place("bob", "10.2.3.4"), place("carol", "10.1.0.1"),
    ]
    #expect(
      try unused(places) == [
        "networks.lab 198.51.100.0/24", "networks.lab 2001:db8::/48",
        "networks.empty 192.0.2.128/25", "everyone.from lab", "everyone.from empty",
        "everyone.from self", "users.bob.also_from 10.1.0.0/16", "users.eve.also_from 10.0.0.0/8",
      ])
  }

  @Test("the machine itself, and an IPv6 network of the record, count for what may hold them")
  func specialPlaces() throws {
    let places = [place("ann", "self"), place("ann", "2001:db8::", isNetwork: true)]
    let left = try unused(places)
    #expect(!left.contains("everyone.from self") && !left.contains("networks.lab 2001:db8::/48"))
    #expect(left.contains("networks.lab 198.51.100.0/24"))
  }

  @Test("without any place, all of them; an inactive entry is none")
  func nobody() throws {
    let left = try unused([])
    #expect(left.count == 11 && !left.contains { $0.contains("172.16") })
  }

  @Test("those that end soon, with their description")
  func ending() throws {
    let entries = try policy().entries(endingWithin: .days(14), from: Self.now)
    #expect(entries.map(\.text) == ["10.1.0.0/16"])
    #expect(entries.first?.comment == "home" && entries.first?.until != nil)
    #expect(try policy().entries(endingWithin: .days(1), from: Self.now).isEmpty)
  }

  @Test("an address belongs to the smallest network that holds it")
  func smallest() throws {
    let policy = try #require(
      load("{version: 1, networks: {all: [10.0.0.0/8], desk: [10.1.1.1], site: [10.1.0.0/16]}}")
        .policy)
    let addresses = Set(
      ["10.1.1.1", "10.1.1.2", "10.2.0.0", "11.0.0.1"].compactMap(IPAddress.init))
    let names = policy.networks(holding: addresses, at: Self.now)
    #expect(
      names.mapValues(\.description).map { "\($0) \($1)" }.sorted() == [
        "10.1.1.1 desk", "10.1.1.2 site", "10.2.0.0 all",
      ])
  }
}
