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
      }
      rules.users[name] = user
    }
  }

  mutating func readServices() {
    for (name, field) in merged(.services, what: "service", section: .unix) {
      var service = ServiceRules()
      if let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, ServiceKey.self)
      {
        service.lists = lists(fields, of: .service(name))
        service.unchecked = fields[.setting(.check)].flatMap { location($0, ofValue: false) }
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

  private mutating func members(_ field: PolicyField) -> Members? {
    decoder.fields(of: field.value, path: field.path, at: field.location, MembersKey.self)
      .map { members(users: $0[.users], groups: $0[.groups]) }
  }

  private mutating func members(users: PolicyField?, groups: PolicyField?) -> Members {
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
