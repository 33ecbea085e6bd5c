internal import GatehouseWire

/// The part of the rules that concerns one login.
///
/// A class, because it is large: the steps of a decision share it instead of copying it.
final class ApplicableRules {
  let mode: Mode
  /// Nil if it is certain that the user is not a member.
  let breakGlass: BreakGlass?
  let breakGlassMembership: Membership
  /// The `local` that counts for the service; nil if everybody may log in locally.
  let local: LocalRules?
  let localMembership: Membership
  /// The `block` of each file that has one.
  let block: [AddressList]
  /// Whether a scope, or a role's members, names a group.
  let namesGroups: Bool
  /// The location of `everyone.requires_role: true`; nil if no role is required.
  let requiresRole: SourceLocation?
  /// The role that was asked for; nil if it is not declared.
  ///
  /// The user may not be a member.
  let askedRole: RoleRules?
  let user: UserRules?
  /// Sorted by name.
  let groups: [(name: Name, rules: GroupRules)]
  /// The roles that the user is known to be a member of, sorted by name.
  let roles: [(name: Name, rules: RoleRules)]
  private let serviceName: Name
  let service: ServiceRules?
  /// `services.<s>.from` if given, else `everyone.from` if given; nil means anywhere.
  let base: AddressList?
  /// Every `only_from` that applies, most specific first.
  let confining: FewLists
  /// The `only_from` and `also_from` of the user and their groups, most specific first.
  ///
  /// With the base list, these make a role without a list of its own available.
  let personal: FewLists
  /// The lists that admit, most specific first; one of them must hold the origin.
  let admitting: FewLists

  /// Of groups of which it is unknown whether the user is in them, nothing applies.
  ///
  /// The rules are borrowed, because an initialiser would otherwise copy them.
  init(_ rules: borrowing Rules, to login: borrowing Login) {
    mode = rules.mode
    let breakGlassMembership = rules.breakGlass?.members.membership(of: login) ?? .notMember
    self.breakGlassMembership = breakGlassMembership
    breakGlass = breakGlassMembership == .notMember ? nil : rules.breakGlass
    local = rules.local(for: login.service)
    localMembership = local?.members.membership(of: login) ?? .member
    block = rules.block
    namesGroups = rules.namesGroups
    requiresRole = rules.everyone.requiresRole
    askedRole = login.role.flatMap { rules.roles[$0] }
    serviceName = login.service
    user = rules.users[login.user]
    service = rules.services[login.service]
    let base = service?.lists.base ?? rules.everyone.lists.base
    self.base = base
    var groups: [(name: Name, rules: GroupRules)] = []
    var roleNames = rules.rolesOfUser[login.user] ?? []
    let ownRoles = roleNames.count
    if rules.namesGroups {
      for group in login.groups ?? [] {
        if let scope = rules.groups[group] { groups.append((group, scope)) }
        if let more = rules.rolesOfGroup[group] { roleNames += more }
      }
    }
    if groups.count > 1 { groups.sort { $0.name < $1.name } }
    if roleNames.count > max(1, ownRoles) { roleNames = Set(roleNames).sorted() }
    self.groups = groups
    let roles = roleNames.compactMap { name in rules.roles[name].map { (name: name, rules: $0) } }
    self.roles = roles

    var confining = FewLists()
    var personal = FewLists()
    var admitting = FewLists()
    Self.each(user, groups, roles, for: login.service) { list in
      if list.effect.confines { confining.append(list) }
      if list.effect.isPersonal { personal.append(list) }
      if list.effect.admits { admitting.append(list) }
    }
    for list in service?.lists ?? FewLists() {
      if list.effect.confines { confining.append(list) }
      if list.effect.admits { admitting.append(list) }
    }
    if let base, service?.lists.base == nil { admitting.append(base) }
    self.confining = confining
    self.personal = personal
    self.admitting = admitting
  }

  /// Where the role that was asked for is available; nil if it has no list, or is not declared.
  var askedRoleFrom: AddressList? { askedRole?.from(for: serviceName) }

  /// Takes each list of a user, their groups and roles that counts for a service, most specific first.
  private static func each(
    _ user: UserRules?, _ groups: [(name: Name, rules: GroupRules)],
    _ roles: [(name: Name, rules: RoleRules)], for service: Name,
    _ body: (AddressList) -> Void
  ) {
    func takeOwn(_ rules: some ServiceScoped) { for list in rules.lists { body(list) } }
    func takeOfService(_ rules: some ServiceScoped) {
      if !rules.serviceLists.isEmpty { for list in rules.lists(for: service) { body(list) } }
    }
    if let user {
      takeOfService(user)
      takeOwn(user)
    }
    for group in groups { takeOfService(group.rules) }
    for group in groups { takeOwn(group.rules) }
    for role in roles { takeOfService(role.rules) }
    for role in roles {
      // A role's `from` for the service stands in for its own.
      let isReplaced = role.rules.lists(for: service)[.from] != nil
      for list in role.rules.lists where !isReplaced || list.effect != .role { body(list) }
    }
  }

  /// Every list that applies, whatever the origin of the login; most specific first.
  var all: [AddressList] {
    var lists: [AddressList] = []
    Self.each(user, groups, roles, for: serviceName) { lists.append($0) }
    if let service { lists += service.lists }
    if let base, service?.lists.base == nil { lists.append(base) }
    return lists + block + (breakGlass?.lists ?? FewLists())
  }

  /// The list whose key is at a location; nil if none is.
  func list(at location: SourceLocation) -> DecidingList? {
    let lists =
      admitting.first { $0.location == location }
      ?? confining.first { $0.location == location } ?? block.first { $0.location == location }
      ?? personal.first { $0.location == location }
    if let lists { return DecidingList(lists) }
    return [breakGlass?.from, askedRoleFrom].compactMap(\.self)
      .first { $0.location == location }.map { DecidingList($0) }
  }

  /// Whether a group of which it is unknown whether the user is in it may let them in by `break_glass`.
  func mayBreakGlass(_ login: borrowing Login) -> Bool {
    guard breakGlassMembership == .unknown, login.origin.isListed else { return false }
    return breakGlass?.from?.contains(login.origin, at: login.time) ?? true
  }

  /// The location of the most specific `requires_user_list: true`; nil if none applies.
  var requiresUserList: SourceLocation? {
    groups.lazy.compactMap(\.rules.requiresUserList).first
      ?? roles.lazy.compactMap(\.rules.requiresUserList).first
  }

  /// The roles that are available from an origin, sorted.
  func availableRoles(from origin: Origin, at time: Instant) -> [Name] {
    guard !roles.isEmpty else { return [] }
    let isHeld =
      base.map { $0.contains(origin, at: time) } ?? true
      || personal.contains { $0.contains(origin, at: time) }
    return roles.compactMap { name, role in
      role.from(for: serviceName).map { $0.contains(origin, at: time) } ?? isHeld ? name : nil
    }
  }
}

extension Rules {
  /// The `local` that counts for a service; nil if everybody may log in locally.
  ///
  /// The policy's is about who sits at the machine, so cron and su do not ask for it.
  fileprivate func local(for service: Name) -> LocalRules? {
    if let own = services[service]?.local { return own }
    guard let local else { return nil }
    return services[service]?.localWithoutAddress != nil || service.isConsole ? local : nil
  }
}

extension Login {
  /// The login as the steps count it: by a service's `without_address` and `accounts`.
  func counted(by rules: borrowing Rules) -> Login {
    guard let service = rules.services[service] else { return self }
    var counted = self
    if service.localWithoutAddress != nil, origin == .unknown(.noAddress) {
      counted.origin = .local
    }
    if service.virtualAccounts != nil {
      counted.groups = []
      counted.unsureGroups = []
      counted.isNameSure = true
      counted.isRoot = user == "root"
      counted.exists = true
    }
    return counted
  }
}

extension FewLists {
  /// The base list, of a scope that has one.
  var base: AddressList? { first { $0.effect == .base } }
}

extension Name {
  /// Whether somebody who sits at the machine logs in or unlocks the screen by this service.
  fileprivate var isConsole: Bool {
    switch LocalService.of(bytes.span) {
    case .console?, .display?, .locker?: true
    case .changesUser?, .other?, nil: false
    }
  }
}
