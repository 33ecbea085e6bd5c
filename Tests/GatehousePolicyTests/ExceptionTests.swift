import Testing

@testable import GatehousePolicy

@Suite("What an except takes away")
struct ExceptionTests {
  private static let text = """
    version: 1
    networks:
      office: {addresses: [203.0.113.0/24, "2001:db8:1::/48"], except: [203.0.113.192/26]}
      guests: [198.18.7.0/24]
      all: [{address: 198.18.0.0/15, except: [guests]}, office]
    everyone: {from: [all, {address: anywhere, except: [self, 0.0.0.0/0, "::/0"]}]}
    users:
      al: {only_from: [{address: anywhere, except: [office]}]}
      bob: {only_from: [{address: anywhere, except: [127.0.0.0/8]}]}
      eve: {also_from: [{address: 127.0.0.0/8, except: [self]}]}
    block: [{address: 192.0.2.0/24, except: [192.0.2.7]}]
    """

  private let policy: Policy

  init() throws { policy = try #require(load(Self.text).policy) }

  private func reason(_ user: Name, _ origin: Origin) -> Reason {
    policy.decide(Login(user: user, groups: [], service: "sshd", origin: origin, time: .now()))
      .reason
  }

  @Test(
    "Of an entry and of a network, an address is held if nothing takes it away",
    arguments: [
      ("carol", "203.0.113.191", Reason.listed), ("carol", "203.0.113.192", .notListed),
      ("carol", "198.18.6.255", .listed), ("carol", "198.18.7.0", .notListed),
      ("carol", "2001:db8:1::1", .listed), ("carol", "192.0.2.1", .blocked),
      ("carol", "192.0.2.7", .notListed), ("al", "203.0.113.9", .confined),
      // What the office takes away is not in it.
      ("al", "203.0.113.193", .listed), ("al", "8.8.8.8", .listed), ("bob", "8.8.8.8", .listed),
    ])
  func addresses(user: Name, address: String, expected: Reason) {
    #expect(reason(user, Origin(remoteHost: address)) == expected)
  }

  @Test(
    "`self` is taken away by `self`, by anywhere and by loopback addresses, and by nothing else")
  func machine() {
    #expect(reason("al", .machine) == .listed)
    #expect(reason("bob", .machine) == .confined)
    #expect(reason("eve", .machine) == .notListed)
    #expect(reason("carol", .machine) == .notListed)
  }

  @Test("where has exactly the addresses that are left")
  func prefixes() {
    let login = Login(user: "carol", groups: [], service: "sshd", origin: .machine, time: .now())
    #expect(
      policy.decisions(of: login).allowedAddresses.prefixes.map(\.description)
        == [
          "198.18.0.0/22", "198.18.4.0/23", "198.18.6.0/24", "198.18.8.0/21", "198.18.16.0/20",
          "198.18.32.0/19", "198.18.64.0/18", "198.18.128.0/17", "198.19.0.0/16",
          "203.0.113.0/25", "203.0.113.128/26", "2001:db8:1::/48",
        ])
  }

  @Test("An entry does not hold an own address that is taken away from it, or from its network")
  func ownAddresses() throws {
    let address = try #require(IPAddress("203.0.113.200"))
    #expect(policy.entries(holding: [address]).isEmpty)
    let other = try #require(IPAddress("203.0.113.9"))
    #expect(policy.entries(holding: [other]).map(\.text) == ["203.0.113.0/24"])
  }

  @Test("explain names the entry that would hold the address, and the except that takes it away")
  func explained() throws {
    let login = Login(
      user: "carol", groups: [], service: "sshd", origin: Origin(remoteHost: "203.0.113.200"),
      time: .now())
    let list = try #require(policy.explain(login).lists.first { $0.path == "everyone.from" })
    #expect(!list.holdsOrigin)
    #expect(list.matched?.text == "203.0.113.0/24")
    #expect(list.matched?.networks == ["all", "office"])
    #expect(
      list.lapse == .excepted(by: SourceLocation(file: "policy.yaml", line: 3, column: 69)))
  }

  @Test("A network that another name leads to is found, though one way to it is taken away")
  func twoWays() throws {
    let policy = try #require(
      load(
        """
        version: 1
        networks: {a: [192.0.2.0/24], b: {addresses: [a], except: [192.0.2.0/25]}}
        everyone: {from: [{address: a, except: [192.0.2.1]}, b, a]}
        """
      ).policy)
    let login = Login(
      user: "al", groups: [], service: "sshd", origin: Origin(remoteHost: "192.0.2.1"), time: .now()
    )
    let list = try #require(policy.explain(login).lists.first)
    #expect(list.holdsOrigin)
    #expect(list.matched?.networks == ["a"])
    #expect(list.lapse == nil)
  }

  @Test(
    "More addresses with an except than the bound are one error that says where",
    arguments: [
      "everyone: {from: [{file: l.txt, except: [192.0.2.4]}, {file: l.txt, except: [192.0.2.2]}]}",
      "networks: {a: {addresses: [{file: l.txt}], except: [192.0.2.4]}, b: [{address: a, except: [192.0.2.2]}]}",
    ])
  func bounds(text: String) {
    let snapshot = PolicySnapshot(
      policyFiles: [.init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)".utf8)))],
      listFiles: ["l.txt": .bytes(Array("192.0.2.2\n192.0.2.4\n192.0.2.6\n".utf8))])
    var loader = PolicyLoader(snapshot) { _ in }
    loader.load()
    #expect(loader.log.diagnostics.isEmpty)
    loader = PolicyLoader(snapshot) { _ in }
    loader.maximumExceptionRuns = 6
    loader.load()
    #expect(loader.log.diagnostics.map(\.name) == ["too_many_parts"])
  }

  private static let manyExceptions = [
    (
      """
      users:
        a: {only_from: [{file: l.txt, except: [192.0.2.4]}]}
        b: {only_from: [{file: l.txt, except: [192.0.2.4]}]}
      """, "make one network of what they have in common, with the `except` in it"
    ),
    (
      """
      networks:
        n: {addresses: [{file: l.txt}], except: [192.0.2.4]}
        m: {addresses: [{file: l.txt}], except: [192.0.2.4]}
      users: {a: {only_from: [n]}, b: {only_from: [m]}}
      """, "have fewer networks with an `except`"
    ),
  ]

  @Test(
    "The remedy of too many addresses with an except gives a policy that means the same",
    arguments: manyExceptions)
  func followedBounds(text: String, remedy: String) throws {
    let mended = """
      networks: {n: {addresses: [{file: l.txt}], except: [192.0.2.4]}}
      users: {a: {only_from: [n]}, b: {only_from: [n]}}
      """
    let list = "192.0.2.2\n192.0.2.4\n192.0.2.6\n"
    func remedies(_ text: String) -> [String?] {
      var loader = PolicyLoader(
        PolicySnapshot(
          policyFiles: [
            .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)".utf8)))
          ], listFiles: ["l.txt": .bytes(Array(list.utf8))])
      ) { _ in }
      loader.maximumExceptionRuns = 7
      loader.load()
      return loader.log.diagnostics.map(\.remedy)
    }
    #expect(remedies(text) == [remedy])
    #expect(remedies(mended) == [])
    let policies = try [text, mended].map {
      try #require(load("version: 1\n\($0)", lists: ["l.txt": list]).policy)
    }
    let comparison = PolicyComparison(old: policies[0], new: policies[1], from: TwinTime.instant(0))
    for user: Name in ["a", "b", "c"] {
      #expect(comparison.difference(for: .user(user, groups: [])).parts.isEmpty)
    }
  }
}

@Suite("Lists for one service alone")
struct ServiceListTests {
  private static let text = """
    version: 1
    everyone: {from: [203.0.113.0/24]}
    roles:
      ops:
        members: {users: [al]}
        from: [198.51.100.0/24]
        services: {sudo: {from: [192.0.2.1]}}
    groups:
      helpdesk: {services: {sshd: {only_from: [203.0.113.10]}}}
      strict: {requires_user_list: true}
    users:
      bob: {services: {sshd: {also_from: [198.18.0.1]}}}
      eve: {services: {vsftpd: {only_from: [203.0.113.0/24]}}}
    """

  private let policy: Policy

  init() throws { policy = try #require(load(Self.text).policy) }

  private func login(
    _ user: Name, _ address: String, _ service: Name, groups: Set<Name> = [], role: Name? = nil
  ) -> Login {
    Login(
      user: user, groups: groups, service: service, origin: Origin(remoteHost: address),
      time: .now(), role: role)
  }

  @Test("They count for their service, beside the scope's own, and for no other")
  func counts() {
    #expect(policy.decide(login("bob", "198.18.0.1", "sshd")).reason == .listed)
    #expect(policy.decide(login("bob", "198.18.0.1", "vsftpd")).reason == .notListed)
    let member: Set<Name> = ["helpdesk"]
    #expect(policy.decide(login("x", "203.0.113.9", "sshd", groups: member)).reason == .confined)
    #expect(policy.decide(login("x", "203.0.113.10", "sshd", groups: member)).reason == .listed)
    #expect(policy.decide(login("x", "203.0.113.9", "vsftpd", groups: member)).reason == .listed)
  }

  @Test("A role's `from` for a service stands in for its own")
  func role() {
    #expect(policy.decide(login("al", "198.51.100.7", "sshd")).roles == ["ops"])
    #expect(policy.decide(login("al", "198.51.100.7", "sudo")).reason == .notListed)
    #expect(policy.decide(login("al", "192.0.2.1", "sudo", role: "ops")).roles == ["ops"])
  }

  @Test("An only_from for the service is the list that requires_user_list wants")
  func requirement() {
    let groups: Set<Name> = ["strict"]
    #expect(
      policy.decide(login("eve", "203.0.113.9", "vsftpd", groups: groups)).reason == .listed)
    #expect(
      policy.decide(login("eve", "203.0.113.9", "sshd", groups: groups)).reason
        == .userListRequired)
  }

  @Test("The rule, the explanation and the remedy name the list for the service")
  func explained() throws {
    let login = login("x", "203.0.113.9", "sshd", groups: ["helpdesk"])
    let explanation = policy.explain(login)
    #expect(explanation.decision.rule?.line == 9)
    let path = "groups.helpdesk.services.sshd.only_from"
    #expect(explanation.lists.first?.path == path)
    let written = try #require(
      load(Self.text).policy.flatMap { _ in snapshot.adding(originOf: login) })
    #expect(written.amendments.count == 1)
    guard case .bytes(let bytes) = written.snapshot.policyFiles[0].content else { return }
    let expected = Self.text.replacing(
      "{only_from: [203.0.113.10]}", with: "{only_from: [203.0.113.9, 203.0.113.10]}")
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  private var snapshot: PolicySnapshot {
    PolicySnapshot(policyFiles: [
      .init(name: "policy.yaml", content: .bytes(Array(Self.text.utf8)))
    ])
  }

  @Test("Whom they confine is confined, so a misspelt name is an error")
  func confinedNames() {
    #expect(policy.confinedNames.users == ["eve"])
    #expect(policy.confinedNames.groups == ["helpdesk", "strict"])
  }

  @Test("A comparison of policies looks at the services that they name")
  func compared() throws {
    let other = try #require(
      load(Self.text.replacing("198.18.0.1", with: "198.18.0.2")).policy)
    let comparison = PolicyComparison(
      old: policy, new: other, from: try #require(Instant(rfc3339: "2026-11-21T12:00:00Z")))
    let parts = comparison.difference(for: .user("bob", groups: [])).parts
    #expect(parts.map(\.services.named) == [["sshd"]])
    #expect(parts.first?.services.includesOthers == false)
  }
}
