/// What an account stack makes of our lines in it.
public struct StackVerdict: Hashable, Sendable {
  /// What the stack comes to if our lines, as often as they are asked, give one and the same answer.
  public struct Outcome: Hashable, Sendable {
    /// The shortest way in, or nil if nobody gets in after this answer.
    public var letsIn: StackWay?
    /// The shortest way to be refused, or nil if everybody gets in.
    public var refuses: StackWay?
  }

  /// The indexes of our lines, those that ask the policy.
  ///
  /// A line with a module that cannot be loaded is not among them, nor is one with `network=`,
  /// `factor` or `authorize`.
  public var ours: [Int]
  /// The indexes of lines that seem to be ours, but ask no policy.
  ///
  /// The name is another, the module cannot be loaded, or the line has `network=`, `factor` or
  /// `authorize`.
  public var mistaken: [Int]
  /// The ways in on which none of our lines is asked, the shortest first.
  ///
  /// There is one for each line that brings it about.
  public var unasked: [StackWay]
  /// The ways in on which one of our lines denies, the shortest first.
  ///
  /// There is one for each line that brings it about.
  public var overruled: [StackWay]
  /// After an allow of ours.
  public var allowed: Outcome
  /// After a denial of ours (PAM_PERM_DENIED).
  public var denied: Outcome
  /// After PAM_AUTHINFO_UNAVAIL of ours.
  public var unavailable: Outcome
  /// After PAM_IGNORE of ours, the answer to a local login.
  public var ignored: Outcome

  /// Whether anybody can get in at all, whatever our lines answer.
  public var canLetIn: Bool

  /// Whether the stack does what the policy says.
  ///
  /// That is: we are asked about everybody who gets in, every denial counts, and whoever is allowed,
  /// or local, can get in.
  public var isSound: Bool {
    !ours.isEmpty && unasked.isEmpty && overruled.isEmpty && allowed.letsIn != nil
      && ignored.letsIn != nil
  }

  /// The verdict about an account stack.
  ///
  /// Modules are taken to return any of their codes in any combination. That a user of whom one
  /// module says something is the same of whom another does is not known here.
  /// - Parameters:
  ///   - stack: The stack.
  ///   - answers: What a module may return, by its name and its arguments.
  public init(
    _ stack: PAMStack,
    answers: (String, [String]) -> [ModuleAnswer] = ModuleKnowledge.answers(of:arguments:)
  ) {
    let indexes = stack.lines.indices
    ours = indexes.filter { stack.lines[$0].isOurs }
    mistaken = indexes.filter { stack.lines[$0].seemsOurs && !stack.lines[$0].isOurs }
    let search = StackSearch(stack, ours: Set(ours)) { index in
      let line = stack.lines[index]
      if let code = line.fixedAnswer { return [ModuleAnswer(code: code)] }
      guard case .module(_, let arguments, _) = line.kind, let name = line.moduleName else {
        return []
      }
      return line.seemsOurs ? line.ourAnswers : answers(name, arguments)
    }
    func ways(where isMeant: (StackSearch.State) -> Bool) -> [StackWay] {
      var culprits: Set<Int?> = []
      return search.ends.filter { $0.letsIn && isMeant($0.state) }
        .filter { culprits.insert($0.state.culprit).inserted }
        .map(search.way)
    }
    func outcome(_ said: OurAnswers) -> Outcome {
      let ends = search.ends.filter { $0.state.said == said }
      return Outcome(
        letsIn: ends.first { $0.letsIn }.map(search.way),
        refuses: ends.first { !$0.letsIn }.map(search.way))
    }
    canLetIn = search.ends.contains { $0.letsIn }
    unasked = ways { $0.said.isEmpty }
    overruled = ways { $0.said.isDenial }
    allowed = outcome(.allowed)
    denied = outcome(.denied)
    unavailable = outcome(.unavailable)
    ignored = outcome(.ignored)
  }
}

extension StackLine {
  /// Whether the line asks the policy.
  public var isOurs: Bool { ownArguments.map { !isYesOrNo($0) && !asksCode($0) } ?? false }

  /// Whether it is a line of ours in the stage auth that answers yes or no, and judges no login.
  public var isQuestion: Bool { ownArguments.map { isYesOrNo($0) && !asksCode($0) } ?? false }

  /// Whether it is a line of ours that asks for a code, and judges no login.
  public var asksCode: Bool { ownArguments.map { asksCode($0) } ?? false }

  /// What our module is given; nil if the line has another one, or it cannot be loaded.
  private var ownArguments: [String]? {
    guard case .module(_, let arguments, true) = kind, moduleName == "pam_gatehouse.so" else {
      return nil
    }
    return arguments
  }

  private func asksCode(_ arguments: [String]) -> Bool {
    arguments.contains { $0 == "authorize" || $0.utf8.starts(with: "authorize=".utf8) }
  }

  private func isYesOrNo(_ arguments: [String]) -> Bool {
    arguments.contains { argument in
      argument == "factor"
        || ["network=", "factor="].contains { argument.utf8.starts(with: $0.utf8) }
    }
  }

  /// Whether the line's module has our name, or one like it.
  public var seemsOurs: Bool {
    moduleName?.utf8.asciiLowercased.utf8.starts(with: "pam_gatehous".utf8) ?? false
  }

  /// What our own module may return in the account stage.
  fileprivate var ourAnswers: [ModuleAnswer] {
    guard isOurs else {
      return [
        ModuleAnswer(code: .success, condition: "if its answer is yes"),
        ModuleAnswer(code: .authenticationError, condition: "if its answer is no"),
      ]
    }
    // With `onerr=succeed`, too: it does not cover what somebody can bring about, such as a deadline
    // that passes.
    return [
      ModuleAnswer(code: .success, condition: "for somebody whom Gatehouse lets in"),
      ModuleAnswer(code: .permissionDenied, condition: "for somebody whom Gatehouse denies"),
      ModuleAnswer(code: .ignore, condition: "for a local login"),
      ModuleAnswer(code: .unavailable, condition: "while Gatehouse's daemon does not answer"),
    ]
  }
}

extension StackWay {
  /// A sentence about the line that makes the difference.
  /// - Parameters:
  ///   - stack: The stack that this is a way through.
  ///   - verdict: The verdict that it comes from.
  /// - Returns: For example "for a user of /etc/passwd, pam_localuser.so (common-account:25,
  ///   sufficient) ends the stack before common-account:27".
  public func sentence(about stack: PAMStack, _ verdict: StackVerdict) -> String {
    guard let culprit else { return "no line of the stack asks Gatehouse" }
    let step = steps[culprit]
    let line = stack.lines[step.index]
    let name = line.moduleName ?? "a line that cannot be used"
    let control = line.controlText.contains("=") ? "[\(line.controlText)]" : line.controlText
    let module = "\(name) (\(line.location), \(control))"
    let after =
      verdict.ours.first { $0 > step.index }.map { "\(stack.lines[$0].location)" } ?? "the end"
    let what =
      switch step.effect {
      case _ where verdict.ours.contains(step.index): "a denial by \(module) does not count"
      case .ended, .failedAndEnded: "\(module) ends the stack before \(after)"
      case .jumped: "\(module) jumps over \(after)"
      case .reset: "\(module) makes libpam forget the denial"
      default:
        "\(module) returns \(step.code.name) first, and no later denial counts"
      }
    guard let condition = conditions[culprit], !verdict.ours.contains(step.index) else {
      return what
    }
    return "\(condition), \(what)"
  }
}
