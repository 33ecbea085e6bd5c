// Every key that a policy may have, by the map that it stands in. The loader reads no other, and the
// schema (Schema/) describes each.

protocol PolicyKey: RawRepresentable, CaseIterable, Hashable where RawValue == String {}

enum TopLevelKey: String, PolicyKey {
  case version, mode, message, identity, grants, networks, everyone, roles, groups, users, services
  case block
  case breakGlass = "break_glass"
  case tests, silence
}

enum IdentityKey: String, PolicyKey {
  case maxAge = "max_age"
}

enum GrantsKey: String, PolicyKey {
  case longest, most
}

enum NetworkKey: String, PolicyKey {
  case description, addresses
}

enum EntryKey: String, PolicyKey {
  case address, file, description, active, since, until
}

enum EveryoneKey: String, PolicyKey {
  case from
  case requiresRole = "requires_role"
}

enum RoleKey: String, PolicyKey {
  case members, from
  case onlyFrom = "only_from"
  case requiresUserList = "requires_user_list"
}

enum MembersKey: String, PolicyKey {
  case users, groups
}

enum GroupKey: String, PolicyKey {
  case alsoFrom = "also_from"
  case onlyFrom = "only_from"
  case requiresUserList = "requires_user_list"
}

enum UserKey: String, PolicyKey {
  case alsoFrom = "also_from"
  case onlyFrom = "only_from"
}

enum ServiceKey: String, PolicyKey {
  case from
  case onlyFrom = "only_from"
  case check
}

enum BreakGlassKey: String, PolicyKey {
  case users, groups, from
}

enum TestKey: String, PolicyKey {
  case user, from, service, groups, at, role, expect, reason, roles
}
