import Testing

@testable import GatehousePolicy

/// Networks that name networks cost what they hold, not what they name.
@Suite("Nested networks")
struct NestedNetworkTests {
  /// Layers of networks of which each names all of the layer below.
  private func layers(_ count: Int, of width: Int, ownAddresses: Bool) -> String {
    var text = "version: 1\nnetworks:\n"
    for layer in 0..<count {
      let below = layer == 0 ? [] : (0..<width).map { "n\(layer - 1)-\($0)" }
      for place in 0..<width {
        // Apart from each other, so that each is a part of its own.
        let own = layer == 0 || ownAddresses ? ["10.\(layer).\(place).1"] : []
        text += "  n\(layer)-\(place): [\((below + own).joined(separator: ", "))]\n"
      }
    }
    return text + "everyone: {from: [n\(count - 1)-0]}\n"
  }

  @Test("30 layers that hold the same load, and hold what the lowest one does")
  func sameAddresses() throws {
    var loaded: PolicyLoad?
    let text = layers(30, of: 60, ownAddresses: false)
    let time = ContinuousClock().measure { loaded = load(text) }
    let policy = try #require(loaded?.policy)
    #expect(policy.rules.networks["n29-0"]?.timedSets.count == 1)
    for (address, verdict) in [
      ("10.0.0.1", Verdict.allow), ("10.0.59.1", .allow), ("10.0.60.1", .deny),
    ] {
      let login = Login(
        user: "bob", groups: [], service: "sshd", origin: Origin(remoteHost: address), time: .now())
      #expect(policy.decide(login).verdict == verdict)
      #expect(policy.explain(login).lists.count == 1)
    }
    // Nearly all of it is the reading of the text, by a build that is not optimised, beside others.
    #expect(time < .seconds(30))
  }

  @Test("what comes to too many parts is one error that says where, and what the bound is")
  func tooManyParts() throws {
    func found(in text: String) -> [Diagnostic] {
      let snapshot = PolicySnapshot(policyFiles: [
        .init(name: "policy.yaml", content: .bytes(Array(text.utf8)))
      ])
      var loader = PolicyLoader(snapshot) { _ in }
      loader.maximumNetworkParts = 10_000
      loader.load()
      return loader.log.diagnostics
    }
    let text = layers(30, of: 20, ownAddresses: true)
    let errors = found(in: text)
    #expect(errors.map(\.name) == ["too_many_parts"])
    #expect(errors.first?.location != nil)
    #expect(errors.first?.message.contains("more than 10000 parts") == true)
    #expect(load(text).policy != nil)
    // Both remedies.
    let remedy = "name fewer networks in networks, or fewer levels of them"
    #expect(errors.map(\.remedy) == [remedy])
    for (levels, width) in [(30, 2), (2, 20)] {
      #expect(found(in: layers(levels, of: width, ownAddresses: true)).isEmpty)
    }
  }

  /// A row of networks, each of which names the next; the last one holds an address.
  private func row(_ names: [String]) -> String {
    let rest = zip(names, names.dropFirst()).map { "  \($0): [\($1)]\n" }
    return "version: 1\nnetworks:\n" + rest.shuffled().joined()
      + "  \(names.last ?? ""): [192.0.2.1]\n"
  }

  @Test("how deep networks are nested does not depend on their names")
  func depth() {
    for _ in 0..<20 {
      let names = (0..<33).map { "n\($0)" }.shuffled()
      #expect(load(row(Array(names.dropFirst()))).policy != nil)
      let loaded = load(row(names))
      #expect(
        loaded.diagnostics.map(\.message) == ["`\(names[1])`: networks are nested too deeply here"])
      // A second way, which is shorter, changes nothing.
      let shortcut = load(row(names) + "  shortcut: [\(names[20]), \(names[30])]\n")
      #expect(shortcut.diagnostics.map(\.name) == ["too_deep"])
    }
  }

  @Test("a row as long as a file allows is an error like any other")
  func longRows() {
    let names = (0..<20_000).map { "n\($0)" }
    #expect(load(row(names)).diagnostics.map(\.name) == ["too_deep"])
    let cycle = load(row(names).replacing("[192.0.2.1]", with: "[n0]"))
    #expect(cycle.diagnostics.map(\.name) == ["network_cycle"])
    #expect(cycle.diagnostics.allSatisfy { $0.message.utf8.count < 1000 })
  }

  @Test("many lists may name a network of many parts: they share it")
  func sharedParts() throws {
    var text = "version: 1\nnetworks:\n  all:\n    addresses:\n"
    for part in 0..<200 {
      text +=
        "      - {address: 10.0.0.\(part), until: 20\(27 + part / 12 % 50)-0\(part % 9 + 1)-01}\n"
    }
    text += "users:\n"
    for user in 0..<1000 { text += "  u\(user): {only_from: [192.0.2.\(user % 250), all]}\n" }
    let loaded = load(text)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    let time = try #require(Instant(rfc3339: "2026-11-21T00:00:00Z"))
    let later = try #require(Instant(rfc3339: "2090-11-21T00:00:00Z"))
    func verdict(_ user: Name, _ address: String, _ time: Instant) -> Verdict {
      policy.decide(
        Login(
          user: user, groups: [], service: "sshd", origin: Origin(remoteHost: address), time: time)
      ).verdict
    }
    #expect(verdict("u7", "10.0.0.199", time) == .allow)
    #expect(verdict("u7", "10.0.0.199", later) == .deny)
    #expect(verdict("u7", "192.0.2.7", later) == .allow)
    #expect(verdict("u7", "192.0.2.8", time) == .deny)
    let list = try #require(policy.rules.lists.first { $0.scope == .user("u7") })
    #expect(list.addresses(at: time).runCount == 2)
    #expect(!list.isEmpty(at: later) && !list.isEmpty(from: later))
  }

  @Test("an entry that ends makes what it names end")
  func windows() throws {
    let loaded = load(
      """
      version: 1
      networks:
        a: [192.0.2.1]
        b: [{address: a, until: 2027-01-31}]
        c: [{address: b, since: 2027-01-01}]
        d: [{address: b, since: 2027-02-01}]
      everyone: {from: [c, d]}
      """)
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    #expect(
      policy.rules.networks["c"]?.timedSets.map(\.window.description) == [
        "2027-01-01T00:00:00Z…2027-02-01T00:00:00Z"
      ])
    #expect(policy.rules.networks["d"]?.timedSets.isEmpty == true)
  }
}

extension TimeWindow {
  fileprivate var description: String { "\(since)…\(until)" }
}
