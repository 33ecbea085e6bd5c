/// Where a user needs a second factor.
public struct FactorMap: Sendable {
  /// What is said of some origins.
  public struct Verdict: Hashable, Sendable {
    /// Whether it is needed, as far as that depends on the place alone.
    public let reach: FactorReach
    /// Why, if the place is not new.
    public let reason: FactorReason
    /// The key that decided; nil if no rule did.
    public let rule: SourceLocation?
  }

  /// Addresses of which the same is said.
  public struct Part: Sendable {
    /// The addresses; never none.
    public let addresses: AddressSet
    /// What is said of them.
    public let verdict: Verdict
  }

  /// The parts, in order of their first addresses; every address is in exactly one.
  public let parts: [Part]
  /// What is said of the machine itself.
  public let machine: Verdict
  /// What is said of a local login.
  public let local: Verdict
}

extension Policy {
  /// Decides for every address, for the machine itself and for a local login whether it needs a second
  /// factor, exactly: by the engine that answers logins.
  ///
  /// The login's own origin does not matter.
  public func factors(of login: Login) -> FactorMap {
    let sets = factorLists(for: login).sets { $0.contains(login.time) }
    func verdict(from origin: Origin) -> FactorMap.Verdict {
      var login = login
      login.origin = origin
      let decision = secondFactor(for: login, isNewPlace: false)
      return FactorMap.Verdict(
        reach: factorReach(of: login), reason: decision.reason, rule: decision.rule)
    }
    let parts = AddressSet.grouped(cutBy: sets) { verdict(from: .address($0)) }
      .filter { !$0.value.isEmpty }
      .map { FactorMap.Part(addresses: $0.value, verdict: $0.key) }
      .sorted { $0.addresses.precedes($1.addresses) }
    return FactorMap(
      parts: parts, machine: verdict(from: .machine), local: verdict(from: .local))
  }
}
