import TestKit

@testable import GatehousePolicy
@testable import GatehouseReport

/// Policies, and what becomes of them by mistakes, as JSON: the loader reads it, and no YAML reader
/// has a say in what a schema sees.
enum SchemaCorpus {
  /// What a schema must say.
  enum Expectation {
    case valid, invalid
    /// What is wrong is none of a schema's business.
    case eitherWay
  }

  /// What the loader says of a value, told from what only the loader can know.
  static func expectation(of value: JSONValue) -> Expectation {
    let errors = load(value).diagnostics.filter { $0.severity == .error }
    if errors.isEmpty { return .valid }
    let isStructural = errors.contains { !beyondSchemas.contains($0.name) }
    return isStructural ? .invalid : .eitherWay
  }

  /// Errors about what something means, not about how it is written.
  private static let beyondSchemas: Set<String> = [
    "bad_address", "unknown_network", "network_cycle", "unknown_role", "bad_time", "empty_window",
    "unreadable_file",
  ]

  static func load(_ value: JSONValue) -> PolicyLoad {
    let file = PolicySnapshot.File(name: "policy.yaml", content: .bytes(Array(value.text.utf8)))
    return Policy.load(
      PolicySnapshot(
        policyFiles: [file],
        listFiles: [
          "lists/a": .bytes(Array("192.0.2.1\n".utf8)), "mail": .bytes(Array("al: root\n".utf8)),
        ]))
  }

  /// Sound policies that between them have every key, and every form of a value.
  static let policies: [JSONValue] = [
    [
      "version": 1,
      "networks": [
        "home": [
          "name": "al-1.dyn.example.net", "ipv6_prefix": 56, "overlap": "1h", "refresh": "5m",
          "max_age": "24h", "addresses": ["192.0.2.1"], "except": ["192.0.2.9"],
        ],
        "homes": ["name": ["al.example.net", "nas"], "shrink_limit": 50],
        "runners": [
          "url": "https://api.example.net:8443/meta?x=1", "format": "json",
          "select": ["actions", "a.b[c=d e][f=1.5].g"],
          "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF",
          "public_key": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
          "description": "deploys", "shrink_limit": "20%",
        ],
        "region": ["url": "https://example.net", "select": "prefixes[region=x].ip_prefix"],
        "lines": ["url": "https://example.net/list", "format": "text"],
        "land": ["country": ["DE", "AT"], "database": "/var/lib/GeoIP/country.mmdb"],
        "one": ["country": "NO", "database": "/c", "refresh": "2d", "max_age": "30d"],
        "ours": ["asn": [64500, "64501"], "database": "/var/lib/GeoIP/asn.mmdb"],
        "mine": ["asn": 4_294_967_295, "database": "/a.mmdb"],
      ],
    ],
    [
      "version": 1, "mode": "monitor", "message": "Not from {address}: {id}\n}",
    ],
    [
      "version": 1,
      "networks": ["office": ["203.0.113.0/24"]],
      "roles": ["admin": ["members": ["users": ["bill"]]]],
      "second_factor": [
        "not_from": [
          "office", "local", "self", "anywhere", ["address": "192.0.2.1", "until": "2027-01-31"],
        ],
        "new_places": "always",
        "users": ["root": "always", "deploy": "never", "bob": ["not_from": ["192.0.2.7"]]],
        "groups": ["staff": ["not_from": ["office"]], "wheel": "always"],
        "roles": ["admin": "always"],
      ],
      "tests": [
        ["user": "bob", "from": "192.0.2.7", "factor": "not_needed"],
        ["user": "root", "from": "local", "factor": "needed", "expect": "allow"],
      ],
    ],
    [
      "version": 1, "networks": ["office": ["203.0.113.0/24"]],
      "authorize": [
        "users": ["al"], "groups": ["admins", 7], "for": "8h",
        "from": ["office", "anywhere", "self", ["address": "192.0.2.1", "until": "2027-01-31"]],
        "mail": "{user}+codes@{user}.example.org", "per_day": 50,
      ],
    ],
    ["version": 1, "authorize": ["users": ["al"], "addresses": "mail"]],
    ["version": 1, "authorize": ["groups": ["al"], "command": "/usr/local/sbin/send"]],
    ["version": 1, "authorize": ["groups": ["al"], "mail": "_ops@mail-1.example.org"]],
    [
      "version": 1, "mode": "enforce",
      "message": "Not from {address}: {user}, {service}, {host}, {id} }",
      "identity": ["max_age": "24h"],
      "grants": ["longest": "8h", "widest": ["ipv4": 16, "ipv6": 48], "most": 20],
      "notify": [
        "mail": ["root", "ops@mail.example.org"], "command": "/usr/local/sbin/page",
        "on": ["denials", "first_times", "break_glass", "refused_changes", "rollbacks", "doors"],
        "gather": "5m", "most": 20,
      ],
      "networks": [
        "office": [
          "description": "here", "addresses": ["203.0.113.0/24", "2001:db8:1::/48"],
          "except": [
            "203.0.113.192/26", "self", ["address": "203.0.113.7", "description": "printer"],
            ["file": "lists/a"],
          ],
        ],
        "vpn": [
          "10.15.1.*", "10.15.*.*", "10.*.*.*", "*.*.*.*", "0.0.0.0/0", "::/0", "::1",
          "::ffff:10.0.0.0/104", "::ffff:10.0.0.1-10.0.0.9", "2001:db8::1-2001:db8::9",
          "10.1.0.0-10.1.0.255", "192.0.2.0/255.255.255.128", "office", "anywhere", "nowhere",
          "self",
        ],
        "_x-9": [
          ["address": "198.51.100.7", "description": 7, "until": "2027-01-31"],
          ["address": "office", "active": false, "since": "2026-01-31T00:00:00.5+03:00"],
          ["address": "198.18.0.0/15", "except": ["198.18.7.0/24", "office"]],
          ["file": "lists/a", "description": "partners", "until": "2027-01-31t23:59:59z"],
        ],
      ],
      "everyone": ["from": ["office", "vpn"], "requires_role": true],
      "roles": [
        "admin": [
          "members": ["groups": ["wheel", "10"], "users": ["bill", 10, true]], "from": ["office"],
          "only_from": ["office", "vpn"], "requires_user_list": false,
          "services": ["sudo": ["from": ["office"], "only_from": ["vpn"]]],
        ],
        "staff": ["members": ["groups": ["staff"]]],
      ],
      "groups": [
        "ops": [
          "also_from": ["vpn"], "requires_user_list": true,
          "services": ["sshd": ["also_from": ["office"]]],
        ], "1": ["only_from": ["vpn"]],
      ],
      "users": [
        "deploy": ["only_from": ["vpn"], "services": ["sshd": ["only_from": ["office"]]]],
        "no": ["also_from": ["nowhere"]],
      ],
      "services": [
        "sshd": ["from": ["anywhere"], "only_from": ["anywhere"]], "vsftpd": ["check": false],
        "kiosk": ["without_address": "local", "local": ["users": ["kiosk"], "groups": ["staff"]]],
        "radius": ["accounts": "virtual"], "cron": ["local": ["users": ["root"]]],
      ],
      "block": ["192.0.2.66"],
      "break_glass": ["users": ["rescue"], "groups": ["wheel"], "from": ["vpn"]],
      "local": ["groups": ["wheel"], "users": ["bill"]],
      "service_accounts": ["users": ["nagios"], "groups": ["monitoring"]],
      "tests": [
        ["user": "deploy", "from": "203.0.113.9", "expect": "deny"],
        [
          "user": 1, "from": "local", "expect": "allow", "service": "sshd", "groups": [],
          "roles": [], "reason": "not_listed", "at": "2026-11-21T12:00:00Z", "role": "admin",
        ],
        [
          "user": "a", "from": "unknown", "expect": "ignore", "groups": ["staff"],
          "roles": ["staff"],
        ],
      ],
      "silence": ["unknown_user", "no_break_glass"],
    ],
  ]

  /// Each policy, each with every single mistake, and many with a few at random.
  static let all: [JSONValue] = {
    let single = policies.flatMap { [$0] + variants(of: $0) }
    var random = SeededRandom(seed: 21)
    let several = (0..<150).map { _ in
      // One that is still sound half of the time, and then one that need not be.
      let first = single.randomElement(using: &random) ?? false
      return variants(of: first).randomElement(using: &random) ?? first
    }
    return single + several
  }()

  /// What may stand in the place of anything.
  private static let replacements: [JSONValue] = [
    "", "text", "office", "local", "self", "nowhere", "virtual", "true", "2027-02-28", "300.1.1.1",
    "a b", "{oops}",
    0, 1, true, false, [], [:], ["office"], [[]], [[:]], [""], ["office": 1],
    ["addresses": ["office"]],
  ]

  /// A value with each of the mistakes that can be made once.
  private static func variants(of value: JSONValue) -> [JSONValue] {
    replacements + inner(value)
  }

  private static func inner(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .text(let text):
      return [.text(text + "x"), .text(String(text.dropLast())), .text(text.uppercased())]
    case .number, .boolean: return []
    case .list(let items):
      var result: [JSONValue] = [.list(items + items)]
      for index in items.indices {
        for item in variants(of: items[index]) {
          var items = items
          items[index] = item
          result.append(.list(items))
        }
      }
      return result
    case .object(let members):
      let unknown = JSONValue.Member(name: "unknown", value: "x")
      var result: [JSONValue] = [.object(members + [unknown])]
      for index in members.indices {
        var without = members
        without.remove(at: index)
        result.append(.object(without))
        let names = [
          "", "local", "self", "sshd", "su", "a b", members[index].name + "x",
          String(repeating: "n", count: 65),
        ]
        // A key that is given twice is no matter for a schema.
        for name in names where !members.contains(where: { $0.name == name }) {
          var renamed = members
          renamed[index].name = name
          result.append(.object(renamed))
        }
        for value in variants(of: members[index].value) {
          var changed = members
          changed[index].value = value
          result.append(.object(changed))
        }
      }
      return result
    }
  }

  /// Every key of every map.
  static func keys(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let members): members.flatMap { [$0.name] + keys($0.value) }
    case .list(let items): items.flatMap(keys)
    case .text, .number, .boolean: []
    }
  }
}
