/// One change to a policy that a remedy proposes.
enum Amendment {
  /// Put an address into a list; make the list where it is not there.
  case add(IPAddress, scope: Scope, key: ListKey, location: SourceLocation?)
  /// Take entries out of `block`.
  case unblock(entries: [ListEntry])
  /// Make a user a member of a role.
  case join(user: Name, role: Name, location: SourceLocation)

  /// The change in words.
  var description: String {
    switch self {
    case .add(let address, let scope, let key, let location?):
      "add \(address) to \(listPath(scope, key)) (\(location.fileAndLine))"
    case .add(let address, let scope, let key, nil):
      "give \(scope) the key \(key.rawValue): [\(quoted(address))]"
    case .unblock(let entries):
      "take "
        + entries.map { "\(displayText(of: $0.text)) (\($0.location.fileAndLine))" }
        .joined(separator: " and ") + " out of block"
    case .join(let user, let role, let location):
      "add \(user) to roles.\(role).members.users (\(location.fileAndLine))"
    }
  }

  /// As it must be written in YAML.
  private func quoted(_ address: IPAddress) -> String {
    address.family == .ipv6 ? "\"\(address)\"" : "\(address)"
  }

  /// The rules as they would be with the change.
  func applied(to rules: Rules) -> Rules {
    var rules = rules
    switch self {
    case .add(let address, let scope, let key, let location):
      let place = location ?? SourceLocation(file: "", line: 1, column: 1)
      let added = ListEntry(
        content: .range(AddressRange(address)), text: address.description, location: place)
      let networks = rules.networks
      func amend(_ list: inout AddressList?) {
        list = AddressList(
          scope: scope, key: key, location: place, entries: (list?.entries ?? []) + [added],
          networks: networks)
      }
      switch (scope, key) {
      case (.user(let name), .onlyFrom): amend(&rules.users[name, default: .init()].onlyFrom)
      case (.user(let name), _): amend(&rules.users[name, default: .init()].alsoFrom)
      case (.group(let name), _): amend(&rules.groups[name, default: .init()].onlyFrom)
      case (.role(let name), .onlyFrom):
        amend(&rules.roles[name, default: .init(location: place)].onlyFrom)
      case (.role(let name), _): amend(&rules.roles[name, default: .init(location: place)].from)
      case (.service(let name), .onlyFrom):
        amend(&rules.services[name, default: .init()].onlyFrom)
      case (.service(let name), _): amend(&rules.services[name, default: .init()].from)
      case (.everyone, _): amend(&rules.everyone.from)
      case (.breakGlass, _), (.policy, _), (.network, _): break
      }
    case .unblock(let entries):
      let places = Set(entries.map(\.location))
      rules.block = rules.block.map { list in
        AddressList(
          scope: list.scope, key: list.key, location: list.location,
          entries: list.entries.filter { !places.contains($0.location) }, networks: rules.networks)
      }
    case .join(let user, let role, _): rules.join(user, to: role)
    }
    return rules
  }
}
