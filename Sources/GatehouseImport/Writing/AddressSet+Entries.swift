import GatehousePolicy

extension AddressSet {
  /// The entries of a list in a policy that holds these addresses; at least one.
  var entries: [String] {
    if isEmpty { return ["nowhere"] }
    if self == .everything { return ["anywhere"] }
    return ranges.flatMap { range in
      let prefixes = AddressSet([range]).prefixes
      // What is left of a network without a part of it is short as a range alone.
      guard prefixes.count > 2, let first = prefixes.first?.address, let last = range.lastAddress
      else { return prefixes.map(\.description) }
      return ["\(first)-\(last)"]
    }
  }
}

extension AddressRange {
  /// The last address; nil where it is IPv4-mapped, where a set has no end.
  fileprivate var lastAddress: IPAddress? {
    let end = AddressSet([AddressRange(family: family, first: last, last: last)])
    return end.prefixes.first?.address
  }
}
