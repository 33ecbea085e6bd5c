/// Rules of one sign that follow each other for some addresses, as one.
struct Step {
  /// The numbers of the rules.
  var numbers: [Int]
  /// What they say together.
  var rule: NumberedRule

  /// The rules of these numbers, those together that can stand as one: neighbours of one sign without
  /// an EXCEPT.
  static func steps(_ numbers: [Int], of subjects: Subjects) -> [Step] {
    var result: [Step] = []
    for number in numbers {
      let rule = subjects.rules[number]
      if let last = result.last, last.rule.allows == rule.allows, last.rule.levels.count == 1,
        rule.levels.count == 1
      {
        result[result.count - 1].add(rule.levels[0], number)
      } else {
        result.append(Step(numbers: [number], rule: rule))
      }
    }
    return result
  }

  private mutating func add(_ level: NumberedRule.Level, _ number: Int) {
    numbers.append(number)
    rule.levels[0].everyone = rule.levels[0].everyone || level.everyone
    rule.levels[0].users.formUnion(level.users)
    rule.levels[0].groups.formUnion(level.groups)
  }

  /// The groups for which the step matches a user; nil is one that no rule names.
  func condition(
    for user: Int?, _ variables: [Int: Int], _ diagrams: inout Diagrams
  ) throws(TooComplicated) -> Condition {
    var excepted = Condition.never
    for level in rule.levels.reversed() {
      let matches =
        level.matches(user, [])
        ? .always : try diagrams.any(Set(level.groups.compactMap { variables[$0] }))
      excepted = try diagrams.and(matches, diagrams.not(excepted))
    }
    return excepted
  }
}
