import GatehousePolicy

/// Writes a policy as YAML.
struct PolicyWriter {
  private let derivation: Derivation
  private let spellings: [Name: Set<Name>]
  private let findings: [Finding]
  /// The names of the lists that stand in more than one place.
  private var networks: [AddressSet: String] = [:]
  private var text = ""

  /// A writer of these lists; `spellings` says how each user is written, by the name in small letters.
  init(_ derivation: Derivation, spellings: [Name: Set<Name>], findings: [Finding]) {
    self.derivation = derivation
    self.spellings = spellings
    self.findings = findings
  }

  /// The whole text.
  mutating func write(sources: [String]) -> String {
    let users = derivation.users.flatMap { small, list in
      spellings[small, default: [small]].map { (name: $0, list: list) }
    }
    text = ""
    writeHead(sources)
    writeNetworks(users.map(\.list) + derivation.groups.values)
    text += "\neveryone:\n"
    write("from", derivation.everyone, indent: 2)
    writeRoles()
    write("groups", derivation.groups.map { (name: $0, list: $1) })
    write("users", users)
    return text
  }

  private mutating func writeHead(_ sources: [String]) {
    let names = sources.map { Name($0).description }.joined(separator: ", ")
    text += YAML.comment("Written by `gatehouse import` from \(names).")
    let notSaid = findings.filter { $0.kind == .notSaid }
    if notSaid.isEmpty {
      text += YAML.comment(
        "Complete: logins from an address are decided as pam_access decides them.")
    } else {
      text += YAML.comment("INCOMPLETE: this is not said here:")
      for finding in notSaid { text += YAML.comment("- \(finding)") }
    }
    if !spellings.isEmpty {
      text += YAML.comment(
        "pam_access ignores capitals in the names of users, a policy does not: they are")
      text += YAML.comment("spelt here as there, and in small letters.")
    }
    text += "version: 1\n"
  }

  /// Gives a name to each list of several entries that stands in more than one place.
  private mutating func writeNetworks(_ lists: [Derivation.List]) {
    let sets = lists.map(\.addresses) + [derivation.everyone] + derivation.confinements.keys
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

  /// Writes the roles, which have no other meaning than their `only_from`.
  private mutating func writeRoles() {
    guard !derivation.confinements.isEmpty else { return }
    text += "\nroles:\n"
    let roles = derivation.confinements.map { (set: $0, members: $1, entries: $0.entries) }
      .sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
    for (index, role) in roles.enumerated() {
      text += "  confined-\(index + 1):\n    members:\n"
      let users = role.members.users.flatMap { spellings[$0, default: [$0]] }
      write("groups", role.members.groups.sorted().map(YAML.scalar), indent: 6)
      write("users", users.sorted().map(YAML.scalar), indent: 6)
      write("only_from", role.set, indent: 4)
    }
  }

  private mutating func write(_ section: String, _ lists: [(name: Name, list: Derivation.List)]) {
    guard !lists.isEmpty else { return }
    text += "\n\(section):\n"
    for (name, list) in lists.sorted(by: { $0.name < $1.name }) {
      text += "  \(YAML.scalar(name)):\n"
      switch list {
      case .alsoFrom(let addresses): write("also_from", addresses, indent: 4)
      case .onlyFrom(let addresses): write("only_from", addresses, indent: 4)
      }
    }
  }

  private mutating func write(_ key: String, _ addresses: AddressSet, indent: Int) {
    write(
      key, networks[addresses].map { [$0] } ?? addresses.entries.map(YAML.entry), indent: indent)
  }

  /// One line where it fits in 100 columns, else one entry a line; nothing where there is none.
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
