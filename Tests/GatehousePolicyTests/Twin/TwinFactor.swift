import TestKit
import Testing

@testable import GatehousePolicy

/// What a policy of the twin's says of second factors.
struct TwinFactor {
  enum Rule {
    case always, never
    case notFrom(TwinList)
  }

  var notFrom: TwinList?
  var newPlaces = false
  /// By `users`, `groups` and `roles`, and then by name.
  var rules: [String: [String: Rule]] = [:]
}

// The slow twin: every combination of what is unknown is tried, and one that asks is enough.
extension TwinPolicy {
  /// Whether the login is asked for a second factor, by a policy that enforces.
  func asksFactor(_ given: TwinLogin, isNewPlace: Bool) -> Bool {
    let login = known(given)
    guard let factor, mode != "off", login.exists else { return true }
    var combinations: [[String]] = [login.groups ?? []]
    for group in login.groups == nil ? TwinGenerator.groups : login.unsure {
      combinations += combinations.map { $0 + [group] }
    }
    return combinations.contains { asksFactor(factor, login, of: $0, isNewPlace) }
  }

  private func asksFactor(
    _ factor: TwinFactor, _ login: TwinLogin, of userGroups: [String], _ isNewPlace: Bool
  ) -> Bool {
    var rules: [TwinFactor.Rule] = []
    for group in userGroups {
      if let rule = factor.rules["groups"]?[group] { rules.append(rule) }
    }
    for (name, role) in roles {
      let isIn =
        role.users.contains(login.user) || role.groups.contains { userGroups.contains($0) }
      if isIn, let rule = factor.rules["roles"]?[name] { rules.append(rule) }
    }
    if let own = factor.rules["users"]?[login.user] { rules = [own] }
    if rules.isEmpty {
      guard let base = factor.notFrom else { return true }
      rules = [.notFrom(base)]
    }
    return rules.contains { rule in
      switch rule {
      case .always: return true
      case .never: return false
      case .notFrom(let list):
        if !holds(list, login.origin, login.hour) { return true }
        switch login.origin {
        case .address: return factor.newPlaces && isNewPlace
        case .machine: return factor.newPlaces
        case .local: return false
        case .noAddress, .notAnAddress, .unclearSession: return true
        }
      }
    }
  }
}

extension TwinGenerator {
  /// What a policy says of second factors; nil if it says nothing.
  mutating func factor(for policy: TwinPolicy) -> TwinFactor? {
    guard !random.once(in: 12) else { return nil }
    var factor = TwinFactor()
    factor.notFrom = random.once(in: 4) ? nil : placesWithoutFactor()
    factor.newPlaces = random.once(in: 3)
    for (kind, names) in [
      ("users", Self.users), ("groups", Self.groups), ("roles", policy.roles.keys.sorted()),
    ] {
      for name in random.some(of: names, oneIn: 3) {
        switch random.number(0...4) {
        case 0: factor.rules[kind, default: [:]][name] = .always
        case 1: factor.rules[kind, default: [:]][name] = .never
        default: factor.rules[kind, default: [:]][name] = .notFrom(placesWithoutFactor())
        }
      }
    }
    if factor.notFrom == nil, !factor.newPlaces, factor.rules.isEmpty { factor.newPlaces = true }
    return factor
  }

  /// Wide lists, so that several of them often hold an origin.
  private mutating func placesWithoutFactor() -> TwinList {
    var list = list()
    if random.once(in: 3) { list.append(TwinEntry(meaning: .anywhere, text: "anywhere")) }
    if random.once(in: 3) { list.append(TwinEntry(meaning: .local, text: "local")) }
    return list
  }
}

/// How many random decisions are compared.
private let decisions = rounds("GATEHOUSE_TWIN_DECISIONS", usually: 50_000)

@Suite("Second factors and their slow twin")
struct TwinFactorTests {
  private static let loginsPerPolicy = 200

  @Test("They agree on random policies and logins")
  func agreement() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 11))
    var seen: [FactorReason: Int] = [:]
    for _ in 0..<max(1, decisions / Self.loginsPerPolicy) {
      var twin = generator.policy()
      twin.factor = generator.factor(for: twin)
      let text = TwinText(twin, random: &generator.random)
      let loaded = Policy.load(text.snapshot)
      let policy = try #require(loaded.policy, "\(text.text)\n\(messages(loaded))")
      for _ in 0..<Self.loginsPerPolicy {
        let question = generator.login()
        let isNewPlace = generator.random.once(in: 3)
        let expected = twin.asksFactor(question, isNewPlace: isNewPlace)
        let found = policy.secondFactor(for: question.login, isNewPlace: isNewPlace)
        seen[found.reason, default: 0] += 1
        let isMonitor = twin.mode == "monitor"
        let answersNeeded = expected || isMonitor
        if found.isSpared == expected || (found.verdict == .needed) != answersNeeded
          || found.wouldSpare != (isMonitor && !expected)
        {
          Issue.record("\(text.text)\n\(question)\n\(isNewPlace)\nasks: \(expected), \(found)")
          return
        }
        let explained = policy.explainFactor(of: question.login, isNewPlace: isNewPlace)
        #expect(explained.decision == found)
        #expect(
          found.reason == .newPlace
            || found.rule.map { rule in
              explained.rules.contains { $0.location == rule }
            } ?? true)
      }
    }
    for reason in FactorReason.allCases {
      #expect(seen[reason, default: 0] > 0, "\(reason)")
    }
  }

  @Test("The map says of each address what the engine says, and a comparison with itself is empty")
  func map() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 12))
    for _ in 0..<max(1, decisions / 1000) {
      var twin = generator.policy()
      twin.factor = generator.factor(for: twin)
      let policy = try #require(
        Policy.load(TwinText(twin, random: &generator.random).snapshot).policy)
      let question = generator.login()
      let map = policy.factors(of: question.login)
      for address in TwinAddress.all {
        var question = question
        question.origin = .address(address)
        let ip = try #require(IPAddress(address.text))
        let part = try #require(
          map.parts.first { AddressSet([AddressRange(ip)]).isSubset(of: $0.addresses) })
        #expect(part.verdict.reach == policy.factorReach(of: question.login))
      }
      let comparison = PolicyComparison(old: policy, new: policy, from: TwinTime.instant(0))
      #expect(comparison.difference(for: .everyoneElse).parts.isEmpty)
    }
  }

  @Test("Two policies that differ in second factors alone differ where their twins do")
  func comparison() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 13))
    var differing = 0
    for _ in 0..<max(1, decisions / 2500) {
      var twin = generator.policy()
      twin.mode = "enforce"
      twin.factor = generator.factor(for: twin)
      var other = twin
      other.factor = generator.factor(for: twin)
      let old = try #require(
        Policy.load(TwinText(twin, random: &generator.random).snapshot).policy)
      let new = try #require(
        Policy.load(TwinText(other, random: &generator.random).snapshot).policy)
      let groups = generator.random.some(of: TwinGenerator.groups, oneIn: 2)
      let parts = PolicyComparison(old: old, new: new, from: TwinTime.instant(3))
        .difference(for: .user("u0", groups: Set(groups.map { Name($0) }))).parts
      for address in TwinAddress.all {
        let login = TwinLogin(
          user: "u0", groups: groups, exists: true, service: "s9", origin: .address(address),
          hour: 3)
        let differs = [false, true].contains {
          twin.asksFactor(login, isNewPlace: $0) != other.asksFactor(login, isNewPlace: $0)
        }
        let ip = try #require(IPAddress(address.text))
        let isTold = parts.filter { $0.services.includesOthers }.flatMap(\.differences).contains {
          AddressSet([AddressRange(ip)]).isSubset(of: $0.addresses)
            && $0.changes.contains { $0.since == nil }
        }
        #expect(differs == isTold, "\(address)")
        if differs { differing += 1 }
      }
    }
    #expect(differing > 0)
  }
}
