extension ClassProof {
  /// Users whom the rules allow and the policy does not.
  struct Lost {
    /// Groups of such a user.
    let groups: Set<Int>
    /// Groups of a user whom the rules refuse and the policy cannot tell apart, if one was found; it
    /// is the same user but for the groups, unless the flag says that it is one whom no rule names.
    let refused: (groups: Set<Int>, isUnnamed: Bool)?
  }

  /// A permission of the rules that the policy does not give.
  struct Loss {
    /// The user; nil is one that no rule names here.
    let user: Int?
    /// Groups of such a user.
    let groups: Set<Int>
    /// The rule that allows it; nil where no rule matches.
    let allowing: Int?
    /// The rule that stands in the way, with a user whom it refuses, and the groups.
    let refusing: (rule: Int, user: Int?, groups: Set<Int>)?
  }

  /// What is lost by a user, who is nil where no rule names them here: one example for each step that
  /// allows what the policy does not.
  mutating func lost(by user: Int?) throws(TooComplicated) -> [Lost] {
    let (decision, given) = sides(of: user)
    var rest = try diagrams.and(decision, diagrams.not(given))
    var result: [Lost] = []
    for step in steps {
      let condition = try step.condition(for: user, variableNumbers, &diagrams)
      let lost = try diagrams.and(rest, condition)
      if let witness = diagrams.witness(of: lost) {
        result.append(try example(witness, decision, of: user))
      }
      rest = try diagrams.and(rest, diagrams.not(condition))
    }
    // What no rule refuses is allowed.
    if let witness = diagrams.witness(of: rest) {
      result.append(try example(witness, decision, of: user))
    }
    return result
  }

  private mutating func example(
    _ witness: Set<Int>, _ decision: Condition, of user: Int?
  ) throws(TooComplicated) -> Lost {
    if let variable = witness.intersection(refused).min() {
      return Lost(groups: groups(witness), refused: (groups([variable]), user != nil))
    }
    let refused = try diagrams.and(diagrams.not(decision), unrefused)
    return Lost(
      groups: groups(witness), refused: diagrams.witness(of: refused).map { (groups($0), false) })
  }

  /// One group for each variable.
  private func groups(_ variables: Set<Int>) -> Set<Int> {
    Set(variables.compactMap { self.variables[$0].first })
  }

  /// The rules behind what a user loses.
  func loss(_ lost: Lost, by user: Int?, in subjects: Subjects) -> Loss {
    let refusing = lost.refused.flatMap { refused -> (rule: Int, user: Int?, groups: Set<Int>)? in
      let other = refused.isUnnamed ? nil : user
      guard let rule = decider(other, refused.groups, in: subjects), !subjects.rules[rule].allows
      else { return nil }
      return (rule, other, refused.groups)
    }
    return Loss(
      user: user, groups: lost.groups, allowing: decider(user, lost.groups, in: subjects),
      refusing: refusing)
  }

  /// The rule that decides for a user in these groups.
  func decider(_ user: Int?, _ groups: Set<Int>, in subjects: Subjects) -> Int? {
    steps.first { $0.rule.matches(user, groups) }?.numbers
      .first { subjects.rules[$0].matches(user, groups) }
  }
}
