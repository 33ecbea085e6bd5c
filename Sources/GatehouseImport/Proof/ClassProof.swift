/// What the rules decide for one class of addresses, for every user and every combination of groups,
/// and what a policy says of it.
///
/// A policy, too, decides an address by a condition on the groups:
/// 1. members of some groups are refused, whatever else they are: an `only_from` does not hold it;
/// 2. then members of other groups are allowed, whose `also_from` holds it;
/// 3. then everybody gets one answer: whether `everyone.from` holds it.
///
/// A user's own lists can allow it before 2, or refuse it before 1.
struct ClassProof {
  /// What the lists of a user that the rules name here say.
  enum Answer {
    /// Nothing: the policy decides as for anybody else.
    case same
    /// An `also_from` holds the addresses.
    case also
    /// An `only_from` does not hold them.
    case refused
  }

  let rules: [Int]
  let steps: [Step]
  /// Groups that the rules do not tell apart here are one variable.
  let variables: [[Int]]
  /// The variable of each group.
  let variableNumbers: [Int: Int]
  var diagrams = Diagrams()
  /// What the rules say: of users whom none of them names here, and of those whom one does.
  let decision: Condition
  let decisions: [Int: Condition]

  /// The variables of step 1.
  private(set) var refused: Set<Int> = []
  /// The variables of step 2.
  private(set) var also: Set<Int> = []
  /// The answer of step 3.
  private(set) var base = false
  /// Whom step 1 does not refuse.
  private(set) var unrefused = Condition.always
  /// Whom the policy allows who has no lists of their own.
  private(set) var policy = Condition.never
  /// The lists of the users that the rules name here.
  private(set) var answers: [Int: Answer] = [:]

  /// Finds what these rules say, by their numbers in order, and the most that a policy can allow
  /// without allowing more.
  init(_ rules: [Int], of subjects: Subjects) throws(TooComplicated) {
    self.rules = rules
    steps = Step.steps(rules, of: subjects)
    variables = Self.variables(of: steps)
    // Deeper recursion than this is not worth a stack.
    guard variables.count <= 1000 else { throw TooComplicated() }
    var numbers: [Int: Int] = [:]
    for (variable, groups) in variables.enumerated() {
      for group in groups { numbers[group] = variable }
    }
    variableNumbers = numbers

    decision = try Self.decision(of: steps, for: nil, numbers, &diagrams)
    var decisions: [Int: Condition] = [:]
    // Users that the rules do not tell apart have the same decision.
    var known: [[Bool]: Condition] = [:]
    let users = steps.flatMap(\.rule.levels).reduce(into: Set<Int>()) { $0.formUnion($1.users) }
    for user in users.sorted() {
      let occurrence = Self.occurrence(of: user, in: steps)
      if known[occurrence] == nil {
        known[occurrence] = try Self.decision(of: steps, for: user, numbers, &diagrams)
      }
      decisions[user] = known[occurrence]
    }
    self.decisions = decisions
    try solve()
  }

  /// The groups that the rules name, those together that occur at the same places.
  private static func variables(of steps: [Step]) -> [[Int]] {
    var places: [Int: [Int]] = [:]
    for (place, level) in steps.flatMap(\.rule.levels).enumerated() {
      for group in level.groups { places[group, default: []].append(place) }
    }
    return Dictionary(grouping: places.keys) { places[$0, default: []] }.values
      .map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Where the rules name a user: the same for users whom they do not tell apart.
  func occurrence(of user: Int?) -> [Bool] { Self.occurrence(of: user, in: steps) }

  private static func occurrence(of user: Int?, in steps: [Step]) -> [Bool] {
    steps.flatMap { step in
      step.rule.levels.map { level in user.map(level.users.contains) ?? false }
    }
  }

  /// What the rules decide for a user; nil is one that no rule names here.
  private static func decision(
    of steps: [Step], for user: Int?, _ variables: [Int: Int], _ diagrams: inout Diagrams
  ) throws(TooComplicated) -> Condition {
    var result = Condition.always
    for step in steps.reversed() {
      let condition = try step.condition(for: user, variables, &diagrams)
      result = try diagrams.choose(condition, step.rule.allows ? .always : .never, result)
    }
    return result
  }

  private mutating func solve() throws(TooComplicated) {
    // A group that for some user turns a permission into a refusal can do so by step 1 alone.
    for condition in Set(decisions.values).union([decision]) {
      for variable in variables.indices where !refused.contains(variable) {
        let without = try diagrams.fixed(condition, variable, false)
        let with = try diagrams.fixed(condition, variable, true)
        if try !diagrams.implies(without, with) { refused.insert(variable) }
      }
    }
    unrefused = try diagrams.not(diagrams.any(refused))
    for variable in variables.indices where !refused.contains(variable) {
      let members = try diagrams.and(diagrams.member(variable), unrefused)
      if try diagrams.implies(members, decision) { also.insert(variable) }
    }
    let anyAlso = try diagrams.any(also)
    base = try diagrams.implies(diagrams.and(unrefused, diagrams.not(anyAlso)), decision)
    policy = try base ? unrefused : diagrams.and(unrefused, anyAlso)
    for (user, decision) in decisions { answers[user] = try answer(for: decision) }
  }

  /// The lists of a user that allow the most without allowing more than the rules.
  private mutating func answer(for decision: Condition) throws(TooComplicated) -> Answer {
    if decision == policy { return .same }
    if try diagrams.implies(unrefused, decision) { return .also }
    return try diagrams.implies(policy, decision) ? .same : .refused
  }

  /// Whom the rules allow of a user's like, and whom the policy; nil is one that no rule names here.
  func sides(of user: Int?) -> (rules: Condition, policy: Condition) {
    guard let user, let decision = decisions[user] else { return (decision, policy) }
    switch answers[user] {
    case .also: return (decision, unrefused)
    case .refused: return (decision, .never)
    case .same, nil: return (decision, policy)
    }
  }

  /// Whether the policy decides for a user as the rules do.
  func isExact(for user: Int?) -> Bool {
    let sides = sides(of: user)
    return sides.rules == sides.policy
  }
}
