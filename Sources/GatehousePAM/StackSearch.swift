/// A way through a stack: which lines return what, and what the program gets.
public struct StackWay: Hashable, Sendable {
  /// The lines that are asked, in order, with what they return and when.
  public var steps: [StackStep]
  /// When each of the lines returns that, in the order of ``steps``; nil if there are no words for it.
  public var conditions: [String?]
  /// What the program gets.
  public var code: ReturnCode
  /// The index in ``steps`` of the line that makes the difference, or nil if there is none.
  ///
  /// It is the line that ends the stack before ours or jumps over ours, or that makes our denial not
  /// count.
  public var culprit: Int?
}

/// What lines of our own may have said on the way to a state.
struct OurAnswers: OptionSet, Hashable {
  var rawValue: UInt8
  static let allowed = OurAnswers(rawValue: 1)
  static let denied = OurAnswers(rawValue: 2)
  static let unavailable = OurAnswers(rawValue: 4)
  static let ignored = OurAnswers(rawValue: 8)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ code: ReturnCode) {
    self =
      switch code {
      case .success: .allowed
      case .ignore: .ignored
      case .unavailable: .unavailable
      default: .denied
      }
  }

  var isDenial: Bool { !isDisjoint(with: [.denied, .unavailable]) }
}

/// Goes through everything that a stack can do, state by state.
///
/// A state is what libpam knows between two lines, what our lines have said so far, and which line
/// made the difference. Every end that can be reached is found, each by the way with the fewest lines.
struct StackSearch {
  struct State: Hashable {
    var walk = StackWalk()
    var said: OurAnswers = []
    /// The index of the line that makes the difference (``StackWay/culprit``).
    var culprit: Int?
  }

  /// An end, and how it was reached.
  struct End {
    var state: State
    fileprivate var node: Int
    var letsIn: Bool { state.walk.result.letsIn }
  }

  private struct Node {
    var state: State
    var parent: Int
    var index: Int
    var answer: ModuleAnswer
  }

  private let stack: PAMStack
  private let ours: Set<Int>
  private var nodes: [Node]
  /// The ends, those with the fewest lines first.
  private(set) var ends: [End] = []

  /// Searches a stack.
  /// - Parameters:
  ///   - stack: The stack.
  ///   - ours: The indexes of our lines.
  ///   - answers: What each line may return.
  init(_ stack: PAMStack, ours: Set<Int>, answers: (Int) -> [ModuleAnswer]) {
    self.stack = stack
    self.ours = ours
    let none = ModuleAnswer(code: .ignore)
    nodes = [Node(state: State(), parent: -1, index: -1, answer: none)]
    // Codes with the same effect for all that is to come need trying only once.
    let tried = stack.lines.indices.map { index in
      var seen: Set<[Int32]> = []
      return answers(index).filter { answer in
        let action = stack.lines[index].control[answer.code]
        let code = answer.code
        // Of a code that only jumps, resets or is ignored, libpam keeps nothing.
        let isKept = [.ok, .done, .bad, .die].contains(action) || code == .incomplete
        let kind =
          ours.contains(index)
          ? [code.rawValue]
          : [
            action.rawValue,
            isKept ? (code.letsIn || code == .incomplete ? code.rawValue : -1) : -2,
          ]
        return seen.insert(kind).inserted
      }
    }
    var visited: Set<State> = [State()]
    var position = 0
    while position < nodes.count {
      var state = nodes[position].state
      guard let index = state.walk.next(in: stack) else {
        ends.append(End(state: state, node: position))
        position += 1
        continue
      }
      for answer in tried[index] {
        let next = advance(state, at: index, with: answer.code)
        guard visited.insert(next).inserted else { continue }
        nodes.append(Node(state: next, parent: position, index: index, answer: answer))
      }
      position += 1
    }
  }

  private func advance(_ state: State, at index: Int, with code: ReturnCode) -> State {
    var next = state
    let before = state.walk.standing
    let effect = next.walk.take(code, in: stack)
    next.walk = next.walk.simplified
    let after = next.walk.standing
    if ours.contains(index) {
      let answer = OurAnswers(code)
      next.said.insert(answer)
      // If the denial counts, only a reset can undo that, which is then to blame. If an earlier failure
      // keeps the result, that is to blame. Else the line itself is.
      if answer.isDenial, after.impression != .negative || next.culprit == nil {
        next.culprit = index
      }
    } else if effect == .reset {
      if state.said.isDenial, before.impression == .negative { next.culprit = index }
    } else if ours.contains(where: { $0 > index && $0 < next.walk.index }), state.said.isEmpty {
      next.culprit = index
    } else if before.impression != .negative, after.impression == .negative,
      after.status == .newPasswordRequired, state.culprit == nil, !ours.isEmpty
    {
      next.culprit = index
    }
    return next
  }

  /// The way to an end.
  func way(to end: End) -> StackWay {
    var path: [Int] = []
    var node = end.node
    while nodes[node].parent >= 0 {
      path.append(node)
      node = nodes[node].parent
    }
    path.reverse()
    var codes: [Int: ReturnCode] = [:]
    for node in path { codes[nodes[node].index] = nodes[node].answer.code }
    // The search keeps no code apart from those that let in: going the way again tells the code.
    let run = stack.run { codes[$0] ?? .ignore }
    return StackWay(
      steps: run.steps, conditions: path.map { nodes[$0].answer.condition }, code: run.code,
      culprit: end.state.culprit.flatMap { culprit in
        run.steps.firstIndex { $0.index == culprit }
      })
  }
}
