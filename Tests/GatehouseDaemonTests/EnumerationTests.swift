import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import Testing

@Suite("Everybody whom a question covers")
struct EnumerationTests {
  let directory = FakeDirectory()
  let groups: Set<Name> = ["staff", "wheel", "nosuch"]

  private func population(
    listing names: Set<Name> = ["alice", "bob"], named: Set<Name> = [], silent: [String] = [],
    isCut: Bool = false, within time: Duration = .seconds(20)
  ) throws -> Population {
    let accounts = try names.sorted().map { try #require(try directory.account(of: $0)) }
    return try Population(
      of: directory,
      listing: Enumeration(accounts: accounts, isCut: isCut, silentServices: silent),
      named: named, among: groups, on: BlockingCalls(atMost: 4), within: time)
  }

  @Test("the readings of many are those of each")
  func readings() throws {
    let population = try population()
    #expect(
      population.people
        == [
          try directory.reading(of: "alice", among: groups),
          try directory.reading(of: "bob", among: groups),
        ])
    #expect(population.gaps == [])
  }

  @Test("all readings of listed accounts are good, or none is")
  func readingsOfAccounts() throws {
    let accounts = try ["alice", "bob"].map { try #require(try directory.account(of: $0)) }
    #expect(try directory.readings(of: accounts, among: groups) == population().people)
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(throws: DirectoryError.self) { try directory.readings(of: accounts, among: groups) }
    #expect(try directory.readings(of: accounts, among: ["staff"]).count == 2)
  }

  @Test("members that a group lists and named users belong to it, listed or not")
  func members() throws {
    directory.change { $0.members["staff"] = ["bob", "gone"] }
    let people = try population(listing: [], named: ["ALICE", "nobody-x"]).people
    #expect(people.map(\.name) == ["alice", "bob", "nobody-x"])
    #expect(people.map(\.isKnown) == [true, true, false])
    #expect(people.first?.groups == ["staff", "wheel"])
  }

  @Test("one group that is away spoils them all")
  func awayGroup() throws {
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(throws: DirectoryError.self) { try population() }
  }

  @Test("a user who hangs costs no more than the time, and is said to be missing")
  func late() throws {
    directory.change { $0.stuckUsers = ["carol"] }
    defer { directory.change { $0.stuckUsers = [] } }
    let population = try population(named: ["carol"], within: .milliseconds(200))
    #expect(population.people.map(\.name) == ["alice", "bob"])
    #expect(population.gaps == [.late(count: 1, example: "carol")])
  }

  @Test("a list that broke off, and a service that lists nobody, are said")
  func gaps() throws {
    #expect(
      try population(silent: ["sss"], isCut: true).gaps
        == [.cutList, .silent(services: ["sss"])])
  }

  @Test("the machine's own directory lists root once, and in order")
  func machine() {
    let accounts = SystemDirectory().enumeration(
      on: BlockingCalls(atMost: 1), within: .seconds(20)
    ).accounts
    #expect(accounts.count { $0.name == "root" } == 1)
    #expect(accounts.map(\.name) == accounts.map(\.name).sorted())
  }

  @Test(
    "the services that may have users whom they do not list are those that are not the machine's")
  func distantServices() {
    let content = "passwd: files systemd [NOTFOUND=return] sss # winbind\ngroup: files ldap\n"
    #expect(NameServices.distantServices("passwd", content) == ["sss"])
  }
}
