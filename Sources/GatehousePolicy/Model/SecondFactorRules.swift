/// Who needs a second factor: `second_factor`.
struct SecondFactorRules: Sendable {
  /// Where nobody needs one who has no rule of their own; nil means that everybody does everywhere.
  var notFrom: AddressList?
  /// The location of `new_places: always`; nil without it.
  var newPlaces: SourceLocation?
  var users: [Name: FactorRule] = [:]
  var groups: [Name: FactorRule] = [:]
  var roles: [Name: FactorRule] = [:]
  let location: SourceLocation

  /// What counts for whoever has no rule of their own.
  var base: FactorRule {
    notFrom.map { FactorRule(.notFrom($0), of: nil, at: $0.location) }
      ?? FactorRule(.everywhere, of: nil, at: location)
  }

  /// Every list, in no order.
  var lists: [AddressList] {
    [notFrom].compactMap(\.self)
      + [users, groups, roles].flatMap { $0.values.compactMap(\.list) }
  }

  /// The rule of a user, group or role, or everybody's if it is nil.
  func rule(of subject: FactorSubject?) -> FactorRule? {
    guard let subject else { return base }
    return switch subject.kind {
    case .user: users[subject.name]
    case .group: groups[subject.name]
    case .role: roles[subject.name]
    }
  }

  /// Puts a list in, in place of what the user, group or role had.
  mutating func set(_ list: AddressList, of subject: FactorSubject?) {
    guard let subject else {
      notFrom = list
      return
    }
    let rule = FactorRule(.notFrom(list), of: subject, at: list.location)
    switch subject.kind {
    case .user: users[subject.name] = rule
    case .group: groups[subject.name] = rule
    case .role: roles[subject.name] = rule
    }
  }
}

/// What `second_factor` says of one user, group or role, or of everybody.
struct FactorRule: Sendable {
  enum Demand: Sendable {
    case always, never
    /// Always, since no place is named where it is not needed.
    case everywhere
    /// Except from these places.
    case notFrom(AddressList)
  }

  let demand: Demand
  /// For whom it counts; nil for everybody who has no rule of their own.
  let subject: FactorSubject?
  /// The location of its key.
  let location: SourceLocation

  init(_ demand: Demand, of subject: FactorSubject?, at location: SourceLocation) {
    self.demand = demand
    self.subject = subject
    self.location = location
  }

  /// Where no factor is needed; nil if it is not a matter of places.
  var list: AddressList? {
    if case .notFrom(let list) = demand { list } else { nil }
  }

  /// What it says, for people.
  var word: FactorExplanation.Rule.Demand {
    switch demand {
    case .always: .always
    case .never: .never
    case .everywhere: .everywhere
    case .notFrom: .notFrom
    }
  }

  /// Why a factor is needed for a login; nil if the rule spares it.
  func demand(of login: Login) -> FactorReason? {
    switch demand {
    case .always: return .always
    case .never: return nil
    case .everywhere: return .notListed
    case .notFrom(let list):
      if list.contains(login.origin, at: login.time) { return nil }
      if login.origin == .local, list.holdsLocal { return nil }
      return login.origin.kind == .unknown ? .originUnknown : .notListed
    }
  }
}

/// The words that a user, group or role may have in place of a list.
enum FactorWord: String, CaseIterable {
  case always, never
}

/// What new places mean, by `second_factor.new_places`.
enum NewPlaces: String, CaseIterable {
  /// A factor is needed from each.
  case always
}
