/// What a policy decides of a login from every address there is.
public struct DecisionMap: Sendable {
  /// Addresses from which the decision is the same, its roles, reason and rule included.
  public struct Part: Sendable {
    /// The addresses; never none.
    public let addresses: AddressSet
    /// What is decided.
    public let decision: Decision
  }

  /// The parts that let the user in, in order of their first addresses.
  public let allowed: [Part]
  /// The parts that deny, or would deny without monitor mode, in the same order.
  ///
  /// Every address is in exactly one part of either.
  public let denied: [Part]

  /// Every address from which the user may come.
  public var allowedAddresses: AddressSet {
    allowed.reduce(.nothing) { $0.union($1.addresses) }
  }
}

extension Policy {
  /// Decides a login from every address, exactly: by the engine that decides logins.
  ///
  /// - Parameter login: The question; its own origin does not matter.
  /// - Returns: The decisions.
  public func decisions(of login: Login) -> DecisionMap {
    let sets = lists(for: login).sets { $0.contains(login.time) }
    let groups = AddressSet.grouped(cutBy: sets) { address in
      var login = login
      login.origin = .address(address)
      return decide(login)
    }
    let parts = groups.filter { !$0.value.isEmpty }
      .map { DecisionMap.Part(addresses: $0.value, decision: $0.key) }
      .sorted { $0.addresses.precedes($1.addresses) }
    return DecisionMap(
      allowed: parts.filter { !$0.decision.isDenial },
      denied: parts.filter { $0.decision.isDenial })
  }
}

extension AddressSet {
  /// The order of the first addresses; for sets that have none in common, and are not empty.
  func precedes(_ other: AddressSet) -> Bool {
    switch (ipv4.values.first, other.ipv4.values.first) {
    case (let own?, let others?): own < others
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): (ipv6.values.first ?? .max) < (other.ipv6.values.first ?? .max)
    }
  }
}
