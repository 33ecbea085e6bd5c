import GatehousePolicy

/// Writes a policy as YAML.
struct PolicyWriter {
  private let derivation: Derivation
  private let spellings: [Name: Set<Name>]
  private let diagnostics: [ImportDiagnostic]
  /// The names given to lists that occur more than once.
  private var networks: [AddressSet: String] = [:]
  private var text = ""

  /// A writer of these lists, with the spellings of each user by the name in lower case.
  init(
    _ derivation: Derivation, spellings: [Name: Set<Name>], diagnostics: [ImportDiagnostic]
  ) {
    self.derivation = derivation
    self.spellings = spellings
    self.diagnostics = diagnostics
  }

  /// Returns the policy as YAML; its head names the source files, and says whether plain words were
  /// looked up.
  mutating func write(sources: [String], hasLookedUp: Bool) -> String {
    let users = derivation.users.flatMap { user, list in
      spellings[user, default: [user]].map { (name: $0, list: list) }
    }
    text = ""
    writeHead(sources, hasLookedUp)
    writeNetworks(users.map(\.list) + derivation.groups.values)
    text += "\neveryone:\n"
    write(ListKey.from.rawValue, derivation.everyone, indent: 2)
    writeRoles()
    write("groups", derivation.groups.map { (name: $0, list: $1) })
    write("users", users)
    writeLocal()
    return text
  }

  private mutating func writeHead(_ sources: [String], _ hasLookedUp: Bool) {
    let names = sources.map { Name($0).description }.joined(separator: ", ")
    text += PolicyYAML.comment("Written by `gatehouse import` from \(names).")
    let notImported = diagnostics.filter { $0.kind != .note }
    if notImported.isEmpty {
      text += PolicyYAML.comment(
        "Complete: every login from an address, and on the console, is decided as pam_access does.")
    } else {
      text += PolicyYAML.comment("INCOMPLETE: this policy does not say all that the files say:")
      for diagnostic in notImported { text += PolicyYAML.comment("- \(diagnostic)") }
    }
    if !spellings.isEmpty {
      text += PolicyYAML.comment(
        "pam_access ignores case in user names, a policy does not: each name is listed as the")
      text += PolicyYAML.comment("file spells it and in lower case.")
    }
    if hasLookedUp {
      text += PolicyYAML.comment(
        "Plain words were looked up on this machine: the name of a user is taken as the user, that")
      text += PolicyYAML.comment("of a group as the group (--no-lookup takes them as both).")
    }
    text += "version: 1\n"
    text += "mode: monitor\n"
  }

  /// Writes the lists that occur more than once and have several entries, and gives them names.
  private mutating func writeNetworks(_ lists: [Derivation.List]) {
    let sets = lists.map(\.addresses) + [derivation.everyone] + derivation.roles.keys
    let repeated = Dictionary(grouping: sets, by: \.self)
      .filter { $0.value.count > 1 && $0.key.entries.count > 2 }
      .map { (set: $0.key, entries: $0.key.entries) }
      .sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
    guard !repeated.isEmpty else { return }
    text += "\nnetworks:\n"
    for (index, network) in repeated.enumerated() {
      let name = "list-\(index + 1)"
      write(name, network.set, indent: 2)
      networks[network.set] = name
    }
  }

  /// Writes the roles, whose only purpose is their `only_from`.
  private mutating func writeRoles() {
    guard !derivation.roles.isEmpty else { return }
    text += "\nroles:\n"
    let roles = derivation.roles.map { (set: $0, members: $1, entries: $0.entries) }
      .sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
    for (index, role) in roles.enumerated() {
      text += "  confined-\(index + 1):\n    members:\n"
      let users = role.members.users.flatMap { spellings[$0, default: [$0]] }
      write("groups", role.members.groups.sorted().map(PolicyYAML.scalar), indent: 6)
      write("users", users.sorted().map(PolicyYAML.scalar), indent: 6)
      write(ListKey.onlyFrom.rawValue, role.set, indent: 4)
    }
  }

  /// Writes who may log in on the console; root stands there so that it says something of nobody.
  private mutating func writeLocal() {
    guard let local = derivation.local else { return }
    let users = local.users.flatMap { spellings[$0, default: [$0]] }
    text += "\n"
    text += PolicyYAML.comment("Who may log in on the console, if the PAM lines say local=ask.")
    text += "local:\n"
    write("groups", local.groups.sorted().map(PolicyYAML.scalar), indent: 2)
    write("users", Set(users + ["root"]).sorted().map(PolicyYAML.scalar), indent: 2)
  }

  private mutating func write(_ section: String, _ lists: [(name: Name, list: Derivation.List)]) {
    guard !lists.isEmpty else { return }
    text += "\n\(section):\n"
    for (name, list) in lists.sorted(by: { $0.name < $1.name }) {
      text += "  \(PolicyYAML.scalar(name)):\n"
      switch list {
      case .alsoFrom(let addresses): write(ListKey.alsoFrom.rawValue, addresses, indent: 4)
      case .onlyFrom(let addresses): write(ListKey.onlyFrom.rawValue, addresses, indent: 4)
      }
    }
  }

  private mutating func write(_ key: String, _ addresses: AddressSet, indent: Int) {
    let entries = networks[addresses].map { [$0] } ?? addresses.entries.map(PolicyYAML.entry)
    write(key, entries, indent: indent)
  }

  /// Writes a list on one line if that has at most 100 bytes, else one entry on each line; an empty
  /// list is left out.
  private mutating func write(_ key: String, _ entries: [String], indent: Int) {
    guard !entries.isEmpty else { return }
    let margin = String(repeating: " ", count: indent)
    let line = "\(margin)\(key): [\(entries.joined(separator: ", "))]\n"
    if line.utf8.count <= 100 {
      text += line
    } else {
      text += "\(margin)\(key):\n"
      for entry in entries { text += "\(margin)  - \(entry)\n" }
    }
  }
}

extension Derivation.List {
  var addresses: AddressSet {
    switch self {
    case .alsoFrom(let addresses), .onlyFrom(let addresses): addresses
    }
  }
}

extension AddressSet {
  /// The entries of a policy's list that hold these addresses; at least one.
  var entries: [String] {
    if isEmpty { return ["nowhere"] }
    if self == .everything { return ["anywhere"] }
    return ranges.flatMap { range in
      let prefixes = AddressSet([range]).prefixes
      // A network with a part taken out would need many prefixes, so it is written as a range.
      guard prefixes.count > 2, let first = prefixes.first?.address, let last = range.lastAddress
      else { return prefixes.map(\.description) }
      return ["\(first)-\(last)"]
    }
  }
}

extension AddressRange {
  /// The last address; nil if it is IPv4-mapped, because a set never ends there.
  fileprivate var lastAddress: IPAddress? {
    let end = AddressSet([AddressRange(family: family, first: last, last: last)])
    return end.prefixes.first?.address
  }
}
