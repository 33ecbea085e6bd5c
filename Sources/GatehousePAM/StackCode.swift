/// What becomes of a line of ours that asks for a code (`authorize`) in the stage auth.
public struct StackCode: Hashable, Sendable {
  /// What is wrong with it.
  public enum Problem: Hashable, Sendable {
    /// A right code ends the stack, or jumps over lines: it takes the place of a factor.
    case standsForFactor
    /// A wrong code does not count.
    case wrongCodePasses
    /// Whoever has no code open is refused.
    case othersFail
    /// Whoever has proved the first factor never comes to it.
    case notReached
    /// Only this line, further down, asks for something first.
    case beforeFirstFactor(Int)
    /// Whoever fails in this line, which asks for something first, is asked for a code all the same.
    case askedWithoutFactor(Int)
  }

  /// What is wrong, the first thing; nil if nothing is.
  public let problem: Problem?
  /// Whether a line before it asks for something that proves who somebody is.
  public let followsProof: Bool

  /// The verdict about a line of a stack.
  ///
  /// - Parameters:
  ///   - stack: The stack of the stage auth.
  ///   - index: The index of the line in it.
  public init(of stack: PAMStack, at index: Int) {
    let control = stack.lines[index].control
    let (success, wrong, none) = (
      control[.success], control[.authenticationError], control[.ignore]
    )
    let later = stack.lines.indices.dropFirst(index + 1).first { stack.lines[$0].isProof }
    let before = stack.lines[..<index].lastIndex(where: \.isProof)
    followsProof = before != nil
    func isReached(ifProved: Bool) -> Bool {
      stack.run { other in
        let line = stack.lines[other]
        if other == index { return .ignore }
        if line.isRefusal || line.isQuestion { return .authenticationError }
        return ifProved || !line.isProof ? .success : .authenticationError
      }.steps.contains { $0.index == index }
    }
    problem =
      if success == .done || success.rawValue > 0 {
        .standsForFactor
      } else if wrong != .bad, wrong != .die {
        .wrongCodePasses
      } else if none != .ignore, none != .ok {
        .othersFail
      } else if !isReached(ifProved: true) {
        .notReached
      } else if before == nil, let later {
        .beforeFirstFactor(later)
      } else if let before, isReached(ifProved: false) {
        .askedWithoutFactor(before)
      } else {
        nil
      }
  }
}

extension StackCode.Problem {
  /// What is wrong, in words, and what to do about it.
  public func sentences(of stack: PAMStack) -> (message: String, remedy: String) {
    func name(_ index: Int) -> String {
      "\(stack.lines[index].moduleName ?? "a line"), \(stack.lines[index].location)"
    }
    let usual = "write `auth required pam_gatehouse.so authorize`"
    return switch self {
    case .standsForFactor:
      (
        "after a right code no other line is asked, so the code takes the place of a factor", usual
      )
    case .wrongCodePasses: ("a wrong code does not count", usual)
    case .othersFail: ("whoever has no code to enter is refused", usual)
    case .notReached:
      (
        "nobody is asked for the code: the lines before it end the stack",
        "put it where the stack goes on after the first factor"
      )
    case .beforeFirstFactor(let index):
      (
        "it asks for a code before the first factor (\(name(index)))", "put it below that line"
      )
    case .askedWithoutFactor(let index):
      (
        "it asks for a code, too, if the first factor was wrong (\(name(index)))",
        "write `requisite` in that line, so that it ends the stack"
      )
    }
  }
}
