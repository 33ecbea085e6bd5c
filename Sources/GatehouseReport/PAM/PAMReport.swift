public import GatehousePolicy

/// The report of `gatehouse pam`.
public struct PAMReport: Report {
  /// What was asked for.
  public enum Action: Equatable, Sendable {
    /// To turn on this profile.
    case enable(PAMProfile)
    /// To say what would come of turning on this profile.
    case tryEnable(PAMProfile)
    /// To turn off all profiles.
    case disable
    /// To show the state.
    case status
  }

  /// A line of PAM's files that names the module.
  public struct Line: Equatable, Sendable {
    /// Where the line is.
    public var location: SourceLocation
    /// The line as text.
    public var text: String

    /// A line and where it is.
    public init(location: SourceLocation, text: String) {
      self.location = location
      self.text = text
    }
  }

  /// That `pam enable` is undone by itself unless somebody confirms it.
  public struct Trial: Sendable {
    /// Who began it, and from where.
    public var author: String
    /// When it is undone, from now.
    public var timeLeft: Duration

    /// A trial that is under way.
    public init(author: String, timeLeft: Duration) {
      self.author = author
      self.timeLeft = timeLeft
    }
  }

  /// What was asked for.
  public var action: Action
  /// The profile that is on now; nil if none is.
  public var profile: PAMProfile?
  /// The lines that name the module now, in the order of their files.
  public var lines: [Line]
  /// The checks, in order.
  public var checks: [PAMCheck]
  /// What was changed, in words.
  public var changes: [String]
  /// What to do now, in words.
  public var next: [String]
  /// False if the daemon was asked and did not answer.
  public var daemonAnswered: Bool
  /// The trial that is under way; nil if none is, or it was not asked for.
  public var trial: Trial?
  /// How many columns the lines may have; nil to break none.
  public var columns: Int?

  /// A report with all its parts.
  public init(
    action: Action, profile: PAMProfile?, lines: [Line], checks: [PAMCheck],
    changes: [String] = [], next: [String] = [], daemonAnswered: Bool = true, trial: Trial? = nil,
    columns: Int? = nil
  ) {
    self.action = action
    self.profile = profile
    self.lines = lines
    self.checks = checks
    self.changes = changes
    self.next = next
    self.daemonAnswered = daemonAnswered
    self.trial = trial
    self.columns = columns
  }

  /// Yes if what was asked for is done; for a status, if logins ask and no check failed.
  public var status: ReportStatus {
    let isAsRequested =
      switch action {
      case .enable(let wanted): profile == wanted
      case .tryEnable: true
      case .disable: profile == nil
      case .status: !lines.isEmpty
      }
    if action == .status && !daemonAnswered { return .unreachable }
    return isAsRequested && !checks.contains { $0.outcome == .notOK } ? .yes : .no
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured, columns: columns)
    page.line(summary)
    if let trial { page.attention([trial.attention]) }
    if !checks.isEmpty { page.line() }
    page.rows(checks.flatMap(\.rows))
    if !lines.isEmpty { page.line() }
    page.rows(
      lines.map { [StyledText("\($0.location.fileAndLine):", .faint), StyledText($0.text)] })
    if !changes.isEmpty || !next.isEmpty { page.line() }
    page.rows(changes.map { [StyledText("changed", .faint), StyledText($0)] })
    page.rows(next.map { [StyledText("next   ", .faint), StyledText($0)] })
    return page.bytes
  }

  /// That the daemon did not answer, for a status.
  public var failure: ReportFailure? {
    guard status == .unreachable, let check = checks.first(where: { $0.subject == "daemon" })
    else { return nil }
    return ReportFailure(check.finding, remedy: check.remedy)
  }

  /// The first line: the state.
  var summary: StyledText {
    if case .enable(let wanted) = action, status == .no {
      let standing = profile.map { "\($0.rawValue) stays on" } ?? "nothing was turned on"
      return StyledText(
        "refused", .bad,
        then: "\(wanted.name) is not on; \(profile == wanted ? "see below" : standing)")
    }
    if case .tryEnable(let wanted) = action {
      return status == .yes
        ? StyledText("ready", .good, then: "\(wanted.name) can be turned on")
        : StyledText("refused", .bad, then: "\(wanted.name) would not be turned on; see below")
    }
    if let profile {
      let style: TextStyle = status == .yes ? .good : .doubtful
      return StyledText(profile.rawValue, style, then: profile.effect)
    }
    if lines.isEmpty {
      return StyledText("off", .doubtful, then: "logins do not ask the daemon")
    }
    return StyledText("by hand", status == .yes ? .good : .doubtful)
      + StyledText("  no profile is on; the lines below were written by hand")
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("profile", profile?.rawValue)
    writer.member("checks", checks)
    writer.member("lines", lines)
    writer.member("changes", changes)
    writer.member("next", next)
    writer.member("trial", trial)
  }
}

extension PAMReport.Trial: JSONWritable {
  /// Writes an object of `author` and `seconds_left`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("author", author)
      $0.member("seconds_left", Int(timeLeft.wholeSeconds))
    }
  }

  /// That it needs a confirmation.
  var attention: Attention {
    Attention(
      .onTrial, "`pam enable` of \(author) is undone in \(durationInWords(timeLeft))",
      remedy: "`gatehouse confirm`, in a new session, keeps it; `gatehouse pam disable` ends it")
  }
}

extension PAMReport.Line: JSONWritable {
  /// Writes an object of `file`, `line` and `text`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("file", location.file)
      $0.member("line", location.line)
      $0.member("text", text)
    }
  }
}

/// A profile of pam-auth-update(8) that makes logins ask the daemon.
public enum PAMProfile: String, CaseIterable, Sendable {
  /// Without an answer, logins go on.
  case trial
  /// Without an answer, remote logins are refused.
  case strict

  /// Its name for pam-auth-update.
  public var name: String { "gatehouse-\(rawValue)" }

  /// The name under which the packages keep the profile of Gatehouse 0.1 if it was on at an upgrade,
  /// and the profile of this version would lock out somebody who can repair the machine.
  public var nameOfFirstVersion: String { "gatehouse-0.1-\(rawValue)" }

  /// What it does to logins, in words.
  var effect: String {
    switch self {
    case .trial: "logins ask; without an answer they go on, with a logged warning"
    case .strict: "logins ask; without an answer they are refused, except on the console"
    }
  }
}

/// One check of the machine, before logins are made to ask the daemon or while they do.
public struct PAMCheck: Hashable, Sendable {
  /// The result of a check.
  public enum Outcome: String, Sendable {
    /// As it should be.
    case ok
    /// Doubtful, but no obstacle.
    case warning
    /// An obstacle.
    case notOK = "not_ok"
  }

  /// The result.
  public var outcome: Outcome
  /// What was checked, in a word or two.
  public var subject: String
  /// What was found.
  public var finding: String
  /// What to do about it; nil if there is nothing to do.
  public var remedy: String?

  /// A check with its outcome.
  public init(_ outcome: Outcome, _ subject: String, _ finding: String, remedy: String? = nil) {
    self.outcome = outcome
    self.subject = subject
    self.finding = finding
    self.remedy = remedy
  }
}

extension PAMCheck {
  /// The rows of a page: the finding, and below it the remedy.
  var rows: [[StyledText]] {
    let word: StyledText =
      switch outcome {
      case .ok: StyledText("ok", .good)
      case .warning: StyledText("warning", .doubtful)
      case .notOK: StyledText("not ok", .bad)
      }
    let row = [word, StyledText(subject), StyledText(finding)]
    return [row] + (remedy.map { [["", "", StyledText($0, .faint)]] } ?? [])
  }
}

extension PAMCheck: JSONWritable {
  /// Writes an object of `outcome`, `subject`, `finding` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("outcome", outcome.rawValue)
      $0.member("subject", subject)
      $0.member("message", finding)
      $0.member("remedy", remedy)
    }
  }
}
