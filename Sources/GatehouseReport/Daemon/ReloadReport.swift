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

  /// One JSON document.
  public func json() -> [UInt8] {
    JSONWriter.line {
      switch outcome {
      case .loaded(let generation, let digest, let mode):
        $0.member("outcome", "loaded")
        $0.member("generation", generation)
        $0.member("sha256", digest)
        $0.member("mode", mode.rawValue)
      case .refused(let keeping):
        $0.member("outcome", "refused")
        $0.member("generation", keeping)
      case .refusedByGuard(let keeping):
        $0.member("outcome", "refused_by_guard")
        $0.member("generation", keeping)
      case .waiting(let keeping):
        $0.member("outcome", "waiting")
        $0.member("generation", keeping)
      case .onTrial(let trial):
        $0.member("outcome", "on_trial")
        $0.member("generation", trial.generation)
        $0.member("trial", trial)
      }
      $0.member("folder", folder)
      $0.member("diagnostics", diagnostics)
      $0.member("guard", guardVerdict)
    }
  }
}
