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
    case .secondFactor:
      "Who needs a second factor, for PAM lines with `factor`; no login is denied by it."
    case .authorize:
      "Who may authorise a new place of their own, by a code that they are sent and enter."
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
          "else": PolicySchema.network,
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
    case .secondFactor: PolicySchema.object(of: SecondFactorKey.self)
    case .authorize: PolicySchema.authorize
    case .tests: PolicySchema.list(of: PolicySchema.test)
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
    case .command: PolicySchema.program
    case .on: PolicySchema.list(of: PolicySchema.choice(NotifySettings.Event.allCases))
    case .gather: ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    case .most:
      ["type": "integer", "minimum": 1, "maximum": .number(NotifySettings.maximumMost)]
    }
  }
}

extension ScopeKey: DescribedKey {
  static var required: [Self] {
    Setting.required.map(Self.setting)
  }

  var meaning: String {
    switch self {
    case .list(let row): row.meaning
    case .setting(let setting): setting.meaning
    }
  }

  var schema: JSONValue {
    switch self {
    case .list(let row) where row.effect == .sparesFactor: SchemaPart.sparedList.reference
    case .list: SchemaPart.list.reference
    case .setting(let setting): setting.schema
    }
  }
}

extension PolicySchema {
  /// A network in its long form: addresses, or one source of them, or both.
  fileprivate static var network: JSONValue {
    func required(_ key: String) -> JSONValue { ["required": [.text(key)]] }
    let sources = NetworkSetting.sources.map(\.rawValue)
    let anything = [ListKey.addresses.rawValue] + sources
    let pairs = sources.indices.flatMap { first in
      sources[..<first].map { [$0, sources[first]] }
    }
    let notTwo = pairs.map { pair -> JSONValue in
      ["not": ["required": .list(pair.map(JSONValue.text))]]
    }
    let served = NetworkSetting.ofSources.map { key -> JSONValue in
      let owners = NetworkSetting.sources.filter(key.serves).map { required($0.rawValue) }
      return ["if": required(key.rawValue), "then": ["anyOf": .list(owners)]]
    }
    let databases = [NetworkSetting.country, .asn].map { key -> JSONValue in
      ["if": required(key.rawValue), "then": required(NetworkSetting.database.rawValue)]
    }
    let isJSON: JSONValue = [
      "patternProperties": [
        "^format$": ["const": .text(NetworkSource.Format.json.rawValue)]
      ]
    ]
    let select = required(NetworkSetting.select.rawValue)
    let format = required(NetworkSetting.format.rawValue)
    let selections: [JSONValue] = [
      ["if": ["allOf": [isJSON, format]], "then": select], ["if": select, "then": isJSON],
    ]
    return object(of: NetworkKey.self)
      .adding("anyOf", .list(anything.map(required)))
      .adding("allOf", .list(notTwo + served + databases + selections))
  }

  /// A text that has a form, or a list of such texts.
  fileprivate static func oneOrSeveral(_ item: JSONValue) -> JSONValue {
    [
      "if": ["type": "array"],
      "then": [
        "minItems": 1, "maxItems": .number(NetworkSource.mostItems), "items": item,
      ], "else": item,
    ]
  }

  /// A text that has a form.
  fileprivate static func text(
    _ pattern: String, _ message: String, kinds: JSONValue = "string",
    longest: Int = NetworkSource.longestText
  ) -> JSONValue {
    [
      "type": kinds, "maxLength": .number(longest),
      "pattern": .text("^\(pattern)$"), "patternErrorMessage": .text(message),
    ]
  }
}

extension NetworkSetting {
  var meaning: String {
    switch self {
    case .description: "For people."
    case .exceptions: "What is taken away from the addresses."
    case .name: "Hosts whose addresses the network has, as the machine's resolver gives them."
    case .url: "A file of an https server, whose addresses the network has."
    case .country: "Countries (ISO 3166-1) whose networks it has, by the `database`."
    case .asn: "Autonomous systems whose networks it has, by the `database`."
    case .ipv6Prefix: "IPv6 addresses of `name` stand for the network of this prefix length."
    case .overlap:
      "How long an address of `name` stays after it was found last: a number and s, m, h or d; 1h "
        + "if left out."
    case .format: "How the file is to be read; json if `select` is there, else text."
    case .select: "What is taken of a JSON document: paths such as prefixes[region=x].ip_prefix."
    case .sha256: "The SHA-256 that the file must have."
    case .publicKey: "The key of minisign by which URL.minisig must sign the file."
    case .database: "The absolute path of an .mmdb file on this machine."
    case .refresh:
      "How often it is got: a number and s, m, h or d, at least 1m; 5m for `name`, 1h for `url`, "
        + "1d for a database if left out."
    case .maxAge:
      "How long what was got last serves while nothing new is got, at least 1m; 24h for `name`, 7d "
        + "for `url`, 60d for a database if left out."
    case .shrinkLimit:
      "By how many per cent of its addresses the network may shrink at once; 20 if left out."
    }
  }

  var schema: JSONValue {
    switch self {
    case .description: SchemaPart.text.reference
    case .exceptions: SchemaPart.exceptions.reference
    case .name:
      PolicySchema.oneOrSeveral(
        PolicySchema.text(
          SchemaPattern.hostName, "write a name such as alice.dyn.example.net",
          kinds: ["string", "boolean"], longest: NetworkSource.longestHostName))
    case .url:
      PolicySchema.text(
        SchemaPattern.secureURL, "write an address that begins with https:// and a host")
    case .country:
      PolicySchema.oneOrSeveral(PolicySchema.text("[A-Z]{2}", "write two capital letters"))
    case .asn:
      PolicySchema.oneOrSeveral([
        "type": ["integer", "string"], "minimum": 1, "maximum": 4_294_967_295,
        "pattern": "^[1-9][0-9]{0,9}$",
      ])
    case .ipv6Prefix: ["type": "integer", "minimum": 32, "maximum": 128]
    case .shrinkLimit:
      [
        "type": ["integer", "string"], "minimum": 0, "maximum": 100,
        "pattern": "^(100|[1-9]?[0-9])( ?%)?$",
      ]
    case .overlap, .refresh, .maxAge:
      ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    case .format: PolicySchema.choice(NetworkSource.Format.allCases)
    case .select:
      PolicySchema.oneOrSeveral(
        PolicySchema.text(
          SchemaPattern.selection, "write members with dots between: prefixes.ip_prefix",
          kinds: ["string", "number", "boolean"]))
    case .sha256: PolicySchema.text("[0-9A-Fa-f]{64}", "write 64 hexadecimal digits")
    case .publicKey:
      PolicySchema.text("RW[A-Za-z0-9+/=]{54}", "write the 56 characters of minisign's key")
    case .database:
      PolicySchema.text("/([!-~]*[!-.0-~])", "write the absolute path of an .mmdb file")
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

extension SecondFactorSetting {
  var meaning: String {
    switch self {
    case .newPlaces:
      "always: whoever is spared by a not_from needs one all the same from an address (IPv6: a /56) "
        + "from which they were not let in for 30 days."
    case .users: "What counts for a user, whatever else says: always, never, or a not_from."
    case .groups: "The same for the members of a group; all that apply must spare them."
    case .roles: "The same for the members of a role; all that apply must spare them."
    }
  }

  var schema: JSONValue {
    switch self {
    case .newPlaces: PolicySchema.choice(NewPlaces.allCases)
    case .users, .groups: PolicySchema.map(named: ["minLength": 1], of: PolicySchema.factorRule)
    case .roles:
      PolicySchema.map(named: SchemaPart.declaredName.reference, of: PolicySchema.factorRule)
    }
  }
}

extension AuthorizeSetting {
  var meaning: String {
    switch self {
    case .users: "Users by name."
    case .groups: "Unix groups by name."
    case .duration:
      "How long the place counts: a number and s, m, h or d; 1h if left out, at least 1m, at most "
        + "grants.longest."
    case .mail: "Where the code is sent; {user} stands for the user's name."
    case .addresses:
      "A file with `user: address` in each line, relative to the policy file; a user who is not in "
        + "it gets no code."
    case .command:
      "The absolute path of a program of root's that gets the code on its standard input."
    case .perDay: "How many codes a user can cause in 24 hours; 5 if left out."
    }
  }

  var schema: JSONValue {
    switch self {
    case .users, .groups: SchemaPart.names.reference
    case .duration: ["type": "string", "pattern": .text("^\(SchemaPattern.duration)$")]
    case .mail:
      PolicySchema.text(
        SchemaPattern.mailTemplate, "write an address such as {user}@example.org",
        kinds: ["string", "number", "boolean"], longest: MailAddress.longest)
    case .addresses: SchemaPart.text.reference
    case .command: PolicySchema.program
    case .perDay:
      ["type": "integer", "minimum": 1, "maximum": .number(CodeSettings.maximumPerDay)]
    }
  }
}

extension PolicySchema {
  /// `authorize`: somebody who may, and one way for the code.
  fileprivate static var authorize: JSONValue {
    func required(_ key: AuthorizeSetting) -> JSONValue { ["required": [.text(key.rawValue)]] }
    return object(of: AuthorizeKey.self)
      .adding("anyOf", .list([.users, .groups].map(required)))
      .adding("oneOf", .list(AuthorizeSetting.ways.map(required)))
  }

  /// The absolute path of a program.
  fileprivate static var program: JSONValue {
    [
      "type": "string", "maxLength": .number(NotifySettings.longestPath),
      "pattern": "^/(.*[^/])$",
      "patternErrorMessage": "write the absolute path of a program",
    ]
  }

  /// What a user, group or role has of its own in `second_factor`.
  fileprivate static var factorRule: JSONValue {
    [
      "if": ["type": "object"], "then": object(of: ScopeKey<NoSetting<SecondFactorSetting>>.self),
      "else": choice(FactorWord.allCases),
    ]
  }

  /// A test, which expects something.
  fileprivate static var test: JSONValue {
    object(of: TestKey.self)
      .adding(
        "anyOf",
        .list([TestKey.expect, .factor].map { ["required": [.text($0.rawValue)]] })
      )
      .adding(
        "dependentRequired",
        .object(
          [TestKey.reason, .roles].map {
            .init(name: $0.rawValue, value: [.text(TestKey.expect.rawValue)])
          }))
  }
}

extension TestKey: DescribedKey {
  static var required: [TestKey] { [.user, .from] }

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
    case .factor: "Whether a second factor must be needed; the place counts as no new one."
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
    case .factor: PolicySchema.choice(FactorVerdict.allCases)
    }
  }
}
