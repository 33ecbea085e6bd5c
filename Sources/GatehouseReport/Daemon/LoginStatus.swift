/// What `gatehouse status` adds to what the daemon says of itself: what the daemon cannot see.
public struct LoginStatus: Sendable {
  /// Whether logins ask it.
  private let pam: PAMReport
  /// The sessions open now that its policy would refuse.
  private let refusedSessions: [PAMCheck]

  /// The state of the machine's logins.
  public init(pam: PAMReport, refusedSessions: [PAMCheck]) {
    self.pam = pam
    self.refusedSessions = refusedSessions
  }

  /// The daemon's finished status with this at its end: sections of the text, or the members `pam`,
  /// as `pam status` has it, and `refused_sessions` of the object.
  public func appended(to status: [UInt8], as format: ReportFormat) -> [UInt8] {
    format.render(text: { status + text(coloured: $0) }, json: { json(status) })
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.heading("Logins")
    page.rows([[pam.summary]])
    page.rows(pam.checks.flatMap(\.rows))
    if !refusedSessions.isEmpty {
      page.heading("Open sessions that the policy would refuse")
      page.rows(refusedSessions.flatMap(\.rows))
    }
    return page.bytes
  }

  private func json(_ status: [UInt8]) -> [UInt8] {
    JSONWriter.line {
      $0.members(of: status)
      $0.member("pam", pam)
      $0.member("refused_sessions", refusedSessions)
    }
  }
}
