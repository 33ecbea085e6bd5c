public import GatehouseControl
public import GatehousePolicy

extension ExplainedLogin: Report {
  /// Yes if the login is allowed or not checked; no if it is denied, or would be but for monitor mode.
  public var status: ReportStatus {
    explanation.decision.isDenial ? .no : .yes
  }
}

extension ExplainReply: Report {
  /// The status of the explanation; unreachable if there is no policy.
  public var status: ReportStatus {
    switch self {
    case .explained(let login): login.status
    case .noPolicy, .busy: .unreachable
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    switch self {
    case .explained(let login): return login.text(coloured: coloured)
    case .noPolicy(let folder):
      var page = TextPage(coloured: coloured)
      page.line(StyledText("NO POLICY", .bad) + "  " + StyledText("no_policy", .strong))
      page.line()
      page.rows([
        [StyledText(Self.problem(folder))],
        ["logins are denied, unless pam_gatehouse has the option onerr=succeed"],
        ["`gatehouse check` shows what is wrong"],
      ])
      return page.bytes
    case .busy:
      var page = TextPage(coloured: coloured)
      page.line(StyledText("BUSY", .bad) + "  " + StyledText(Self.busy))
      return page.bytes
    }
  }

  /// One JSON document.
  public func json() -> [UInt8] {
    switch self {
    case .explained(let login): return login.json()
    case .noPolicy(let folder):
      var writer = JSONWriter()
      writer.batchLine(error: Self.problem(folder))
      return writer.bytes
    case .busy:
      var writer = JSONWriter()
      writer.batchLine(error: Self.busy)
      return writer.bytes
    }
  }

  /// The line with which `gatehouse explain --batch` answers a question.
  public func batchLine() -> [UInt8] {
    var writer = JSONWriter()
    switch self {
    case .explained(let login): writer.batchLine(login.explanation.decision)
    case .noPolicy(let folder): writer.batchLine(error: Self.problem(folder))
    case .busy: writer.batchLine(error: Self.busy)
    }
    return writer.bytes
  }

  private static let busy =
    "too many explanations are waiting in the daemon; try again in a moment"

  private static func problem(_ folder: String) -> String {
    "the daemon has no policy: \(folder) does not load, and no last good policy is kept"
  }
}

extension JSONWriter {
  /// Writes the line with which `gatehouse explain --batch` answers a question.
  public mutating func batchLine(_ decision: Decision) {
    object { $0.members(of: decision) }
    newline()
  }

  /// Writes the line that stands in the place of an answer.
  public mutating func batchLine(error: String) {
    object { $0.member("error", error) }
    newline()
  }

  /// The members that an answer has in every form.
  mutating func members(of decision: Decision) {
    member("decision", decision.verdict.rawValue)
    member("reason", decision.reason.rawValue)
    member("roles", decision.roles)
    member("rule", decision.rule?.fileAndLine)
    member("would_deny", decision.wouldDeny)
  }
}
