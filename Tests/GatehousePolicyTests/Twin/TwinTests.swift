import TestKit
import Testing

@testable import GatehousePolicy

/// How many random decisions are compared.
private let decisions = rounds("GATEHOUSE_TWIN_DECISIONS", usually: 50_000)

@Suite("The engine and its slow twin")
struct TwinTests {
  private static let loginsPerPolicy = 200

  @Test("They agree on random policies and logins, whatever the order of keys, items and files")
  func agreement() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 1))
    var seen: [String: Int] = [:]
    for _ in 0..<max(1, decisions / Self.loginsPerPolicy) {
      let twin = generator.policy()
      let texts = (0..<2).map { _ in TwinText(twin, random: &generator.random) }
      let policies = try texts.map { text in
        let loaded = Policy.load(text.snapshot)
        return try #require(loaded.policy, "\(text.text)\n\(messages(loaded))")
      }
      for _ in 0..<Self.loginsPerPolicy {
        let question = generator.login()
        let grants = generator.grants(near: question)
        let expected = twin.decide(question, grants: grants)
        seen[expected.reason, default: 0] += 1
        for (policy, text) in zip(policies, texts) {
          let counted = question.login.counted(by: policy.rules)
          let ruling = DecisionEngine(
            policy.rules, login: counted, grants: grants.map(\.grant), recorder: NoRecorder()
          ).ruling()
          #expect(ruling.decision == policy.decide(question.login, grants: grants.map(\.grant)))
          let found = TwinDecision(ruling.decision, step: ruling.step.rawValue, in: text)
          if found != expected {
            Issue.record(
              "\(text.text)\n\(question)\n\(grants)\ntwin: \(expected)\nengine: \(found)")
            return
          }
        }
        let counted = question.login.counted(by: policies[0].rules)
        let narrowed = DecisionEngine(
          policies[0].rules.narrowed(to: counted), login: counted,
          grants: grants.map(\.grant), recorder: NoRecorder()
        ).decide()
        #expect(
          narrowed == policies[0].decide(question.login, grants: grants.map(\.grant)),
          "\(texts[0].text)\n\(question)")
      }
    }
    // The random world reaches every reason, so their agreement means something.
    for reason in Reason.ofPolicies + [.granted] {
      #expect(seen[reason.rawValue, default: 0] > 0, "\(reason)")
    }
  }

  @Test("They agree on logins that are judged by several origins, and so does the explanation")
  func severalOrigins() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 5))
    var differing = 0
    for _ in 0..<max(1, decisions / Self.loginsPerPolicy) {
      let twin = generator.policy()
      let text = TwinText(twin, random: &generator.random)
      let policy = try #require(Policy.load(text.snapshot).policy, "\(text.text)")
      for _ in 0..<Self.loginsPerPolicy / 4 {
        let question = generator.login()
        let origins = (0..<generator.random.number(0...4)).map { _ in generator.origin() }
        let grants = generator.grants(near: question)
        let expected = twin.decide(question, from: origins, grants: grants)
        let explanation = policy.explain(
          question.login, from: origins.map(\.origin), grants: grants.map(\.grant))
        let decision = policy.decide(
          question.login, from: origins.map(\.origin), grants: grants.map(\.grant))
        #expect(explanation.decision == decision)
        let step = try #require(explanation.steps.first { $0.outcome == .decided })
        let found = TwinDecision(decision, step: step.step.rawValue, in: text)
        guard found == expected || !expected.isDenial && found.roles == expected.roles else {
          Issue.record(
            "\(text.text)\n\(question)\n\(origins)\ntwin: \(expected)\nengine: \(found)")
          return
        }
        if decision != policy.decide(question.login, grants: grants.map(\.grant)) { differing += 1 }
      }
    }
    #expect(differing > 0)
  }

  @Test("Who may come from an origin: they agree about each user, and about everyone else")
  func admissions() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 6))
    var (admitted, strangers) = (0, 0)
    for _ in 0..<max(1, decisions / Self.loginsPerPolicy) {
      let twin = generator.policy()
      let text = TwinText(twin, random: &generator.random)
      let policy = try #require(Policy.load(text.snapshot).policy, "\(text.text)")
      for _ in 0..<Self.loginsPerPolicy / 5 {
        let place = generator.login()
        let grants = generator.grants(near: place)
        var people = TwinGenerator.users.map { user in
          var login = generator.login()
          login.user = user
          login.groups = login.groups ?? []
          return login
        }
        var stranger = place
        stranger.user = "stranger"
        stranger.groups = []
        stranger.unsure = []
        stranger.isRoot = false
        people.append(stranger)
        for index in people.indices {
          people[index].exists = true
          people[index].service = place.service
          people[index].origin = place.origin
          people[index].hour = place.hour
          people[index].role = nil
        }
        let found = Admissions(
          by: policy,
          of: people.dropLast().map(\.login).map { login in
            .init(
              name: login.user, groups: login.groups ?? [], unsureGroups: login.unsureGroups,
              isRoot: login.isRoot)
          }, from: place.origin.origin, service: Name(place.service),
          at: TwinTime.instant(place.hour), grants: grants.map(\.grant))
        for (person, decision) in zip(
          people, found.answers.map(\.decision) + [found.everyoneElse])
        {
          let expected = twin.decide(person, grants: grants)
          guard TwinDecision(decision, step: expected.step, in: text) == expected else {
            Issue.record("\(text.text)\n\(person)\n\(grants)\ntwin: \(expected)\n\(decision)")
            return
          }
          if !expected.isDenial { admitted += 1 }
        }
        if !found.everyoneElse.isDenial { strangers += 1 }
      }
    }
    #expect(admitted > 0 && strangers > 0)
  }

  @Test("An explanation has the decision, the step that made it, and the lists that the twin knows")
  func explanations() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 2))
    for _ in 0..<max(1, decisions / 100 / 20) {
      let twin = generator.policy()
      let policy = try #require(
        Policy.load(TwinText(twin, random: &generator.random).snapshot).policy)
      for _ in 0..<20 {
        let question = generator.login()
        let grants = generator.grants(near: question).map(\.grant)
        let explanation = policy.explain(question.login, grants: grants)
        #expect(explanation.decision == policy.decide(question.login, grants: grants))
        let decided = explanation.steps.filter { $0.outcome == .decided }
        #expect(decided.count == 1)
        #expect(explanation.steps.allSatisfy { ($0.outcome == .notReached) == ($0.fact == nil) })
        for list in explanation.lists {
          #expect((list.matched == nil || list.lapse != nil) != list.holdsOrigin, "\(list)")
        }
      }
    }
  }

  @Test("Grants change a decision to granted or not at all, and reach no blocked address")
  func grants() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 4))
    var granted = 0
    for _ in 0..<max(1, decisions / Self.loginsPerPolicy) {
      let policy = try #require(
        Policy.load(TwinText(generator.policy(), random: &generator.random).snapshot).policy)
      for _ in 0..<Self.loginsPerPolicy {
        let question = generator.login()
        let grants = generator.grants(near: question).map(\.grant)
        let without = policy.decide(question.login)
        let with = policy.decide(question.login, grants: grants)
        #expect(policy.decide(question.login, grants: grants.reversed()) == with)
        guard with != without else { continue }
        granted += 1
        #expect(with.verdict == .allow && with.reason == .granted && !with.wouldDeny)
        // Every ending before step 10 stands, a blocked address's above all.
        #expect(
          ![
            .notChecked, .breakGlass, .local, .localNotListed, .noAddress, .originUnknown,
            .sessionUnclear, .blocked, .userUnknown,
          ].contains(without.reason))
        #expect(grants.contains { $0.id == with.grant && $0.user == question.login.user })
        let named = Set(grants.compactMap(\.role))
        #expect(Set(with.roles).isSuperset(of: without.roles))
        #expect(
          Set(with.roles).subtracting(named).isSubset(of: rolesByRules(policy, question.login)))
      }
    }
    #expect(granted > 0)
  }

  /// What is available by the rules alone, whatever else they deny.
  private func rolesByRules(_ policy: Policy, _ login: Login) -> Set<Name> {
    guard login.origin.isListed else { return [] }
    let login = login.counted(by: policy.rules)
    return Set(
      ApplicableRules(policy.rules, to: login).availableRoles(from: login.origin, at: login.time))
  }

  @Test("Each remedy really allows the login, written into the policy and loaded again")
  func remedies() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 3))
    var tried = 0
    for _ in 0..<max(1, decisions / 250) {
      let twin = generator.policy()
      let policy = try #require(
        Policy.load(TwinText(twin, random: &generator.random).snapshot).policy)
      for _ in 0..<10 {
        let question = generator.login()
        let finder = RemedyFinder(
          rules: policy.rules, login: question.login.counted(by: policy.rules))
        let denial = twin.decide(question)
        #expect(
          finder.remedies(for: policy.decide(question.login)).isEmpty
            == (denial.verdict != "deny" && !denial.wouldDeny))
        if ["blocked", "user_list_required", "confined", "not_listed", "local_not_listed"].contains(
          denial.reason)
          && !twin.requiresRole && question.login.isUserSure && question.exists
        {
          #expect(!finder.alternatives.isEmpty)
        }
        for amendments in finder.alternatives {
          var amended = twin
          amended.mode = "enforce"
          for amendment in amendments { amended.apply(amendment) }
          let text = TwinText(amended, random: &generator.random)
          let loaded = try #require(Policy.load(text.snapshot).policy, "\(text.text)")
          let decision = loaded.decide(question.login)
          #expect(
            decision.verdict == .allow,
            "\(text.text)\n\(question)\n\(amendments): \(decision)")
          tried += 1
        }
      }
    }
    #expect(tried > 0)
  }
}

extension TwinDecision {
  /// What the engine decided, as the twin says it.
  fileprivate init(_ decision: Decision, step: Int, in text: TwinText) {
    self.init(
      step: step, verdict: decision.verdict.rawValue, reason: decision.reason.rawValue,
      roles: decision.roles.map(\.description), rule: text.path(decision.rule),
      wouldDeny: decision.wouldDeny, grant: decision.grant)
  }
}

extension TwinPolicy {
  /// The change that a remedy proposes, made as a reader of its text would make it.
  mutating func apply(_ amendment: Amendment) {
    switch amendment {
    case .add(let origin, let scope, let key, _):
      let name = scope.name?.description ?? ""
      let number = TwinAddress.all.first {
        IPAddress($0.text).map { .address($0) } == origin
      }
      let entry =
        number.map {
          TwinEntry(meaning: .range(isIPv6: $0.isIPv6, $0.number...$0.number), text: $0.text)
        } ?? TwinEntry(meaning: .machine, text: "self")
      func addToList(_ scope: inout TwinScope) {
        switch key {
        case .onlyFrom: scope.onlyFrom = (scope.onlyFrom ?? []) + [entry]
        case .alsoFrom: scope.alsoFrom = (scope.alsoFrom ?? []) + [entry]
        default: scope.from = (scope.from ?? []) + [entry]
        }
      }
      let service = scope.service?.description
      func add(_ scope: inout TwinScope) {
        if let service {
          addToList(&scope.services[service, default: TwinScope()])
        } else {
          addToList(&scope)
        }
      }
      switch scope {
      case .user: add(&users[name, default: TwinScope()])
      case .group: add(&groups[name, default: TwinScope()])
      case .role: add(&roles[name, default: TwinScope()])
      case .service: add(&services[name, default: TwinScope()])
      default: add(&everyone)
      }
    case .unblock(let entries):
      let texts = Set(entries.map(\.text))
      block?.removeAll { texts.contains($0.text) }
      if block?.isEmpty ?? false { block = nil }
    case .join(let user, let role, _):
      roles[role.description]?.users.append(user.description)
    case .admitLocally(let user, let service?, _):
      services[service.description]?.local?.users.append(user.description)
    case .admitLocally(let user, nil, _): local?.users.append(user.description)
    }
  }
}
