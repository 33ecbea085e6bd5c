public import GatehouseControl
public import GatehouseDoors
internal import GatehousePAM
public import GatehousePlatform
public import GatehousePolicy

/// The report of `gatehouse pam test`: what a real stack made of somebody who comes from an address.
public struct PAMTestReport: Report {
  /// What became of the daemon's part.
  public enum Questions: Sendable {
    /// The daemon took the questions as tests, and says what it answered.
    case answered(PAMTestResult)
    /// It could not be told that they are: why.
    case notAsked(String)
  }

  /// What libpam returned.
  enum Returned: Equatable {
    /// pam_start failed.
    case noStack(ReturnCode)
    /// pam_acct_mgmt returned this.
    case account(ReturnCode)
    /// The process ended before: a module crashed or hung.
    case nothing
  }

  private let user: Name
  private let service: Name
  private let from: String
  private let given: String?
  private let ending: ProgramResult.Ending
  private let answers: Questions
  private let door: Door?
  private let isUnknownUser: Bool
  /// What was shown to the user.
  private(set) var messages: [String] = []
  private(set) var returned = Returned.nothing
  private(set) var roles: [String] = []

  /// A report of what the child wrote.
  /// - Parameters:
  ///   - user: The user.
  ///   - service: The PAM service.
  ///   - from: Where the user comes from, as it was asked.
  ///   - given: PAM_RHOST; nil if the program does not set it.
  ///   - ending: How the child ended.
  ///   - output: What it wrote.
  ///   - answers: What the daemon says.
  ///   - door: What is known of the service; nil if nothing is.
  ///   - isUnknownUser: Whether the machine says that it has no such user.
  public init(
    user: Name, service: Name, from: String, given: String?, ending: ProgramResult.Ending,
    output: [UInt8], answers: Questions, door: Door?, isUnknownUser: Bool = false
  ) {
    self.isUnknownUser = isUnknownUser
    (self.user, self.service, self.from, self.given) = (user, service, from, given)
    (self.ending, self.answers, self.door) = (ending, answers, door)
    var rest = output[...]
    while let line = Self.takeLine(&rest) {
      let words = line.split(separator: " ")
      switch (words.first, words.last.flatMap { Int($0) }) {
      case ("message", let length?): messages.append(Self.take(length, &rest))
      case ("start", let code?): returned = .noStack(ReturnCode(rawValue: Int32(clamping: code)))
      case ("account", let code?): returned = .account(ReturnCode(rawValue: Int32(clamping: code)))
      case ("roles", let length?):
        roles = Self.take(length, &rest).split(separator: ",").map(String.init)
      default: break
      }
    }
  }

  private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private static func take(_ length: Int, _ rest: inout ArraySlice<UInt8>) -> String {
    let text = rest.prefix(max(0, length))
    rest = rest.dropFirst(text.count + 1)
    return String(decoding: text, as: UTF8.self)
  }

  /// Yes if the user would get in.
  public var status: ReportStatus {
    guard case .account(let code) = returned, code.letsIn, ending == .exited(0) else { return .no }
    return .yes
  }

  private var asked: [PAMTestResult.Answered] {
    guard case .answered(let result) = answers else { return [] }
    return result.answers
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.notices(notices)
    page.line(
      status == .yes
        ? StyledText("in", .good, then: subject) : StyledText("refused", .bad, then: subject))
    page.line()
    var rows: [[StyledText]] = [
      ["libpam", StyledText(returnedText)], ["decided", StyledText(decidedText)],
      ["PAM_RHOST", StyledText(given ?? "not set, as by the service's program")],
      ["daemon", StyledText(daemonText)],
    ]
    for answer in asked {
      rows.append([
        "answer",
        StyledText(
          "\(answer.answer), \(answer.reason)" + (answer.rule.map { " (\($0.fileAndLine))" } ?? "")
            + (answer.asksFactor ? ", of the second factor" : "")
            + ", origin \(answer.origin)" + (answer.wouldDeny ? ", in monitor mode" : "")),
      ])
    }
    for message in messages { rows.append(["user reads", StyledText(message)]) }
    if messages.isEmpty { rows.append(["user reads", "nothing"]) }
    if !roles.isEmpty { rows.append(["roles", StyledText(roles.joined(separator: ", "))]) }
    page.fields(rows)
    return page.bytes
  }

  /// What is wrong with the question, to be said before the answer.
  private var notices: [String] {
    isUnknownUser ? ["There is no user \(user) on this machine."] : []
  }

  private var subject: String { "\(user) from \(from), by the account stack of \(service)" }

  private var returnedText: String {
    switch (ending, returned) {
    case (.signalled(let signal), _): "a module crashed: the process ended by signal \(signal)"
    case (.timedOut, _): "a module hung: the process was ended after a minute"
    case (_, .noStack(let code)): "\(code.name) from pam_start: the files cannot be used"
    case (_, .account(let code)): code.name
    case (_, .nothing): "nothing: the process ended before"
    }
  }

  private var daemonText: String {
    switch answers {
    case .notAsked(let problem): "not known, and this may be recorded as a login: \(problem)"
    case .answered(let result) where result.outcome != .ended:
      "not known, and this may be recorded as a login: \(result.outcome.rawValue)"
    case .answered(let result) where result.answers.isEmpty: "not asked"
    case .answered(let result): "asked \(counted(result.answers.count, "time"))"
    }
  }

  /// Which line decided, as far as that can be known from the stack.
  private var decidedText: String {
    guard let door, let stack = door.stack, let verdict = door.verdict,
      case .account(let code) = returned
    else { return "not known" }
    let ours = door.asking.first.map { "\($0.location)" }
    if !code.letsIn {
      let isOurs = asked.contains {
        ["deny", "no_policy"].contains($0.answer) && $0.network == nil && !$0.asksFactor
      }
      if isOurs, let ours { return "our line, \(ours)" }
      let able = stack.lines.filter { $0.canReturn(code) }
      guard able.count == 1 else { return "one of several lines; libpam does not say which" }
      return "\(able[0].location), which alone can return that"
    }
    if asked.isEmpty, let way = verdict.unasked.first {
      return "probably: \(way.sentence(about: stack, verdict))"
    }
    return ours.map { "no line refused; ours is \($0)" } ?? "no line refused; none asks Gatehouse"
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("notices", notices)
    writer.member("user", user.description)
    writer.member("service", service.description)
    writer.member("from", from)
    writer.member("remote_host", given)
    writer.member("returned", returnedName)
    writer.member("ending", endingName)
    writer.member("decided", decidedText)
    writer.member("asked", isKnown ? !asked.isEmpty : nil)
    writer.member("answers") { writer in
      writer.array { array in
        for answer in asked { answer.write(to: &array) }
      }
    }
    writer.member("messages", messages)
    writer.member("roles", roles)
  }

  private var isKnown: Bool {
    if case .answered(let result) = answers { return result.outcome == .ended }
    return false
  }

  private var returnedName: String? {
    switch returned {
    case .noStack(let code), .account(let code): code.name
    case .nothing: nil
    }
  }

  private var endingName: String {
    switch ending {
    case .exited: returned == .nothing ? "ended" : "returned"
    case .signalled(let signal): "signal \(signal)"
    case .timedOut: "timed_out"
    }
  }
}

extension StackLine {
  /// Whether the line can return a code that refuses somebody.
  fileprivate func canReturn(_ code: ReturnCode) -> Bool {
    guard case .module(_, let arguments, _) = kind, let moduleName else { return true }
    if isOurs { return [.permissionDenied, .unavailable].contains(code) }
    return ModuleKnowledge.answers(of: moduleName, arguments: arguments).contains {
      $0.code == code
    }
  }
}

extension PAMTestResult.Answered {
  /// What was asked about, in a word.
  private var about: String {
    if asksFactor { return "second_factor" }
    return network == nil ? "login" : "network"
  }

  /// Writes an object.
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("service", service.description)
      $0.member("user", user.description)
      $0.member("origin", origin)
      $0.member("about", about)
      $0.member("answer", answer)
      $0.member("reason", reason)
      $0.member("rule", rule?.fileAndLine)
      $0.member("would_deny", wouldDeny)
      $0.member("roles", roles.map(\.description))
      $0.member("id", id)
      $0.member("message", message)
    }
  }
}
