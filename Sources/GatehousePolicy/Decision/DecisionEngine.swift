/// Decides a login by the steps of gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// All rules of the decision are here: `DecisionStep` is the order of the steps, and each step is one
/// function below it, with its number. What applies to a login is collected in `ApplicableRules`.
struct DecisionEngine<Recorder: DecisionRecorder> {
  let login: Login
  let grants: [Grant]
  let applicable: ApplicableRules
  let recorder: Recorder

  /// Decides a login, as the rules count it.
  init(_ rules: borrowing Rules, login: Login, grants: [Grant] = [], recorder: Recorder) {
    applicable = ApplicableRules(rules, to: login)
    self.login = login
    self.grants = grants
    self.recorder = recorder
  }

  /// The decision; in monitor mode a denial is answered with allow.
  func decide() -> Decision { ruling().decision }

  /// The decision, with the step that decided.
  func ruling() -> Ruling {
    var ruling = firstRuling()
    guard ruling.decision.verdict == .deny else { return ruling }
    if ruling.step > .breakGlass, mayBreakGlass {
      ruling.decision = Decision(verdict: .deny, reason: .identityUnavailable)
    }
    if applicable.mode == .monitor {
      ruling.decision.verdict = .allow
      ruling.decision.wouldDeny = true
    }
    return ruling
  }

  /// The decision of the first step that decides.
  private func firstRuling() -> Ruling {
    for step in DecisionStep.conditional {
      recorder.begin(step)
      if let decision = decision(of: step) { return Ruling(decision: decision, step: step) }
    }
    recorder.begin(.allowed)
    return Ruling(decision: allowed(), step: .allowed)
  }

  /// What a step decides; nil if its condition does not hold.
  private func decision(of step: DecisionStep) -> Decision? {
    switch step {
    case .notChecked: notChecked()
    case .roleMembership: roleMembership()
    case .breakGlass: breakGlass()
    case .local: local()
    case .localNotListed: localNotListed()
    case .noAddress: noAddress()
    case .originUnknown: originUnknown()
    case .blocked: blocked()
    case .userUnknown: userUnknown()
    case .granted: granted()
    case .identity: identity()
    case .userList: userList()
    case .confined: confined()
    case .listed: listed()
    case .requiredRole: requiredRole()
    case .askedRole: askedRole()
    case .allowed: allowed()
    }
  }

  // Step 1.
  private func notChecked() -> Decision? {
    if applicable.mode == .off {
      recorder.note(.off)
      return Decision(verdict: .ignore, reason: .notChecked)
    }
    if let unchecked = applicable.service?.unchecked {
      recorder.note(.serviceUnchecked(service: login.service, location: unchecked))
      return Decision(verdict: .ignore, reason: .notChecked, rule: unchecked)
    }
    recorder.note(.serviceChecked(service: login.service, mode: applicable.mode))
    return nil
  }

  // Step 2.
  private func roleMembership() -> Decision? {
    guard let role = login.role else {
      recorder.note(.noRoleAsked)
      return nil
    }
    if applicable.roles.contains(where: { $0.name == role }) {
      recorder.note(.member(user: login.user, role: role))
      return nil
    }
    // Only the groups could have made the user a member.
    if login.groups == nil, let asked = applicable.askedRole, !asked.members.groups.isEmpty {
      recorder.note(.membershipUnknown(user: login.user, role: role))
      return Decision(verdict: .deny, reason: .identityUnavailable)
    }
    recorder.note(
      applicable.askedRole == nil
        ? .roleUndeclared(role: role) : .notMember(user: login.user, role: role))
    return Decision(verdict: .deny, reason: .roleUnavailable)
  }

  // Step 3. For users by name it works while the groups cannot be read, which is its purpose.
  private func breakGlass() -> Decision? {
    guard let rule = applicable.breakGlass else {
      recorder.note(.notInBreakGlass(user: login.user))
      return nil
    }
    guard login.origin.isListed else {
      recorder.note(.breakGlassWithoutAddress(user: login.user))
      return nil
    }
    if let list = rule.from, !list.contains(login.origin, at: login.time) {
      recorder.note(.listLacks(list: .init(list), origin: login.origin))
      return nil
    }
    guard applicable.breakGlassMembership == .member else {
      recorder.note(.breakGlassUnknown(user: login.user))
      return nil
    }
    recorder.note(.inBreakGlass(user: login.user, location: rule.location))
    return Decision(
      verdict: .allow, reason: .breakGlass, roles: applicable.roles.map(\.name),
      rule: (rule.from?.location ?? rule.location))
  }

  /// Whether a group that could not be read may let the user in by `break_glass`.
  private var mayBreakGlass: Bool {
    guard applicable.breakGlassMembership == .unknown, login.origin.isListed else { return false }
    return applicable.breakGlass?.from?.contains(login.origin, at: login.time) ?? true
  }

  // Step 4.
  private func local() -> Decision? {
    guard login.origin == .local else {
      recorder.note(.originNotLocal)
      return nil
    }
    guard let rule = applicable.local else {
      recorder.note(.everyoneLocal(service: login.service))
      return locally(by: nil)
    }
    if applicable.localMembership == .member {
      recorder.note(.inLocal(user: login.user, location: rule.location))
      return locally(by: rule.location)
    }
    if login.isRoot {
      recorder.note(.rootIsLocal(user: login.user))
      return locally(by: nil)
    }
    if applicable.breakGlassMembership == .member, let breakGlass = applicable.breakGlass {
      recorder.note(.inBreakGlass(user: login.user, location: breakGlass.location))
      return locally(by: breakGlass.location)
    }
    recorder.note(.notInLocal(user: login.user, location: rule.location))
    return nil
  }

  private func locally(by rule: SourceLocation?) -> Decision {
    Decision(
      verdict: .allow, reason: .local, roles: applicable.roles.map(\.name), rule: rule)
  }

  // Step 5.
  private func localNotListed() -> Decision? {
    guard login.origin == .local, let rule = applicable.local else {
      recorder.note(.originNotLocal)
      return nil
    }
    if applicable.localMembership == .unknown || applicable.breakGlassMembership == .unknown {
      recorder.note(.groupsUnknown(user: login.user))
      return Decision(verdict: .deny, reason: .identityUnavailable)
    }
    recorder.note(.notInLocal(user: login.user, location: rule.location))
    return Decision(verdict: .deny, reason: .localNotListed, rule: rule.location)
  }

  // Step 6.
  private func noAddress() -> Decision? {
    guard login.origin == .unknown(.noAddress) else {
      recorder.note(.addressGiven)
      return nil
    }
    recorder.note(.noAddress(service: login.service))
    return Decision(verdict: .deny, reason: .noAddress)
  }

  // Step 7.
  private func originUnknown() -> Decision? {
    switch login.origin {
    case .unknown(.session):
      recorder.note(.sessionUnclear)
      return Decision(verdict: .deny, reason: .sessionUnclear)
    case .unknown(.notAnAddress), .unknown(.noAddress), .local:
      recorder.note(.originUnknown)
      return Decision(verdict: .deny, reason: .originUnknown)
    case .address, .machine:
      recorder.note(.originKnown(origin: login.origin))
      return nil
    }
  }

  // Step 8.
  private func blocked() -> Decision? {
    guard let list = applicable.block.first(where: { $0.contains(login.origin, at: login.time) })
    else {
      recorder.note(
        applicable.block.isEmpty ? .nothingBlocked : .notBlocked(origin: login.origin))
      return nil
    }
    recorder.note(.blocked(origin: login.origin, location: list.location))
    return Decision(verdict: .deny, reason: .blocked, rule: list.location)
  }

  // Step 9.
  private func userUnknown() -> Decision? {
    if let location = applicable.service?.virtualAccounts {
      recorder.note(.virtualAccounts(service: login.service, location: location))
      return nil
    }
    guard !login.exists else {
      recorder.note(.userNotUnknown(user: login.user))
      return nil
    }
    recorder.note(.userUnknown(user: login.user))
    return Decision(verdict: .deny, reason: .userUnknown)
  }

  // Step 10. A grant makes only the role available that it names.
  private func granted() -> Decision? {
    let applying = grants.filter { $0.applies(to: login) }
    guard let grant = applying.filter({ login.role == nil || $0.role == login.role }).min() else {
      recorder.note(
        applying.isEmpty
          ? .noGrant(user: login.user, origin: login.origin)
          : .noGrantForRole(user: login.user, origin: login.origin, role: login.role ?? ""))
      return nil
    }
    recorder.note(.granted(id: grant.id, until: grant.until))
    let named = Set(applying.compactMap(\.role)).intersection(applicable.roles.map(\.name))
    return Decision(
      verdict: .allow, reason: .granted, roles: named.union(availableRoles).sorted(),
      grant: grant.id)
  }

  private var availableRoles: [Name] {
    applicable.availableRoles(from: login.origin, at: login.time)
  }

  // Step 11.
  private func identity() -> Decision? {
    guard login.groups == nil && applicable.namesGroups else {
      recorder.note(
        applicable.namesGroups ? .groupsRead : .noGroupNamed)
      return nil
    }
    recorder.note(.groupsUnknown(user: login.user))
    return Decision(verdict: .deny, reason: .identityUnavailable)
  }

  // Step 12.
  private func userList() -> Decision? {
    guard let requirement = applicable.requiresUserList else {
      recorder.note(.noUserListRequired(user: login.user))
      return nil
    }
    if let list = applicable.user?.lists[.onlyFrom] {
      recorder.note(.userListPresent(list: .init(list)))
      return nil
    }
    recorder.note(.userListMissing(user: login.user, requirement: requirement))
    return Decision(verdict: .deny, reason: .userListRequired, rule: requirement)
  }

  // Step 13.
  private func confined() -> Decision? {
    let lists = applicable.confining
    guard let list = lists.first(where: { !$0.contains(login.origin, at: login.time) }) else {
      recorder.note(
        lists.isEmpty
          ? .nothingConfines : .confinementsHold(origin: login.origin))
      return nil
    }
    recorder.note(.listLacks(list: .init(list), origin: login.origin))
    return Decision(verdict: .deny, reason: .confined, rule: list.location)
  }

  // Step 14.
  private func listed() -> Decision? {
    guard let base = applicable.base else {
      recorder.note(.noBaseList)
      return nil
    }
    let lists = applicable.admitting
    if let list = lists.first(where: { $0.contains(login.origin, at: login.time) }) {
      recorder.note(.listHolds(list: .init(list), origin: login.origin))
      return nil
    }
    recorder.note(.inNoList(origin: login.origin, lists: lists.map(DecisionFact.List.init)))
    return Decision(
      verdict: .deny, reason: .notListed, rule: (lists.first ?? base).location)
  }

  // Step 15.
  private func requiredRole() -> Decision? {
    guard let requirement = applicable.requiresRole else {
      recorder.note(.noRoleRequired)
      return nil
    }
    let available = availableRoles
    guard available.isEmpty else {
      recorder.note(.rolesAvailable(roles: available))
      return nil
    }
    recorder.note(
      applicable.roles.isEmpty
        ? .noRoleOfUser(user: login.user, requirement: requirement)
        : .noRoleAvailable(roles: applicable.roles.map(\.name), requirement: requirement))
    return Decision(verdict: .deny, reason: .noRole, rule: requirement)
  }

  // Step 16.
  private func askedRole() -> Decision? {
    guard let role = login.role else {
      recorder.note(.noRoleAsked)
      return nil
    }
    guard !availableRoles.contains(role) else {
      recorder.note(.roleAvailable(role: role))
      return nil
    }
    // A role without a list is available wherever the base list or a personal list admits.
    let decisive =
      applicable.askedRole?.from ?? applicable.personal.first ?? applicable.base
    recorder.note(.roleUnavailable(role: role, list: decisive.map(DecisionFact.List.init)))
    return Decision(verdict: .deny, reason: .roleUnavailable, rule: decisive?.location)
  }

  // Step 17. The rule is the list that admits the origin, or else the list that confines to it.
  private func allowed() -> Decision {
    let admitting = applicable.admitting
    let confining = applicable.confining
    if admitting.isEmpty && confining.isEmpty {
      recorder.note(.noListConcerns(user: login.user))
      return Decision(verdict: .allow, reason: .unrestricted, roles: availableRoles)
    }
    let decisive =
      admitting.first { $0.contains(login.origin, at: login.time) } ?? confining.first
    recorder.note(
      decisive.map { .listHolds(list: .init($0), origin: login.origin) } ?? .noBaseList)
    return Decision(
      verdict: .allow, reason: .listed, roles: availableRoles, rule: decisive?.location)
  }
}

/// A decision, with the step that decided.
struct Ruling {
  var decision: Decision
  let step: DecisionStep
}
