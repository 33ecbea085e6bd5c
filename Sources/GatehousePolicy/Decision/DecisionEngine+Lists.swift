// The steps from the grants on: what lists, groups and roles say of a known origin.

extension DecisionEngine {
  /// Whether steps 12 to 16 deny nothing.
  var isAllowedByLists: Bool {
    userList() == nil && confined() == nil && listed() == nil && requiredRole() == nil
      && askedRole() == nil
  }

  // Step 10. A grant makes only the role available that it names.
  func granted() -> Decision? {
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
  func identity() -> Decision? {
    guard let doubt else {
      recorder.note(applicable.namesGroups ? .groupsRead : .noGroupNamed)
      return nil
    }
    guard doubt.matters else {
      recorder.note(.groupsDoNotMatter(user: login.user))
      return nil
    }
    recorder.note(
      doubt.isNameInDoubt ? .nameUnknown(user: login.user) : .groupsUnknown(user: login.user))
    return Decision(verdict: .deny, reason: .identityUnavailable)
  }

  // Step 12.
  func userList() -> Decision? {
    guard let requirement = applicable.requiresUserList else {
      recorder.note(.noUserListRequired(user: login.user))
      return nil
    }
    if let list = applicable.user?.onlyFrom(for: login.service) {
      recorder.note(.userListPresent(list: .init(list)))
      return nil
    }
    recorder.note(.userListMissing(user: login.user, requirement: requirement))
    return Decision(verdict: .deny, reason: .userListRequired, rule: requirement)
  }

  // Step 13.
  func confined() -> Decision? {
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
  func listed() -> Decision? {
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
  func requiredRole() -> Decision? {
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
  func askedRole() -> Decision? {
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
      applicable.askedRoleFrom ?? applicable.personal.first ?? applicable.base
    recorder.note(.roleUnavailable(role: role, list: decisive.map(DecisionFact.List.init)))
    return Decision(verdict: .deny, reason: .roleUnavailable, rule: decisive?.location)
  }

  // Step 17. The rule is the list that admits the origin, or else the list that confines to it.
  func allowed() -> Decision {
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
