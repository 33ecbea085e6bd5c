/// One change to a policy that lets a login in.
public enum Amendment: Hashable, Codable, Sendable {
  /// An entry of a list, as it was written.
  public struct Entry: Hashable, Codable, Sendable {
    /// The address, the name of the network, or `file NAME`.
    public let text: String
    /// Where it stands.
    public let location: SourceLocation
  }

  /// Put an address into a list; make the list if there is none, which `location` being nil says.
  case add(address: IPAddress, scope: Scope, key: ListKey, location: SourceLocation?)
  /// Take entries out of `block`.
  case unblock(entries: [Entry])
  /// Make a user a member of a role.
  case join(user: Name, role: Name, location: SourceLocation)

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
