/// What the twin decides, with the path of the key that decided.
struct TwinDecision: Equatable {
  var verdict: String
  var reason: String
  var roles: [String] = []
  var rule: String?
  var wouldDeny = false
  var grant: String?
}

// The slow, obvious twin of the engine. It is written from the design's table alone: plain
// structures, linear scans, nothing prepared.
extension TwinPolicy {
  func holds(_ list: TwinList, _ address: TwinAddress, _ hour: Int) -> Bool {
    list.contains { entry in
      guard entry.isActive, hour >= entry.since ?? Int.min, hour < entry.until ?? Int.max else {
        return false
      }
      switch entry.meaning {
      case .anywhere: return true
      case .nowhere: return false
      case .range(let isIPv6, let numbers):
        return address.isIPv6 == isIPv6 && numbers.contains(address.number)
      case .network(let name): return holds(networks[name] ?? [], address, hour)
      }
    }
  }

  func decide(_ login: TwinLogin, grants: [TwinGrant] = []) -> TwinDecision {
    var decision = enforce(login, grants)
    if decision.verdict == "deny", login.role == nil || !isNoMember(login),
      mayBreakGlass(login), login.address != nil
    {
      decision = TwinDecision(verdict: "deny", reason: "identity_unavailable")
    }
    if mode == "monitor" && decision.verdict == "deny" {
      decision.verdict = "allow"
      decision.wouldDeny = true
    }
    return decision
  }

  /// Whether the user is certainly, or as far as is known, no member of the role that is asked for.
  private func isNoMember(_ login: TwinLogin) -> Bool {
    guard let name = login.role else { return false }
    guard let role = roles[name] else { return true }
    return !role.users.contains(login.user)
      && !role.groups.contains { (login.groups ?? []).contains($0) }
  }

  /// Whether a group that could not be read may put the user into break_glass, at this origin.
  private func mayBreakGlass(_ login: TwinLogin) -> Bool {
    guard let breakGlass, login.groups == nil, !breakGlass.users.contains(login.user),
      !breakGlass.groups.isEmpty, let address = login.address
    else { return false }
    return breakGlass.from.map { holds($0, address, login.hour) } ?? true
  }

  /// The lists of the user and their groups, most specific first, with their paths.
  private func personalLists(_ login: TwinLogin) -> [(String, TwinList)] {
    var lists: [(String, TwinList)] = []
    if let list = users[login.user]?.onlyFrom {
      lists.append(("users.\(login.user).only_from", list))
    }
    if let list = users[login.user]?.alsoFrom {
      lists.append(("users.\(login.user).also_from", list))
    }
    for group in (login.groups ?? []).sorted() {
      if let list = groups[group]?.onlyFrom { lists.append(("groups.\(group).only_from", list)) }
      if let list = groups[group]?.alsoFrom { lists.append(("groups.\(group).also_from", list)) }
    }
    return lists
  }

  private func baseList(_ login: TwinLogin) -> (String, TwinList)? {
    if let list = services[login.service]?.from { return ("services.\(login.service).from", list) }
    if let list = everyone.from { return ("everyone.from", list) }
    return nil
  }

  /// Those of the user's roles that are available by the rules alone.
  private func availableRoles(
    _ userRoles: [String], _ address: TwinAddress, _ login: TwinLogin
  ) -> [String] {
    let base = baseList(login)
    let inheritable =
      base == nil
      || (personalLists(login) + [base].compactMap { $0 })
        .contains { holds($0.1, address, login.hour) }
    return userRoles.filter { name in
      if let from = roles[name]?.from { return holds(from, address, login.hour) }
      return inheritable
    }
  }

  private func enforce(_ login: TwinLogin, _ grants: [TwinGrant]) -> TwinDecision {
    // Step 1.
    if mode == "off" { return TwinDecision(verdict: "ignore", reason: "not_checked") }
    if services[login.service]?.check == false {
      return TwinDecision(
        verdict: "ignore", reason: "not_checked", rule: "services.\(login.service).check")
    }

    let userGroups = (login.groups ?? []).sorted()
    let userRoles = roles.keys.sorted().filter { name in
      let role = roles[name] ?? TwinScope()
      return role.users.contains(login.user) || role.groups.contains { userGroups.contains($0) }
    }

    // Step 2.
    if let role = login.role, !userRoles.contains(role) {
      let groupsMatter = !(roles[role]?.groups ?? []).isEmpty
      return TwinDecision(
        verdict: "deny",
        reason: login.groups == nil && groupsMatter ? "identity_unavailable" : "role_unavailable")
    }

    // Step 3.
    if let breakGlass, let address = login.address,
      breakGlass.users.contains(login.user)
        || breakGlass.groups.contains(where: { userGroups.contains($0) })
    {
      guard let from = breakGlass.from else {
        return TwinDecision(
          verdict: "allow", reason: "break_glass", roles: userRoles, rule: "break_glass")
      }
      if holds(from, address, login.hour) {
        return TwinDecision(
          verdict: "allow", reason: "break_glass", roles: userRoles, rule: "break_glass.from")
      }
    }

    // Steps 4 and 5.
    if login.isLocal { return TwinDecision(verdict: "allow", reason: "local", roles: userRoles) }
    guard let address = login.address else {
      return TwinDecision(verdict: "deny", reason: "origin_unknown")
    }

    // Step 6.
    if let block, holds(block, address, login.hour) {
      return TwinDecision(verdict: "deny", reason: "blocked", rule: "block")
    }

    // Step 7.
    let mine = grants.filter { grant in
      grant.user == login.user && grant.address == address
        && (grant.service == nil || grant.service == login.service)
        && grant.since <= login.hour && login.hour < grant.until
    }
    let deciding = mine.filter { login.role == nil || $0.role == login.role }
    if let longest = deciding.map(\.until).max() {
      var available = availableRoles(userRoles, address, login)
      for grant in mine {
        if let role = grant.role, userRoles.contains(role), !available.contains(role) {
          available.append(role)
        }
      }
      return TwinDecision(
        verdict: "allow", reason: "granted", roles: available.sorted(),
        grant: deciding.filter { $0.until == longest }.map(\.id).min())
    }

    // Step 8.
    let namesGroup =
      !groups.isEmpty || roles.values.contains { !$0.groups.isEmpty }
    if login.groups == nil && namesGroup {
      return TwinDecision(verdict: "deny", reason: "identity_unavailable")
    }

    // Step 9.
    if users[login.user]?.onlyFrom == nil {
      for group in userGroups where groups[group]?.requiresUserList == true {
        return TwinDecision(
          verdict: "deny", reason: "user_list_required", rule: "groups.\(group).requires_user_list")
      }
      for role in userRoles where roles[role]?.requiresUserList == true {
        return TwinDecision(
          verdict: "deny", reason: "user_list_required", rule: "roles.\(role).requires_user_list")
      }
    }

    // Step 10, most specific first.
    var confining: [(String, TwinList)] = []
    if let list = users[login.user]?.onlyFrom {
      confining.append(("users.\(login.user).only_from", list))
    }
    for group in userGroups {
      if let list = groups[group]?.onlyFrom {
        confining.append(("groups.\(group).only_from", list))
      }
    }
    for role in userRoles {
      if let list = roles[role]?.onlyFrom { confining.append(("roles.\(role).only_from", list)) }
    }
    if let list = services[login.service]?.onlyFrom {
      confining.append(("services.\(login.service).only_from", list))
    }
    for (path, list) in confining where !holds(list, address, login.hour) {
      return TwinDecision(verdict: "deny", reason: "confined", rule: path)
    }

    // Step 11, most specific first.
    let personal = personalLists(login)
    let base = baseList(login)
    var admitting = personal
    for role in userRoles {
      if let list = roles[role]?.from { admitting.append(("roles.\(role).from", list)) }
    }
    if let base { admitting.append(base) }
    let admits = admitting.first { holds($0.1, address, login.hour) }
    if base != nil && admits == nil {
      return TwinDecision(verdict: "deny", reason: "not_listed", rule: admitting.first?.0)
    }

    let available = availableRoles(userRoles, address, login)

    // Step 12.
    if requiresRole && available.isEmpty {
      return TwinDecision(verdict: "deny", reason: "no_role", rule: "everyone.requires_role")
    }

    // Step 13.
    if let role = login.role, !available.contains(role) {
      let rule = roles[role]?.from != nil ? "roles.\(role).from" : (personal.first ?? base)?.0
      return TwinDecision(verdict: "deny", reason: "role_unavailable", rule: rule)
    }

    // Step 14.
    if admitting.isEmpty && confining.isEmpty {
      return TwinDecision(verdict: "allow", reason: "unrestricted", roles: available)
    }
    return TwinDecision(
      verdict: "allow", reason: "listed", roles: available, rule: (admits ?? confining.first)?.0)
  }
}
