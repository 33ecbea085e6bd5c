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
  /// What is decided from the machine itself.
  public let machine: Decision
  /// What is decided locally.
  public let local: Decision

  /// Every address from which the user may come.
  public var allowedAddresses: AddressSet {
    allowed.reduce(.nothing) { $0.union($1.addresses) }
  }
}

extension Policy {
  /// Decides a login from every address, from the machine itself and locally, exactly: by the engine
  /// that decides logins.
  ///
  /// The addresses are judged as if none were the machine's own.
  ///
  /// - Parameters:
  ///   - login: The question; its own origin does not matter.
  ///   - localService: The service by which a local login is judged; nil for the login's own.
  /// - Returns: The decisions.
  public func decisions(of login: Login, localService: Name? = nil) -> DecisionMap {
    let sets = lists(for: login).sets { $0.contains(login.time) }
    func decision(from origin: Origin) -> Decision {
      var login = login
      login.origin = origin
      return decide(login)
    }
    var local = login
    local.origin = .local
    local.service = localService ?? login.service
    let groups = AddressSet.grouped(cutBy: sets) { decision(from: .address($0)) }
    let parts = groups.filter { !$0.value.isEmpty }
      .map { DecisionMap.Part(addresses: $0.value, decision: $0.key) }
      .sorted { $0.addresses.precedes($1.addresses) }
    return DecisionMap(
      allowed: parts.filter { !$0.decision.isDenial },
      denied: parts.filter { $0.decision.isDenial },
      machine: decision(from: .machine), local: decide(local))
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
