/// What the rules decide for one class of addresses, for every user and every combination of groups,
/// and what a policy can say of it.
///
/// A policy, too, decides an address by a condition on the groups. With D the confined groups whose
/// `only_from` does not hold the address, it allows a user who is
/// - in a confined group: if in none of D;
/// - in none: if `everyone.from`, or an `also_from` of a group or of the user, holds it.
/// A user's own `only_from` decides alone, D apart.
struct ClassProof {
  /// What a policy can do for a user that the rules name.
  struct UserAnswer {
    /// Whether an `also_from` of the user may hold the addresses.
    let also: Bool
    /// Whether the policy without an `only_from` of the user allows no more than the rules, and
    /// whether it allows the same.
    let alsoIsSafe: Bool
    let alsoIsExact: Bool
    /// Whether an `only_from` of the user may hold the addresses; then no more is allowed than by
    /// the rules.
    let only: Bool
    let onlyIsExact: Bool
  }

  let rules: [Int]
  let steps: [Step]
  /// Groups that the rules do not tell apart here are one variable.
  let variables: [[Int]]
  /// The variable of each group that the rules name here.
  let variableNumbers: [Int: Int]
  /// The variable that stands for the confined groups that no rule names here.
  private var others: Int?
  private var confined: Set<Int> = []
  var diagrams = Diagrams()
  /// What the rules say: of users whom none of them names here, and of those whom one does.
  let decision: Condition
  let decisions: [Int: Condition]

  // The policy's side.
  /// Variables of confined groups whose `only_from` does not hold the addresses: D.
  private(set) var refused: Set<Int> = []
  /// Variables of other groups whose `also_from` holds them.
  private(set) var also: Set<Int> = []
  /// Whether `everyone.from` holds them.
  private(set) var base = false
  private var anyConfined = Condition.never
  var anyRefused = Condition.never
  /// Whether the policy allows a user without lists of their own.
  var policy = Condition.never

  /// The answers for users that no rule names here, and for those that one does.
  private(set) var answer = UserAnswer(
    also: false, alsoIsSafe: true, alsoIsExact: true, only: false, onlyIsExact: true)
  private(set) var answers: [Int: UserAnswer] = [:]

  /// What these rules say, by their numbers in order, where these groups have an `only_from`.
  init(
    rules: [Int], of subjects: Subjects, confinedGroups: Set<Int>
  ) throws(TooComplicated) {
    self.rules = rules
    let steps = Step.steps(rules, of: subjects)
    self.steps = steps
    var variables = Self.variables(of: steps, confinedGroups)
    // Deeper recursion than this is not worth a stack.
    guard variables.count <= 1000 else { throw TooComplicated() }

    var numbers: [Int: Int] = [:]
    for (variable, groups) in variables.enumerated() {
      for group in groups { numbers[group] = variable }
      if let group = groups.first, confinedGroups.contains(group) { confined.insert(variable) }
    }
    if confinedGroups.count > confined.reduce(0, { $0 + variables[$1].count }) {
      others = variables.count
      confined.insert(variables.count)
      variables.append(confinedGroups.filter { numbers[$0] == nil }.sorted())
    }
    self.variables = variables
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

  /// The groups that the rules name, those together that occur at the same places and are alike
  /// confined or not.
  private static func variables(of steps: [Step], _ confinedGroups: Set<Int>) -> [[Int]] {
    var places: [Int: [Int]] = [:]
    var place = 0
    for level in steps.flatMap(\.rule.levels) {
      for group in level.groups { places[group, default: []].append(place) }
      place += 1
    }
    for group in places.keys where confinedGroups.contains(group) {
      places[group, default: []].append(-1)
    }
    return Dictionary(grouping: places.keys) { places[$0, default: []] }.values
      .map { $0.sorted() }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The groups that can turn a permission into a refusal: only an `only_from` can say that.
  mutating func refusingGroups() throws(TooComplicated) -> Set<Int> {
    var result: Set<Int> = []
    for condition in Set(decisions.values).union([decision]) {
      for (variable, groups) in variables.enumerated() {
        let without = try diagrams.fixed(condition, variable, false)
        let with = try diagrams.fixed(condition, variable, true)
        if try !diagrams.implies(without, with) { result.formUnion(groups) }
      }
    }
    return result
  }
}

extension ClassProof {
  /// Finds the most that a policy can allow without allowing more than the rules.
  mutating func solve() throws(TooComplicated) {
    anyConfined = try diagrams.any(confined)
    refused = confined.filter { !diagrams.holds(decision, for: [$0]) }
    anyRefused = try diagrams.any(refused)
    // A confined group that does not refuse allows, whatever else the user is in but D.
    while let variable = try firstThatAllowsTooMuch() {
      refused.insert(variable)
      anyRefused = try diagrams.any(refused)
    }
    let free = try diagrams.not(anyConfined)
    for variable in variables.indices where !confined.contains(variable) {
      let members = try diagrams.and(diagrams.member(variable), free)
      if try diagrams.implies(members, decision) { also.insert(variable) }
    }
    let anyAlso = try diagrams.any(also)
    base = try diagrams.implies(
      diagrams.and(free, diagrams.not(anyAlso)), decision)
    policy = try policy(otherwise: base ? .always : anyAlso)

    answer = try answer(to: decision)
    var known = [decision: answer]
    for (user, decision) in decisions.sorted(by: { $0.key < $1.key }) {
      if known[decision] == nil { known[decision] = try answer(to: decision) }
      answers[user] = known[decision]
    }
  }

  /// A confined group, not refused, whose members the rules do not all allow.
  private mutating func firstThatAllowsTooMuch() throws(TooComplicated) -> Int? {
    let free = try diagrams.not(anyRefused)
    for variable in confined.subtracting(refused).sorted() {
      let members = try diagrams.and(diagrams.member(variable), free)
      if try !diagrams.implies(members, decision) { return variable }
    }
    return nil
  }

  /// What the policy decides where it decides `otherwise` for a user in no confined group.
  mutating func policy(otherwise: Condition) throws(TooComplicated) -> Condition {
    try diagrams.choose(anyConfined, diagrams.not(anyRefused), otherwise)
  }

  private mutating func answer(to decision: Condition) throws(TooComplicated) -> UserAnswer {
    let also = try diagrams.implies(diagrams.not(anyConfined), decision)
    let without = try also ? policy(otherwise: .always) : policy
    let only = try diagrams.implies(diagrams.not(anyRefused), decision)
    return UserAnswer(
      also: also, alsoIsSafe: try diagrams.implies(without, decision),
      alsoIsExact: without == decision, only: only,
      onlyIsExact: try decision == (only ? diagrams.not(anyRefused) : .never))
  }

  /// Whether an `only_from` of every confined group that no rule names here holds the addresses.
  var othersAreAllowed: Bool { others.map { !refused.contains($0) } ?? true }

  /// The variables of groups that the rules name here, confined or not.
  func namedGroups(confined wanted: Bool) -> [(variable: Int, groups: [Int])] {
    variables.indices.filter { $0 != others && confined.contains($0) == wanted }
      .map { ($0, variables[$0]) }
  }
}
