/// A list of the policy, with the place where it hangs.
final class AddressList: Sendable {
  let scope: Scope
  let key: ListKey
  /// Where its key stands.
  let location: SourceLocation
  let entries: [ListEntry]
  /// What the entries mean; no term is empty.
  let terms: [Term]

  init(
    scope: Scope, key: ListKey, location: SourceLocation, entries: [ListEntry],
    networks: [Name: Network]
  ) {
    self.scope = scope
    self.key = key
    self.location = location
    self.entries = entries
    terms = [Term](entries, networks: networks)
  }

  /// `users.deploy.only_from`.
  var path: String { listPath(scope, key) }

  /// Whether the list holds an address at a time.
  func contains(_ address: IPAddress, at time: Instant) -> Bool {
    terms.contains { $0.contains(address, at: time) }
  }

  /// Every address that the list holds at a time.
  func addresses(at time: Instant) -> AddressSet {
    terms.reduce(.nothing) { $1.window.contains(time) ? $0.union($1.table.set) : $0 }
  }

  /// Whether the list holds no address at a time.
  func isEmpty(at time: Instant) -> Bool {
    !terms.contains { $0.window.contains(time) }
  }

  /// Whether the list holds no address at or after a time.
  func isEmpty(from time: Instant) -> Bool {
    terms.allSatisfy { $0.window.until <= time }
  }
}
