/// Decides a login by the steps of gatehouse-policy(5), each in a function of its own.
struct DecisionEngine<Recorder: DecisionRecorder> {
  let login: Login
  let grants: [Grant]
  let applicable: Applicable
  let recorder: Recorder

  init(_ rules: borrowing Rules, login: Login, grants: [Grant] = [], recorder: Recorder) {
    applicable = Applicable(rules, to: login)
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

  /// The first step that decides.
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
    recorder.note("the origin is the address \(address)")
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
      recorder.note("mode is off")
      return Decision(verdict: .ignore, reason: .notChecked)
    }
    if let unchecked = applicable.service?.unchecked {
      recorder.note("services.\(login.service) has check: false (\(unchecked.fileAndLine))")
      return Decision(verdict: .ignore, reason: .notChecked, rule: unchecked)
    }
    recorder.note("mode is \(applicable.mode.rawValue), and \(login.service) is checked")
    return nil
  }

  // Step 2.
  private func roleMembership() -> Decision? {
    guard let role = login.role else {
      recorder.note("no role was asked for")
      return nil
    }
    if applicable.roles.contains(where: { $0.name == role }) {
      recorder.note("\(login.user) is a member of the role \(role)")
      return nil
    }
    // Only the groups could have made the user a member.
    if login.groups == nil, let asked = applicable.askedRole, !asked.members.groups.isEmpty {
      recorder.note("whether \(login.user) is a member of the role \(role) could not be found out")
      return Decision(verdict: .deny, reason: .identityUnavailable)
    }
    recorder.note(
      applicable.askedRole == nil
        ? "there is no role \(role)" : "\(login.user) is not a member of the role \(role)")
    return Decision(verdict: .deny, reason: .roleUnavailable)
  }

  // Step 3. By name it works while the groups cannot be read: that is what it is for.
  private func breakGlass() -> Decision? {
    guard let rule = applicable.breakGlass else {
      recorder.note("\(login.user) is not in break_glass")
      return nil
    }
    guard case .address(let address) = login.origin else {
      recorder.note("\(login.user) is in break_glass, but the origin is no address")
      return nil
    }
    if let list = rule.from, !list.contains(address, at: login.time) {
      recorder.note("\(list.path) (\(list.location.fileAndLine)) does not hold \(address)")
      return nil
    }
    recorder.note("\(login.user) is in break_glass (\(rule.location.fileAndLine))")
    return Decision(
      verdict: .allow, reason: .breakGlass, roles: applicable.roles.map(\.name),
      rule: (rule.from?.location ?? rule.location))
  }

  // Step 4.
  private func local() -> Decision? {
    guard login.origin == .local else {
      recorder.note("there is a remote host")
      return nil
    }
    recorder.note("there is no remote host")
    return Decision(verdict: .allow, reason: .local, roles: applicable.roles.map(\.name))
  }

  // Step 5.
  private func originUnknown() -> Decision {
    recorder.note("the remote host is not an address")
    return Decision(verdict: .deny, reason: .originUnknown)
  }

  // Step 6.
  private func blocked(_ address: IPAddress) -> Decision? {
    guard let list = applicable.block.first(where: { $0.contains(address, at: login.time) }) else {
      recorder.note(
        applicable.block.isEmpty ? "nothing is blocked" : "block does not hold \(address)")
      return nil
    }
    recorder.note("block (\(list.location.fileAndLine)) holds \(address)")
    return Decision(verdict: .deny, reason: .blocked, rule: list.location)
  }

  // Step 7. Of the roles it changes those alone that a grant names.
  private func granted(_ address: IPAddress) -> Decision? {
    let applying = grants.filter { $0.applies(to: login) }
    guard let grant = applying.filter({ login.role == nil || $0.role == login.role }).min() else {
      recorder.note(
        applying.isEmpty
          ? "there is no grant for \(login.user) from \(address)"
          : "no grant for \(login.user) from \(address) names the role \(login.role ?? "")")
      return nil
    }
    recorder.note("there is the grant \(grant.id), until \(grant.until)")
    let named = Set(applying.compactMap(\.role)).intersection(applicable.roles.map(\.name))
    let roles = named.union(applicable.availableRoles(from: address, at: login.time))
    return Decision(verdict: .allow, reason: .granted, roles: roles.sorted(), grant: grant.id)
  }

  // Step 8.
  private func identity() -> Decision? {
    guard login.groups == nil && applicable.namesGroups else {
      recorder.note(
        applicable.namesGroups ? "the groups were read" : "the policy names no group")
      return nil
    }
    recorder.note("the groups of \(login.user) could not be read")
    return Decision(verdict: .deny, reason: .identityUnavailable)
  }

  // Step 9.
  private func userList() -> Decision? {
    guard let requirement = applicable.requiresUserList else {
      recorder.note("no group or role of \(login.user) requires a list")
      return nil
    }
    if let list = applicable.user?.lists[.onlyFrom] {
      recorder.note("\(list.path) (\(list.location.fileAndLine)) is there")
      return nil
    }
    recorder.note("requires_user_list (\(requirement.fileAndLine)) asks for \(ownListPath)")
    return Decision(verdict: .deny, reason: .userListRequired, rule: requirement)
  }

  private var ownListPath: String { listPath(.user(login.user), .onlyFrom) }

  // Step 10.
  private func confined(_ address: IPAddress) -> Decision? {
    let lists = applicable.confining
    guard let list = lists.first(where: { !$0.contains(address, at: login.time) }) else {
      recorder.note(
        lists.isEmpty
          ? "no only_from applies" : "every only_from that applies holds \(address)")
      return nil
    }
    recorder.note("\(list.path) (\(list.location.fileAndLine)) does not hold \(address)")
    return Decision(verdict: .deny, reason: .confined, rule: list.location)
  }

  // Step 11.
  private func listed(_ address: IPAddress) -> Decision? {
    guard let base = applicable.base else {
      recorder.note("there is no base list, so every address is in it")
      return nil
    }
    let lists = applicable.admitting
    if let list = lists.first(where: { $0.contains(address, at: login.time) }) {
      recorder.note("\(list.path) (\(list.location.fileAndLine)) holds \(address)")
      return nil
    }
    recorder.note(
      "\(address) is in none of: "
        + lists.map { "\($0.path) (\($0.location.fileAndLine))" }.joined(separator: ", "))
    return Decision(
      verdict: .deny, reason: .notListed, rule: (lists.first ?? base).location)
  }

  // Step 12.
  private func requiredRole(_ available: [Name]) -> Decision? {
    guard let requirement = applicable.requiresRole else {
      recorder.note("no role is required")
      return nil
    }
    guard available.isEmpty else {
      recorder.note("available: \(list(available))")
      return nil
    }
    recorder.note(
      "everyone.requires_role (\(requirement.fileAndLine)) asks for a role, and "
        + (applicable.roles.isEmpty
          ? "\(login.user) has none"
          : "none of \(list(applicable.roles.map(\.name))) is available from here"))
    return Decision(verdict: .deny, reason: .noRole, rule: requirement)
  }

  // Step 13.
  private func askedRole(_ available: [Name]) -> Decision? {
    guard let role = login.role else {
      recorder.note("no role was asked for")
      return nil
    }
    guard !available.contains(role) else {
      recorder.note("the role \(role) is available from here")
      return nil
    }
    // A role without a list is where the base list and the personal ones are.
    let decisive =
      applicable.askedRole?.from ?? applicable.personal.first ?? applicable.base
    recorder.note(
      "the role \(role) is not available from here"
        + (decisive.map { ": \($0.path) (\($0.location.fileAndLine)) does not hold the address" }
          ?? ""))
    return Decision(verdict: .deny, reason: .roleUnavailable, rule: decisive?.location)
  }

  // Step 14. What let the address in decided; where no list did that, what confined it.
  private func allowed(_ address: IPAddress, _ available: [Name]) -> Decision {
    let admitting = applicable.admitting
    let confining = applicable.confining
    if admitting.isEmpty && confining.isEmpty {
      recorder.note("no list concerns \(login.user)")
      return Decision(verdict: .allow, reason: .unrestricted, roles: available)
    }
    let decisive =
      admitting.first { $0.contains(address, at: login.time) } ?? confining.first
    recorder.note(
      decisive.map { "\($0.path) (\($0.location.fileAndLine)) holds \(address)" }
        ?? "there is no base list, so every address is in it")
    return Decision(
      verdict: .allow, reason: .listed, roles: available, rule: decisive?.location)
  }

  private func list(_ names: [Name]) -> String {
    names.map(\.description).joined(separator: ", ")
  }
}
