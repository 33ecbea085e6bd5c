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
      guard let row = ListRow.row(scope.kind, key) else { break }
      let place = location ?? SourceLocation(file: "", line: 1, column: 1)
      let added = ListEntry(
        content: .range(AddressRange(address)), text: address.description, location: place)
      rules.set(
        AddressList(
          scope: scope, row: row, location: place,
          entries: (rules.list(scope, key)?.entries ?? []) + [added], networks: rules.networks))
    case .unblock(let entries):
      let places = Set(entries.map(\.location))
      rules.block = rules.block.map { list in
        list.with(list.entries.filter { !places.contains($0.location) }, networks: rules.networks)
      }
    case .join(let user, let role, _): rules.join(user, to: role)
    }
    return rules
  }
}
