import GatehousePolicy

extension AddressSet {
  /// The entries of a list in a policy that holds these addresses; at least one.
  var entries: [String] {
    if isEmpty { return ["nowhere"] }
    if self == .everything { return ["anywhere"] }
    return prefixes.map(\.description)
  }
}
