public import GatehousePolicy

/// What came of `gatehouse shadow start` and `gatehouse shadow stop`.
public struct ShadowStepReport: Report, Sendable {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The candidate is decided beside the serving policy from now on.
    case started(ExplanationReport.Source)
    /// The candidate has errors.
    case refused
    /// Another one is decided already.
    case running(ShadowReport.Watched)
    /// It is decided no longer; this is what came out differently.
    case stopped(ShadowReport.Watched)
    /// There is none to stop.
    case none
    /// It could not be done: why.
    case failed(String)
  }

  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// What came of a request.
  public init(_ outcome: Outcome, diagnostics: [Diagnostic] = []) {
    self.outcome = outcome
    self.diagnostics = diagnostics
  }

  /// Yes, where it was done.
  public var status: ReportStatus {
    switch outcome {
    case .started, .stopped: .yes
    case .refused, .running, .none, .failed: .no
    }
  }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.findings(diagnostics, in: "")
    switch outcome {
    case .started(let source):
      page.line(StyledText("started", .good) + "  " + source.text)
      page.line(
        "    Each login is decided by it, too, once it is answered; nobody is refused by it.")
      page.line("    `gatehouse shadow` says what came out differently.")
    case .refused:
      page.line(
        StyledText("refused", .bad, then: "the candidate has errors; nothing has changed"))
    case .running(let watched):
      page.line(
        StyledText(
          "refused", .bad, then: "a candidate runs since \(watched.since.roundedToSeconds)"))
      page.line("    gatehouse shadow stop")
    case .stopped(let watched):
      page.line(StyledText("stopped", .good))
      page.line()
      watched.write(to: &page)
    case .none:
      page.line(StyledText("NONE", .doubtful, then: "no candidate runs"))
    case .failed(let problem):
      page.line(StyledText("failed", .bad, then: problem))
    }
    return page.bytes
  }

  private func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("outcome", name)
      switch outcome {
      case .started(let source): $0.member("policy", source)
      case .running(let watched), .stopped(let watched): $0.member("watched", watched)
      case .failed(let problem): $0.member("message", problem)
      case .refused, .none: break
      }
      $0.member("diagnostics", diagnostics)
    }
  }

  private var name: String {
    switch outcome {
    case .started: "started"
    case .refused, .running: "refused"
    case .stopped: "stopped"
    case .none: "none"
    case .failed: "failed"
    }
  }
}
