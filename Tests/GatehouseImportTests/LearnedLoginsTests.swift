import GatehouseImport
import GatehousePolicy
import TestKit
import Testing

@Suite("The policy that is learned from logins")
struct LearnedLoginsTests {
  private let day = Instant(microsecondsSinceEpoch: 1_790_000_000_000_000)

  private func text(_ learned: LearnedLogins) -> String {
    learned.policy(since: day, now: day)
  }

  private func policy(_ text: String) throws -> Policy {
    let folder = try TemporaryDirectory()
    let load = Policy.load(
      PolicySnapshot.read(path: try folder.write(text, to: "policy.yaml"), insecure: .warning)
        .snapshot)
    #expect(load.diagnostics.isEmpty, "\(load.diagnostics)")
    return try #require(load.policy)
  }

  private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  @Test("networks used by several users go to everyone's list, the others to each user's own")
  func lists() throws {
    var learned = LearnedLogins()
    for (user, from) in [
      ("ann", "192.0.2.7"), ("bob", "192.0.2.200"), ("bob", "198.51.100.1"),
      ("bob", "198.51.100.9"),
      ("ci", "2001:db8::7"), ("ci", "2001:db8::8"),
    ] {
      learned.add(Name(user), from: .address(try address(from)), at: day)
    }
    let text = text(learned)
    #expect(text.contains("\nmode: monitor\n"))
    #expect(
      text.contains(
        """

        everyone:
          from:
            - 192.0.2.0/24  # 2 logins by 2 users, last 2026-09-21

        """))
    #expect(
      text.contains(
        """

        users:
          bob:
            also_from:
              - 198.51.100.0/24  # 2 logins, last 2026-09-21
          ci:
            only_from:
              - "2001:db8::/64"  # 2 logins, last 2026-09-21

        """))
    _ = try policy(text)
  }

  @Test("what one user used is on nobody else's list")
  func alone() throws {
    var learned = LearnedLogins()
    learned.add("ann", from: .address(try address("192.0.2.7")), at: day)
    let policy = try policy(text(learned))
    let other = Login(
      user: "bob", groups: [], service: "sshd", origin: .address(try address("192.0.2.7")),
      time: day)
    #expect(policy.decide(other).isDenial)
  }

  @Test("a place that is included is allowed, becomes a test, and widens nobody else's list")
  func included() throws {
    var learned = LearnedLogins()
    for (user, from) in [("ann", "192.0.2.7"), ("bob", "192.0.2.8"), ("ann", "198.51.100.7")] {
      learned.add(Name(user), from: .address(try address(from)), at: day)
    }
    for (user, from, line) in [
      ("carl", "192.0.2.9", "- 192.0.2.0/24  # 2 logins by 3 users, last 2026-09-21"),
      ("carl", "198.51.100.9", "- 198.51.100.9  # written in by `gatehouse setup`"),
      ("ann", "198.51.100.9", "- 198.51.100.0/24  # 1 login, last 2026-09-21"),
      ("carl", "2001:db8::7", "- \"2001:db8::7\"  # written in by `gatehouse setup`"),
    ] {
      var learned = learned
      learned.include(Name(user), from: try address(from), at: day)
      var frame = LearnedLogins.Frame()
      frame.command = "gatehouse setup"
      frame.mode = .enforce
      frame.breakGlass = ("yes", "2001:db8::/32")
      frame.login = (Name(user), try address(from))
      let text = learned.policy(since: day, now: day, in: frame)
      #expect(text.contains(line), "\(text)")
      #expect(text.contains("\nmode: enforce\n"))
      let policy = try policy(text)
      #expect(policy.testResults().count == 1 && policy.failingTests().isEmpty)
      #expect(policy.breakGlassUsers == ["yes"])
      let other = Login(
        user: "dora", groups: [], service: "sshd", origin: .address(try address("198.51.100.9")),
        time: day)
      #expect(policy.decide(other).isDenial)
    }
  }

  @Test("every login it was learned from is allowed, and none from another network")
  func property() throws {
    var random = SeededRandom(seed: 20_261_121)
    let names: [Name] = ["ann", "bob", "CORP\\carl", "dörte", "e f", "yes", "007", "g\"h", "#i"]
    for _ in 0..<60 {
      let lengths = LearnedLogins.PrefixLengths(
        ipv4: Int.random(in: 8...32, using: &random), ipv6: Int.random(in: 16...128, using: &random)
      )
      var learned = LearnedLogins(lengths)
      var logins: [(user: Name, address: IPAddress)] = []
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        let user = try #require(names.randomElement(using: &random))
        let address = try randomAddress(&random)
        logins.append((user, address))
        learned.add(user, from: .address(address), at: day)
      }
      let policy = try policy(text(learned))
      func decide(_ user: Name, _ address: IPAddress) -> Decision {
        policy.decide(
          Login(user: user, groups: [], service: "sshd", origin: .address(address), time: day))
      }
      for (user, address) in logins {
        let decision = decide(user, address)
        #expect(!decision.isDenial, "\(user) from \(address) by\n\(text(learned))")
      }
      func network(_ address: IPAddress) -> AddressPrefix {
        AddressPrefix(
          of: address, length: address.family == .ipv4 ? lengths.ipv4 : lengths.ipv6)
      }
      let seen = Set(logins.map { network($0.address) })
      for _ in 0..<40 {
        let address = try randomAddress(&random)
        guard !seen.contains(network(address)) else { continue }
        for user in names { #expect(decide(user, address).isDenial, "\(user) from \(address)") }
      }
    }
  }

  /// An address of either family in one of few networks, so that users share them.
  private func randomAddress(_ random: inout SeededRandom) throws -> IPAddress {
    let low = UInt8.random(in: 0...255, using: &random)
    let net = UInt8.random(in: 0...5, using: &random)
    return switch UInt8.random(in: 0...3, using: &random) {
    case 0: try address("192.0.\(net).\(low)")
    case 1: try address("2001:db8:\(net)::\(String(low, radix: 16))")
    case 2: try address("\(low).\(net).0.255")
    default: try address("::\(String(net, radix: 16)):\(String(low, radix: 16))")
    }
  }

  @Test("a prefix of an address contains it")
  func prefixes() throws {
    for (text, length, prefix) in [
      ("192.0.2.255", 24, "192.0.2.0/24"), ("192.0.2.255", 32, "192.0.2.255"),
      ("255.255.255.255", 0, "0.0.0.0/0"), ("2001:db8::ffff", 64, "2001:db8::/64"),
      ("2001:db8::ffff", 128, "2001:db8::ffff"), ("ffff::1", 0, "::/0"),
      ("::1:0:0:1", 96, "::1:0:0:0/96"),
    ] {
      #expect(AddressPrefix(of: try address(text), length: length).description == prefix)
    }
  }
}
