/// What the rules decide for one class of addresses, for every user and every combination of groups,
/// and the policy that comes closest without allowing more.
///
/// For one address, a policy is a condition on the groups, too:
/// 1. the members of some groups are refused, whatever other groups they are in: the `only_from` of
///    those groups does not hold the address;
/// 2. then the members of other groups are allowed, whose `also_from` holds it;
/// 3. then everybody else gets one answer: whether `everyone.from` holds it.
///
/// A user's own lists can allow the user before step 2, or refuse the user before step 1.
struct ClassProof {
  /// What the own list of a user says about the addresses.
  enum OwnList {
    /// There is none: the policy decides as for users whom no rule names.
    case absent
    /// It is an `also_from` that holds them.
    case allows
    /// It is an `only_from` that does not hold them.
    case refuses
  }

  /// The indices of the rules that match the addresses, in order.
  let rules: [Int]
  let runs: [RuleRun]
  /// The groups of each variable; groups that these rules do not tell apart share one.
  let variables: [[Int]]
  /// The variable of each group.
  let variableOfGroup: [Int: Int]
  var diagrams = BinaryDecisionDiagrams()
  /// When the rules allow a user whom none of them names.
  let decision: Condition
  /// When the rules allow each user whom they name.
  let decisions: [Int: Condition]

  /// The variables whose groups step 1 refuses.
  private(set) var refusedVariables: Set<Int> = []
  /// The variables whose groups step 2 allows.
  private(set) var allowedVariables: Set<Int> = []
  /// Whether step 3 allows.
  private(set) var everyoneIsAllowed = false
  /// When step 1 does not refuse a user.
  private(set) var unrefused = Condition.always
  /// When the policy allows a user who has no list of their own.
  private(set) var policy = Condition.never
  /// The own list of each user whom the rules name.
  private(set) var ownLists: [Int: OwnList] = [:]

  /// Finds what the rules with these indices decide, and the policy that allows the most without
  /// allowing more.
  ///
  /// Throws `TooManyNodes` if that takes too many groups or too many nodes.
  init(_ rules: [Int], of numberedRules: NumberedRules) throws(TooManyNodes) {
    self.rules = rules
    runs = RuleRun.runs(rules, of: numberedRules)
    variables = Self.variables(of: runs)
    // The diagrams recurse as deep as there are variables; more would risk the stack.
    guard variables.count <= 1000 else { throw TooManyNodes() }
    var variableOfGroup: [Int: Int] = [:]
    for (variable, groups) in variables.enumerated() {
      for group in groups { variableOfGroup[group] = variable }
    }
    self.variableOfGroup = variableOfGroup

    decision = try Self.decision(of: runs, for: nil, variableOfGroup, &diagrams)
    var decisions: [Int: Condition] = [:]
    // Users whom the rules do not tell apart have the same decision.
    var known: [[Bool]: Condition] = [:]
    let users = runs.flatMap(\.rule.users.levels)
      .reduce(into: Set<Int>()) { $0.formUnion($1.users) }
    for user in users.sorted() {
      let occurrence = Self.occurrence(of: user, in: runs)
      if known[occurrence] == nil {
        known[occurrence] = try Self.decision(of: runs, for: user, variableOfGroup, &diagrams)
      }
      decisions[user] = known[occurrence]
    }
    self.decisions = decisions
    try solve()
  }

  /// The groups that the rules name; groups that occur in the same levels are together.
  private static func variables(of runs: [RuleRun]) -> [[Int]] {
    var levels: [Int: [Int]] = [:]
    for (index, level) in runs.flatMap(\.rule.users.levels).enumerated() {
      for group in level.groups { levels[group, default: []].append(index) }
    }
    return Dictionary(grouping: levels.keys) { levels[$0, default: []] }.values
      .map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// For each level of the rules, whether it names the user: equal for users whom the rules do not
  /// tell apart.
  func occurrence(of user: Int?) -> [Bool] { Self.occurrence(of: user, in: runs) }

  private static func occurrence(of user: Int?, in runs: [RuleRun]) -> [Bool] {
    runs.flatMap { run in
      run.rule.users.levels.map { level in user.map(level.users.contains) ?? false }
    }
  }

  /// When the rules allow a user; a nil user is one whom no rule names.
  private static func decision(
    of runs: [RuleRun], for user: Int?, _ variables: [Int: Int],
    _ diagrams: inout BinaryDecisionDiagrams
  ) throws(TooManyNodes) -> Condition {
    var result = Condition.always
    for run in runs.reversed() {
      let condition = try run.condition(for: user, variables, &diagrams)
      result = try diagrams.choose(condition, run.rule.allows ? .always : .never, result)
    }
    return result
  }

  private mutating func solve() throws(TooManyNodes) {
    // If membership of a group turns a permission into a refusal for any user, only step 1 can say it.
    for condition in Set(decisions.values).union([decision]) {
      for variable in variables.indices where !refusedVariables.contains(variable) {
        let without = try diagrams.restrict(condition, variable, false)
        let with = try diagrams.restrict(condition, variable, true)
        if try !diagrams.implies(without, with) { refusedVariables.insert(variable) }
      }
    }
    unrefused = try diagrams.not(diagrams.any(refusedVariables))
    for variable in variables.indices where !refusedVariables.contains(variable) {
      let members = try diagrams.and(diagrams.member(variable), unrefused)
      if try diagrams.implies(members, decision) { allowedVariables.insert(variable) }
    }
    let anyAllowed = try diagrams.any(allowedVariables)
    everyoneIsAllowed = try diagrams.implies(
      diagrams.and(unrefused, diagrams.not(anyAllowed)), decision)
    policy = try everyoneIsAllowed ? unrefused : diagrams.and(unrefused, anyAllowed)
    for (user, decision) in decisions { ownLists[user] = try ownList(for: decision) }
  }

  /// The own list that allows a user the most without allowing more than the rules.
  private mutating func ownList(for decision: Condition) throws(TooManyNodes) -> OwnList {
    if decision == policy { return .absent }
    if try diagrams.implies(unrefused, decision) { return .allows }
    return try diagrams.implies(policy, decision) ? .absent : .refuses
  }

  /// When the rules allow a user, and when the policy does; a nil user is one whom no rule names.
  func conditions(for user: Int?) -> (rules: Condition, policy: Condition) {
    guard let user, let decision = decisions[user] else { return (decision, policy) }
    switch ownLists[user] {
    case .allows: return (decision, unrefused)
    case .refuses: return (decision, .never)
    case .absent, nil: return (decision, policy)
    }
  }

  /// Whether the policy decides for a user as the rules do.
  func isExact(for user: Int?) -> Bool {
    let conditions = conditions(for: user)
    return conditions.rules == conditions.policy
  }
}

// MARK: - What is lost

extension ClassProof {
  /// An example of users whom the rules allow and the policy does not.
  struct LossExample {
    /// Groups of such a user.
    let groups: Set<Int>
    /// Groups of a user whom the rules refuse and whom the policy cannot tell apart from the first;
    /// nil if none was found.
    ///
    /// It is the same user in other groups or, if `isUnnamed`, one whom no rule names.
    let refused: (groups: Set<Int>, isUnnamed: Bool)?
  }

  /// The rules behind an example.
  struct LossExplanation {
    /// The user; nil is one whom no rule names.
    let user: Int?
    /// Groups of such a user.
    let groups: Set<Int>
    /// The rule that allows the user; nil if no rule matches.
    let allowing: Int?
    /// The rule that stands in the way, with a user whom it refuses and that user's groups.
    let refusing: (rule: Int, user: Int?, groups: Set<Int>)?
  }

  /// What a user loses: one example for each run of rules that allows what the policy does not.
  ///
  /// A nil user is one whom no rule names. Throws `TooManyNodes` if the search takes too many.
  mutating func losses(of user: Int?) throws(TooManyNodes) -> [LossExample] {
    let (decision, policy) = conditions(for: user)
    var rest = try diagrams.and(decision, diagrams.not(policy))
    var result: [LossExample] = []
    for run in runs {
      let condition = try run.condition(for: user, variableOfGroup, &diagrams)
      let lost = try diagrams.and(rest, condition)
      if let witness = diagrams.witness(of: lost) {
        result.append(try example(witness, decision, of: user))
      }
      rest = try diagrams.and(rest, diagrams.not(condition))
    }
    // What is left is allowed because no rule matches.
    if let witness = diagrams.witness(of: rest) {
      result.append(try example(witness, decision, of: user))
    }
    return result
  }

  private mutating func example(
    _ witness: Set<Int>, _ decision: Condition, of user: Int?
  ) throws(TooManyNodes) -> LossExample {
    if let variable = witness.intersection(refusedVariables).min() {
      return LossExample(groups: groups(witness), refused: (groups([variable]), user != nil))
    }
    let refused = try diagrams.and(diagrams.not(decision), unrefused)
    return LossExample(
      groups: groups(witness), refused: diagrams.witness(of: refused).map { (groups($0), false) })
  }

  /// One group for each variable.
  private func groups(_ variables: Set<Int>) -> Set<Int> {
    Set(variables.compactMap { self.variables[$0].first })
  }

  /// The rules behind what a user loses.
  func explanation(
    of loss: LossExample, of user: Int?, in rules: NumberedRules
  ) -> LossExplanation {
    let refusing = loss.refused.flatMap { refused -> (rule: Int, user: Int?, groups: Set<Int>)? in
      let other = refused.isUnnamed ? nil : user
      guard let rule = decidingRule(other, refused.groups, in: rules), !rules.rules[rule].allows
      else { return nil }
      return (rule, other, refused.groups)
    }
    return LossExplanation(
      user: user, groups: loss.groups, allowing: decidingRule(user, loss.groups, in: rules),
      refusing: refusing)
  }

  /// The index of the rule that decides for a user in these groups; nil if none matches.
  func decidingRule(_ user: Int?, _ groups: Set<Int>, in rules: NumberedRules) -> Int? {
    runs.first { $0.rule.users.matches(user, groups) }?.indices
      .first { rules.rules[$0].users.matches(user, groups) }
  }
}
