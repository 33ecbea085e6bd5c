public import GatehouseControl
import GatehousePolicy

extension ReloadVerdict: Report {
  /// Yes if the files serve now.
  public var status: ReportStatus {
    switch outcome {
    case .loaded: .yes
    case .refused, .refusedByGuard, .waiting, .onTrial: .no
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.diagnostics(diagnostics, in: folder)
    guardVerdict?.blocks(on: &page)
    switch outcome {
    case .loaded(let generation, let digest, let mode):
      page.line(
        StyledText(
          "loaded", .good, then: "\(generationText(generation, digest)), mode \(mode.rawValue)"))
    case .refused(let keeping):
      page.line(StyledText("refused", .bad, then: consequence(keeping)))
    case .refusedByGuard(let keeping):
      let shutOut = guardVerdict?.shutOut ?? []
      let why =
        shutOut.isEmpty
        ? "nobody who can repair this machine could be judged"
        : "it would lock out \(shutOut.joined)"
      page.line(
        StyledText(
          "refused", .bad, then: why))
      page.line(StyledText("    \(consequence(keeping))"))
      if let option = guardVerdict?.option() {
        page.line(StyledText("    to do it anyway: \(option)"))
      }
    case .waiting(let keeping):
      page.line(
        StyledText(
          "waiting", .doubtful,
          then: "a directory does not answer; \(consequence(keeping)) until it does"))
    case .onTrial(let trial): page.refusal(.onTrial(trial))
    }
    return page.bytes
  }

  private func consequence(_ keeping: Int?) -> String {
    keeping.map { "generation \($0) stays in effect" }
      ?? "there is no policy at all: the module's onerr decides each login"
  }

  /// That a policy is on trial.
  public var failure: ReportFailure? {
    guard case .onTrial(let trial) = outcome else { return nil }
    let refusal = TrialRefusal.onTrial(trial)
    return ReportFailure(refusal.problem, remedy: refusal.remedy)
  }

  /// `loaded`, `refused`, `refused_by_guard`, `waiting` or `on_trial`.
  public var outcomeWord: String {
    switch outcome {
    case .loaded: "loaded"
    case .refused: "refused"
    case .refusedByGuard: "refused_by_guard"
    case .waiting: "waiting"
    case .onTrial: "on_trial"
    }
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    switch outcome {
    case .loaded(let generation, let digest, let mode):
      writer.member("generation", generation)
      writer.member("sha256", digest)
      writer.member("mode", mode.rawValue)
    case .refused(let keeping):
      writer.member("generation", keeping)
    case .refusedByGuard(let keeping):
      writer.member("generation", keeping)
    case .waiting(let keeping):
      writer.member("generation", keeping)
    case .onTrial(let trial):
      writer.member("generation", trial.generation)
      writer.member("trial", trial)
    }
    writer.member("folder", folder)
    writer.member("diagnostics", diagnostics)
    writer.member("guard", guardVerdict)
  }
}
