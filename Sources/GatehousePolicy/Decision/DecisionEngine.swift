/// Decides a login by the steps of gatehouse-policy(5), HOW A LOGIN IS DECIDED.
///
/// All rules of the decision are here: `ruling()` is the order of the steps, and each step is one
/// function below it, with its number. What applies to a login is collected in `ApplicableRules`.
struct DecisionEngine<Recorder: DecisionRecorder> {
  let login: Login
  let grants: [Grant]
  let applicable: ApplicableRules
  let recorder: Recorder

  init(_ rules: borrowing Rules, login: Login, grants: [Grant] = [], recorder: Recorder) {
    applicable = ApplicableRules(rules, to: login)
    self.login = login
    self.grants = grants
    self.recorder = recorder
  }

  /// The decision; in monitor mode a denial is answered with allow.
  func decide() -> Decision {
    var decision = ruling()
    if decision.verdict == .deny && applicable.mode == .monitor {
      decision.verdict = .allow
      decision.wouldDeny = true
    }
    return decision
  }

  /// The decision of the first step that decides.
  private func ruling() -> Decision {
    recorder.begin(.notChecked)
    if let decision = notChecked() { return decision }
    recorder.begin(.roleMembership)
    if let decision = roleMembership() { return decision }
    recorder.begin(.breakGlass)
    if let decision = breakGlass() { return decision }
    recorder.begin(.local)
    if let decision = local() { return decision }
    recorder.begin(.originUnknown)
    guard case .address(let address) = login.origin else { return originUnknown() }
    recorder.note(.originAddress(address: address))
    recorder.begin(.blocked)
    if let decision = blocked(address) { return decision }
    recorder.begin(.granted)
    if let decision = granted(address) { return decision }
    recorder.begin(.identity)
    if let decision = identity() { return decision }
    recorder.begin(.userList)
    if let decision = userList() { return decision }
    recorder.begin(.confined)
    if let decision = confined(address) { return decision }
    recorder.begin(.listed)
    if let decision = listed(address) { return decision }
    let available = applicable.availableRoles(from: address, at: login.time)
    recorder.begin(.requiredRole)
    if let decision = requiredRole(available) { return decision }
    recorder.begin(.askedRole)
    if let decision = askedRole(available) { return decision }
    recorder.begin(.allowed)
    return allowed(address, available)
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
    guard case .address(let address) = login.origin else {
      recorder.note(.breakGlassWithoutAddress(user: login.user))
      return nil
    }
    if let list = rule.from, !list.contains(address, at: login.time) {
      recorder.note(.listLacks(list: .init(list), address: address))
      return nil
    }
    recorder.note(.inBreakGlass(user: login.user, location: rule.location))
    return Decision(
      verdict: .allow, reason: .breakGlass, roles: applicable.roles.map(\.name),
      rule: (rule.from?.location ?? rule.location))
  }

  // Step 4.
  private func local() -> Decision? {
    guard login.origin == .local else {
      recorder.note(.remoteHost)
      return nil
    }
    recorder.note(.noRemoteHost)
    return Decision(verdict: .allow, reason: .local, roles: applicable.roles.map(\.name))
  }

  // Step 5.
  private func originUnknown() -> Decision {
    recorder.note(.originUnknown)
    return Decision(verdict: .deny, reason: .originUnknown)
  }

  // Step 6.
  private func blocked(_ address: IPAddress) -> Decision? {
    guard let list = applicable.block.first(where: { $0.contains(address, at: login.time) }) else {
      recorder.note(
        applicable.block.isEmpty ? .nothingBlocked : .notBlocked(address: address))
      return nil
    }
    recorder.note(.blocked(address: address, location: list.location))
    return Decision(verdict: .deny, reason: .blocked, rule: list.location)
  }

  // Step 7. A grant makes only the role available that it names.
  private func granted(_ address: IPAddress) -> Decision? {
    let applying = grants.filter { $0.applies(to: login) }
    guard let grant = applying.filter({ login.role == nil || $0.role == login.role }).min() else {
      recorder.note(
        applying.isEmpty
          ? .noGrant(user: login.user, address: address)
          : .noGrantForRole(user: login.user, address: address, role: login.role ?? ""))
      return nil
    }
    recorder.note(.granted(id: grant.id, until: grant.until))
    let named = Set(applying.compactMap(\.role)).intersection(applicable.roles.map(\.name))
    let roles = named.union(applicable.availableRoles(from: address, at: login.time))
    return Decision(verdict: .allow, reason: .granted, roles: roles.sorted(), grant: grant.id)
  }

  // Step 8.
  private func identity() -> Decision? {
    guard login.groups == nil && applicable.namesGroups else {
      recorder.note(
        applicable.namesGroups ? .groupsRead : .noGroupNamed)
      return nil
    }
    recorder.note(.groupsUnknown(user: login.user))
    return Decision(verdict: .deny, reason: .identityUnavailable)
  }

  // Step 9.
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

  // Step 10.
  private func confined(_ address: IPAddress) -> Decision? {
    let lists = applicable.confining
    guard let list = lists.first(where: { !$0.contains(address, at: login.time) }) else {
      recorder.note(
        lists.isEmpty
          ? .nothingConfines : .confinementsHold(address: address))
      return nil
    }
    recorder.note(.listLacks(list: .init(list), address: address))
    return Decision(verdict: .deny, reason: .confined, rule: list.location)
  }

  // Step 11.
  private func listed(_ address: IPAddress) -> Decision? {
    guard let base = applicable.base else {
      recorder.note(.noBaseList)
      return nil
    }
    let lists = applicable.admitting
    if let list = lists.first(where: { $0.contains(address, at: login.time) }) {
      recorder.note(.listHolds(list: .init(list), address: address))
      return nil
    }
    recorder.note(.inNoList(address: address, lists: lists.map(DecisionFact.List.init)))
    return Decision(
      verdict: .deny, reason: .notListed, rule: (lists.first ?? base).location)
  }

  // Step 12.
  private func requiredRole(_ available: [Name]) -> Decision? {
    guard let requirement = applicable.requiresRole else {
      recorder.note(.noRoleRequired)
      return nil
    }
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

  // Step 13.
  private func askedRole(_ available: [Name]) -> Decision? {
    guard let role = login.role else {
      recorder.note(.noRoleAsked)
      return nil
    }
    guard !available.contains(role) else {
      recorder.note(.roleAvailable(role: role))
      return nil
    }
    // A role without a list is available wherever the base list or a personal list admits.
    let decisive =
      applicable.askedRole?.from ?? applicable.personal.first ?? applicable.base
    recorder.note(.roleUnavailable(role: role, list: decisive.map(DecisionFact.List.init)))
    return Decision(verdict: .deny, reason: .roleUnavailable, rule: decisive?.location)
  }

  // Step 14. The rule is the list that admits the address, or else the list that confines to it.
  private func allowed(_ address: IPAddress, _ available: [Name]) -> Decision {
    let admitting = applicable.admitting
    let confining = applicable.confining
    if admitting.isEmpty && confining.isEmpty {
      recorder.note(.noListConcerns(user: login.user))
      return Decision(verdict: .allow, reason: .unrestricted, roles: available)
    }
    let decisive =
      admitting.first { $0.contains(address, at: login.time) } ?? confining.first
    recorder.note(
      decisive.map { .listHolds(list: .init($0), address: address) } ?? .noBaseList)
    return Decision(
      verdict: .allow, reason: .listed, roles: available, rule: decisive?.location)
  }
}
