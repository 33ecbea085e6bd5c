// Every key that a policy may have, by the map that it stands in. The loader reads no other, and the
// schema (Schema/) describes each.

/// The keys of a map, by the texts that a policy has for them.
protocol PolicyKey: CaseIterable, Hashable where AllCases == [Self] {
  init?(rawValue: String)
  var rawValue: String { get }
}

/// A key of the map of a scope: one of its lists, or another setting.
enum ScopeKey<Setting: ScopeSetting>: PolicyKey {
  case list(ListRow)
  case setting(Setting)

  init?(rawValue: String) {
    if let key = ListKey(rawValue: rawValue), let row = ListRow.row(Setting.scope, key) {
      self = .list(row)
    } else if let setting = Setting(rawValue: rawValue) {
      self = .setting(setting)
    } else {
      return nil
    }
  }

  var rawValue: String {
    switch self {
    case .list(let row): row.key.rawValue
    case .setting(let setting): setting.rawValue
    }
  }

  static var allCases: [Self] {
    let after = Setting.allCases.filter { !Setting.beforeLists.contains($0) }
    return Setting.beforeLists.map(Self.setting)
      + ListRow.rows(of: Setting.scope).map(Self.list) + after.map(Self.setting)
  }
}

/// The keys of a scope that are not lists.
protocol ScopeSetting: DescribedKey {
  static var scope: Scope.Kind { get }
  /// The settings that messages and the schema name before the lists; the others come after.
  static var beforeLists: [Self] { get }
}

extension ScopeSetting {
  static var beforeLists: [Self] { [] }
}

enum TopLevelKey: String, PolicyKey {
  case version, mode, message, identity, grants, networks, everyone, roles, groups, users, services
  case block
  case breakGlass = "break_glass"
  case local
  case serviceAccounts = "service_accounts"
  case secondFactor = "second_factor"
  case authorize
  case tests, silence, notify
}

enum IdentityKey: String, PolicyKey {
  case maxAge = "max_age"
}

enum NotifyKey: String, PolicyKey {
  case mail, command, on, gather, most
}

enum GrantsKey: String, PolicyKey {
  case longest, widest, most
}

enum WidestKey: String, PolicyKey {
  case ipv4, ipv6
}

typealias NetworkKey = ScopeKey<NetworkSetting>

enum NetworkSetting: String, ScopeSetting {
  case description
  case exceptions = "except"
  case name, url, country, asn
  case ipv6Prefix = "ipv6_prefix"
  case overlap, format, select, sha256
  case publicKey = "public_key"
  case database, refresh
  case maxAge = "max_age"
  case shrinkLimit = "shrink_limit"
  /// Those that say where addresses are got from; a network has at most one.
  static let sources: [NetworkSetting] = [.name, .url, .country, .asn]
  /// Those that say something about a source.
  static let ofSources: [NetworkSetting] = [
    .ipv6Prefix, .overlap, .format, .select, .sha256, .publicKey, .database, .refresh, .maxAge,
    .shrinkLimit,
  ]
  /// Whether it says something about this source.
  func serves(_ source: NetworkSetting) -> Bool {
    switch self {
    case .ipv6Prefix, .overlap: source == .name
    case .format, .select, .sha256, .publicKey: source == .url
    case .database: source == .country || source == .asn
    case .refresh, .maxAge, .shrinkLimit: true
    case .description, .exceptions, .name, .url, .country, .asn: false
    }
  }
  static var scope: Scope.Kind { .network }
  static var beforeLists: [NetworkSetting] { [.description] }
}

enum EntryKey: String, PolicyKey {
  case address, file
  case exceptions = "except"
  case description, active, since, until
}

typealias EveryoneKey = ScopeKey<EveryoneSetting>

enum EveryoneSetting: String, ScopeSetting {
  case requiresRole = "requires_role"
  static var scope: Scope.Kind { .everyone }
}

typealias RoleKey = ScopeKey<RoleSetting>

enum RoleSetting: String, ScopeSetting {
  case members
  case requiresUserList = "requires_user_list"
  case services
  static var scope: Scope.Kind { .role }
  static var beforeLists: [RoleSetting] { [.members] }
}

enum MembersKey: String, PolicyKey {
  case users, groups
}

typealias GroupKey = ScopeKey<GroupSetting>

enum GroupSetting: String, ScopeSetting {
  case requiresUserList = "requires_user_list"
  case services
  static var scope: Scope.Kind { .group }
}

typealias UserKey = ScopeKey<UserSetting>

enum UserSetting: String, ScopeSetting {
  case services
  static var scope: Scope.Kind { .user }
}

/// For one service alone a scope has its lists, and nothing else.
enum NoSetting<Owner: ScopeSetting>: ScopeSetting {
  static var allCases: [Self] { [] }
  static var scope: Scope.Kind { Owner.scope }
  init?(rawValue: String) { nil }
  var rawValue: String { switch self {} }
  var meaning: String { switch self {} }
  var schema: JSONValue { switch self {} }
}

typealias ServiceKey = ScopeKey<ServiceSetting>

enum ServiceSetting: String, ScopeSetting {
  case check, local
  case withoutAddress = "without_address"
  case accounts
  static var scope: Scope.Kind { .service }
}

typealias BreakGlassKey = ScopeKey<BreakGlassSetting>

enum BreakGlassSetting: String, ScopeSetting {
  case users, groups
  static var scope: Scope.Kind { .breakGlass }
  static var beforeLists: [BreakGlassSetting] { [.users, .groups] }
}

typealias SecondFactorKey = ScopeKey<SecondFactorSetting>

enum SecondFactorSetting: String, ScopeSetting {
  case newPlaces = "new_places"
  case users, groups, roles
  static var scope: Scope.Kind { .secondFactor }
}

typealias AuthorizeKey = ScopeKey<AuthorizeSetting>

enum AuthorizeSetting: String, ScopeSetting {
  case users, groups
  case duration = "for"
  case mail, addresses, command
  case perDay = "per_day"
  /// Those that say how a code travels; there is exactly one of them.
  static let ways: [AuthorizeSetting] = [.mail, .addresses, .command]
  static var scope: Scope.Kind { .authorize }
  static var beforeLists: [AuthorizeSetting] { [.users, .groups, .duration] }
}

enum TestKey: String, PolicyKey {
  case user, from, service, groups, at, role, expect, reason, roles, factor
}
