import GatehouseIdentity
import GatehousePolicy
import Testing

struct EnumerationTests {
  let directory = FakeDirectory()
  let groups: Set<Name> = ["staff", "wheel", "nosuch"]

  private func accounts(_ names: Name...) throws -> [Account] {
    try names.map { try #require(try directory.account(of: $0)) }
  }

  @Test func theReadingsOfManyAreThoseOfEach() throws {
    let readings = try directory.readings(of: accounts("alice", "bob"), among: groups)
    #expect(
      readings
        == [
          try directory.reading(of: "alice", among: groups),
          try directory.reading(of: "bob", among: groups),
        ])
  }

  @Test func oneGroupThatIsAwaySpoilsThemAll() throws {
    let accounts = try accounts("alice", "bob")
    directory.change { $0.awayGroups = ["wheel"] }
    #expect(throws: DirectoryError.self) {
      try directory.readings(of: accounts, among: groups)
    }
    #expect(try directory.readings(of: accounts, among: ["staff"]).count == 2)
  }

  @Test func theMachinesOwnDirectoryEnumeratesRootOnceAndInOrder() {
    let accounts = SystemDirectory().accounts()
    #expect(accounts.count { $0.name == "root" } == 1)
    #expect(accounts.map(\.name) == accounts.map(\.name).sorted())
    #expect(accounts == SystemDirectory().accounts())
  }
}
