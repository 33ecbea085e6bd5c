import TestKit
import Testing

@testable import GatehousePolicy

@Suite("Warnings of a policy")
struct WarningTests {
  private func warnings(_ text: String) throws -> [String] {
    let loaded = load("version: 1\n" + text)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let now = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
    return policy.warnings(now: now).map { "\($0.location?.line ?? 0) \($0.name)" }
  }

  private let breakGlass = "break_glass: {users: [rescue], from: [203.0.113.250]}\n"

  @Test("A sound policy has none")
  func sound() throws {
    let text = """
      networks: {office: [192.0.2.0/24, "2001:db8::1", "2001:db8::2aa:ff:fe28:9c5a"]}
      everyone: {from: [office]}
      users: {al: {only_from: [nowhere]}, bob: {also_from: [{address: 198.51.100.7, until: 2027-12-31}]}}
      roles: {r: {members: {users: [al]}}}
      block: [203.0.113.66]
      """
    #expect(try warnings(breakGlass + text) == [])
  }

  @Test(
    "What may not be meant is told",
    arguments: [
      (
        "users: {al: {only_from: [{address: 192.0.2.1, active: false}]}}", ["3 unreachable_list"]
      ),
      (
        "users: {al: {only_from: [{address: 192.0.2.1, until: 2026-11-20}]}}",
        ["3 unreachable_list", "3 expired_entry"]
      ),
      (
        "users: {al: {only_from: [192.0.2.2, {address: 192.0.2.1, until: 2026-11-20}]}}",
        ["3 expired_entry"]
      ),
      (
        "users: {al: {only_from: [192.0.2.2, {address: 192.0.2.1, until: 2026-12-04}]}}",
        ["3 expires_soon"]
      ),
      (
        "users: {al: {only_from: [192.0.2.2, {address: 192.0.2.1, until: 2026-12-06}]}}", []
      ),
      (
        "users: {al: {only_from: [{address: 192.0.2.1, until: 2026-11-30}]}}",
        ["3 empty_soon", "3 expires_soon"]
      ),
      (
        "networks: {n: [{address: 192.0.2.1, until: 2026-11-30}]}\nusers: {al: {only_from: [n]}}",
        ["3 expires_soon", "4 empty_soon"]
      ),
      ("users: {al: {also_from: [192.0.2.1]}}", ["3 hidden_rule"]),
      (
        "networks: {n: {addresses: [192.0.2.0/24], except: [192.0.2.7, 198.51.100.1]}}\nblock: [n]",
        ["3 idle_exception"]
      ),
      (
        "users: {al: {only_from: [{address: 192.0.2.0/24, except: [self]}]}}", ["3 idle_exception"]
      ),
      (
        "users: {al: {only_from: [{address: anywhere, except: [self, 192.0.2.0/24]}]}}", []
      ),
      (
        "users: {al: {only_from: [{address: 192.0.2.0/24, except: [192.0.0.0/16]}]}}",
        ["3 unreachable_list"]
      ),
      (
        "users: {al: {services: {sshd: {only_from: [{address: 192.0.2.1, active: false}]}}}}",
        ["3 unreachable_list"]
      ),
      (
        "everyone: {from: [192.0.2.0/24]}\nusers: {al: {also_from: [192.0.2.1]}}", ["4 hidden_rule"]
      ),
      (
        "everyone: {from: [192.0.2.0/24]}\nservices: {s: {from: [192.0.2.9]}}\n"
          + "users: {al: {also_from: [192.0.2.1]}}", []
      ),
      (
        "users: {al: {only_from: [192.0.2.9, 192.0.2.66]}}\nblock: [192.0.2.64/26]",
        ["3 blocked_entry"]
      ),
      ("block: [anywhere]", ["3 blocks_everyone"]), ("block: [\"::/0\"]", ["3 blocks_everyone"]),
      ("roles: {r: {from: [192.0.2.1]}}", ["3 empty_role"]),
      (
        "users: {al: {only_from: [\"2001:db8::9d4f:31c2:8e0a:77b1\"]}}", ["3 privacy_address"]
      ),
      ("users: {al: {only_from: [\"2001:db8::9d4f:31c2:8e0a:0/112\"]}}", []),
      ("services: {s: {only_from: [anywhere]}}", ["3 hidden_rule"]),
      ("services: {s: {only_from: [\"0.0.0.0/0\"]}}", []),
      (
        "roles: {r: {members: {users: [al]}, only_from: [anywhere]}}\nusers: {al: {only_from: [vpn]}}"
          + "\nnetworks: {vpn: [10.0.0.0/8]}", ["3 hidden_rule"]
      ),
      (
        "roles: {r: {members: {users: [al]}, from: [10.9.9.9], only_from: [192.0.2.0/24]}}\n"
          + "users: {al: {only_from: [10.0.0.1, {address: 192.0.2.1, until: 2026-11-20}]},\n"
          + "  bob: {only_from: [10.0.0.1]}}",
        ["3 unreachable_list", "4 expired_entry", "4 unreachable_list"]
      ),
      (
        "roles: {r: {members: {users: [al]}, from: [192.0.2.2], only_from: [192.0.2.0/24]}}\n"
          + "users: {al: {only_from: [10.0.0.1, {address: 192.0.2.1, since: 2026-12-20}]}}", []
      ),
    ])
  func warning(text: String, expected: [String]) throws {
    #expect(try warnings(breakGlass + text).sorted() == expected.sorted())
  }

  @Test(
    "A way in while the directory is away is missed",
    arguments: [
      ("mode: enforce", ["0 no_break_glass"]), ("mode: off", []),
      ("break_glass: {groups: [admins], from: [192.0.2.1]}", ["2 no_break_glass"]),
      ("break_glass: {users: [rescue], from: [nowhere]}", ["2 no_break_glass"]),
      ("break_glass: {users: [rescue], from: [192.0.2.1]}", []),
      ("break_glass: {users: [rescue], from: [anywhere]}", []),
      ("break_glass: {users: [rescue]}", ["2 open_break_glass"]),
      ("break_glass: {users: [rescue]}\nmode: off", []),
    ])
  func breakGlassRoute(text: String, expected: [String]) throws {
    #expect(try warnings(text + "\nblock: [203.0.113.9]") == expected)
  }

  @Test(
    "A policy that enforces without a list is told so",
    arguments: [
      ("mode: enforce", ["0 no_list"]), ("mode: monitor", []), ("mode: off", []),
      ("networks: {a: [192.0.2.1]}", ["0 no_list"]),
      ("users: {al: {only_from: [192.0.2.1]}}", []), ("block: [192.0.2.1]", []),
      ("everyone: {requires_role: true}", []), ("local: {users: [al]}", []),
      ("services: {login: {local: {users: [al]}}}", []),
      ("groups: {g: {requires_user_list: true}}", []),
      ("roles: {r: {members: {users: [al]}, requires_user_list: true}}", []),
    ])
  func lists(text: String, expected: [String]) throws {
    #expect(try warnings(breakGlass + text) == expected)
  }

  @Test(
    "An address that stands for none is told",
    arguments: [
      ("[0.0.0.0]", ["3 unspecified_address"]), ("['::']", ["3 unspecified_address"]),
      ("[0.0.0.0/32]", ["3 unspecified_address"]), ("[0.0.0.1]", []),
    ])
  func unspecified(list: String, expected: [String]) throws {
    #expect(try warnings(breakGlass + "users: {al: {only_from: \(list)}}") == expected)
  }

  @Test("What the policy silences is not told; all else is, errors above all")
  func silence() throws {
    let text = """
      version: 1
      silence: [unknown_user, no_break_glass]
      roles: {r: {from: [192.0.2.1]}}
      """
    let more = "version: 1\nsilence: [insecure_file]\n"
    let policy = try #require(
      load(files: ["policy.yaml": text, "policy.d/a.yaml": more]).policy)
    #expect(policy.silenced == [.unknownUser, .noBreakGlass, .insecureFile])
    #expect(policy.unsilenced(policy.warnings()).map(\.name) == ["empty_role"])
    let insecure = Diagnostic(warning: .insecureFile, location: nil, message: "")
    var error = insecure
    error.severity = .error
    #expect(policy.unsilenced([insecure, error]) == [error])
  }

  @Test("Users and groups are mentioned where their names stand first")
  func mentions() throws {
    let policy = try #require(
      load(
        """
        version: 1
        roles: {r: {members: {users: [al, bo], groups: [g]}}}
        users: {al: {also_from: [10.0.0.1]}}
        groups: {h: {also_from: [10.0.0.1]}}
        break_glass: {users: [root, bo], groups: [g, i]}
        """
      ).policy)
    #expect(
      policy.mentionedUsers.mapValues { "\($0)" } == [
        "al": "policy.yaml:2:31", "bo": "policy.yaml:2:35", "root": "policy.yaml:5:23",
      ])
    #expect(
      policy.mentionedGroups.mapValues { "\($0)" } == [
        "g": "policy.yaml:2:49", "h": "policy.yaml:4:10", "i": "policy.yaml:5:46",
      ])
  }

  @Test("gatehouse(1) has a table of every warning")
  func manual() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let page = try readText("\(root)/packaging/man/gatehouse.1")
    let named = page.split(separator: "\n").filter { $0.hasPrefix(".It Sy ") }
      .flatMap { $0.dropFirst(7).split(separator: " , ") }
    for name in WarningName.allCases {
      #expect(named.contains { $0 == name.rawValue }, "\(name.rawValue)")
    }
  }

  @Test("gatehouse-policy(5) has a table of every error, and of no other")
  func manualOfErrors() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let page = try readText("\(root)/packaging/man/gatehouse-policy.5")
    let section = page.split(separator: ".Sh ERROR NAMES\n").last?.split(separator: "\n.Sh ").first
    let named = try #require(section).split(separator: "\n")
      .filter { $0.hasPrefix(".It Sy ") }.map { String($0.dropFirst(7)) }
    #expect(named == ErrorName.allCases.map(\.rawValue))
  }

  @Test("A list that ends is told with its day, from 14 days ahead until it has ended")
  func endingLists() throws {
    let text = """
      version: 1
      users:
        al: {only_from: [{address: 192.0.2.1, until: 2026-11-10}, {address: 192.0.2.2, until: 2026-11-30}]}
        bo: {only_from: [{address: 192.0.2.1, until: 2026-11-30}, 192.0.2.2]}
      """
    let policy = try #require(load(text).policy)
    let silent = try #require(load(text + "\nsilence: [empty_soon]").policy)
    for (day, isTold) in [("11-16", false), ("11-17", true), ("11-30", true), ("12-01", false)] {
      let now = try #require(Instant(rfc3339: "2026-\(day)T00:00:00Z"))
      #expect(
        policy.endingLists(now: now).map(\.description)
          == (isTold
            ? [
              "policy.yaml:3:8: warning: users.al.only_from matches nothing from"
                + " 2026-12-01T00:00:00Z on, when its last entry ends"
                + " (give an entry that is still needed a later `until`)"
            ] : []),
        "\(day)")
      #expect(silent.endingLists(now: now) == [])
    }
  }
}
