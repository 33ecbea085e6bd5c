/// A condition on which groups a user is in: a node of `BinaryDecisionDiagrams`.
///
/// Two conditions of the same `BinaryDecisionDiagrams` are equal if, and only if, they hold for the
/// same users.
struct Condition: Hashable {
  fileprivate let node: Int32

  static let never = Condition(node: 0)
  static let always = Condition(node: 1)
}

/// A proof that would need more nodes than is allowed.
struct TooManyNodes: Error {}

/// Reduced ordered binary decision diagrams (ROBDDs), which share their nodes.
///
/// Each variable stands for membership of a group. What is proved with the diagrams holds for every
/// combination of groups, without trying the combinations one by one. The algorithms are those of
/// R. E. Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", IEEE Transactions on
/// Computers C-35 (8), 1986.
struct BinaryDecisionDiagrams {
  private struct DecisionNode: Hashable {
    let variable: Int32
    let low: Int32
    let high: Int32
  }
  /// The arguments of `choose`.
  private struct Choice: Hashable {
    let condition: Condition
    let then: Condition
    let otherwise: Condition
  }
  /// The number of nodes at which a proof is given up.
  private static let maximumNodeCount = 200_000

  private var nodes: [DecisionNode]
  private var nodeIndices: [DecisionNode: Int32] = [:]
  private var results: [Choice: Condition] = [:]

  init() {
    // The two leaves come after every variable.
    nodes = [0, 1].map { DecisionNode(variable: .max, low: $0, high: $0) }
  }

  /// The user is in a group of this variable.
  mutating func member(_ variable: Int) throws(TooManyNodes) -> Condition {
    try node(variable: Int32(variable), low: .never, high: .always)
  }

  mutating func not(_ condition: Condition) throws(TooManyNodes) -> Condition {
    try choose(condition, .never, .always)
  }

  mutating func and(_ left: Condition, _ right: Condition) throws(TooManyNodes) -> Condition {
    try choose(left, right, .never)
  }

  mutating func or(_ left: Condition, _ right: Condition) throws(TooManyNodes) -> Condition {
    try choose(left, .always, right)
  }

  /// The user is in a group of one of these variables.
  mutating func any(_ variables: some Sequence<Int>) throws(TooManyNodes) -> Condition {
    var result = Condition.never
    // From the last variable to the first, so that each step adds one node on top.
    for variable in variables.sorted().reversed() {
      result = try node(variable: Int32(variable), low: result, high: .always)
    }
    return result
  }

  /// Whether `left` implies `right`: every user for whom `left` holds is one for whom `right` holds.
  mutating func implies(_ left: Condition, _ right: Condition) throws(TooManyNodes) -> Bool {
    try choose(left, right, .always) == .always
  }

  /// If the condition holds, `then`, else `otherwise`.
  ///
  /// This is the operation ITE of Brace, Rudell and Bryant, "Efficient Implementation of a BDD Package",
  /// 1990.
  mutating func choose(
    _ condition: Condition, _ then: Condition, _ otherwise: Condition
  ) throws(TooManyNodes) -> Condition {
    if condition == .always || then == otherwise { return then }
    if condition == .never { return otherwise }
    if then == .always && otherwise == .never { return condition }
    let choice = Choice(condition: condition, then: then, otherwise: otherwise)
    if let known = results[choice] { return known }
    let variable = [condition, then, otherwise].map { self[$0].variable }.min() ?? .max
    let low = try choose(
      cofactor(condition, variable, false), cofactor(then, variable, false),
      cofactor(otherwise, variable, false))
    let high = try choose(
      cofactor(condition, variable, true), cofactor(then, variable, true),
      cofactor(otherwise, variable, true))
    let result = try node(variable: variable, low: low, high: high)
    results[choice] = result
    return result
  }

  /// The condition with the variable set to one value: the operation that Bryant calls Restrict.
  mutating func restrict(
    _ condition: Condition, _ variable: Int, _ isMember: Bool
  ) throws(TooManyNodes) -> Condition {
    var known: [Condition: Condition] = [:]
    return try walk(condition, Int32(variable), isMember, &known)
  }

  private mutating func walk(
    _ condition: Condition, _ variable: Int32, _ isMember: Bool,
    _ known: inout [Condition: Condition]
  ) throws(TooManyNodes) -> Condition {
    let top = self[condition]
    if top.variable > variable { return condition }
    if top.variable == variable { return Condition(node: isMember ? top.high : top.low) }
    if let result = known[condition] { return result }
    let result = try node(
      variable: top.variable, low: walk(Condition(node: top.low), variable, isMember, &known),
      high: walk(Condition(node: top.high), variable, isMember, &known))
    known[condition] = result
    return result
  }

  /// Whether the condition holds for a user who is in the groups of these variables and no others.
  func holds(_ condition: Condition, for variables: Set<Int>) -> Bool {
    var condition = condition
    while condition != .always && condition != .never {
      let top = self[condition]
      condition = Condition(node: variables.contains(Int(top.variable)) ? top.high : top.low)
    }
    return condition == .always
  }

  /// Variables for which the condition holds, and few of them; nil if it never holds.
  func witness(of condition: Condition) -> Set<Int>? {
    guard condition != .never else { return nil }
    var variables: Set<Int> = []
    var condition = condition
    while condition != .always {
      let top = self[condition]
      if top.low == Condition.never.node {
        variables.insert(Int(top.variable))
        condition = Condition(node: top.high)
      } else {
        condition = Condition(node: top.low)
      }
    }
    return variables
  }

  private subscript(condition: Condition) -> DecisionNode { nodes[Int(condition.node)] }

  private func cofactor(_ condition: Condition, _ variable: Int32, _ isMember: Bool) -> Condition {
    let top = self[condition]
    guard top.variable == variable else { return condition }
    return Condition(node: isMember ? top.high : top.low)
  }

  private mutating func node(
    variable: Int32, low: Condition, high: Condition
  ) throws(TooManyNodes) -> Condition {
    if low == high { return low }
    let node = DecisionNode(variable: variable, low: low.node, high: high.node)
    if let index = nodeIndices[node] { return Condition(node: index) }
    guard nodes.count < Self.maximumNodeCount else { throw TooManyNodes() }
    let index = Int32(nodes.count)
    nodes.append(node)
    nodeIndices[node] = index
    return Condition(node: index)
  }
}
