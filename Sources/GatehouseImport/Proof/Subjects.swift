import GatehousePolicy

/// The users and groups that the rules name, numbered, and the rules in those numbers.
struct Subjects {
  /// Names of users, in small letters.
  let users: [Name]
  let groups: [Name]
  let rules: [NumberedRule]

  init(_ rules: [Rule]) {
    let levels = rules.flatMap(\.users.levels)
    users = Set(levels.flatMap(\.users)).sorted()
    groups = Set(levels.flatMap(\.groups)).sorted()
    let userNumbers = numbers(of: users)
    let groupNumbers = numbers(of: groups)
    self.rules = rules.map { rule in
      NumberedRule(
        allows: rule.allows,
        levels: rule.users.levels.map { level in
          NumberedRule.Level(
            everyone: level.everyone, users: Set(level.users.compactMap { userNumbers[$0] }),
            groups: Set(level.groups.compactMap { groupNumbers[$0] }))
        })
    }
  }
}

private func numbers(of names: [Name]) -> [Name: Int] {
  Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
}

/// A rule without its origins, its users and groups by number.
struct NumberedRule: Hashable {
  struct Level: Hashable {
    var everyone: Bool
    var users: Set<Int>
    var groups: Set<Int>

    /// Whether one of its words matches; a nil user is one that no rule names.
    func matches(_ user: Int?, _ groups: Set<Int>) -> Bool {
      everyone || user.map(users.contains) ?? false || !self.groups.isDisjoint(with: groups)
    }
  }

  var allows: Bool
  /// See `UserCondition.levels`.
  var levels: [Level]

  /// Whether it is for a user in these groups.
  func matches(_ user: Int?, _ groups: Set<Int>) -> Bool {
    levels.reversed().reduce(false) { excepted, level in
      level.matches(user, groups) && !excepted
    }
  }

  /// Whether it is for every user.
  var isForEveryone: Bool { levels.count == 1 && levels[0].everyone }
}
