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

/// Where a login of the small world comes from.
enum TwinOrigin: Hashable {
  case address(TwinAddress)
  case machine, local
  case noAddress, notAnAddress, unclearSession

  /// The same for the real engine.
  var origin: Origin {
    switch self {
    case .address(let address): Origin(remoteHost: address.text)
    case .machine: .machine
    case .local: .local
    case .noAddress: .unknown(.noAddress)
    case .notAnAddress: .unknown(.notAnAddress)
    case .unclearSession: .unknown(.session)
    }
  }

  /// Whether lists are asked about it.
  var isListed: Bool {
    switch self {
    case .address, .machine: true
    case .local, .noAddress, .notAnAddress, .unclearSession: false
    }
  }
}

/// An entry of a list.
struct TwinEntry {
  enum Meaning {
    case range(isIPv6: Bool, ClosedRange<Int>)
    case anywhere, nowhere
    /// The word `self`.
    case machine
    /// Loopback addresses, of which the small world has none.
    case loopback
    /// All of one family, however it is written.
    case family(isIPv6: Bool)
    /// The word `local`, which only a list of second_factor may have.
    case local
    case network(String)
  }

  var meaning: Meaning
  /// How it is written in the policy.
  var text: String
  var isActive = true
  /// Hours; the end is exclusive.
  var since: Int?
  var until: Int?
  var except: [TwinEntry] = []
}

typealias TwinList = [TwinEntry]

/// What a network is got from elsewhere.
struct TwinSource {
  /// What was got; nil if nothing was.
  var content: TwinList?
  /// When, in hours.
  var got: Int
  /// How many hours it serves; for ever in `block` and `except`.
  var maxAge: Int
}

struct TwinScope {
  var from: TwinList?
  var alsoFrom: TwinList?
  var onlyFrom: TwinList?
  var requiresUserList = false
  var users: [String] = []
  var groups: [String] = []
  var check = true
  var local: TwinPeople?
  var isLocalWithoutAddress = false
  var hasVirtualAccounts = false
  /// Lists for one service alone, in a user, group or role.
  var services: [String: TwinScope] = [:]
}

/// Users and groups by name.
struct TwinPeople {
  var users: [String] = []
  var groups: [String] = []
}

struct TwinPolicy {
  var mode = "enforce"
  var networks: [String: TwinList] = [:]
  /// Networks that are got from elsewhere, beside what `networks` says of them.
  var sources: [String: TwinSource] = [:]
  /// What is taken away from networks.
  var networkExceptions: [String: TwinList] = [:]
  var everyone = TwinScope()
  var requiresRole = false
  var roles: [String: TwinScope] = [:]
  var groups: [String: TwinScope] = [:]
  var users: [String: TwinScope] = [:]
  var services: [String: TwinScope] = [:]
  var block: TwinList?
  var breakGlass: TwinScope?
  var local: TwinPeople?
  var factor: TwinFactor?
}

struct TwinLogin {
  var user: String
  var groups: [String]?
  /// Groups of which it is unknown whether the user is in them.
  var unsure: [String] = []
  /// Nil if no directory was asked.
  var isRoot: Bool?
  var exists: Bool
  var service: String
  var origin: TwinOrigin
  var hour: Int
  var role: String?

  /// The same question for the real engine.
  var login: Login {
    Login(
      user: Name(user), groups: groups.map { Set($0.map { Name($0) }) },
      unsureGroups: Set(unsure.map { Name($0) }), isRoot: isRoot, exists: exists,
      service: Name(service),
      origin: origin.origin, time: TwinTime.instant(hour), role: role.map { Name($0) })
  }
}

struct TwinGrant {
  var id: String
  var user: String
  /// An address, or the machine itself.
  var origin: TwinOrigin
  /// How many of the last bits of an address do not count.
  var hostBits = 0
  var service: String?
  var role: String?
  /// Hours; the end is exclusive.
  var since: Int
  var until: Int

  /// The same grant for the real engine.
  var grant: Grant {
    Grant(
      id: id, user: Name(user), place: place, service: service.map { Name($0) },
      role: role.map { Name($0) }, since: TwinTime.instant(since), until: TwinTime.instant(until),
      author: "root", why: "a test")
  }

  private var place: GrantPlace {
    switch origin.origin {
    case .address(let address):
      .network(AddressPrefix(of: address, length: address.family.bitWidth - hostBits))
    default: .machine
    }
  }

  /// Whether it is for a login from there.
  func isFor(_ other: TwinOrigin) -> Bool {
    guard case .address(let own) = origin, case .address(let other) = other else {
      return origin == other
    }
    return own.isIPv6 == other.isIPv6 && own.number >> hostBits == other.number >> hostBits
  }
}

enum TwinTime {
  static let hours = 0...6

  static func text(_ hour: Int) -> String { "2026-11-21T0\(hour):00:00Z" }

  static func instant(_ hour: Int) -> Instant {
    Instant(microsecondsSinceEpoch: (1_795_219_200 + Int64(hour) * 3600) * 1_000_000)
  }
}
