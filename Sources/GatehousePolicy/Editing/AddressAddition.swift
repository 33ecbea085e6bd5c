/// An address, or `self`, that is written into a policy's files so that a login is allowed.
public struct AddressAddition: Sendable {
  /// The files with it in them.
  public let snapshot: PolicySnapshot
  /// What was added.
  public let amendments: [Amendment]
}

extension PolicySnapshot {
  /// Writes the origin of a login that is denied into the narrowest list that lets it in.
  ///
  /// Everything else in the files stays as it is, comments too. The result was loaded and checked: it
  /// allows the login, and changes no decision for any other origin.
  ///
  /// - Parameter login: The login, from an address or the machine itself.
  /// - Returns: The new files; nil if the policy does not load, allows the login, or cannot be
  ///   changed by its origin alone.
  public func adding(originOf login: Login) -> AddressAddition? {
    guard login.origin.isListed, let policy = Policy.load(self).policy,
      policy.decide(login).isDenial
    else { return nil }
    let counted = login.counted(by: policy.rules)
    for amendments in RemedyFinder(rules: policy.rules, login: counted).alternatives {
      if let snapshot = adding(login.origin, amendments),
        let amended = Policy.load(snapshot).policy, !amended.decide(login).isDenial,
        amended.differs(from: policy, for: counted)
      {
        return AddressAddition(snapshot: snapshot, amendments: amendments)
      }
    }
    return nil
  }

  /// The files with the amendments; nil if one of them does not concern a list.
  private func adding(_ origin: Origin, _ amendments: [Amendment]) -> PolicySnapshot? {
    var snapshot: PolicySnapshot? = self
    for amendment in amendments {
      guard case .add(_, let scope, let key, let place) = amendment,
        let path = scope.path.map({ $0 + [key.rawValue] }),
        let entry = try? TypedEntry(origin.description)
      else { return nil }
      snapshot = snapshot?.adding(entry, at: path, in: place?.file)?.snapshot
    }
    return snapshot
  }
}

extension Scope {
  /// The keys that lead to it; nil if its name is not UTF-8.
  var path: [String]? {
    let section =
      switch self {
      case .user: "users"
      case .group: "groups"
      case .role: "roles"
      case .service: "services"
      case .everyone: "everyone"
      case .breakGlass, .policy, .network, .secondFactor, .authorize: nil as String?
      }
    guard let section else { return nil }
    var path = [section]
    if let name {
      guard let text = String(validating: name.bytes, as: UTF8.self) else { return nil }
      path.append(text)
    }
    if let service {
      guard let text = String(validating: service.bytes, as: UTF8.self) else { return nil }
      path += ["services", text]
    }
    return path
  }
}

extension Policy {
  /// Whether this policy and another differ for a login's origin only: for its user, for everyone
  /// else, and for the members of each group.
  fileprivate func differs(from other: Policy, for login: Login) -> Bool {
    let comparison = PolicyComparison(old: other, new: self, from: login.time)
    let subjects =
      [.user(login.user, groups: login.groups ?? []), .everyoneElse]
      + comparison.groups.map { Subject.members(of: [$0]) }
    var allowed = AddressSet.nothing
    if case .address(let address) = login.origin { allowed = AddressSet([AddressRange(address)]) }
    return subjects.allSatisfy { subject in
      comparison.difference(for: subject).parts.flatMap(\.differences).allSatisfy { difference in
        difference.addresses.isSubset(of: allowed)
          && (!difference.isMachine || login.origin == .machine)
          && !difference.isLocal && !difference.lacksAddress && !difference.isUnknown
      }
    }
  }
}
