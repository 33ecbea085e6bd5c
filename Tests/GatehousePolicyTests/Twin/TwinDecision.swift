/// What the twin decides, with the path of the key that decided, and the number of the step.
struct TwinDecision: Equatable {
  var step: Int
  var verdict: String
  var reason: String
  var roles: [String] = []
  var rule: String?
  var wouldDeny = false
  var grant: String?

  var isDenial: Bool { verdict == "deny" || wouldDeny }
}

// The slow, obvious twin of the engine. It is written from the design's table alone: plain
// structures, linear scans, nothing prepared.
extension TwinPolicy {
  /// Whether a list holds an origin at an hour; a `lasting` one also by what was got too long ago.
  func holds(_ list: TwinList, _ origin: TwinOrigin, _ hour: Int, lasting: Bool = false) -> Bool {
    list.contains { entry in
      guard entry.isActive, hour >= entry.since ?? Int.min, hour < entry.until ?? Int.max else {
        return false
      }
      if holds(entry.except, origin, hour, lasting: true) { return false }
      switch (entry.meaning, origin) {
      case (.local, _): return origin == .local
      case (_, .local), (_, .noAddress), (_, .notAnAddress), (_, .unclearSession): return false
      case (.anywhere, _): return true
      case (.nowhere, _): return false
      case (.machine, _), (.loopback, _): return origin == .machine
      case (.family(let isIPv6), .address(let address)): return address.isIPv6 == isIPv6
      case (.range(let isIPv6, let numbers), .address(let address)):
        return address.isIPv6 == isIPv6 && numbers.contains(address.number)
      case (.family, .machine), (.range, .machine): return false
      case (.network(let name), _):
        let source = sources[name]
        let serves = source.map { lasting || hour < $0.got + $0.maxAge } ?? false
        let list = (networks[name] ?? []) + (serves ? source?.content ?? [] : [])
        return holds(list, origin, hour, lasting: lasting)
          && !holds(networkExceptions[name] ?? [], origin, hour, lasting: true)
      }
    }
  }

  func decide(_ login: TwinLogin, grants: [TwinGrant] = []) -> TwinDecision {
    let login = known(login)
    var decision = enforce(login, grants)
    if decision.verdict == "deny", decision.step > 3, mayBreakGlass(login) {
      decision = TwinDecision(
        step: decision.step, verdict: "deny", reason: "identity_unavailable")
    }
    if mode == "monitor" && decision.verdict == "deny" {
      decision.verdict = "allow"
      decision.wouldDeny = true
    }
    return decision
  }

  /// A denial by one origin is the answer; an allow has the roles that all have.
  func decide(_ login: TwinLogin, from origins: [TwinOrigin], grants: [TwinGrant]) -> TwinDecision {
    var decisions: [TwinDecision] = []
    for origin in origins.isEmpty ? [.unclearSession] : origins {
      var login = login
      login.origin = origin
      decisions.append(decide(login, grants: grants))
    }
    var answer = decisions[0]
    for step in 1...17 {
      for decision in decisions where decision.isDenial && decision.step == step {
        return decision
      }
    }
    for decision in decisions {
      answer.roles = answer.roles.filter { decision.roles.contains($0) }
    }
    return answer
  }

  /// The login, as its service says it is.
  func known(_ login: TwinLogin) -> TwinLogin {
    var login = login
    let service = services[login.service] ?? TwinScope()
    if service.isLocalWithoutAddress && login.origin == .noAddress { login.origin = .local }
    if service.hasVirtualAccounts {
      login.groups = []
      login.unsure = []
      login.exists = true
      login.isRoot = nil
    }
    return login
  }

  /// The groups of which it is unknown whether the user is in them.
  private func unsure(_ login: TwinLogin) -> [String] {
    login.groups == nil ? TwinGenerator.groups : login.unsure
  }

  /// Whether the user is one of these people; nil if that is unknown.
  private func isMember(_ login: TwinLogin, _ users: [String], _ groups: [String]) -> Bool? {
    if users.contains(login.user) { return true }
    if groups.contains(where: { (login.groups ?? []).contains($0) }) { return true }
    return groups.contains { unsure(login).contains($0) } ? nil : false
  }

  /// Whether a group that could not be read may let the user in by break_glass.
  private func mayBreakGlass(_ login: TwinLogin) -> Bool {
    guard let breakGlass, isMember(login, breakGlass.users, breakGlass.groups) == nil else {
      return false
    }
    return login.origin.isListed
      && (breakGlass.from.map { holds($0, login.origin, login.hour) } ?? true)
  }

  /// Whether the answer is not the same for all combinations of the unsure groups: each is tried.
  private func dependsOnUnsureGroups(_ login: TwinLogin, _ grants: [TwinGrant]) -> Bool {
    var combinations: [[String]] = [login.groups ?? []]
    // Step 3 has allowed whoever is in one of break_glass, and is looked at for itself.
    let others = unsure(login).filter {
      !mayBreakGlass(login) || breakGlass?.groups.contains($0) == false
    }
    for group in others { combinations += combinations.map { $0 + [group] } }
    let answers = combinations.map { groups in
      var login = login
      login.groups = groups
      login.unsure = []
      return enforce(login, grants).verdict
    }
    return Set(answers).count > 1
  }

  /// The `local` that counts, with its path.
  private func local(_ login: TwinLogin) -> (people: TwinPeople, path: String)? {
    if let own = services[login.service]?.local { return (own, "services.\(login.service).local") }
    guard let local else { return nil }
    let isOfConsole =
      TwinGenerator.consoles.contains(login.service)
      || services[login.service]?.isLocalWithoutAddress == true
    return isOfConsole ? (local, "local") : nil
  }

  /// The lists of the user and their groups, most specific first, with their paths.
  private func personalLists(_ login: TwinLogin) -> [(String, TwinList)] {
    var lists: [(String, TwinList)] = []
    func take(_ scope: TwinScope?, _ path: String) {
      if let list = scope?.onlyFrom { lists.append(("\(path).only_from", list)) }
      if let list = scope?.alsoFrom { lists.append(("\(path).also_from", list)) }
    }
    let service = login.service
    take(users[login.user]?.services[service], "users.\(login.user).services.\(service)")
    take(users[login.user], "users.\(login.user)")
    let groupNames = (login.groups ?? []).sorted()
    for group in groupNames {
      take(groups[group]?.services[service], "groups.\(group).services.\(service)")
    }
    for group in groupNames { take(groups[group], "groups.\(group)") }
    return lists
  }

  /// Where a role is available, with the path; nil if it has no list.
  private func roleList(_ name: String, _ login: TwinLogin) -> (path: String, list: TwinList)? {
    if let list = roles[name]?.services[login.service]?.from {
      return ("roles.\(name).services.\(login.service).from", list)
    }
    return roles[name]?.from.map { ("roles.\(name).from", $0) }
  }

  private func baseList(_ login: TwinLogin) -> (String, TwinList)? {
    if let list = services[login.service]?.from { return ("services.\(login.service).from", list) }
    if let list = everyone.from { return ("everyone.from", list) }
    return nil
  }

  /// Those of the user's roles that are available by the rules alone.
  private func availableRoles(_ userRoles: [String], _ login: TwinLogin) -> [String] {
    let base = baseList(login)
    let inheritable =
      base == nil
      || (personalLists(login) + [base].compactMap { $0 })
        .contains { holds($0.1, login.origin, login.hour) }
    return userRoles.filter { name in
      if let from = roleList(name, login)?.list { return holds(from, login.origin, login.hour) }
      return inheritable
    }
  }

  private func enforce(_ login: TwinLogin, _ grants: [TwinGrant]) -> TwinDecision {
    func allow(
      _ step: Int, _ reason: String, _ roles: [String], _ rule: String? = nil,
      grant: String? = nil
    ) -> TwinDecision {
      TwinDecision(
        step: step, verdict: "allow", reason: reason, roles: roles, rule: rule, grant: grant)
    }
    func deny(_ step: Int, _ reason: String, _ rule: String? = nil) -> TwinDecision {
      TwinDecision(step: step, verdict: "deny", reason: reason, rule: rule)
    }

    // Step 1.
    if mode == "off" { return TwinDecision(step: 1, verdict: "ignore", reason: "not_checked") }
    if services[login.service]?.check == false {
      return TwinDecision(
        step: 1, verdict: "ignore", reason: "not_checked", rule: "services.\(login.service).check")
    }

    let userGroups = (login.groups ?? []).sorted()
    func isIn(_ users: [String], _ groups: [String]) -> Bool {
      users.contains(login.user) || groups.contains { userGroups.contains($0) }
    }
    let userRoles = roles.keys.sorted().filter { name in
      isIn(roles[name]?.users ?? [], roles[name]?.groups ?? [])
    }

    // Step 2.
    if let role = login.role, !userRoles.contains(role) {
      let isUnsure = isMember(login, roles[role]?.users ?? [], roles[role]?.groups ?? []) == nil
      return deny(2, isUnsure ? "identity_unavailable" : "role_unavailable")
    }

    // Step 3.
    let isInBreakGlass = breakGlass.map { isIn($0.users, $0.groups) } ?? false
    if let breakGlass, isInBreakGlass, login.origin.isListed {
      guard let from = breakGlass.from else {
        return allow(3, "break_glass", userRoles, "break_glass")
      }
      if holds(from, login.origin, login.hour) {
        return allow(3, "break_glass", userRoles, "break_glass.from")
      }
    }

    // Steps 4 and 5.
    if login.origin == .local {
      guard let (people, path) = local(login) else { return allow(4, "local", userRoles) }
      if isIn(people.users, people.groups) { return allow(4, "local", userRoles, path) }
      if login.isRoot ?? (login.user == "root") { return allow(4, "local", userRoles) }
      if isInBreakGlass { return allow(4, "local", userRoles, "break_glass") }
      let mayBeRescuer = breakGlass.map { isMember(login, $0.users, $0.groups) == nil } ?? false
      if isMember(login, people.users, people.groups) == nil || mayBeRescuer {
        return deny(5, "identity_unavailable")
      }
      return deny(5, "local_not_listed", path)
    }

    // Steps 6 and 7.
    if login.origin == .noAddress { return deny(6, "no_address") }
    if login.origin == .unclearSession { return deny(7, "session_unclear") }
    if login.origin == .notAnAddress { return deny(7, "origin_unknown") }

    // Step 8.
    if let block, holds(block, login.origin, login.hour, lasting: true) {
      return deny(8, "blocked", "block")
    }

    // Step 9.
    if !login.exists { return deny(9, "user_unknown") }

    // Step 10.
    let mine = grants.filter { grant in
      grant.user == login.user && grant.isFor(login.origin)
        && (grant.service == nil || grant.service == login.service)
        && grant.since <= login.hour && login.hour < grant.until
    }
    let deciding = mine.filter { login.role == nil || $0.role == login.role }
    if let longest = deciding.map(\.until).max() {
      var available = availableRoles(userRoles, login)
      for grant in mine {
        if let role = grant.role, userRoles.contains(role), !available.contains(role) {
          available.append(role)
        }
      }
      return allow(
        10, "granted", available.sorted(),
        grant: deciding.filter { $0.until == longest }.map(\.id).min())
    }

    // Step 11.
    let isUnsure = login.groups == nil || !login.unsure.isEmpty
    if isUnsure, dependsOnUnsureGroups(login, grants) { return deny(11, "identity_unavailable") }

    // Step 12.
    if users[login.user]?.onlyFrom == nil,
      users[login.user]?.services[login.service]?.onlyFrom == nil
    {
      for group in userGroups where groups[group]?.requiresUserList == true {
        return deny(12, "user_list_required", "groups.\(group).requires_user_list")
      }
      for role in userRoles where roles[role]?.requiresUserList == true {
        return deny(12, "user_list_required", "roles.\(role).requires_user_list")
      }
    }

    // Step 13, most specific first.
    let personal = personalLists(login)
    var confining = personal.filter { $0.0.hasSuffix(".only_from") }
    for role in userRoles {
      if let list = roles[role]?.services[login.service]?.onlyFrom {
        confining.append(("roles.\(role).services.\(login.service).only_from", list))
      }
    }
    for role in userRoles {
      if let list = roles[role]?.onlyFrom { confining.append(("roles.\(role).only_from", list)) }
    }
    if let list = services[login.service]?.onlyFrom {
      confining.append(("services.\(login.service).only_from", list))
    }
    for (path, list) in confining where !holds(list, login.origin, login.hour) {
      return deny(13, "confined", path)
    }

    // Step 14, most specific first.
    let base = baseList(login)
    let roleLists = userRoles.compactMap { roleList($0, login) }
    let ofService = roleLists.filter { $0.path.contains(".services.") }
    let ofRoles = roleLists.filter { !$0.path.contains(".services.") }
    var admitting = personal + ofService + ofRoles
    if let base { admitting.append(base) }
    let admits = admitting.first { holds($0.1, login.origin, login.hour) }
    if base != nil && admits == nil { return deny(14, "not_listed", admitting.first?.0) }

    let available = availableRoles(userRoles, login)

    // Step 15.
    if requiresRole && available.isEmpty { return deny(15, "no_role", "everyone.requires_role") }

    // Step 16.
    if let role = login.role, !available.contains(role) {
      let rule = roleList(role, login)?.path ?? (personal.first ?? base)?.0
      return deny(16, "role_unavailable", rule)
    }

    // Step 17.
    if admitting.isEmpty && confining.isEmpty { return allow(17, "unrestricted", available) }
    return allow(17, "listed", available, (admits ?? confining.first)?.0)
  }
}
