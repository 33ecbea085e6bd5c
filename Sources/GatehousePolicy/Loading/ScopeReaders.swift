internal import GatehouseWire

// Reads the scopes of a policy, each in its own function.

extension PolicyLoader {
  mutating func readEveryone() {
    guard let field = single(.everyone),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, EveryoneKey.self)
    else { return }
    rules.everyone.lists = lists(fields, of: .everyone)
    rules.everyone.requiresRole = fields[.setting(.requiresRole)].flatMap {
      location($0, ofValue: true)
    }
  }

  mutating func readRoles() {
    for (name, field) in merged(.roles, what: "role", section: .named) {
      var role = RoleRules(location: field.location)
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, RoleKey.self)
      {
        role.members = fields[.setting(.members)].flatMap { members($0) } ?? Members()
        role.lists = lists(fields, of: .role(name))
        role.serviceLists = serviceLists(fields[.setting(.services)], RoleSetting.self) {
          .role(name, service: $0)
        }
        role.requiresUserList = fields[.setting(.requiresUserList)].flatMap {
          location($0, ofValue: true)
        }
      }
      rules.roles[name] = role
    }
  }

  mutating func readGroups() {
    for (name, field) in merged(.groups, what: "group", section: .unix) {
      var group = GroupRules()
      rules.mentions.mention(group: name, at: field.location)
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, GroupKey.self)
      {
        group.lists = lists(fields, of: .group(name))
        group.serviceLists = serviceLists(fields[.setting(.services)], GroupSetting.self) {
          .group(name, service: $0)
        }
        group.requiresUserList = fields[.setting(.requiresUserList)].flatMap {
          location($0, ofValue: true)
        }
      }
      rules.groups[name] = group
    }
  }

  mutating func readUsers() {
    let fields = merged(.users, what: "user", section: .unix)
    rules.users.reserveCapacity(fields.count)
    for (name, field) in fields {
      var user = UserRules()
      rules.mentions.mention(user: name, at: field.location)
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, UserKey.self)
      {
        user.lists = lists(fields, of: .user(name))
        user.serviceLists = serviceLists(fields[.setting(.services)], UserSetting.self) {
          .user(name, service: $0)
        }
      }
      rules.users[name] = user
    }
  }

  /// The lists of `services` in a user, group or role.
  private mutating func serviceLists<Owner: ScopeSetting>(
    _ field: PolicyField?, _: Owner.Type, of scope: (Name) -> Scope
  ) -> [Name: FewLists] {
    guard let field, let services = decoder.namedFields(of: field) else { return [:] }
    var found: [Name: FewLists] = [:]
    for (service, field) in services {
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, ScopeKey<NoSetting<Owner>>.self)
      {
        found[service] = lists(fields, of: scope(service))
      }
    }
    return found
  }

  mutating func readServices() {
    for (name, field) in merged(.services, what: "service", section: .unix) {
      var service = ServiceRules()
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, ServiceKey.self)
      {
        service.lists = lists(fields, of: .service(name))
        service.unchecked = fields[.setting(.check)].flatMap { location($0, ofValue: false) }
        service.local = fields[.setting(.local)].flatMap { local($0) }
        service.localWithoutAddress = fields[.setting(.withoutAddress)].flatMap {
          location($0, of: name, ofValue: WithoutAddress.self)
        }
        service.virtualAccounts = fields[.setting(.accounts)].flatMap {
          location($0, of: name, ofValue: Accounts.self)
        }
      }
      rules.services[name] = service
    }
  }

  mutating func readBlock() {
    rules.block = collected(.block).compactMap { list($0, scope: .policy, row: .block) }
  }

  mutating func readBreakGlass() {
    guard let field = single(.breakGlass),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, BreakGlassKey.self)
    else { return }
    rules.breakGlass = BreakGlass(
      members: members(
        users: fields[.setting(.users)], groups: fields[.setting(.groups)]),
      lists: lists(fields, of: .breakGlass),
      location: field.location)
  }

  mutating func readLocal() {
    rules.local = single(.local).flatMap { local($0) }
  }

  mutating func readServiceAccounts() {
    rules.serviceAccounts = single(.serviceAccounts).flatMap { members($0) } ?? Members()
  }

  private mutating func local(_ field: PolicyField) -> LocalRules? {
    members(field).map { LocalRules(members: $0, location: field.location) }
  }

  /// The location of a key with one value, which says that a service is not what it seems.
  ///
  /// Reports it for a service of which that is known.
  private mutating func location<Value: RawRepresentable<String> & CaseIterable>(
    _ field: PolicyField, of service: Name, ofValue _: Value.Type
  ) -> SourceLocation? {
    guard decoder.choice(field, of: Array(Value.allCases)) != nil else { return nil }
    let problem: String? =
      if service == "sshd" {
        "sshd serves the network, and its users are the machine's"
      } else if LocalService.of(service.bytes.span) != nil {
        "`\(service)` is known to serve this machine, and its users are the machine's"
      } else {
        nil
      }
    guard let problem else { return field.location }
    log.error(
      .wrongValue, field.location, "\(field.path) cannot be set: \(problem)",
      remedy: "leave the key out")
    return nil
  }

  private mutating func members(_ field: PolicyField) -> Members? {
    decoder.fields(of: field.value, path: field.path, at: field.location, MembersKey.self)
      .map { members(users: $0[.users], groups: $0[.groups]) }
  }

  mutating func members(users: PolicyField?, groups: PolicyField?) -> Members {
    let users = users.flatMap { decoder.names($0) } ?? []
    let groups = groups.flatMap { decoder.names($0) } ?? []
    for (name, location) in users { rules.mentions.mention(user: name, at: location) }
    for (name, location) in groups { rules.mentions.mention(group: name, at: location) }
    return Members(users: Set(users.map(\.name)), groups: Set(groups.map(\.name)))
  }

  /// Where a key stands, if its boolean is this one.
  private mutating func location(_ field: PolicyField, ofValue wanted: Bool) -> SourceLocation? {
    decoder.boolean(field) == wanted ? field.location : nil
  }
}

/// What a login without an address is, by a service's `without_address`.
enum WithoutAddress: String, CaseIterable {
  case local
}

/// Whose accounts the users of a service are, by its `accounts`.
enum Accounts: String, CaseIterable {
  /// Not the machine's: no directory knows them.
  case virtual
}
