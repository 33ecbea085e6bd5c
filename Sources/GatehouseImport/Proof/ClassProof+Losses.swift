extension ClassProof {
  /// A permission of the rules that the policy does not give.
  struct Loss {
    /// The user; nil is one that no rule names here.
    let user: Int?
    /// Groups of such a user.
    let groups: Set<Int>
    /// The rule that allows it; nil where no rule matches.
    let allowing: Int?
    /// A rule that stands in the way, with the groups of a user whom it refuses, who is the same one
    /// where the flag says so.
    let refusing: (rule: Int, groups: Set<Int>, sameUser: Bool)?
  }

  /// What is lost for a user, who is nil where no rule names them here, and who has an `only_from` or
  /// not: a loss for each rule that allows what the policy does not.
  mutating func losses(
    of user: Int?, hasOwnList: Bool, in subjects: Subjects
  ) throws(TooComplicated) -> [Loss] {
    let decision = user.flatMap { decisions[$0] } ?? decision
    let answer = user.flatMap { answers[$0] } ?? answer
    let given =
      hasOwnList
      ? try answer.only ? diagrams.not(anyRefused) : .never
      : try answer.also ? policy(otherwise: .always) : policy
    var lost = try diagrams.and(decision, diagrams.not(given))
    let numbers = variableNumbers
    var result: [Loss] = []
    for step in steps {
      let condition = try step.condition(for: user, numbers, &diagrams)
      let lostHere = try diagrams.and(lost, condition)
      if let witness = diagrams.witness(of: lostHere) {
        result.append(try loss(witness, of: user, decision, in: subjects))
      }
      lost = try diagrams.and(lost, diagrams.not(condition))
    }
    // What no rule refuses is allowed.
    if let witness = diagrams.witness(of: lost) {
      result.append(try loss(witness, of: user, decision, in: subjects))
    }
    return result
  }

  private mutating func loss(
    _ witness: Set<Int>, of user: Int?, _ decision: Condition, in subjects: Subjects
  ) throws(TooComplicated) -> Loss {
    let groups = Set(witness.compactMap { variables[$0].first })
    return Loss(
      user: user, groups: groups, allowing: decider(user, groups, in: subjects),
      refusing: try refusal(user, witness, decision, in: subjects))
  }

  /// Why a user with these groups is not allowed: the rule that refuses a user whom the policy cannot
  /// tell apart.
  private mutating func refusal(
    _ user: Int?, _ witness: Set<Int>, _ decision: Condition, in subjects: Subjects
  ) throws(TooComplicated) -> (rule: Int, groups: Set<Int>, sameUser: Bool)? {
    if let variable = witness.intersection(refused).min() {
      let groups = Set(variables[variable].prefix(1))
      guard let rule = decider(nil, groups, in: subjects), !subjects.rules[rule].allows else {
        return nil
      }
      return (rule, groups, user == nil)
    }
    let refused = try diagrams.and(diagrams.not(decision), diagrams.not(anyRefused))
    guard let other = diagrams.witness(of: refused) else { return nil }
    let groups = Set(other.compactMap { variables[$0].first })
    guard let rule = decider(user, groups, in: subjects), !subjects.rules[rule].allows else {
      return nil
    }
    return (rule, groups, true)
  }

  /// The rule that decides for a user in these groups.
  private func decider(_ user: Int?, _ groups: Set<Int>, in subjects: Subjects) -> Int? {
    rules.first { subjects.rules[$0].matches(user, groups) }
  }
}
