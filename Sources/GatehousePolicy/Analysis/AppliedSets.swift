extension Policy {
  /// Every list that can matter to a login, whatever its origin.
  func lists(for login: Login) -> [AddressList] {
    AppliedLists(rules: rules, login: login).lists
  }
}

extension [AddressList] {
  /// The sets of addresses of which the lists consist, each once.
  ///
  /// - Parameter counts: Whether entries of that time are of interest.
  /// - Returns: The sets, in no order.
  func sets(where counts: (TimeWindow) -> Bool) -> [AddressSet] {
    var seen: Set<ObjectIdentifier> = []
    return flatMap(\.terms).compactMap { term in
      counts(term.window) && seen.insert(ObjectIdentifier(term.table)).inserted
        ? term.table.set : nil
    }
  }

  /// When, after a time, one of the lists may begin or cease to hold an address; rising.
  func changes(of address: IPAddress, after time: Instant) -> [Instant] {
    let terms = flatMap(\.terms).filter { $0.table.contains(address) }
    let ends = terms.flatMap { [$0.window.since, $0.window.until] }
    return Set(ends.filter { time < $0 && $0 < .distantFuture }).sorted()
  }
}
