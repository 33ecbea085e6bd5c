/// The part of the rules that concerns one login.
struct Applicable {
  let user: UserRules?
  /// Sorted by name.
  let groups: [(name: Name, rules: GroupRules)]
  /// The roles of which the user is known to be a member, sorted by name.
  let roles: [(name: Name, rules: RoleRules)]
  let service: ServiceRules?
  /// `services.<s>.from` if given, else `everyone.from` if given; nil means anywhere.
  let base: AddressList?
  /// Every `only_from` that applies, most specific first.
  let confining: [AddressList]
  /// The `only_from` and `also_from` of the user and their groups, most specific first.
  ///
  /// With the base list, these make a role without a list of its own available.
  let personal: [AddressList]
  /// The lists of which one must hold the address, most specific first.
  let admitting: [AddressList]

  /// Where the groups could not be read, only what hangs on the user's name is known.
  init(_ rules: Rules, to login: Login) {
    user = rules.users[login.user]
    service = rules.services[login.service]
    base = service?.from ?? rules.everyone.from
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

    var confining: [AddressList] = []
    var personal: [AddressList] = []
    if let list = user?.onlyFrom {
      confining.append(list)
      personal.append(list)
    }
    if let list = user?.alsoFrom { personal.append(list) }
    for group in groups {
      if let list = group.rules.onlyFrom {
        confining.append(list)
        personal.append(list)
      }
      if let list = group.rules.alsoFrom { personal.append(list) }
    }
    var admitting = personal
    for role in roles {
      if let list = role.rules.onlyFrom { confining.append(list) }
      if let list = role.rules.from { admitting.append(list) }
    }
    if let list = service?.onlyFrom { confining.append(list) }
    if let base { admitting.append(base) }
    self.confining = confining
    self.personal = personal
    self.admitting = admitting
  }

  /// Where the most specific `requires_user_list: true` stands.
  var requiresUserList: SourceLocation? {
    groups.lazy.compactMap(\.rules.requiresUserList).first
      ?? roles.lazy.compactMap(\.rules.requiresUserList).first
  }

  /// The roles that are available from an address, sorted.
  func availableRoles(from address: IPAddress, at time: Instant) -> [Name] {
    guard !roles.isEmpty else { return [] }
    let isHeld =
      base.map { $0.contains(address, at: time) } ?? true
      || personal.contains { $0.contains(address, at: time) }
    return roles.compactMap { name, role in
      role.from.map { $0.contains(address, at: time) } ?? isHeld ? name : nil
    }
  }
}
