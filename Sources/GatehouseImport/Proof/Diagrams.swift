/// A condition on which groups a user is in, as a node of `Diagrams`.
///
/// Conditions of one `Diagrams` that hold for the same users are the same node, and so equal.
struct Condition: Hashable {
  fileprivate let node: Int32

  static let never = Condition(node: 0)
  static let always = Condition(node: 1)
}

/// There are more nodes than a proof may take.
struct TooComplicated: Error {}

/// Reduced ordered binary decision diagrams: what is proved with them holds for every combination of
/// groups, without going through all of them.
///
/// R. Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986.
struct Diagrams {
  private struct Node: Hashable {
    let variable: Int32
    let low: Int32
    let high: Int32
  }
  private struct Choice: Hashable {
    let condition: Condition
    let then: Condition
    let otherwise: Condition
  }
  /// The number of nodes at which a proof is given up.
  private static let limit = 200_000

  private var nodes: [Node]
  private var numbers: [Node: Int32] = [:]
  private var choices: [Choice: Condition] = [:]

  init() {
    // The two leaves stand below every variable.
    nodes = [0, 1].map { Node(variable: .max, low: $0, high: $0) }
  }

  /// The user is in this group, or in one of these that are as good as one.
  mutating func member(_ variable: Int) throws(TooComplicated) -> Condition {
    try node(variable: Int32(variable), low: .never, high: .always)
  }

  mutating func not(_ condition: Condition) throws(TooComplicated) -> Condition {
    try choose(condition, .never, .always)
  }

  mutating func and(_ left: Condition, _ right: Condition) throws(TooComplicated) -> Condition {
    try choose(left, right, .never)
  }

  mutating func or(_ left: Condition, _ right: Condition) throws(TooComplicated) -> Condition {
    try choose(left, .always, right)
  }

  /// The user is in one of these groups.
  mutating func any(_ variables: some Sequence<Int>) throws(TooComplicated) -> Condition {
    var result = Condition.never
    // From the last, so that each step puts one node on top.
    for variable in variables.sorted().reversed() {
      result = try node(variable: Int32(variable), low: result, high: .always)
    }
    return result
  }

  /// Whether `left` implies `right`: every user for whom `left` holds is one for whom `right` holds.
  mutating func implies(_ left: Condition, _ right: Condition) throws(TooComplicated) -> Bool {
    try choose(left, right, .always) == .always
  }

  /// Where the condition holds `then`, elsewhere `otherwise`.
  mutating func choose(
    _ condition: Condition, _ then: Condition, _ otherwise: Condition
  ) throws(TooComplicated) -> Condition {
    if condition == .always || then == otherwise { return then }
    if condition == .never { return otherwise }
    if then == .always && otherwise == .never { return condition }
    let choice = Choice(condition: condition, then: then, otherwise: otherwise)
    if let known = choices[choice] { return known }
    let variable = [condition, then, otherwise].map { self[$0].variable }.min() ?? .max
    let low = try choose(
      cofactor(condition, variable, false), cofactor(then, variable, false),
      cofactor(otherwise, variable, false))
    let high = try choose(
      cofactor(condition, variable, true), cofactor(then, variable, true),
      cofactor(otherwise, variable, true))
    let result = try node(variable: variable, low: low, high: high)
    choices[choice] = result
    return result
  }

  /// The condition for a user who is in the group, or is not.
  mutating func fixed(
    _ condition: Condition, _ variable: Int, _ isMember: Bool
  ) throws(TooComplicated) -> Condition {
    var known: [Condition: Condition] = [:]
    return try walk(condition, Int32(variable), isMember, &known)
  }

  private mutating func walk(
    _ condition: Condition, _ variable: Int32, _ isMember: Bool,
    _ known: inout [Condition: Condition]
  ) throws(TooComplicated) -> Condition {
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

  /// Whether the condition holds for a user who is in these groups alone.
  func holds(_ condition: Condition, for groups: Set<Int>) -> Bool {
    var condition = condition
    while condition != .always && condition != .never {
      let top = self[condition]
      condition = Condition(node: groups.contains(Int(top.variable)) ? top.high : top.low)
    }
    return condition == .always
  }

  /// Groups for which the condition holds, few of them; nil where it never does.
  func witness(of condition: Condition) -> Set<Int>? {
    guard condition != .never else { return nil }
    var groups: Set<Int> = []
    var condition = condition
    while condition != .always {
      let top = self[condition]
      if top.low == Condition.never.node {
        groups.insert(Int(top.variable))
        condition = Condition(node: top.high)
      } else {
        condition = Condition(node: top.low)
      }
    }
    return groups
  }

  private subscript(condition: Condition) -> Node { nodes[Int(condition.node)] }

  private func cofactor(_ condition: Condition, _ variable: Int32, _ isMember: Bool) -> Condition {
    let top = self[condition]
    guard top.variable == variable else { return condition }
    return Condition(node: isMember ? top.high : top.low)
  }

  private mutating func node(
    variable: Int32, low: Condition, high: Condition
  ) throws(TooComplicated) -> Condition {
    if low == high { return low }
    let node = Node(variable: variable, low: low.node, high: high.node)
    if let number = numbers[node] { return Condition(node: number) }
    guard nodes.count < Self.limit else { throw TooComplicated() }
    let number = Int32(nodes.count)
    nodes.append(node)
    numbers[node] = number
    return Condition(node: number)
  }
}
