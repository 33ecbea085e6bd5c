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

/// The rules of a role.
struct RoleRules: Sendable {
  var members = Members()
  var lists = FewLists()
  /// The location of `requires_user_list: true`; nil if it is not required.
  var requiresUserList: SourceLocation?
  let location: SourceLocation

  /// The addresses from which the role is available; nil if it has no list of its own.
  var from: AddressList? { lists[.from] }
}

/// The rules of a group.
struct GroupRules: Sendable {
  var lists = FewLists()
  /// The location of `requires_user_list: true`; nil if it is not required.
  var requiresUserList: SourceLocation?
}

/// The rules of a user.
struct UserRules: Sendable {
  var lists = FewLists()
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
    return names.union(serviceAccounts.groups)
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
    case .user: users.values.flatMap(\.lists)
    case .group: groups.values.flatMap(\.lists)
    case .role: roles.values.flatMap(\.lists)
    case .service: services.values.flatMap(\.lists)
    case .everyone: Array(everyone.lists)
    case .breakGlass: breakGlass.map { Array($0.lists) } ?? []
    case .policy: block
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
    case .user(let name): users[name, default: UserRules()].lists.set(list)
    case .group(let name): groups[name, default: GroupRules()].lists.set(list)
    case .role(let name): roles[name]?.lists.set(list)
    case .service(let name): services[name, default: ServiceRules()].lists.set(list)
    case .everyone: everyone.lists.set(list)
    case .breakGlass: breakGlass?.lists.set(list)
    case .policy: block = block.map { $0.location == list.location ? list : $0 }
    case .network: break
    }
  }

  /// The list of a scope; nil if it has none of this key.
  func list(_ scope: Scope, _ key: ListKey) -> AddressList? {
    switch scope {
    case .user(let name): users[name]?.lists[key]
    case .group(let name): groups[name]?.lists[key]
    case .role(let name): roles[name]?.lists[key]
    case .service(let name): services[name]?.lists[key]
    case .everyone: everyone.lists[key]
    case .breakGlass: breakGlass?.lists[key]
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
