import TestKit
import Testing

@testable import GatehousePolicy

/// Each row of the table of lists is read, described, decided, explained, written and documented:
/// a new one is judged by these tests without another line.
@Suite("The table of lists")
struct ListTableTests {
  private static let held = "192.0.2.1"
  private static let now = Instant(microsecondsSinceEpoch: 1_795_262_400_000_000)

  private func scope(_ kind: Scope.Kind) -> Scope {
    switch kind {
    case .user: .user("u")
    case .group: .group("g")
    case .role: .role("r")
    case .service: .service("s")
    case .everyone: .everyone
    case .breakGlass: .breakGlass
    case .policy: .policy
    case .network: .network("n")
    case .secondFactor: .secondFactor()
    case .authorize: .authorize
    }
  }

  /// A policy with a list of a row, for the user u in group g and role r, who uses service s.
  private func policy(
    _ row: ListRow, holding addresses: String = held, restIsClosed: Bool = false
  ) throws -> Policy {
    let list = "\(row.key.rawValue): [\(addresses)]"
    let text =
      switch row.scope {
      case .user: "users: {u: {\(list)}}"
      case .group: "groups: {g: {\(list)}}"
      case .role: "roles: {r: {members: {users: [u]}, \(list)}}"
      case .service: "services: {s: {\(list)}}"
      case .everyone: "everyone: {\(list)}"
      case .breakGlass: "break_glass: {users: [u], \(list)}"
      case .policy: list
      case .network: "networks: {n: {\(list)}}\nsilence: [hidden_rule]"
      case .secondFactor: "second_factor: {\(list)}"
      case .authorize: "authorize: {users: [u], mail: root, \(list)}"
      }
    let closed = restIsClosed && row.scope != .everyone ? "everyone: {from: [nowhere]}\n" : ""
    let loaded = load("version: 1\n\(closed)\(text)\n")
    return try #require(loaded.policy, "\(messages(loaded))")
  }

  private func login(_ address: String) -> Login {
    Login(
      user: "u", groups: ["g"], service: "s", origin: Origin(remoteHost: address), time: Self.now)
  }

  @Test("every key and every kind of scope has a row, and no row is there twice")
  func complete() {
    #expect(Set(ListRow.all.map(\.key)) == Set(ListKey.allCases))
    #expect(Set(ListRow.all.map(\.scope)) == Set(Scope.Kind.allCases))
    #expect(Set(ListRow.all.map(\.effect)) == Set(ListEffect.allCases))
    #expect(Set(ListRow.all).count == ListRow.all.count)
    #expect(ListRow.all.allSatisfy { $0.meaning.hasSuffix(".") })
  }

  @Test("a list is read and hung at its scope", arguments: ListRow.all)
  func loading(row: ListRow) throws {
    let rules = try policy(row).rules
    guard row.effect != .names else {
      #expect(rules.networks["n"]?.timedSets.map(\.table.runCount) == [1])
      return
    }
    let list = try #require(rules.lists.first)
    #expect(rules.lists.count == 1)
    #expect((list.scope, list.key, list.effect) == (scope(row.scope), row.key, row.effect))
    #expect(list.addresses(at: Self.now).prefixes.map(\.description) == [Self.held])
    #expect(row.effect == .blocks || rules.list(list.scope, list.key) === list)
  }

  @Test("the keys of no other scope are taken", arguments: Scope.Kind.allCases)
  func unknownKeys(kind: Scope.Kind) throws {
    guard kind != .policy, kind != .network else { return }
    for key in ListKey.allCases where ListRow.row(kind, key) == nil {
      // Its `addresses` are no list, but the name of a file.
      if kind == .authorize, key == .addresses { continue }
      let path = scope(kind).description.split(separator: ".").joined(separator: ": {")
      let close = scope(kind).name == nil ? "" : "}"
      let needed = kind == .authorize ? "users: [u], mail: root, " : ""
      let loaded = load("version: 1\n\(path): {\(needed)\(key.rawValue): [anywhere]}\(close)\n")
      #expect(loaded.diagnostics.map(\.name) == ["unknown_key"], "\(path) \(key)")
    }
  }

  @Test("a list does what its effect says", arguments: ListRow.all)
  func decision(row: ListRow) throws {
    let open = try policy(row)
    let closed = try policy(row, restIsClosed: true)
    let list = open.rules.lists.first?.location
    let inside = login(Self.held)
    let outside = login("198.51.100.1")
    func reasons(_ policy: Policy) -> [Reason] {
      [policy.decide(inside).reason, policy.decide(outside).reason]
    }
    switch row.effect {
    case .base:
      #expect(reasons(open) == [.listed, .notListed])
      #expect(reasons(closed) == [.listed, .notListed])
    case .adds, .role:
      #expect(reasons(open) == [.listed, .listed])
      #expect(reasons(closed) == [.listed, .notListed])
    case .confinesAndAdds:
      #expect(reasons(open) == [.listed, .confined])
      #expect(reasons(closed) == [.listed, .confined])
    case .confines:
      #expect(reasons(open) == [.listed, .confined])
      #expect(reasons(closed) == [.notListed, .confined])
    case .blocks:
      #expect(reasons(open) == [.blocked, .unrestricted])
      #expect(reasons(closed) == [.blocked, .notListed])
    case .breakGlass:
      #expect(reasons(closed) == [.breakGlass, .notListed])
    case .names:
      #expect(reasons(closed) == [.notListed, .notListed])
    case .sparesFactor:
      #expect(reasons(open) == [.unrestricted, .unrestricted])
      let factors = [inside, outside].map { open.secondFactor(for: $0, isNewPlace: true).reason }
      #expect(factors == [.listed, .notListed])
    case .authorizes:
      #expect(reasons(open) == [.unrestricted, .unrestricted])
      #expect([inside, outside].map { closed.codeOffer(for: $0) != nil } == [true, false])
    }
    if row.effect.confines {
      #expect(open.decide(outside).rule == list && row.effect != .names)
    }
    if row.effect.admits { #expect(closed.decide(inside).verdict == .allow) }
  }

  @Test("the analysis and the explanation look at it", arguments: ListRow.all)
  func analysis(row: ListRow) throws {
    guard row.effect != .names else { return }
    let policy = try policy(row, restIsClosed: true)
    guard row.effect != .sparesFactor else {
      #expect(policy.factorLists(for: login(Self.held)).map(\.scope) == [scope(row.scope)])
      let explained = policy.explainFactor(of: login(Self.held), isNewPlace: true)
      #expect(explained.rules.map(\.spares) == [true])
      return
    }
    guard row.effect != .authorizes else {
      #expect(policy.codeLists.map(\.scope) == [scope(row.scope)])
      #expect(policy.explain(login(Self.held)).code != nil)
      return
    }
    let lists = policy.lists(for: login(Self.held))
    #expect(lists.contains { $0.scope == scope(row.scope) && $0.key == row.key })
    let map = policy.decisions(of: login(Self.held))
    for part in map.allowed + map.denied {
      for prefix in part.addresses.prefixes {
        #expect(policy.decide(login("\(prefix.address)")) == part.decision)
      }
    }
    let explained = policy.explain(login(Self.held)).lists
    let list = try #require(
      explained.first { $0.scope == scope(row.scope) && $0.key == row.key })
    #expect(list.holdsOrigin && list.effect == row.effect && list.matched?.text == Self.held)
  }

  @Test("an address can be written into it, and into no other list", arguments: ListRow.all)
  func editing(row: ListRow) throws {
    guard row.effect != .names, row.effect != .blocks else { return }
    let address = try #require(IPAddress("198.51.100.1"))
    let rules = try policy(row).rules
    let list = try #require(rules.lists.first)
    let amendment = Amendment.add(
      origin: .address(address), scope: list.scope, key: list.key, location: list.location)
    let amended = amendment.applied(to: rules)
    #expect(amended.lists.count == 1)
    let changed = try #require(amended.list(list.scope, list.key))
    #expect(changed.key == row.key && changed.effect == row.effect)
    #expect(
      changed.addresses(at: Self.now).prefixes.map(\.description) == [Self.held, "198.51.100.1"])

    // As a new key of a scope that has none.
    let bare = try policy(row, holding: "nowhere").rules
    var emptied = bare
    switch row.scope {
    case .user: emptied.users = [:]
    case .group: emptied.groups = [:]
    case .role: emptied.roles["r"]?.lists = FewLists()
    case .service: emptied.services = [:]
    case .everyone: emptied.everyone.lists = FewLists()
    case .breakGlass: emptied.breakGlass?.lists = FewLists()
    case .secondFactor: emptied.secondFactor?.notFrom = nil
    case .authorize: emptied.code?.from = nil
    case .policy, .network: break
    }
    let added = Amendment.add(
      origin: .address(address), scope: list.scope, key: list.key, location: nil
    )
    .applied(to: emptied)
    #expect(added.lists.map(\.key) == [row.key] && added.lists.map(\.scope) == [list.scope])
  }

  @Test("the warnings look at its entries", arguments: ListRow.all)
  func warnings(row: ListRow) throws {
    let policy = try policy(row, holding: "{address: 192.0.2.1, until: 2026-01-31}")
    #expect(policy.warnings(now: Self.now).contains { $0.name == "expired_entry" })
  }

  @Test("the schema describes it, and the manual has it", arguments: ListRow.all)
  func documents(row: ListRow) throws {
    #expect(texts(PolicySchema.document).contains(row.meaning))
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let page = try readText("\(root)/packaging/man/gatehouse-policy.5")
    #expect(page.contains(".Ic \(row.key.rawValue)"))
  }

  private func texts(_ value: JSONValue) -> [String] {
    switch value {
    case .text(let text): [text]
    case .number, .boolean: []
    case .list(let items): items.flatMap(texts)
    case .object(let members): members.flatMap { texts($0.value) }
    }
  }
}
