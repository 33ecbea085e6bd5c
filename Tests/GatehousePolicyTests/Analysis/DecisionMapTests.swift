import TestKit
import Testing

@testable import GatehousePolicy

/// Addresses of the twin's small world, around it, at the ends of both families, and on both sides of
/// the IPv4-mapped space.
let telling: [IPAddress] =
  (TwinAddress.all.map(\.text) + [
    "0.0.0.0", "9.255.255.255", "10.0.0.16", "10.0.1.0", "255.255.255.255", "::", "::1",
    "::fffe:ffff:ffff", "::1:0:0:0", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::10",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]).compactMap { IPAddress($0) }

@Suite("What is decided from every address")
struct DecisionMapTests {
  @Test("Each address lies in one part, and its decision is the engine's, for random policies")
  func agreement() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 11))
    for _ in 0..<rounds("GATEHOUSE_MAPS", usually: 120) {
      let text = TwinText(generator.policy(), random: &generator.random)
      let policy = try #require(Policy.load(text.snapshot).policy, "\(text.text)")
      for _ in 0..<10 {
        let login = generator.login().login
        let map = policy.decisions(of: login)
        for address in telling {
          var question = login
          question.origin = .address(address)
          let decision = policy.decide(question)
          let parts = (map.allowed + map.denied).filter { $0.addresses.contains(address) }
          #expect(parts.count == 1)
          #expect(parts.first?.decision == decision, "\(text.text)\n\(question)")
          #expect(map.allowedAddresses.contains(address) == !decision.isDenial)
        }
        let union = (map.allowed + map.denied).reduce(AddressSet.nothing) {
          #expect($0.intersection($1.addresses).isEmpty)
          #expect(!$1.addresses.isEmpty)
          return $0.union($1.addresses)
        }
        #expect(union == .everything)
      }
    }
  }

  private func map(_ text: String, user: Name = "eve", role: Name? = nil) throws -> DecisionMap {
    let loaded = load("version: 1\n" + text)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    return policy.decisions(
      of: Login(
        user: user, groups: [], service: "sshd", origin: .machine,
        time: TwinTime.instant(0), role: role))
  }

  @Test("A policy that says nothing allows everything, as two prefixes")
  func everything() throws {
    let map = try map("")
    #expect(map.allowedAddresses.prefixes.map(\.description) == ["0.0.0.0/0", "::/0"])
    #expect(map.denied.isEmpty)
  }

  @Test("An empty set is no part")
  func nothing() throws {
    let map = try map("everyone: {from: [nowhere]}")
    #expect(map.allowed.isEmpty)
    #expect(map.denied.map(\.addresses) == [.everything])
  }

  @Test("The IPv4-mapped space belongs to no part, and cuts none in two")
  func mappedSpace() throws {
    let map = try map("everyone: {from: [\"::/0\"]}\nblock: [\"::-::fffe:ffff:ffff\"]")
    #expect(
      map.allowedAddresses
        == AddressSet.everything(of: .ipv6).subtracting(
          try #require(map.denied.first { $0.decision.reason == .blocked }).addresses))
    let whole = try self.map("everyone: {from: [\"::/0\"]}")
    #expect(whole.allowedAddresses.prefixes.map(\.description) == ["::/0"])
  }

  @Test("With a role, the addresses are those where it is available")
  func role() throws {
    let text = """
      everyone: {from: [10.0.0.0/24]}
      roles: {admin: {members: {users: [bob]}, from: [10.0.0.8/29]}}
      """
    #expect(
      try map(text, user: "bob", role: "admin").allowedAddresses.description == "10.0.0.8/29")
    #expect(try map(text, user: "eve", role: "admin").allowed.isEmpty)
    #expect(try map(text, user: "bob").allowedAddresses.description == "10.0.0.0/24")
  }

  @Test("Monitor mode answers everything with allow; what it would deny is denied here")
  func monitor() throws {
    let map = try map("mode: monitor\neveryone: {from: [10.0.0.0/24]}")
    #expect(map.allowedAddresses.description == "10.0.0.0/24")
    #expect(map.denied.allSatisfy { $0.decision.wouldDeny && $0.decision.verdict == .allow })
  }

  @Test("A long list of networks comes out as it went in, but for what is blocked")
  func long() throws {
    let lines = (0..<100_000).map { "\(1 + $0 >> 16).\($0 >> 8 & 255).\($0 & 255).0/25\n" }
    let loaded = load(
      "version: 1\neveryone: {from: [{file: big}]}\nblock: [1.0.0.1]\n",
      lists: ["big": lines.joined()])
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let map = policy.decisions(
      of: Login(
        user: "eve", groups: [], service: "sshd", origin: .machine, time: TwinTime.instant(0)))
    #expect(map.allowed.count == 1)
    #expect(map.denied.count == 2)
    // One /25 lost an address: what is left of it are seven prefixes.
    #expect(map.allowedAddresses.prefixes.count == 100_000 - 1 + 7)
  }
}
