/// What a return code did at a line.
public enum StackEffect: Hashable, Sendable {
  /// It does not count.
  case ignored
  /// It counts as a success, or would if nothing had failed before.
  case counted
  /// It ended the stack or substack (`done`).
  case ended
  /// It counts as a failure.
  case failed
  /// It counts as a failure and ended the stack or substack (`die`).
  case failedAndEnded
  /// What the stack or substack came to so far was forgotten.
  case reset
  /// It jumped; a jump beyond the end is a failure.
  case jumped(isBeyondEnd: Bool)
  /// PAM_INCOMPLETE: the stack was left at once.
  case left
}

/// A line that was asked, and what came of it.
public struct StackStep: Hashable, Sendable {
  /// The line's index in its stack.
  public var index: Int
  /// What it returned.
  public var code: ReturnCode
  /// What that did.
  public var effect: StackEffect
}

/// How a stack was gone through.
public struct StackRun: Hashable, Sendable {
  /// What libpam returns to the program.
  public var code: ReturnCode
  /// The lines that were asked, in order.
  public var steps: [StackStep]
}

extension PAMStack {
  /// Goes through the stack as libpam does in the stages auth, account and session
  /// (`_pam_dispatch_aux` of pam_dispatch.c), not resuming one that returned PAM_INCOMPLETE before.
  /// - Parameter answer: What the line with this index returns. It is not called for lines that libpam
  ///   answers itself: broken ones, and those whose module cannot be loaded.
  /// - Returns: What the program gets, and how it came about.
  public func run(_ answer: (Int) -> ReturnCode) -> StackRun {
    var walk = StackWalk()
    var steps: [StackStep] = []
    while let index = walk.next(in: self) {
      let code = lines[index].fixedAnswer ?? answer(index)
      steps.append(StackStep(index: index, code: code, effect: walk.take(code, in: self)))
    }
    return StackRun(code: walk.result, steps: steps)
  }
}

extension StackLine {
  /// What libpam itself puts in for the line, or nil if a module is asked.
  var fixedAnswer: ReturnCode? {
    switch kind {
    case .module(_, _, let isLoadable): isLoadable ? nil : .moduleUnknown
    case .substack, .broken: .permissionDenied
    }
  }
}

/// libpam's state between two lines.
struct StackWalk: Hashable {
  enum Impression: Hashable { case none, positive, negative }

  /// What a stack or substack has come to.
  struct Standing: Hashable {
    var impression = Impression.none
    var status = ReturnCode.permissionDenied
  }

  /// The line that comes next.
  private(set) var index = 0
  private(set) var standing = Standing()
  /// What stood when each substack was entered, the whole stack first.
  private(set) var before = [Standing()]
  private var isLeft = false

  /// What the program gets if there is no line left.
  var result: ReturnCode {
    standing.status == .success && standing.impression != .positive
      ? .permissionDenied : standing.status
  }

  /// The next line to be asked, or nil at the end.
  mutating func next(in stack: PAMStack) -> Int? {
    while !isLeft, index < stack.lines.count {
      let line = stack.lines[index]
      if line.level >= before.count {
        before.append(standing)
      } else {
        before.removeSubrange((line.level + 1)...)
      }
      guard case .substack = line.kind else { return index }
      index += 1
    }
    return nil
  }

  /// Takes the code of the line that ``next(in:)`` named.
  mutating func take(_ code: ReturnCode, in stack: PAMStack) -> StackEffect {
    let line = stack.lines[index]
    if code == .incomplete {
      isLeft = true
      standing = Standing(impression: standing.impression, status: code)
      return .left
    }
    let isKnown = (0..<Int32(ReturnCode.all.count)).contains(code.rawValue)
    let action = line.control[code]
    defer { index += 1 }
    switch action {
    case .ignore:
      return .ignored
    case .reset:
      standing = before[line.level]
      return .reset
    case .ok, .done:
      if standing.impression == .none
        || standing.impression == .positive && standing.status == .success
      {
        standing = Standing(impression: .positive, status: code)
      }
      guard action == .done, standing.impression == .positive else { return .counted }
      index = stack.lastBeside(index)
      return .ended
    case .bad, .die:
      if standing.impression != .negative {
        standing.impression = .negative
        standing.status = !isKnown || code == .ignore ? .permissionDenied : code
      }
      guard action == .die else { return .failed }
      index = stack.lastBeside(index)
      return .failedAndEnded
    default:
      let (last, left) = stack.jump(from: index, over: Int(action.rawValue))
      index = last
      if left != 0 { standing = Standing(impression: .negative) }
      return .jumped(isBeyondEnd: left != 0)
    }
  }

  /// The same state for all that is to come: of the codes only those that let in are told apart.
  var simplified: StackWalk {
    var walk = self
    walk.standing.simplify()
    for level in walk.before.indices { walk.before[level].simplify() }
    return walk
  }
}

extension StackWalk.Standing {
  fileprivate mutating func simplify() {
    if !status.letsIn { status = .permissionDenied }
  }
}
