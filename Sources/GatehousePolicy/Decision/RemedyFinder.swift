/// Finds what to change in a policy so that a login which it denies is allowed.
///
/// Each proposal is tried by the engine itself, on the rules that concern the login, and extended until
/// the login is allowed. So a remedy that is shown works.
struct RemedyFinder {
  let rules: Rules
  /// The login as the rules count it.
  let login: Login

  /// More would not help the reader.
  private static let maximumRemedies = 4
  /// A denial whose cause is removed cannot come back, so this is never reached.
  private static let maximumRounds = 10

  /// What to change; empty if the login is not denied.
  func remedies(for decision: Decision) -> [Explanation.Remedy] {
    guard decision.isDenial else { return [] }
    let found = alternatives.map { Explanation.Remedy.amend(amendments: $0) }
    return found.isEmpty ? [.advice(advice: advice(for: decision.reason))] : found
  }

  /// The changes that allow the login: each alternative on its own is enough.
  var alternatives: [[Amendment]] {
    var enforced = rules.narrowed(to: login)
    enforced.mode = .enforce
    guard let denial = denial(by: enforced) else { return [] }
    return Array(
      candidates(for: denial, rules: enforced).lazy
        .compactMap { completed($0, rules: enforced, rounds: Self.maximumRounds) }
        .prefix(Self.maximumRemedies))
  }

  private func denial(by rules: Rules) -> Decision? {
    let decision = DecisionEngine(rules, login: login, recorder: NoRecorder()).decide()
    return decision.verdict == .deny ? decision : nil
  }

  /// The changes and what else they need until the login is allowed; nil if nothing helps.
  private func completed(_ amendments: [Amendment], rules: Rules, rounds: Int) -> [Amendment]? {
    let amended = amendments.reduce(rules) { $1.applied(to: $0) }
    guard let denial = denial(by: amended) else { return amendments }
    guard rounds > 0 else { return nil }
    return candidates(for: denial, rules: amended).lazy
      .compactMap { completed($0, rules: amended, rounds: rounds - 1) }
      .first.map { amendments + $0 }
  }

  /// The ways to change what one step denied, the narrowest first.
  private func candidates(for denial: Decision, rules: Rules) -> [[Amendment]] {
    if denial.reason == .roleUnavailable { return waysToRole(rules) }
    let applicable = ApplicableRules(rules, to: login)
    if denial.reason == .localNotListed, let local = applicable.local {
      let service = applicable.service?.local == nil ? nil : login.service
      return [[.admitLocally(user: login.user, service: service, location: local.location)]]
    }
    guard login.origin.isListed else { return [] }
    switch denial.reason {
    case .blocked:
      let entries = rules.block.flatMap { holders($0, rules) }
      return entries.isEmpty
        ? []
        : [[.unblock(entries: entries.map { .init(text: $0.text, location: $0.location) })]]
    case .userListRequired:
      return [[.add(origin: login.origin, scope: .user(login.user), key: .onlyFrom, location: nil)]]
    case .confined:
      let failing = applicable.confining.filter { !$0.contains(login.origin, at: login.time) }
      return [failing.map { addition(to: $0) }]
    case .notListed:
      return waysToBeListed(applicable)
    case .noRole:
      let own = applicable.roles.compactMap { $0.rules.from(for: login.service) }.map {
        [addition(to: $0)]
      }
      return own.isEmpty ? waysToAnyRole(rules) : own
    default:
      return []
    }
  }

  private func waysToBeListed(_ applicable: ApplicableRules) -> [[Amendment]] {
    let user = Scope.user(login.user)
    let own = Amendment.add(
      origin: login.origin, scope: user, key: .alsoFrom,
      location: applicable.user?.lists[.alsoFrom]?.location)
    let base = applicable.base.map { [addition(to: $0)] }
    return [[own]] + [base].compactMap { $0 }
  }

  private func waysToRole(_ rules: Rules) -> [[Amendment]] {
    guard let name = login.role, let role = rules.roles[name] else { return [] }
    let applicable = ApplicableRules(rules, to: login)
    guard applicable.roles.contains(where: { $0.name == name }) else {
      return [[.join(user: login.user, role: name, location: role.location)]]
    }
    guard login.origin.isListed else { return [] }
    if let from = role.from(for: login.service) { return [[addition(to: from)]] }
    return waysToBeListed(applicable)
  }

  /// Membership in a role, those without a list of their own first.
  private func waysToAnyRole(_ rules: Rules) -> [[Amendment]] {
    func order(_ name: Name, _ role: RoleRules) -> (Int, Name) {
      (role.from(for: login.service) == nil ? 0 : 1, name)
    }
    return rules.roles.sorted { order($0.key, $0.value) < order($1.key, $1.value) }
      .prefix(Self.maximumRemedies)
      .map { [.join(user: login.user, role: $0.key, location: $0.value.location)] }
  }

  private func addition(to list: AddressList) -> Amendment {
    .add(origin: login.origin, scope: list.scope, key: list.key, location: list.location)
  }

  /// The entries by which a list holds the origin now.
  private func holders(_ list: AddressList, _ rules: Rules) -> [ListEntry] {
    list.entries.filter { entry in
      list.with([entry], networks: rules.networks).contains(login.origin, at: login.time)
    }
  }

  /// What to do if no change of the policy can help.
  private func advice(for reason: Reason) -> Explanation.Advice {
    // What is unknown of the user may stand in the way of every change.
    let otherwise: Explanation.Advice =
      login.isUserSure ? .noSingleChange : .checkDirectory(user: login.user)
    switch reason {
    case .originUnknown: return .giveAddresses
    case .noAddress: return .giveAddressesOrSayLocal(service: login.service)
    case .sessionUnclear: return .logInAgain
    case .userUnknown: return .checkUser(user: login.user, service: login.service)
    case .identityUnavailable: return .checkDirectory(user: login.user)
    case .roleUnavailable:
      if let role = login.role, rules.roles[role] == nil { return .declareRole(role: role) }
      return otherwise
    case .noRole: return .declareRoleFor(user: login.user)
    case .notChecked, .breakGlass, .local, .localNotListed, .blocked, .granted, .userListRequired,
      .confined,
      .notListed, .listed, .unrestricted:
      return otherwise
    }
  }
}

/// One change to a policy that lets a login in.
public enum Amendment: Hashable, Codable, Sendable {
  /// An entry of a list, as it was written.
  public struct Entry: Hashable, Codable, Sendable {
    /// The address, the name of the network, or `file NAME`.
    public let text: String
    /// Its location.
    public let location: SourceLocation
  }

  /// Put an address, or `self`, into a list; make the list if there is none, which `location` being
  /// nil says.
  case add(origin: Origin, scope: Scope, key: ListKey, location: SourceLocation?)
  /// Take entries out of `block`.
  case unblock(entries: [Entry])
  /// Make a user a member of a role.
  case join(user: Name, role: Name, location: SourceLocation)
  /// Name a user in the `local` of a service; in the policy's if the service is nil.
  case admitLocally(user: Name, service: Name?, location: SourceLocation)

  /// The rules as they would be with the change.
  func applied(to rules: Rules) -> Rules {
    var rules = rules
    switch self {
    case .add(let origin, let scope, let key, let location):
      guard let row = ListRow.row(scope.kind, key), let content = ListEntry.Content(origin) else {
        break
      }
      let place = location ?? SourceLocation(file: "", line: 1, column: 1)
      let added = ListEntry(content: content, text: origin.description, location: place)
      rules.set(
        AddressList(
          scope: scope, row: row, location: place,
          entries: (rules.list(scope, key)?.entries ?? []) + [added], networks: rules.networks))
    case .unblock(let entries):
      let places = Set(entries.map(\.location))
      rules.block = rules.block.map { list in
        list.with(list.entries.filter { !places.contains($0.location) }, networks: rules.networks)
      }
    case .join(let user, let role, _): rules.join(user, to: role)
    case .admitLocally(let user, let service, _): rules.admitLocally(user, by: service)
    }
    return rules
  }
}

extension ListEntry.Content {
  /// What holds this origin and nothing else; nil if no list can hold it.
  fileprivate init?(_ origin: Origin) {
    switch origin {
    case .address(let address): self = .range(AddressRange(address))
    case .machine: self = .machine
    case .local, .unknown: return nil
    }
  }
}
