import Testing

@testable import GatehousePolicy

@Suite("Loading a policy")
struct LoadingTests {
  @Test("A policy with everything in it loads, in YAML and in JSON")
  func everything() throws {
    let yaml = """
      version: 1
      mode: monitor
      message: "no {address} {user} {service} {host} {id}"
      identity: {max_age: 90m}
      grants: {longest: 2h, widest: {ipv4: 16, ipv6: 48}, most: 5}
      notify:
        mail: [root, ops@example.org]
        command: /usr/local/sbin/page
        on: [denials, doors]
        gather: 1m
        most: 7
      networks:
        office:
          description: Istanbul
          addresses: [203.0.113.0/24, "2001:db8:1::/48"]
        partners:
          addresses:
            - address: 198.51.100.7
              description: until the line moves
              until: 2027-01-31
            - {address: 192.0.2.0/255.255.255.128, active: false}
            - {file: lists/partners.txt, since: 2026-01-01T00:00:00+03:00}
      everyone: {from: [office, partners], requires_role: false}
      roles:
        all: {members: {groups: [g], users: [u]}, from: [anywhere], only_from: [anywhere]}
      groups: {g: {also_from: [office], only_from: [anywhere], requires_user_list: false}}
      users: {u: {also_from: [nowhere], only_from: [anywhere]}}
      services: {sshd: {from: [office], only_from: [anywhere], check: true}}
      block: [192.0.2.66]
      break_glass: {users: [rescue], groups: [admins], from: [office]}
      tests:
        - {user: u, groups: [g], service: x, from: 203.0.113.9, at: 2026-11-21T00:00:00Z,
           role: all, expect: allow, reason: listed, roles: [all]}
      """
    let loaded = load(yaml, lists: ["lists/partners.txt": "192.0.2.200\n"])
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    #expect(policy.mode == .monitor && policy.identityMaxAge == .seconds(5400))
    #expect(
      policy.grantLimits.longestDuration == .seconds(7200) && policy.grantLimits.mostGrants == 5)
    let notify = try #require(policy.notify)
    #expect(notify.mail.map(\.text) == ["root", "ops@example.org"])
    #expect(notify.command == "/usr/local/sbin/page" && notify.events == [.denials, .doors])
    #expect(notify.gather == .seconds(60) && notify.most == 7)
    #expect(policy.enforcing().notify == notify)
    #expect(policy.grantLimits.widestIPv4 == 16 && policy.grantLimits.widestIPv6 == 48)
    #expect(policy.groupNames == ["g", "admins"])
    #expect(policy.failingTests() == [])
    #expect(policy.digest.count == 64)

    let json = #"{"version": 1, "everyone": {"from": ["2001:db8::/32", "*.*.*.*"]}, "mode": "off"}"#
    #expect(load(json).policy?.mode == .off)
  }

  @Test("Keys that look alike and differ in their bytes are two")
  func similarKeys() throws {
    let loaded = load(
      "version: 1\nusers:\n  e\u{301}: {only_from: [nowhere]}\n  \u{E9}: {also_from: [nowhere]}")
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    #expect(Set(policy.mentionedUsers.keys) == ["e\u{301}", "\u{E9}"])
  }

  @Test(
    "Line ends, a byte order mark and a missing last newline do not matter",
    arguments: [
      "version: 1\r\nmode: off\r\n", "\u{FEFF}version: 1\nmode: off\n", "version: 1\nmode: off",
      "--- # one\nversion: 1\nmode: off\n...\n", "\"version\": 1\n'mode': \"off\"",
      "%YAML 1.2\n---\nversion: 1\nmode: off",
    ])
  func forms(text: String) {
    let loaded = load(text)
    #expect(loaded.policy?.mode == .off, "\(messages(loaded))")
  }

  @Test("Every scalar is the text that was written")
  func plainText() throws {
    let policy = try #require(
      load("version: 1\nusers:\n  no: {only_from: [anywhere]}\n  0x1F: {only_from: [nowhere]}")
        .policy)
    #expect(Set(policy.rules.users.keys) == ["no", "0x1F"])
  }

  @Test("Lists in files may be empty, have comments and Windows line ends, and be named twice")
  func listFiles() throws {
    let loaded = load(
      "version: 1\neveryone: {from: [{file: a.txt}, {file: ./b/../a.txt}, {file: c.txt}]}",
      lists: ["a.txt": "\u{FEFF}192.0.2.1\r\n\t2001:db8::/32 # x\r\n#\n", "c.txt": ""])
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let from = try #require(policy.rules.everyone.lists[.from])
    #expect(
      from.addresses(at: .now()).prefixes.map(\.description) == ["192.0.2.1", "2001:db8::/32"])
  }

  @Test(
    "A list's name is relative to the file that names it",
    arguments: [
      ("x.txt", "policy.yaml", "x.txt"), ("lists/x.txt", "policy.yaml", "lists/x.txt"),
      ("x.txt", "policy.d/a.yaml", "policy.d/x.txt"), ("../x.txt", "policy.d/a.yaml", "x.txt"),
      ("../x.txt", "policy.yaml", "../x.txt"), ("../../x.txt", "policy.d/a.yaml", "../x.txt"),
      ("/srv/x.txt", "policy.yaml", "/srv/x.txt"), (".//a/./x.txt", "policy.yaml", "a/x.txt"),
    ])
  func listNames(path: String, policyFile: String, expected: String) {
    #expect(PolicySnapshot.listName(path, in: policyFile) == expected)
  }

  @Test("The digest is of all names and all content, in whatever order they were given")
  func digest() throws {
    let files = ["policy.yaml": "version: 1", "policy.d/a.yaml": "version: 1\nmode: off"]
    let digest = try #require(load(files: files).policy?.digest)
    #expect(load(files: files).policy?.digest == digest)
    let renamed = ["policy.yaml": "version: 1", "policy.d/b.yaml": "version: 1\nmode: off"]
    #expect(load(files: renamed).policy?.digest != digest)
    #expect(load("version: 1").policy?.digest != load("version: 1\n").policy?.digest)
  }
}
