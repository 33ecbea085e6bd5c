import Testing

@testable import GatehousePolicy

@Suite("Networks that are got from elsewhere")
struct NetworkSourceTests {
  private static let now = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)
  private let home = "networks: {home: {name: al.dyn.example.net}}"

  /// A policy, with what was got for its networks by their names.
  private func load(_ text: String, _ contents: [String: FeedContent] = [:]) -> PolicyLoad {
    Policy.load(
      PolicySnapshot(
        policyFiles: [
          .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)".utf8)))
        ],
        listFiles: Dictionary(
          uniqueKeysWithValues: contents.map { name, content in
            (FeedContent.fileName(of: Name(name)), .bytes(content.bytes))
          })))
  }

  private func content(
    _ addresses: String..., of source: String = "name al.dyn.example.net",
    got: Instant = Self.now
  ) -> FeedContent {
    var builder = AddressSetBuilder()
    for address in addresses {
      if let range = try? AddressRange(reading: address.utf8.span) { builder.insert(range) }
    }
    return FeedContent(
      head: .init(source: source, got: got, changed: got), addresses: builder.finish())
  }

  private func decision(
    _ policy: Policy, from address: String, at time: Instant = Self.now
  ) throws -> Decision {
    let address = try #require(IPAddress(address))
    return policy.decide(
      Login(user: "al", groups: [], service: "sshd", origin: .address(address), time: time))
  }

  @Test("What was got is let in until max_age is over")
  func lapses() throws {
    let policy = try #require(
      load("\(home)\nusers: {al: {only_from: [home]}}", ["home": content("192.0.2.1")]).policy)
    #expect(try decision(policy, from: "192.0.2.1").verdict == .allow)
    #expect(try decision(policy, from: "192.0.2.2").verdict == .deny)
    let day = Duration.seconds(86_400)
    #expect(
      try decision(policy, from: "192.0.2.1", at: Self.now + day - .seconds(1)).verdict == .allow)
    #expect(try decision(policy, from: "192.0.2.1", at: Self.now + day).verdict == .deny)
  }

  @Test("What was got cannot be taken out, and what is said to do takes it out")
  func takenOut() throws {
    let policy = try #require(
      load("\(home)\nblock: [home]", ["home": content("192.0.2.0/24")]).policy)
    let holder = try #require(
      policy.holders(of: TypedEntry("192.0.2.1"), for: .block, nil, at: Self.now).first)
    #expect(
      holder.remedy(for: "192.0.2.1")
        == "give that network `except: [192.0.2.1]`: `gatehouse edit policy.yaml`")
    let changed = try #require(
      load(
        "networks: {home: {name: al.dyn.example.net, except: [192.0.2.1]}}\nblock: [home]",
        ["home": content("192.0.2.0/24")]
      ).policy)
    #expect(try decision(changed, from: "192.0.2.1").verdict == .allow)
    #expect(try decision(changed, from: "192.0.2.2").reason == .blocked)
  }

  @Test("In block and except it never lapses, through other networks as well")
  func lasts() throws {
    let late = Self.now + .seconds(30 * 86_400)
    let networks =
      "networks: {home: {name: al.dyn.example.net}, outer: [home], near: [outer]}"
    for block in ["home", "outer", "near"] {
      let policy = try #require(
        load("\(networks)\nblock: [\(block)]", ["home": content("192.0.2.1")]).policy)
      #expect(try decision(policy, from: "192.0.2.1", at: late).reason == .blocked)
      #expect(try decision(policy, from: "192.0.2.2", at: late).verdict == .allow)
    }
    let policy = try #require(
      load(
        "\(networks)\nusers: {al: {only_from: [{address: 192.0.2.0/24, except: [near]}]}}",
        ["home": content("192.0.2.1")]
      ).policy)
    #expect(try decision(policy, from: "192.0.2.1", at: late).verdict == .deny)
    #expect(try decision(policy, from: "192.0.2.2", at: late).verdict == .allow)
    let login = Login(
      user: "al", groups: [], service: "sshd",
      origin: try .address(#require(IPAddress("192.0.2.1"))), time: late)
    guard case .excepted? = try #require(policy.explain(login).lists.first).lapse else {
      Issue.record("explain does not say that the address is taken away")
      return
    }
  }

  @Test("A time of the entry that names it still counts in block")
  func blockedForATime() throws {
    let end = Self.now + .seconds(3600)
    let policy = try #require(
      load(
        "\(home)\nblock: [{address: home, until: \(end)}]", ["home": content("192.0.2.1")]
      ).policy)
    #expect(try decision(policy, from: "192.0.2.1").reason == .blocked)
    #expect(try decision(policy, from: "192.0.2.1", at: end).verdict == .allow)
  }

  @Test("What was got of another source, or never, is nothing; its addresses stay beside it")
  func otherSource() throws {
    let text =
      "networks: {home: {name: other.example.net, addresses: [198.51.100.1]}}\n"
      + "users: {al: {only_from: [home]}}"
    for contents in [["home": content("192.0.2.1")], [:]] {
      let loaded = load(text, contents)
      let policy = try #require(loaded.policy, "\(messages(loaded))")
      #expect(try decision(policy, from: "192.0.2.1").verdict == .deny)
      #expect(try decision(policy, from: "198.51.100.1").verdict == .allow)
      #expect(policy.warnings(now: Self.now).map(\.name).contains("nothing_got_yet"))
      #expect(policy.fetchedNetworks.map(\.got) == [nil])
    }
  }

  @Test("A loopback address in what was got never stands for the machine itself")
  func neverTheMachine() throws {
    let policy = try #require(
      load("\(home)\nusers: {al: {only_from: [home]}}", ["home": content("127.0.0.1")]).policy)
    let login = Login(
      user: "al", groups: [], service: "sshd", origin: .machine, time: Self.now)
    #expect(policy.decide(login).verdict == .deny)
  }

  @Test("What is old is warned of from half of its time on, and never as an entry that ends")
  func age() throws {
    let policy = try #require(
      load("\(home)\nusers: {al: {only_from: [home]}}", ["home": content("192.0.2.1")]).policy)
    func names(_ seconds: Int64) -> [String] {
      policy.warnings(now: Self.now + .seconds(seconds)).map(\.name).filter {
        $0 != "no_break_glass"
      }
    }
    #expect(names(0) == [])
    #expect(names(43_199) == [])
    #expect(names(43_200) == ["content_is_old"])
    #expect(names(86_400) == ["content_is_old"])
    #expect(policy.entries(endingWithin: .seconds(90 * 86_400), from: Self.now).isEmpty)
    let login = Login(
      user: "al", groups: [], service: "sshd",
      origin: try .address(#require(IPAddress("192.0.2.1"))), time: Self.now)
    #expect(policy.changeTimes(of: login, until: Self.now + .seconds(14 * 86_400)) == [])
  }

  @Test(
    "Who is trusted by a source is warned of where that lets everybody or a break-glass user in",
    arguments: [
      ("everyone: {from: [home]}", ["feed_in_everyone"]),
      ("everyone: {from: [outer]}", ["feed_in_everyone"]),
      ("break_glass: {users: [rescue], from: [outer]}", ["feed_in_break_glass"]),
      ("everyone: {from: [land]}", []),
      ("users: {al: {only_from: [cloud]}}", ["anybody_can_rent"]),
      ("users: {al: {only_from: [ours]}}", ["anybody_can_rent"]),
      ("block: [cloud]", []),
    ])
  func trust(_ rules: String, _ expected: [String]) throws {
    let networks = """
      networks:
        home: {name: al.dyn.example.net}
        outer: [home]
        land: {country: [DE], database: /usr/share/GeoIP/c.mmdb}
        cloud: {url: "https://ip-ranges.amazonaws.com/ip-ranges.json", select: prefixes.ip_prefix}
        ours: {asn: [64500, 24940], database: /usr/share/GeoIP/a.mmdb}
      """
    let loaded = load("\(networks)\n\(rules)")
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let feeds: Set = ["feed_in_everyone", "feed_in_break_glass", "anybody_can_rent"]
    #expect(policy.warnings(now: Self.now).map(\.name).filter(feeds.contains) == expected)
  }

  @Test("explain says when the entry that matched was got")
  func explained() throws {
    let policy = try #require(
      load("\(home)\nusers: {al: {only_from: [home]}}", ["home": content("192.0.2.1")]).policy)
    let login = Login(
      user: "al", groups: [], service: "sshd",
      origin: try .address(#require(IPAddress("192.0.2.1"))), time: Self.now)
    let entry = try #require(policy.explain(login).lists.compactMap(\.matched).first)
    #expect(entry.text == "al.dyn.example.net")
    #expect(entry.networks == ["home"])
    #expect(entry.got == Self.now)
  }

  @Test("Content is read as it was written; anything else is damaged, and an error of the policy")
  func damage() throws {
    var written = content("192.0.2.0/24", "2001:db8::/32")
    written.head.built = Self.now
    #expect(try FeedContent(written.bytes) == written)
    let bytes = written.bytes
    for count in [0, 1, 30, bytes.count / 2, bytes.count - 3] {
      let cut = Array(bytes.prefix(count))
      #expect(throws: FeedContent.Damage.self) { try FeedContent(cut) }
    }
    for (line, text) in [
      "gatehouse network, format 2", "source: name x\nsource: name y", "got: yesterday",
      "changed 2026", "unknown: x", "192.0.2.300",
    ].enumerated() {
      var lines = String(decoding: bytes, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
      lines[line == 5 ? lines.count - 2 : min(line, 3)] = text
      let damaged = Array(lines.joined(separator: "\n").utf8)
      #expect(throws: FeedContent.Damage.self, "\(text)") { try FeedContent(damaged) }
      let file = FeedContent.fileName(of: "home")
      let loaded = Policy.load(
        PolicySnapshot(
          policyFiles: [
            .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(home)".utf8)))
          ], listFiles: [file: .bytes(damaged)]))
      #expect(loaded.diagnostics.map(\.name) == ["damaged_content"], "\(text)")
    }
  }

  @Test(
    "A path in a JSON document is read into its steps",
    arguments: [
      ("actions", "actions"), ("result.ipv4_cidrs", "result|ipv4_cidrs"),
      (
        "prefixes[region=eu-central-1][service=EC2].ip_prefix",
        "prefixes[region=eu-central-1][service=EC2]|ip_prefix"
      ),
      (
        "values[name=AzureCloud.westeurope].properties.addressPrefixes",
        "values[name=AzureCloud.westeurope]|properties|addressPrefixes"
      ),
      ("a[b=c d]", "a[b=c d]"), ("", nil), (".", nil), ("a.", nil), ("a[b]", nil), ("a[b=]", nil),
      ("a[b=c", nil), ("a b", nil), ("a[b=c]d", nil), ("[b=c]", nil), ("a\u{7}", nil),
    ] as [(String, String?)])
  func selection(_ text: String, _ expected: String?) {
    let steps = FeedSelection(text)?.steps.map { step in
      step.member + step.conditions.map { "[\($0.member)=\($0.value)]" }.joined()
    }
    #expect(steps?.joined(separator: "|") == expected)
  }

  @Test("A source has the times that are usual for its kind, and those that are given")
  func times() throws {
    let loaded = load(
      """
      networks:
        a: {name: [a.example.net, b.example.net], ipv6_prefix: 56, overlap: 2h}
        b: {url: "https://example.net/x", refresh: 2h, max_age: 3d, shrink_limit: 5 %}
        c: {asn: [64500], database: /a.mmdb, shrink_limit: 7}
      """)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let sources = policy.fetchedNetworks.map(\.source)
    #expect(sources.map(\.refresh) == [.seconds(300), .seconds(7200), .seconds(86_400)])
    #expect(
      sources.map(\.maxAge) == [.seconds(86_400), .seconds(3 * 86_400), .seconds(60 * 86_400)])
    #expect(sources.map(\.overlap) == [.seconds(7200), .zero, .zero])
    #expect(sources.map(\.shrinkLimit) == [20, 5, 7])
    #expect(
      sources.map(\.text) == [
        "name a.example.net,b.example.net ipv6_prefix 56",
        "url https://example.net/x format text", "asn 64500 database /a.mmdb",
      ])
  }
}
