import GatehousePolicy

/// The rules with their users and groups as numbers, and the names behind the numbers.
struct NumberedRules {
  /// User names in lower case, by their numbers.
  let users: [Name]
  /// Group names, by their numbers.
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
        users: UserCondition(
          levels: rule.users.levels.map { level in
            UserCondition.Level(
              everyone: level.everyone, users: Set(level.users.compactMap { userNumbers[$0] }),
              groups: Set(level.groups.compactMap { groupNumbers[$0] }))
          }))
    }
  }
}

private func numbers(of names: [Name]) -> [Name: Int] {
  Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
}

/// A rule without its origins, its users and groups by number.
struct NumberedRule {
  let allows: Bool
  var users: UserCondition<Int>
}

/// Consecutive rules that all allow or all refuse, combined into one.
struct RuleRun {
  /// The indices of the rules.
  var indices: [Int]
  /// What they say together.
  var rule: NumberedRule

  /// Combines the rules with these indices where they are neighbours, have the same sign and have no
  /// EXCEPT.
  static func runs(_ indices: [Int], of rules: NumberedRules) -> [RuleRun] {
    var result: [RuleRun] = []
    for index in indices {
      let rule = rules.rules[index]
      if let last = result.last, last.rule.allows == rule.allows, last.rule.users.levels.count == 1,
        rule.users.levels.count == 1
      {
        result[result.count - 1].add(rule.users.levels[0], index)
      } else {
        result.append(RuleRun(indices: [index], rule: rule))
      }
    }
    return result
  }

  private mutating func add(_ level: UserCondition<Int>.Level, _ index: Int) {
    indices.append(index)
    rule.users.levels[0].everyone = rule.users.levels[0].everyone || level.everyone
    rule.users.levels[0].users.formUnion(level.users)
    rule.users.levels[0].groups.formUnion(level.groups)
  }

  /// The condition on groups under which the run matches a user; a nil user is one whom no rule
  /// names.
  func condition(
    for user: Int?, _ variables: [Int: Int], _ diagrams: inout BinaryDecisionDiagrams
  ) throws(TooManyNodes) -> Condition {
    var excepted = Condition.never
    for level in rule.users.levels.reversed() {
      let matches =
        level.matches(user, [])
        ? .always : try diagrams.any(Set(level.groups.compactMap { variables[$0] }))
      excepted = try diagrams.and(matches, diagrams.not(excepted))
    }
    return excepted
  }
}
