import GatehousePolicy

/// A condition on a user and the user's groups.
indirect enum LoginCondition: Hashable {
  case constant(Bool)
  /// The user is one of these.
  case users(Set<Name>)
  /// The user is in one of these groups.
  case groups(Set<Name>)
  /// Something that a policy does not know, by its number.
  case unknown(Int)
  case not(LoginCondition)
  case all([LoginCondition])
  case any([LoginCondition])
}

extension LoginCondition {
  /// The conjunctions of which at least one holds if the condition may hold, whatever is unknown.
  ///
  /// Throws `TooManyNodes` if there are very many.
  func cases() throws(TooManyNodes) -> [LoginCase] {
    var seen: Set<LoginCase> = []
    return try cases(negated: false).compactMap { one in
      var one = one
      one.assumptions = [:]
      return seen.insert(one).inserted ? one : nil
    }
  }

  private static let most = 2000

  private func cases(negated: Bool) throws(TooManyNodes) -> [LoginCase] {
    var one = LoginCase()
    switch self {
    case .constant(let value): return value == negated ? [] : [one]
    case .users(let names):
      return one.meet(users: names, negated) ? [one] : []
    case .groups(let names):
      return one.meet(groups: names, negated) ? [one] : []
    case .unknown(let number):
      one.assumptions = [number: !negated]
      return [one]
    case .not(let condition): return try condition.cases(negated: !negated)
    case .all(let conditions), .any(let conditions):
      let isAll = if case .all = self { !negated } else { negated }
      guard isAll else {
        var result: [LoginCase] = []
        for condition in conditions { result += try condition.cases(negated: negated) }
        return try Self.bounded(result)
      }
      var result = [one]
      for condition in conditions {
        let next = try condition.cases(negated: negated)
        result = try Self.bounded(
          result.flatMap { left in next.compactMap { left.meeting($0) } })
      }
      return result
    }
  }

  private static func bounded(_ cases: [LoginCase]) throws(TooManyNodes) -> [LoginCase] {
    var seen: Set<LoginCase> = []
    let result = cases.filter { seen.insert($0).inserted }
    guard result.count <= most else { throw TooManyNodes() }
    return result
  }
}

/// Conditions of which all hold.
struct LoginCase: Hashable {
  /// The users; nil if any user.
  private(set) var users: Set<Name>?
  private(set) var otherUsers: Set<Name> = []
  /// Sets of groups; the user is in one of each.
  private(set) var groups: Set<Set<Name>> = []
  private(set) var otherGroups: Set<Name> = []
  /// What has to be true of what a policy does not know, by its number.
  var assumptions: [Int: Bool] = [:]

  /// Adds that the user is one of these, or is not; returns whether that is possible.
  mutating func meet(users names: Set<Name>, _ negated: Bool) -> Bool {
    if negated {
      otherUsers.formUnion(names)
    } else {
      users = users?.intersection(names) ?? names
    }
    if let allowed = users {
      users = allowed.subtracting(otherUsers)
      otherUsers = []
    }
    return users?.isEmpty != true
  }

  /// Adds that the user is in one of these groups, or in none; returns whether that is possible.
  mutating func meet(groups names: Set<Name>, _ negated: Bool) -> Bool {
    if negated { otherGroups.formUnion(names) } else { groups.insert(names) }
    groups = Set(groups.map { $0.subtracting(otherGroups) })
    groups = groups.filter { one in !groups.contains { $0.isStrictSubset(of: one) } }
    return !groups.contains([])
  }

  /// This and another; nil if both cannot hold.
  func meeting(_ other: LoginCase) -> LoginCase? {
    var result = self
    if let users = other.users, !result.meet(users: users, false) { return nil }
    guard result.meet(users: other.otherUsers, true) else { return nil }
    for names in other.groups where !result.meet(groups: names, false) { return nil }
    guard result.meet(groups: other.otherGroups, true) else { return nil }
    for (number, value) in other.assumptions {
      guard result.assumptions[number] ?? value == value else { return nil }
      result.assumptions[number] = value
    }
    return result
  }

  /// The same, as words and exceptions: `a EXCEPT ALL EXCEPT b` is who is in a and in b.
  var condition: UserCondition<Name> {
    typealias Level = UserCondition<Name>.Level
    var required = groups.sorted { $0.sorted().lexicographicallyPrecedes($1.sorted()) }
      .map { Level(groups: $0) }
    if let users { required.insert(Level(users: users), at: 0) }
    if required.isEmpty { required = [Level(everyone: true)] }
    var levels = Array(required.map { [$0] }.joined(separator: [Level(everyone: true)]))
    let others = Level(users: otherUsers, groups: otherGroups)
    if others != Level() { levels.append(others) }
    return UserCondition(levels: levels)
  }
}
