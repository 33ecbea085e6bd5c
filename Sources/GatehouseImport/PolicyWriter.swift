import GatehousePolicy

/// Writes a policy as YAML.
struct PolicyWriter {
  private let parts: [ServiceRules]
  private let spellings: [Name: Set<Name>]
  private let diagnostics: [ImportDiagnostic]
  /// The names given to lists that occur more than once.
  private var networks: [AddressSet: String] = [:]
  private var text = ""

  /// A list, and the service for which it is; nil for all of them.
  private typealias ServiceList = (service: Name?, list: Derivation.List)

  /// A writer of these lists, with the spellings of each user by the name in lower case.
  init(
    _ parts: [ServiceRules], spellings: [Name: Set<Name>], diagnostics: [ImportDiagnostic]
  ) {
    self.parts = parts
    self.spellings = spellings
    self.diagnostics = diagnostics
  }

  /// Returns the policy as YAML; its head names the source files, and says whether plain words were
  /// looked up.
  mutating func write(_ format: ImportFormat, sources: [String], hasLookedUp: Bool) -> String {
    var groups: [Name: [ServiceList]] = [:]
    var users: [Name: [ServiceList]] = [:]
    for part in parts {
      for (group, list) in part.derivation.groups {
        groups[group, default: []].append((part.service, list))
      }
      for (user, list) in part.derivation.users {
        for name in spellings[user, default: [user]] {
          users[name, default: []].append((part.service, list))
        }
      }
    }
    text = ""
    writeHead(format, sources, hasLookedUp)
    writeNetworks((Array(users.values) + groups.values).flatMap(\.self).map(\.list))
    writeBase()
    writeRoles()
    write("groups", groups)
    write("users", users)
    writeLocal()
    return text
  }

  /// Writes where everyone may come from, to any service and to each of the parts.
  private mutating func writeBase() {
    let everyone = parts.first { $0.service == nil }?.derivation.everyone ?? .everything
    text += "\neveryone:\n"
    write(ListKey.from.rawValue, everyone, indent: 2)
    let others = parts.filter { $0.service != nil && $0.derivation.everyone != everyone }
    guard !others.isEmpty else { return }
    text += "\nservices:\n"
    for part in others {
      guard let service = part.service else { continue }
      text += "  \(PolicyYAML.scalar(service)):\n"
      write(ListKey.from.rawValue, part.derivation.everyone, indent: 4)
    }
  }

  private mutating func writeHead(
    _ format: ImportFormat, _ sources: [String], _ hasLookedUp: Bool
  ) {
    let names = sources.map { Name($0).description }.joined(separator: ", ")
    text += PolicyYAML.comment("Written by `gatehouse import` from \(names).")
    let notImported = diagnostics.filter { $0.kind != .note }
    if notImported.isEmpty {
      text += PolicyYAML.comment("Complete: \(format.promise)")
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
    let sets =
      lists.map(\.addresses)
      + parts.flatMap { [$0.derivation.everyone] + $0.derivation.roles.keys }
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
    guard parts.contains(where: { !$0.derivation.roles.isEmpty }) else { return }
    text += "\nroles:\n"
    var number = 0
    for part in parts {
      let roles = part.derivation.roles.map { (set: $0, members: $1, entries: $0.entries) }
        .sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
      for role in roles {
        number += 1
        text += "  confined-\(number):\n    members:\n"
        let users = role.members.users.flatMap { spellings[$0, default: [$0]] }
        write("groups", role.members.groups.sorted().map(PolicyYAML.scalar), indent: 6)
        write("users", users.sorted().map(PolicyYAML.scalar), indent: 6)
        write((part.service, .onlyFrom(role.set)), indent: 4)
      }
    }
  }

  /// Writes who may log in on the console; root stands there so that it says something of nobody.
  private mutating func writeLocal() {
    guard let local = parts.lazy.compactMap(\.derivation.local).first else { return }
    let users = local.users.flatMap { spellings[$0, default: [$0]] }
    text += "\n"
    text += PolicyYAML.comment("Who may log in on the console, if the PAM lines say local=ask.")
    text += "local:\n"
    write("groups", local.groups.sorted().map(PolicyYAML.scalar), indent: 2)
    write("users", Set(users + ["root"]).sorted().map(PolicyYAML.scalar), indent: 2)
  }

  private mutating func write(_ section: String, _ lists: [Name: [ServiceList]]) {
    guard !lists.isEmpty else { return }
    text += "\n\(section):\n"
    for (name, lists) in lists.sorted(by: { $0.key < $1.key }) {
      text += "  \(PolicyYAML.scalar(name)):\n"
      for list in lists { write(list, indent: 4) }
    }
  }

  private mutating func write(_ list: ServiceList, indent: Int) {
    var indent = indent
    if let service = list.service {
      let margin = String(repeating: " ", count: indent)
      text += "\(margin)services:\n\(margin)  \(PolicyYAML.scalar(service)):\n"
      indent += 4
    }
    switch list.list {
    case .alsoFrom(let addresses): write(ListKey.alsoFrom.rawValue, addresses, indent: indent)
    case .onlyFrom(let addresses): write(ListKey.onlyFrom.rawValue, addresses, indent: indent)
    }
  }

  private mutating func write(_ key: String, _ addresses: AddressSet, indent: Int) {
    let entries = networks[addresses].map { [$0] } ?? entries(of: addresses)
    write(key, entries, indent: indent)
  }

  /// The entries of a list as YAML.
  ///
  /// A list of all that a service does not refuse holds the machine itself, too, if it holds all the
  /// addresses by which the machine reaches itself.
  private func entries(of addresses: AddressSet) -> [String] {
    let hasSelf =
      parts.contains { $0.service != nil } && addresses != .everything
      && AddressSet.loopback.isSubset(of: addresses)
    return addresses.entries.map(PolicyYAML.entry) + (hasSelf ? ["self"] : [])
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
  /// 127.0.0.0/8 and ::1.
  static let loopback = AddressSet([
    AddressRange(family: .ipv4, first: 0x7F00_0000, last: 0x7FFF_FFFF),
    AddressRange(family: .ipv6, first: 1, last: 1),
  ])

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

extension ImportFormat {
  /// What a complete import says.
  fileprivate var promise: String {
    switch self {
    case .access:
      "every login from an address, and on the console, is decided as pam_access does."
    case .sshd:
      "every login by sshd is decided as by the lists of sshd, which stay in sshd_config."
    case .hosts:
      "every login by these services is decided as by these files, which stay in force."
    }
  }
}
