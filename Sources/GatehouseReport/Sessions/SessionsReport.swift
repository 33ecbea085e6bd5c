public import GatehouseControl
import GatehousePlatform
import GatehousePolicy

/// Who is in now, and who of them the serving policy would refuse: `gatehouse sessions`.
public struct SessionsReport: Report {
  private let verdicts: SessionVerdicts
  /// The names of the sessions that this command runs in.
  private let own: Set<String>
  /// The columns of the terminal; nil if there is none.
  private let columns: Int?

  /// A report for a terminal of so many columns, or for a file.
  public init(_ verdicts: SessionVerdicts, own: Set<String>, columns: Int?) {
    self.verdicts = verdicts
    self.own = own
    self.columns = columns
  }

  /// No if the policy would refuse somebody, or there is none.
  public var status: ReportStatus {
    if verdicts.problem != nil { return .unreachable }
    return verdicts.hasPolicy && !verdicts.sessions.contains(where: \.isRefused) ? .yes : .no
  }

  /// That the sessions cannot be read, or that there is no policy to judge them by.
  public var failure: ReportFailure? {
    if let problem = verdicts.problem {
      return ReportFailure("the login sessions cannot be read: \(problem)")
    }
    guard !verdicts.hasPolicy else { return nil }
    return ReportFailure(
      "the daemon has no policy, so nothing is decided of the sessions",
      remedy: "`gatehouse check` shows what is wrong")
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(summary)
    guard !verdicts.sessions.isEmpty else { return page.bytes }
    page.line()
    let rows = FittedRows.fit(into: columns, cutting: [2, 3], Fit.fits) { fit in
      verdicts.sessions.map { cells($0, fit) }
    }
    for line in FittedRows.lines(rows, FittedRows.widths(of: rows)) { page.line(line) }
    if verdicts.sessions.contains(where: \.isToBeEnded) {
      page.line()
      page.line("To end those:  gatehouse sessions end --refused")
    }
    return page.bytes
  }

  private var summary: StyledText {
    if let problem = verdicts.problem {
      return StyledText("unknown", .bad, then: "the login sessions cannot be read: \(problem)")
    }
    let all = verdicts.sessions
    guard !all.isEmpty else { return "no session is open" }
    let sessions = counted(all.count, "session")
    guard verdicts.hasPolicy else {
      return StyledText("no policy", .bad, then: "nothing is decided of \(sessions)")
    }
    let refused = all.count(where: \.isRefused)
    return refused == 0
      ? StyledText("\(sessions), none of which the policy would refuse")
      : StyledText("\(sessions), \(refused) of which the policy would refuse", .bad)
  }

  /// What is shown of a session; `--json` has all of it.
  private struct Fit {
    var hasYear = true
    var hasTerminal = true
    var hasRule = true
    var hasService = true
    var hasReason = true

    /// What is left out, one after the other, until a line fits.
    static let fits = [
      Fit(), Fit(hasYear: false), Fit(hasYear: false, hasTerminal: false),
      Fit(hasYear: false, hasTerminal: false, hasRule: false),
      Fit(hasYear: false, hasTerminal: false, hasRule: false, hasService: false),
      Fit(
        hasYear: false, hasTerminal: false, hasRule: false, hasService: false, hasReason: false),
    ]
  }

  private func cells(_ session: SessionVerdicts.Session, _ fit: Fit) -> [StyledText] {
    let time = session.since.map { LocalTime(microsecondsSinceEpoch: $0.microseconds) }
    return [
      StyledText(session.id) + StyledText(own.contains(session.id) ? " (you)" : "", .faint),
      session.outcome,
      StyledText(session.user?.description ?? "unknown", .strong),
      StyledText(session.place),
      StyledText((fit.hasYear ? time?.description : time?.withoutYear) ?? "", .faint),
      fit.hasService ? StyledText(session.service.description) : "",
      fit.hasTerminal ? StyledText(session.terminal ?? "") : "",
      fit.hasReason ? StyledText(session.reason) : "",
      fit.hasRule ? StyledText(session.decision?.rule?.fileAndLine ?? "", .faint) : "",
    ]
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("sessions") { writer in
      writer.array {
        for session in verdicts.sessions {
          session.write(to: &$0, isOwn: own.contains(session.id))
        }
      }
    }
  }
}

extension SessionVerdicts.Session {
  /// What was decided; nil if nothing was.
  fileprivate var decision: Decision? {
    if case .decided(let decision, _) = standing { decision } else { nil }
  }

  private var remedy: Explanation.Remedy? {
    if case .decided(_, let remedy) = standing { remedy } else { nil }
  }

  /// Whether such a login would be refused now; one that only monitor mode lets in would not.
  public var isRefused: Bool { decision?.verdict == .deny }

  /// Whether it is one of those that `--refused` ends: not if only a group could not be read, which says
  /// nothing against its user.
  public var isToBeEnded: Bool { isRefused && decision?.reason != .identityUnavailable }

  /// Why, in one word.
  public var reason: String {
    switch standing {
    case .decided(let decision, _): decision.reason.rawValue
    case .unjudged(let cause): cause.rawValue
    }
  }

  /// Where it was opened from, in a word.
  public var place: String {
    if case .unknown = origin { host.map { "\"\($0)\"" } ?? "unknown" } else { origin.description }
  }

  fileprivate var outcome: StyledText {
    guard let decision else { return StyledText("not judged", .faint) }
    return switch decision.verdict {
    case .allow where decision.wouldDeny: StyledText("would deny", .doubtful)
    case .allow: StyledText("allow", .good)
    case .deny: StyledText("deny", .bad)
    case .ignore: "ignore"
    }
  }

  fileprivate func write(to writer: inout JSONWriter, isOwn: Bool) {
    writer.object {
      $0.member("session", id)
      $0.member("own", isOwn)
      $0.member("user", user)
      $0.member("origin", origin)
      $0.member("remote_host", host)
      $0.member("service", service)
      $0.member("terminal", terminal)
      $0.member("since", since)
      $0.member("decision", decision?.verdict.rawValue)
      $0.member("reason", reason)
      $0.member("would_deny", decision?.wouldDeny ?? false)
      $0.member("rule", decision?.rule?.fileAndLine)
      $0.member("remedy", remedy?.text)
    }
  }
}
