internal import GatehouseWire

// What the schema says of each key: what it means, and what its value may be.

/// The keys of a map, described.
protocol DescribedKey: PolicyKey {
  /// Those that must be there.
  static var required: [Self] { get }
  /// What the key means, in a sentence or two.
  var meaning: String { get }
  /// What its value may be.
  var schema: JSONValue { get }
}

extension DescribedKey {
  static var required: [Self] { [] }
}

private let trueOrFalse: JSONValue = ["type": "boolean"]
private let servicesMeaning = "The same lists for one PAM service alone, by its name."

extension TopLevelKey: DescribedKey {
  static var required: [TopLevelKey] { [.version] }

  var meaning: String {
    switch self {
    case .version: "The version of the language, in each file: 1."
    case .mode:
      "enforce answers as decided (the default), monitor decides and records and lets in, "
        + "off checks nothing."
    case .message:
      "What a denied user reads. Placeholders: "
        + MessageTemplate.Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
        + "."
    case .identity: "How readings of users and groups are used."
    case .grants: "What bounds the temporary permissions of `gatehouse grant`."
    case .networks: "Sets of addresses by name, each a list, or a map of description and addresses."
    case .everyone: "What concerns every user."
    case .roles: "Sets of people by name, each with its own idea of where it may be used from."
    case .groups: "What concerns Unix groups, by name."
    case .users: "What concerns users, by name."
    case .services: "What concerns PAM services, by name, such as sshd."
    case .block: ListRow.block.meaning
    case .breakGlass: "Who is let in whatever the rest of the policy says."
    case .local:
      "Who may log in at the console and the screen, besides root and break_glass; everybody, "
        + "without this key."
    case .serviceAccounts:
      "Whose processes count as local for sudo and su while they are in no login session."
    case .tests: "Questions with the answers that the policy must give."
    case .notify: "Whom gatehouse-notify.service tells what; no decision depends on it."
    case .silence: "Warnings that `gatehouse check` is not to give, by their names: gatehouse(1)."
    }
  }

  var schema: JSONValue {
    switch self {
    case .version: ["const": 1]
    case .mode: PolicySchema.choice(Mode.allCases)
    case .message:
      [
        "type": ["string", "number", "boolean"], "minLength": 1,
        "maxLength": .number(PolicyLoader.maximumMessageLength),
        "pattern": .text("^\(SchemaPattern.message)$"),
      ]
    case .identity: PolicySchema.object(of: IdentityKey.self)
    case .notify:
      PolicySchema.object(of: NotifyKey.self)
        .adding(
          "anyOf",
          .list([NotifyKey.mail, .command].map { ["required": [.text($0.rawValue)]] }))
    case .grants: PolicySchema.object(of: GrantsKey.self)
    case .networks:
      PolicySchema.map(
        named: SchemaPart.declaredName.reference,
        of: [
          "if": ["type": "array"], "then": SchemaPart.list.reference,
          "else": PolicySchema.object(of: NetworkKey.self),
        ])
    case .everyone: PolicySchema.object(of: EveryoneKey.self)
    case .roles:
      PolicySchema.map(
        named: SchemaPart.declaredName.reference, of: PolicySchema.object(of: RoleKey.self))
    case .groups:
      PolicySchema.map(named: ["minLength": 1], of: PolicySchema.object(of: GroupKey.self))
    case .users:
      PolicySchema.map(named: ["minLength": 1], of: PolicySchema.object(of: UserKey.self))
    case .services:
      PolicySchema.map(named: ["minLength": 1], of: PolicySchema.object(of: ServiceKey.self))
        .adding("allOf", [PolicySchema.ofKnownServices])
    case .block: SchemaPart.list.reference
    case .breakGlass: PolicySchema.object(of: BreakGlassKey.self)
    case .local, .serviceAccounts: PolicySchema.object(of: MembersKey.self)
    case .tests: PolicySchema.list(of: PolicySchema.object(of: TestKey.self))
    case .silence: PolicySchema.list(of: PolicySchema.choice(WarningName.allCases))
    }
  }
}

extension PolicySchema {
  /// What the services of which it is known whom they serve cannot have.
  fileprivate static var ofKnownServices: JSONValue {
    let kinds: [LocalService] = [.console, .display, .locker, .changesUser, .other]
    let names = kinds.flatMap { $0.names.description.split(separator: " ") }
    let keys = [ServiceSetting.withoutAddress, .accounts]
    let either = keys.map { key -> JSONValue in ["required": [.text(key.rawValue)]] }
    let known = JSONValue.Member(
      name: "^(\((["sshd"] + names).joined(separator: "|")))$",
      value: ["not": ["anyOf": .list(either)]])
    return ["patternProperties": .object([known])]
  }
}

extension PolicySchema {
  /// The lists of a scope, by the service.
  fileprivate static func serviceLists<Owner: ScopeSetting>(of _: Owner.Type) -> JSONValue {
    map(named: ["minLength": 1], of: object(of: ScopeKey<NoSetting<Owner>>.self))
  }
}

extension IdentityKey: DescribedKey {
  var meaning: String {
    switch self {
    case .maxAge:
      "How long a good reading of a user's groups may be used while the directory is away: a "
        + "number and s, m, h or d; 24h if left out, at most 366d."
    }
  }

  var schema: JSONValue {
    switch self {
    case .maxAge: ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    }
  }
}

extension GrantsKey: DescribedKey {
  var meaning: String {
    switch self {
    case .longest:
      "How long a grant may last: a number and s, m, h or d; 24h if left out, at most 366d."
    case .widest: "How wide a network a grant may be for, as prefix lengths."
    case .most: "How many grants there may be at once; 100 if left out."
    }
  }

  var schema: JSONValue {
    switch self {
    case .longest: ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    case .widest: PolicySchema.object(of: WidestKey.self)
    case .most:
      ["type": "integer", "minimum": 0, "maximum": .number(GrantLimits.maximumMostGrants)]
    }
  }
}

extension WidestKey: DescribedKey {
  var meaning: String {
    switch self {
    case .ipv4: "The shortest IPv4 prefix of a grant; 24 if left out."
    case .ipv6: "The shortest IPv6 prefix of a grant; 56 if left out."
    }
  }

  var schema: JSONValue {
    switch self {
    case .ipv4: ["type": "integer", "minimum": 0, "maximum": 32]
    case .ipv6: ["type": "integer", "minimum": 0, "maximum": 128]
    }
  }
}

extension NotifyKey: DescribedKey {
  var meaning: String {
    switch self {
    case .mail: "Who gets a mail: users of this machine, or addresses."
    case .command:
      "The absolute path of a program of root's that gets each message as JSON on its standard input."
    case .on: "What is told; everything if left out."
    case .gather:
      "How long more of the same about a user and network is put together after a message: a number "
        + "and s, m, h or d; 5m if left out, at most 1d."
    case .most: "How many messages there may be in an hour; 20 if left out."
    }
  }

  var schema: JSONValue {
    switch self {
    case .mail:
      [
        "type": "array", "minItems": 1, "maxItems": .number(NotifySettings.mostAddresses),
        "items": [
          "type": ["string", "number", "boolean"], "maxLength": .number(MailAddress.longest),
          "pattern": .text("^\(SchemaPattern.mailAddress)$"),
          "patternErrorMessage": "write a user such as root, or an address such as ops@example.org",
        ],
      ]
    case .command:
      [
        "type": "string", "maxLength": .number(NotifySettings.longestPath),
        "pattern": "^/(.*[^/])$",
        "patternErrorMessage": "write the absolute path of a program",
      ]
    case .on: PolicySchema.list(of: PolicySchema.choice(NotifySettings.Event.allCases))
    case .gather: ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    case .most:
      ["type": "integer", "minimum": 1, "maximum": .number(NotifySettings.maximumMost)]
    }
  }
}

extension ScopeKey: DescribedKey {
  static var required: [Self] {
    ListRow.rows(of: Setting.scope).filter { $0.effect == .names }.map(Self.list)
      + Setting.required.map(Self.setting)
  }

  var meaning: String {
    switch self {
    case .list(let row): row.meaning
    case .setting(let setting): setting.meaning
    }
  }

  var schema: JSONValue {
    switch self {
    case .list: SchemaPart.list.reference
    case .setting(let setting): setting.schema
    }
  }
}

extension NetworkSetting {
  var meaning: String {
    switch self {
    case .description: "For people."
    case .exceptions: "What is taken away from the addresses."
    }
  }

  var schema: JSONValue {
    switch self {
    case .description: SchemaPart.text.reference
    case .exceptions: SchemaPart.exceptions.reference
    }
  }
}

extension EntryKey: DescribedKey {
  var meaning: String {
    switch self {
    case .address: "An address, a set of them, or the name of a network."
    case .file: "A file with one address a line, relative to the policy file."
    case .exceptions: "What is taken away from it."
    case .description: "For people; shown by `gatehouse explain`."
    case .active: "false: as if the item were not there."
    case .since: "From this day (UTC) or time on; before it, as if the item were not there."
    case .until: "To the end of this day (UTC), or up to this time; then as if it were not there."
    }
  }

  var schema: JSONValue {
    switch self {
    case .address: SchemaPart.address.reference
    case .file, .description: SchemaPart.text.reference
    case .exceptions: SchemaPart.exceptions.reference
    case .active: trueOrFalse
    case .since, .until: SchemaPart.timeOrDay.reference
    }
  }
}

extension EveryoneSetting {
  var meaning: String {
    switch self {
    case .requiresRole: "Whether a user must hold a role that is available from the address."
    }
  }

  var schema: JSONValue {
    switch self {
    case .requiresRole: trueOrFalse
    }
  }
}

extension RoleSetting {
  var meaning: String {
    switch self {
    case .members: "Who has the role: users and groups by name."
    case .requiresUserList: "Members may log in only if `users` has an only_from for them."
    case .services: servicesMeaning
    }
  }

  var schema: JSONValue {
    switch self {
    case .members: PolicySchema.object(of: MembersKey.self)
    case .requiresUserList: trueOrFalse
    case .services: PolicySchema.serviceLists(of: Self.self)
    }
  }
}

extension MembersKey: DescribedKey {
  var meaning: String {
    switch self {
    case .users: "Users by name."
    case .groups: "Unix groups by name."
    }
  }

  var schema: JSONValue { SchemaPart.names.reference }
}

extension GroupSetting {
  var meaning: String {
    switch self {
    case .requiresUserList: "Members may log in only if `users` has an only_from for them."
    case .services: servicesMeaning
    }
  }

  var schema: JSONValue {
    switch self {
    case .requiresUserList: trueOrFalse
    case .services: PolicySchema.serviceLists(of: Self.self)
    }
  }
}

extension UserSetting {
  var meaning: String {
    switch self {
    case .services: servicesMeaning
    }
  }

  var schema: JSONValue {
    switch self {
    case .services: PolicySchema.serviceLists(of: Self.self)
    }
  }
}

extension ServiceSetting {
  var meaning: String {
    switch self {
    case .check: "false: logins through this service are not checked."
    case .local:
      "Who may log in locally by this service, besides root and break_glass; instead of the "
        + "policy's `local`."
    case .withoutAddress:
      "local: the service serves the machine itself, so a login without an address is local."
    case .accounts: "virtual: the users of the service are not the machine's."
    }
  }

  var schema: JSONValue {
    switch self {
    case .check: trueOrFalse
    case .local: PolicySchema.object(of: MembersKey.self)
    case .withoutAddress: PolicySchema.choice(WithoutAddress.allCases)
    case .accounts: PolicySchema.choice(Accounts.allCases)
    }
  }
}

extension BreakGlassSetting {
  var meaning: String {
    switch self {
    case .users: "Users by name, best local ones, whom no directory server is needed to know."
    case .groups: "Unix groups by name."
    }
  }

  var schema: JSONValue {
    switch self {
    case .users, .groups: SchemaPart.names.reference
    }
  }
}

extension TestKey: DescribedKey {
  static var required: [TestKey] { [.user, .from, .expect] }

  var meaning: String {
    switch self {
    case .user: "Who logs in."
    case .from: "The address that the user comes from; or the word self, local or unknown."
    case .service: "The PAM service; sshd if left out, login for a test from local."
    case .groups: "The groups of the user; none if left out."
    case .at: "The time of the login; now if left out."
    case .role: "The role that is asked for."
    case .expect: "The answer that the policy must give."
    case .reason: "The reason that the answer must have."
    case .roles: "The exact set of roles that the answer must have."
    }
  }

  var schema: JSONValue {
    switch self {
    case .user, .service, .role: SchemaPart.text.reference
    case .from: SchemaPart.origin.reference
    case .groups, .roles: ["type": "array", "items": SchemaPart.text.reference]
    case .at: SchemaPart.time.reference
    case .expect: PolicySchema.choice(Verdict.ofTests)
    case .reason: PolicySchema.choice(Reason.ofPolicies)
    }
  }
}
