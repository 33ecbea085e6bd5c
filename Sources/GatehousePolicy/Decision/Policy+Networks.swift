extension Policy {
  /// Whether an address is in a network at a time, whatever else the policy says.
  ///
  /// - Returns: Nil where there is no such network. `anywhere` holds every address, `nowhere` none.
  public func network(_ name: Name, holds address: IPAddress, at time: Instant) -> Bool? {
    if name == "anywhere" { return true }
    if name == "nowhere" { return false }
    return rules.networks[name]?.terms.contains { $0.contains(address, at: time) }
  }

  /// Whether an answer about this network can be a yes or a no: it is declared, or built in.
  public func hasNetwork(_ name: Name) -> Bool {
    name == "anywhere" || name == "nowhere" || rules.networks[name] != nil
  }

  /// Whether this role is declared.
  public func hasRole(_ name: Name) -> Bool { rules.roles[name] != nil }
}
