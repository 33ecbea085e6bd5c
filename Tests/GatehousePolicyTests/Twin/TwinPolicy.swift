import GatehousePolicy

// A policy as plain structures: what the slow twin decides by, and what is written out as YAML for
// the real loader. Names are texts, addresses small numbers, times hours.

/// An address of the twin's small world: 16 of each family.
struct TwinAddress: Hashable {
  let isIPv6: Bool
  let number: Int

  var text: String { isIPv6 ? "2001:db8::\(String(number, radix: 16))" : "10.0.0.\(number)" }

  static let all = (0..<32).map { TwinAddress(isIPv6: $0 >= 16, number: $0 % 16) }
}

/// An entry of a list.
struct TwinEntry {
  enum Meaning {
    case range(isIPv6: Bool, ClosedRange<Int>)
    case anywhere, nowhere
    case network(String)
  }

  var meaning: Meaning
  /// How it is written in the policy.
  var text: String
  var isActive = true
  /// Hours; the end is exclusive.
  var since: Int?
  var until: Int?
}

typealias TwinList = [TwinEntry]

struct TwinScope {
  var from: TwinList?
  var alsoFrom: TwinList?
  var onlyFrom: TwinList?
  var requiresUserList = false
  var users: [String] = []
  var groups: [String] = []
  var check = true
}

struct TwinPolicy {
  var mode = "enforce"
  var networks: [String: TwinList] = [:]
  var everyone = TwinScope()
  var requiresRole = false
  var roles: [String: TwinScope] = [:]
  var groups: [String: TwinScope] = [:]
  var users: [String: TwinScope] = [:]
  var services: [String: TwinScope] = [:]
  var block: TwinList?
  var breakGlass: TwinScope?
}

struct TwinLogin {
  var user: String
  var groups: [String]?
  var service: String
  /// Nil with `isLocal` false: unknown.
  var address: TwinAddress?
  var isLocal: Bool
  var hour: Int
  var role: String?

  /// The same question for the real engine.
  var login: Login {
    let origin: Origin =
      isLocal ? .local : address.map { Origin(remoteHost: $0.text) } ?? .unknown(.notAnAddress)
    return Login(
      user: Name(user), groups: groups.map { Set($0.map { Name($0) }) }, service: Name(service),
      origin: origin, time: TwinTime.instant(hour), role: role.map { Name($0) })
  }
}

struct TwinGrant {
  var id: String
  var user: String
  var address: TwinAddress
  var service: String?
  var role: String?
  /// Hours; the end is exclusive.
  var since: Int
  var until: Int

  /// The same grant for the real engine.
  var grant: Grant? {
    IPAddress(address.text).map { address in
      Grant(
        id: id, user: Name(user), origin: .address(address), service: service.map { Name($0) },
        role: role.map { Name($0) }, since: TwinTime.instant(since), until: TwinTime.instant(until),
        author: "root", why: "a test")
    }
  }
}

enum TwinTime {
  static let hours = 0...6

  static func text(_ hour: Int) -> String { "2026-11-21T0\(hour):00:00Z" }

  static func instant(_ hour: Int) -> Instant {
    Instant(microsecondsSinceEpoch: (1_795_219_200 + Int64(hour) * 3600) * 1_000_000)
  }
}
