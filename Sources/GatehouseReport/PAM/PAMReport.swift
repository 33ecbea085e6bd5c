public import GatehousePolicy

/// The report of `gatehouse pam`.
public struct PAMReport: Report {
  /// What was asked for.
  public enum Action: Equatable, Sendable {
    /// To turn on this profile.
    case enable(PAMProfile)
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

  /// What was asked for.
  public var action: Action
  /// The profile that is on now; nil if none is.
  public var profile: PAMProfile?
  /// The lines that name the module now, in the order of their files.
  public var lines: [Line]
  /// The checks, in order.
  public var checks: [PAMCheck]
  /// False if the daemon was asked and did not answer.
  public var daemonAnswered: Bool

  /// A report with all its parts.
  public init(
    action: Action, profile: PAMProfile?, lines: [Line], checks: [PAMCheck],
    daemonAnswered: Bool = true
  ) {
    self.action = action
    self.profile = profile
    self.lines = lines
    self.checks = checks
    self.daemonAnswered = daemonAnswered
  }

  /// Yes if what was asked for is done; for a status, if logins ask and no check failed.
  public var status: ReportStatus {
    let isAsRequested =
      switch action {
      case .enable(let wanted): profile == wanted
      case .disable: profile == nil
      case .status: !lines.isEmpty
      }
    if action == .status && !daemonAnswered { return .unreachable }
    return isAsRequested && !checks.contains { $0.outcome == .notOK } ? .yes : .no
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(summary)
    if !checks.isEmpty { page.line() }
    page.rows(checks.flatMap(\.rows))
    if !lines.isEmpty { page.line() }
    page.rows(
      lines.map { [StyledText("\($0.location.fileAndLine):", .faint), StyledText($0.text)] })
    return page.bytes
  }

  /// The first line: the state.
  var summary: StyledText {
    if case .enable(let wanted) = action, status == .no {
      let standing = profile.map { "\($0.rawValue) stays on" } ?? "nothing was turned on"
      return StyledText(
        "refused", .bad,
        then: "\(wanted.name) is not on; \(profile == wanted ? "see below" : standing)")
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

  /// One JSON document.
  public func json() -> [UInt8] {
    var writer = JSONWriter()
    write(to: &writer)
    writer.newline()
    return writer.bytes
  }
}

extension PAMReport: JSONWritable {
  /// Writes an object of `ok`, `profile`, `checks` and `lines`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("ok", status == .yes)
      $0.member("profile", profile?.rawValue)
      $0.member("checks", checks)
      $0.member("lines", lines)
    }
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
