/// The rules of `everyone`.
struct EveryoneRules: Sendable {
  var lists = FewLists()
  /// The location of `requires_role: true`; nil if it is not required.
  var requiresRole: SourceLocation?
}

/// The rules of a service.
struct ServiceRules: Sendable {
  var lists = FewLists()
  /// The location of `check: false`; nil if logins are checked.
  var unchecked: SourceLocation?
  /// Who may log in locally by this service; nil if it has no `local` of its own.
  var local: LocalRules?
  /// The location of `without_address: local`; nil if a login without an address is refused.
  var localWithoutAddress: SourceLocation?
  /// The location of `accounts: virtual`; nil if its users are the machine's.
  var virtualAccounts: SourceLocation?
}

/// Who may log in locally: `local` of the policy or of a service.
struct LocalRules: Sendable {
  var members = Members()
  let location: SourceLocation
}

/// A set of people, as a policy names them.
struct Members: Sendable {
  var users: Set<Name> = []
  var groups: Set<Name> = []

  /// Whether the user is named, or is in a group that is.
  func membership(of login: borrowing Login) -> Membership {
    if users.contains(login.user) { return .member }
    guard let userGroups = login.groups else { return groups.isEmpty ? .notMember : .unknown }
    if !userGroups.isDisjoint(with: groups) { return .member }
    return login.unsureGroups.isDisjoint(with: groups) ? .notMember : .unknown
  }

  /// Whether it is certain that a user is named, or is in a group that is; `groups` are those that the
  /// user is certainly in.
  func hold(_ user: Name, in groups: Set<Name>?) -> Bool {
    users.contains(user) || groups?.isDisjoint(with: self.groups) == false
  }
}

/// Whether a user is one of a set of people.
enum Membership {
  case member, notMember
  /// A group of which it is unknown whether the user is in it might make the user a member.
  case unknown
}

/// The rules of a user, group or role, which may have lists for one service alone.
protocol ServiceScoped {
  /// The lists for every service.
  var lists: FewLists { get set }
  /// The lists for one service alone, by the service.
  var serviceLists: [Name: FewLists] { get set }
}

extension ServiceScoped {
  /// Every list, in no order.
  var allLists: [AddressList] { Array(lists) + serviceLists.values.flatMap { Array($0) } }

  /// The lists for one service alone.
  func lists(for service: Name) -> FewLists {
    serviceLists.isEmpty ? FewLists() : serviceLists[service] ?? FewLists()
  }

  /// The lists for a service, or for all if it is nil.
  subscript(service: Name?) -> FewLists {
    get { service.map { lists(for: $0) } ?? lists }
    set {
      if let service { serviceLists[service] = newValue } else { lists = newValue }
    }
  }
}

/// The rules of a role.
struct RoleRules: Sendable, ServiceScoped {
  var members = Members()
  var lists = FewLists()
  var serviceLists: [Name: FewLists] = [:]
  /// The location of `requires_user_list: true`; nil if it is not required.
  var requiresUserList: SourceLocation?
  let location: SourceLocation

  /// The addresses from which the role is available by a service; nil if it has no list of its own.
  func from(for service: Name) -> AddressList? { lists(for: service)[.from] ?? lists[.from] }
}

/// The rules of a group.
struct GroupRules: Sendable, ServiceScoped {
  var lists = FewLists()
  var serviceLists: [Name: FewLists] = [:]
  /// The location of `requires_user_list: true`; nil if it is not required.
  var requiresUserList: SourceLocation?
}

/// The rules of a user.
struct UserRules: Sendable, ServiceScoped {
  var lists = FewLists()
  var serviceLists: [Name: FewLists] = [:]

  /// The `only_from` that counts for a service; that for the service alone, if there are two.
  func onlyFrom(for service: Name) -> AddressList? {
    lists(for: service)[.onlyFrom] ?? lists[.onlyFrom]
  }
}

/// The users who get in if nobody else does.
struct BreakGlass: Sendable {
  var members = Members()
  var lists = FewLists()
  let location: SourceLocation

  /// Where its members are let in from; nil means every address, and the machine itself.
  var from: AddressList? { lists[.from] }
}

/// Everything that decides a login.
struct Rules: Sendable {
  var mode = Mode.enforce
  var networks: [Name: Network] = [:]
  var everyone = EveryoneRules()
  var services: [Name: ServiceRules] = [:]
  var roles: [Name: RoleRules] = [:]
  var groups: [Name: GroupRules] = [:]
  var users: [Name: UserRules] = [:]
  /// The `block` of each file that has one, in order of their places.
  var block: [AddressList] = []
  var breakGlass: BreakGlass?
  /// Who may log in at the console; nil if the policy has no `local`.
  var local: LocalRules?
  /// Whose processes count as local for sudo and su.
  var serviceAccounts = Members()
  /// Who needs a second factor; nil if the policy does not say.
  var secondFactor: SecondFactorRules?
  /// Who may authorise a new place of their own; nil if the policy does not say.
  var code: CodeRules?
  /// The users and groups that are named, with their locations.
  var mentions = Mentions()

  /// The roles of each user and group that a role names as members, sorted.
  private(set) var rolesOfUser: [Name: [Name]] = [:]
  private(set) var rolesOfGroup: [Name: [Name]] = [:]
  /// Whether a scope, or a role's members, names a group.
  private(set) var namesGroups = false
  /// Whether a scope, or a role's members, names a user.
  private(set) var namesUsers = false

  /// Every group that a rule names. (A group that only a test names decides no login.)
  var groupNames: Set<Name> {
    var names = Set(groups.keys)
    for role in roles.values { names.formUnion(role.members.groups) }
    if let breakGlass { names.formUnion(breakGlass.members.groups) }
    if let local { names.formUnion(local.members.groups) }
    for service in services.values {
      if let local = service.local { names.formUnion(local.members.groups) }
    }
    if let secondFactor { names.formUnion(secondFactor.groups.keys) }
    if let code { names.formUnion(code.settings.groups) }
    return names.union(serviceAccounts.groups)
  }

  /// Every service for which there are rules of its own.
  var serviceNames: Set<Name> {
    var names = Set(services.keys)
    for user in users.values { names.formUnion(user.serviceLists.keys) }
    for group in groups.values { names.formUnion(group.serviceLists.keys) }
    for role in roles.values { names.formUnion(role.serviceLists.keys) }
    return names
  }

  /// Sets what is derived from the scopes; to be called when they are complete.
  mutating func index() {
    namesGroups = !groups.isEmpty || roles.values.contains { !$0.members.groups.isEmpty }
    namesUsers = !users.isEmpty || roles.values.contains { !$0.members.users.isEmpty }
    rolesOfUser = [:]
    rolesOfGroup = [:]
    for (name, role) in roles.sorted(by: { $0.key < $1.key }) {
      for user in role.members.users { rolesOfUser[user, default: []].append(name) }
      for group in role.members.groups { rolesOfGroup[group, default: []].append(name) }
    }
  }

  /// Makes a user a member of a role; does nothing if the role is not declared.
  mutating func join(_ user: Name, to role: Name) {
    guard roles[role]?.members.users.insert(user).inserted == true else { return }
    rolesOfUser[user, default: []].append(role)
    rolesOfUser[user]?.sort()
  }

  /// Names a user in the `local` of a service, or of the policy if the service is nil; does nothing if
  /// there is none.
  mutating func admitLocally(_ user: Name, by service: Name?) {
    if let service {
      services[service]?.local?.members.users.insert(user)
    } else {
      local?.members.users.insert(user)
    }
  }

  /// The rules without what only other logins need.
  ///
  /// They decide this login as all rules do. Changing them copies little, however many users, groups
  /// and services the policy names.
  func narrowed(to login: Login) -> Rules {
    var rules = self
    rules.users = users.filter(key: login.user)
    rules.services = services.filter(key: login.service)
    if let sure = login.groups {
      rules.groups = [:]
      rules.rolesOfGroup = [:]
      for group in sure.union(login.unsureGroups) {
        rules.groups[group] = groups[group]
        rules.rolesOfGroup[group] = rolesOfGroup[group]
      }
    }
    rules.roles = roles.mapValues { role in
      var role = role
      role.members.narrow(to: login.user)
      return role
    }
    rules.rolesOfUser = rolesOfUser.filter(key: login.user)
    rules.local?.members.narrow(to: login.user)
    rules.services[login.service]?.local?.members.narrow(to: login.user)
    rules.serviceAccounts = Members()
    rules.mentions = Mentions()
    return rules
  }

  /// Every list, in no order.
  var lists: [AddressList] { Scope.Kind.allCases.flatMap(lists(of:)) }

  /// Every list of a kind of scope.
  func lists(of kind: Scope.Kind) -> [AddressList] {
    switch kind {
    case .user: users.values.flatMap(\.allLists)
    case .group: groups.values.flatMap(\.allLists)
    case .role: roles.values.flatMap(\.allLists)
    case .service: services.values.flatMap(\.lists)
    case .everyone: Array(everyone.lists)
    case .breakGlass: breakGlass.map { Array($0.lists) } ?? []
    case .policy: block
    case .secondFactor: secondFactor?.lists ?? []
    case .authorize: [code?.from].compactMap(\.self)
    // The addresses of a network are part of the lists that name it.
    case .network: []
    }
  }

  /// Puts a list into its scope; it replaces one with the same key.
  ///
  /// A user, group or service without rules gets them; every other scope, and the `block` of a
  /// file, has to be there.
  mutating func set(_ list: AddressList) {
    switch list.scope {
    case .user(let name, let service): users[name, default: UserRules()][service].set(list)
    case .group(let name, let service): groups[name, default: GroupRules()][service].set(list)
    case .role(let name, let service): roles[name]?[service].set(list)
    case .service(let name): services[name, default: ServiceRules()].lists.set(list)
    case .everyone: everyone.lists.set(list)
    case .breakGlass: breakGlass?.lists.set(list)
    case .secondFactor(let subject): secondFactor?.set(list, of: subject)
    case .authorize: code?.from = list
    case .policy: block = block.map { $0.location == list.location ? list : $0 }
    case .network: break
    }
  }

  /// The list of a scope; nil if it has none of this key.
  func list(_ scope: Scope, _ key: ListKey) -> AddressList? {
    switch scope {
    case .user(let name, let service): users[name]?[service][key]
    case .group(let name, let service): groups[name]?[service][key]
    case .role(let name, let service): roles[name]?[service][key]
    case .service(let name): services[name]?.lists[key]
    case .everyone: everyone.lists[key]
    case .breakGlass: breakGlass?.lists[key]
    case .secondFactor(let subject): secondFactor?.rule(of: subject)?.list
    case .authorize: code?.from
    // Each file may have a `block`.
    case .policy, .network: nil
    }
  }
}

extension Members {
  /// Leaves out every other user.
  fileprivate mutating func narrow(to user: Name) {
    users = users.contains(user) ? [user] : []
  }
}

extension Dictionary {
  /// What it has for one key, and nothing else.
  fileprivate func filter(key: Key) -> Self { self[key].map { [key: $0] } ?? [:] }
}
