public import GatehousePolicy

/// The verdict of a reload: the folder's files serve now, or they were refused.
public struct ReloadReport: Report, Sendable {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The files serve now, as this generation.
    case loaded(generation: Int, digest: String, mode: Mode)
    /// The files have errors; this generation serves on, or none, where there was none.
    case refused(keeping: Int?)
    /// The files were not read, since a candidate is on trial.
    case onTrial(TrialState)
  }

  /// The folder that was read.
  public var folder: String
  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// The verdict of a reload.
  public init(folder: String, outcome: Outcome, diagnostics: [Diagnostic]) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
  }

  /// Yes, where the files serve now.
  public var status: ReportStatus {
    switch outcome {
    case .loaded: .yes
    case .refused, .onTrial: .no
    }
  }
}

extension ReloadReport {
  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.findings(diagnostics, in: folder)
    switch outcome {
    case .loaded(let generation, let digest, let mode):
      page.line(
        StyledText(
          "loaded", .good, then: "\(generationText(generation, digest)), mode \(mode.rawValue)"))
    case .refused(let keeping):
      let consequence =
        keeping.map { "generation \($0) serves on" }
        ?? "there is no policy at all: the module's onerr decides each login"
      page.line(StyledText("refused", .bad, then: consequence))
    case .onTrial(let trial): page.refusal(.onTrial(trial))
    }
    return page.bytes
  }

  private func json() -> [UInt8] {
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
      case .onTrial(let trial):
        $0.member("outcome", "on_trial")
        $0.member("generation", trial.generation)
        $0.member("trial", trial)
      }
      $0.member("folder", folder)
      $0.member("diagnostics", diagnostics)
    }
  }
}
