public import GatehousePolicy

/// The verdict of a reload: the folder's files serve now, or they were refused.
public struct ReloadReport: Sendable {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The files serve now, as this generation.
    case loaded(generation: Int, digest: String, mode: String)
    /// The files have errors; this generation serves on, or none, where there was none.
    case refused(keeping: Int?)
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
    case .refused: .no
    }
  }
}
