// Whether a login needs a second factor: gatehouse-policy(5), SECOND FACTOR.

/// Whether a second factor is needed.
public enum FactorVerdict: String, CaseIterable, Codable, Sendable {
  /// The user has to give one.
  case needed
  /// The user is spared it.
  case notNeeded = "not_needed"

  /// The same in words: `needed`, `not needed`.
  public var words: String {
    switch self {
    case .needed: "needed"
    case .notNeeded: "not needed"
    }
  }
}

/// Why a second factor is needed, or not.
public enum FactorReason: String, CaseIterable, Codable, Sendable {
  /// The policy has no `second_factor`, so nobody is spared.
  case noRule = "no_rule"
  /// `mode: off`: nothing is checked, so nobody is spared.
  case notChecked = "not_checked"
  /// It is certain that there is no such user.
  case userUnknown = "user_unknown"
  /// It depends on what is unknown of the user: a group, or how the directory spells the name.
  case identityUnavailable = "identity_unavailable"
  /// A rule says always.
  case always
  /// The rules say never.
  case never
  /// The origin is unknown, and the answer depends on it.
  case originUnknown = "origin_unknown"
  /// A `not_from` that counts does not hold the origin, or there is none.
  case notListed = "not_listed"
  /// Every `not_from` that counts holds the origin.
  case listed
  /// The lists spare the user, but not from a place that is new.
  case newPlace = "new_place"
}

/// Whether a second factor is needed, and why.
public struct FactorDecision: Hashable, Codable, Sendable {
  /// The answer that is given; in monitor mode it is always that one is needed.
  public var verdict: FactorVerdict
  /// Why; in monitor mode what the policy decided.
  public var reason: FactorReason
  /// The key that decided: the one that asks for it, or the first of those that spare it; nil if no rule
  /// did.
  public var rule: SourceLocation?
  /// Monitor mode asks for a factor that the policy would have spared.
  public var wouldSpare: Bool
  /// The origin that decided.
  public var origin: Origin

  /// A decision with all its parts.
  public init(
    _ verdict: FactorVerdict, _ reason: FactorReason, rule: SourceLocation? = nil,
    wouldSpare: Bool = false, origin: Origin
  ) {
    self.verdict = verdict
    self.reason = reason
    self.rule = rule
    self.wouldSpare = wouldSpare
    self.origin = origin
  }

  /// Whether the policy spares the user, whatever its mode answers.
  public var isSpared: Bool { verdict == .notNeeded || wouldSpare }
}

/// Where a second factor is needed, as far as that depends on the place alone.
public enum FactorReach: String, CaseIterable, Comparable, Codable, Sendable {
  /// It is needed, new place or not.
  case needed
  /// It is needed only if the place is new.
  case newPlaces = "new_places"
  /// It is not needed.
  case notNeeded = "not_needed"

  /// Orders by how seldom it is needed.
  public static func < (left: FactorReach, right: FactorReach) -> Bool {
    allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
  }
}

/// Whether a second factor is needed, with the rules that count.
public struct FactorExplanation: Hashable, Codable, Sendable {
  /// A rule that counts for the user.
  public struct Rule: Hashable, Codable, Sendable {
    /// What a rule says.
    public enum Demand: String, Codable, Sendable {
      case always, never
      /// Not from the places of its list.
      case notFrom = "not_from"
      /// There is no list of places.
      case everywhere
    }

    /// Its path in the policy: `second_factor.users.bob`.
    public let path: String
    /// What it says.
    public let demand: Demand
    /// The location of its key.
    public let location: SourceLocation
    /// Whether it spares the user.
    public let spares: Bool
    /// False if it is unknown whether the user is in the group.
    public let isSure: Bool
  }

  /// The login, as the policy counts it.
  public let login: Login
  /// What was decided.
  public let decision: FactorDecision
  /// The rules that count, in the order in which they are looked at; none if no rule is.
  public let rules: [Rule]
  /// Whether `new_places` could make one needed, so that the record was asked.
  public let dependsOnPlace: Bool
  /// Whether the place counts as new.
  public let isNewPlace: Bool
}

extension Policy {
  /// Whether a login needs a second factor, with the rules that count; see `secondFactor`.
  public func explainFactor(of login: Login, isNewPlace: Bool) -> FactorExplanation {
    let login = login.counted(by: rules)
    let engine = FactorEngine(rules: rules, login: login, isNewPlace: isNewPlace)
    return FactorExplanation(
      login: login, decision: engine.decision(), rules: engine.explainedRules,
      dependsOnPlace: factorReach(of: login) == .newPlaces, isNewPlace: isNewPlace)
  }

  /// Where a login needs a second factor, whatever the record has of its user.
  public func factorReach(of login: Login) -> FactorReach {
    guard secondFactor(for: login, isNewPlace: false).isSpared else { return .needed }
    return secondFactor(for: login, isNewPlace: true).isSpared ? .notNeeded : .newPlaces
  }

  /// The lists that may matter to whether a login needs a second factor, whatever its origin.
  func factorLists(for login: Login) -> [AddressList] {
    FactorEngine(rules: rules, login: login.counted(by: rules), isNewPlace: false).lists
  }

  /// For how long a place is not new after a user was let in from there.
  public static let newPlaceAge = Duration.days(30)

  /// Whether a login needs a second factor.
  ///
  /// Whatever is not certain, counts as needed. A grant spares nobody, and neither does break-glass.
  ///
  /// - Parameters:
  ///   - login: The login; its role does not matter.
  ///   - isNewPlace: Whether the user was not let in from the address for 30 days.
  /// - Returns: The decision.
  public func secondFactor(for login: Login, isNewPlace: Bool) -> FactorDecision {
    FactorEngine(rules: rules, login: login.counted(by: rules), isNewPlace: isNewPlace).decision()
  }

  /// Whether a login needs a second factor that is judged by several origins: it does if it does by one
  /// of them.
  ///
  /// - Parameters:
  ///   - login: The login; its own origin does not matter.
  ///   - origins: The origins, newest first; without any, the session does not tell the origin.
  ///   - isNewPlace: Whether the user was not let in from an origin for 30 days.
  /// - Returns: The first decision by which it is needed, or else the newest origin's.
  public func secondFactor(
    for login: Login, from origins: [Origin], isNewPlace: (Origin) -> Bool
  ) -> FactorDecision {
    let decisions = (origins.isEmpty ? [.unknown(.session)] : origins).map { origin in
      var login = login
      login.origin = origin
      return secondFactor(for: login, isNewPlace: isNewPlace(origin))
    }
    return decisions.first { !$0.isSpared } ?? decisions[0]
  }

  /// Whether the policy says who needs a second factor.
  public var hasSecondFactor: Bool { rules.secondFactor != nil }

  /// The location of `second_factor`; nil if the policy has none.
  public var secondFactorLocation: SourceLocation? { rules.secondFactor?.location }
}

/// Decides whether a login needs a second factor; the login is as the rules count it.
struct FactorEngine {
  let rules: Rules
  let login: Login
  let isNewPlace: Bool

  /// The decision; in monitor mode it is always that one is needed.
  func decision() -> FactorDecision {
    guard let factor = rules.secondFactor else { return answer(.needed, .noRule) }
    guard rules.mode != .off else { return answer(.needed, .notChecked) }
    var decision = decision(by: factor)
    if rules.mode == .monitor, decision.verdict == .notNeeded {
      decision.verdict = .needed
      decision.wouldSpare = true
    }
    return decision
  }

  private func decision(by factor: SecondFactorRules) -> FactorDecision {
    guard login.exists else { return answer(.needed, .userUnknown) }
    if !login.isNameSure, rules.namesUsersOfFactor {
      return answer(.needed, .identityUnavailable)
    }
    let (sure, unsure) = counting(in: factor)
    for rule in sure {
      if let reason = rule.demand(of: login) { return answer(.needed, reason, rule) }
    }
    // The user may be in any of the unsure groups, or in none: all must come to the same.
    if unsure.contains(where: { $0.demand(of: login) != nil }) {
      return answer(.needed, .identityUnavailable)
    }
    var sparing = sure
    if sure.isEmpty {
      let base = factor.base
      if let reason = base.demand(of: login) {
        return unsure.isEmpty
          ? answer(.needed, reason, base) : answer(.needed, .identityUnavailable)
      }
      sparing = [base]
    }
    if let newPlaces = factor.newPlaces, isFromNewPlace,
      (sparing + unsure).contains(where: { $0.list != nil })
    {
      return FactorDecision(.needed, .newPlace, rule: newPlaces, origin: login.origin)
    }
    let isByPlace = sparing.contains { $0.list != nil }
    return answer(.notNeeded, isByPlace ? .listed : .never, sparing.first)
  }

  /// The lists of the rules that count.
  var lists: [AddressList] { looked.compactMap(\.rule.list) }

  /// The rules that count, for people.
  var explainedRules: [FactorExplanation.Rule] {
    looked.map { rule, isSure in
      FactorExplanation.Rule(
        path: Scope.secondFactor(rule.subject).description, demand: rule.word,
        location: rule.location, spares: rule.demand(of: login) == nil, isSure: isSure)
    }
  }

  /// The rules that are looked at, in order.
  private var looked: [(rule: FactorRule, isSure: Bool)] {
    guard let factor = rules.secondFactor else { return [] }
    let (sure, unsure) = counting(in: factor)
    return sure.map { ($0, true) } + unsure.map { ($0, false) }
      + (sure.isEmpty ? [(factor.base, true)] : [])
  }

  /// The rules that count besides everybody's: the user's own, else those of their groups and then
  /// their roles; and those of groups, and of roles by them, of which it is unknown whether the user is in
  /// them.
  private func counting(
    in factor: SecondFactorRules
  ) -> (sure: [FactorRule], unsure: [FactorRule]) {
    if let own = factor.users[login.user] { return ([own], []) }
    let groups = login.groups ?? []
    func roles(byGroups groups: Set<Name>) -> Set<Name> {
      Set(groups.flatMap { rules.rolesOfGroup[$0] ?? [] })
    }
    func those(of groups: Set<Name>, _ roles: Set<Name>) -> [FactorRule] {
      groups.sorted().compactMap { factor.groups[$0] }
        + roles.sorted().compactMap { factor.roles[$0] }
    }
    let sureRoles = roles(byGroups: groups).union(rules.rolesOfUser[login.user] ?? [])
    let unsureGroups =
      login.groups == nil
      ? Set(factor.groups.keys).union(rules.rolesOfGroup.keys) : login.unsureGroups
    return (
      those(of: groups, sureRoles),
      those(of: unsureGroups, roles(byGroups: unsureGroups).subtracting(sureRoles))
    )
  }

  /// Whether nothing shows that the user has come from there before.
  ///
  /// Nobody comes from the machine itself: who seems to may have come from anywhere. The console has to
  /// be named in a list, and is no place of the network.
  private var isFromNewPlace: Bool {
    switch login.origin {
    case .address: isNewPlace
    case .machine, .unknown: true
    case .local: false
    }
  }

  private func answer(
    _ verdict: FactorVerdict, _ reason: FactorReason, _ rule: FactorRule? = nil
  ) -> FactorDecision {
    FactorDecision(verdict, reason, rule: rule?.location, origin: login.origin)
  }
}

extension Rules {
  /// Whether a rule about the second factor names a user, by itself or by a role.
  fileprivate var namesUsersOfFactor: Bool {
    guard let factor = secondFactor else { return false }
    return !factor.users.isEmpty
      || factor.roles.keys.contains { roles[$0]?.members.users.isEmpty == false }
  }
}
