/// What an `explain` gets from a daemon that has no policy.
public struct NoPolicyReport: Report, Sendable {
  /// The folder that the policy should be in.
  public var folder: String

  /// A report of a daemon whose policy should be in that folder.
  public init(folder: String) {
    self.folder = folder
  }

  /// There is no policy that could be asked.
  public var status: ReportStatus { .unreachable }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private var problem: String {
    "the daemon has no policy: \(folder) does not load, and no last good policy is kept"
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(StyledText("NO POLICY", .bad) + "  " + StyledText("no_policy", .strong))
    page.line()
    page.rows([
      [StyledText(problem)],
      ["logins go as the option onerr of pam_gatehouse says: denied, unless it is succeed"],
      ["`gatehouse check` says what is wrong"],
    ])
    return page.bytes
  }

  private func json() -> [UInt8] {
    var writer = JSONWriter()
    writer.batchLine(error: problem)
    return writer.bytes
  }
}
