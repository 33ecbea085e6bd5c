public import GatehousePolicy

/// What came of a request about a candidate on trial.
public struct TrialReport: Report, Sendable {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The candidate serves.
    case begun(TrialState)
    /// The candidate has errors.
    case refused
    /// It was not done.
    case impossible(TrialRefusal)
    /// Whoever asked may confirm the candidate.
    case confirmable(TrialState)
    /// The trial is over, and the folder's policy serves; `confirmed`: it is the candidate.
    case over(generation: Int, digest: String, confirmed: Bool)
    /// The trial is over, and the folder's policy has errors; what serves is the last good one.
    case overWithErrors(generation: Int?)
  }

  /// The policy's folder.
  public var folder: String
  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// What came of a request.
  public init(folder: String, outcome: Outcome, diagnostics: [Diagnostic] = []) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
  }

  /// Yes, where it was done.
  public var status: ReportStatus {
    switch outcome {
    case .begun, .confirmable, .over: .yes
    case .refused, .impossible, .overWithErrors: .no
    }
  }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.findings(diagnostics, in: folder)
    switch outcome {
    case .begun(let trial):
      page.line(
        StyledText(
          "on trial", .doubtful,
          then: "\(generationText(trial.generation, trial.digest)), mode \(trial.mode.rawValue), "
            + "for \(trial.timeLeft) (until \(trial.until))"))
      page.line(
        "    To keep it, open another session and run `gatehouse confirm` there. Unless that is done,"
      )
      page.line(StyledText("    the policy in \(folder) serves again by itself."))
    case .refused:
      page.line(
        StyledText("refused", .bad, then: "the candidate has errors; nothing has changed"))
    case .impossible(let refusal): page.refusal(refusal)
    case .confirmable(let trial):
      page.line(
        StyledText("confirmable", .good, then: generationText(trial.generation, trial.digest)))
    case .over(let generation, let digest, let confirmed):
      page.line(
        StyledText(
          confirmed ? "confirmed" : "ended", .good,
          then: "\(generationText(generation, digest)) serves from \(folder)"))
    case .overWithErrors(let generation):
      let consequence =
        generation.map { "the last good policy serves, as generation \($0)" }
        ?? "there is no policy at all: the module's onerr decides each login"
      page.line(
        StyledText("ended", .bad, then: "\(folder) has errors; \(consequence)"))
    }
    return page.bytes
  }

  private func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("outcome", outcomeName)
      switch outcome {
      case .begun(let trial), .confirmable(let trial), .impossible(.onTrial(let trial)):
        $0.member("trial", trial)
      default: break
      }
      switch outcome {
      case .impossible(let refusal):
        $0.member("reason", refusal.name)
        $0.member("message", refusal.problem)
        $0.member("remedy", refusal.remedy)
      case .over(let generation, let digest, _):
        $0.member("generation", generation)
        $0.member("sha256", digest)
      case .overWithErrors(let generation): $0.member("generation", generation)
      case .begun, .refused, .confirmable: break
      }
      $0.member("folder", folder)
      $0.member("diagnostics", diagnostics)
    }
  }

  private var outcomeName: String {
    switch outcome {
    case .begun: "on_trial"
    case .refused, .impossible: "refused"
    case .confirmable: "confirmable"
    case .over(_, _, let confirmed): confirmed ? "confirmed" : "ended"
    case .overWithErrors: "ended_with_errors"
    }
  }
}
