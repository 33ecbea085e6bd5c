// Reads the scopes of a policy, each in its own function.

extension PolicyLoader {
  mutating func readEveryone() {
    guard let field = single(.everyone),
      let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, EveryoneKey.self)
    else { return }
    rules.everyone.from = fields[.from].flatMap { list($0, scope: .everyone, key: .from) }
    rules.everyone.requiresRole = fields[.requiresRole].flatMap { location($0, ofValue: true) }
  }

  mutating func readRoles() {
    for (name, field) in merged(.roles, what: "role", section: .named) {
      var role = RoleRules(location: field.location)
      if let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, RoleKey.self)
      {
        role.members = fields[.members].flatMap { members($0) } ?? Members()
        role.from = fields[.from].flatMap { list($0, scope: .role(name), key: .from) }
        role.onlyFrom = fields[.onlyFrom].flatMap { list($0, scope: .role(name), key: .onlyFrom) }
        role.requiresUserList = fields[.requiresUserList].flatMap { location($0, ofValue: true) }
      }
      rules.roles[name] = role
    }
  }

  mutating func readGroups() {
    for (name, field) in merged(.groups, what: "group", section: .unix) {
      var group = GroupRules()
      rules.mentions.mention(group: name, at: field.location)
      if let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, GroupKey.self)
      {
        group.alsoFrom = fields[.alsoFrom].flatMap { list($0, scope: .group(name), key: .alsoFrom) }
        group.onlyFrom = fields[.onlyFrom].flatMap { list($0, scope: .group(name), key: .onlyFrom) }
        group.requiresUserList = fields[.requiresUserList].flatMap { location($0, ofValue: true) }
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
      if let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, UserKey.self)
      {
        user.alsoFrom = fields[.alsoFrom].flatMap { list($0, scope: .user(name), key: .alsoFrom) }
        user.onlyFrom = fields[.onlyFrom].flatMap { list($0, scope: .user(name), key: .onlyFrom) }
      }
      rules.users[name] = user
    }
  }

  mutating func readServices() {
    for (name, field) in merged(.services, what: "service", section: .unix) {
      var service = ServiceRules()
      if let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, ServiceKey.self)
      {
        service.from = fields[.from].flatMap { list($0, scope: .service(name), key: .from) }
        service.onlyFrom = fields[.onlyFrom].flatMap {
          list($0, scope: .service(name), key: .onlyFrom)
        }
        service.unchecked = fields[.check].flatMap { location($0, ofValue: false) }
      }
      rules.services[name] = service
    }
  }

  mutating func readBlock() {
    rules.block = collected(.block).compactMap { list($0, scope: .policy, key: .block) }
  }

  mutating func readBreakGlass() {
    guard let field = single(.breakGlass),
      let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, BreakGlassKey.self)
    else { return }
    rules.breakGlass = BreakGlass(
      members: members(users: fields[.users], groups: fields[.groups]),
      from: fields[.from].flatMap { list($0, scope: .breakGlass, key: .from) },
      location: field.location)
  }

  private mutating func members(_ field: Field) -> Members? {
    findings.fields(of: field.value, path: field.path, at: field.location, MembersKey.self)
      .map { members(users: $0[.users], groups: $0[.groups]) }
  }

  private mutating func members(users: Field?, groups: Field?) -> Members {
    let users = users.flatMap { findings.names($0) } ?? []
    let groups = groups.flatMap { findings.names($0) } ?? []
    for (name, location) in users { rules.mentions.mention(user: name, at: location) }
    for (name, location) in groups { rules.mentions.mention(group: name, at: location) }
    return Members(users: Set(users.map(\.name)), groups: Set(groups.map(\.name)))
  }

  /// Where a key stands, if its boolean is this one.
  private mutating func location(_ field: Field, ofValue wanted: Bool) -> SourceLocation? {
    findings.boolean(field) == wanted ? field.location : nil
  }
}
