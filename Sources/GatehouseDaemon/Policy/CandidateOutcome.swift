import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// What came of making a candidate ready that was sent.
enum CandidateOutcome: Sendable {
  /// It may be decided by, and is kept.
  case ready(Policy, warnings: [Diagnostic])
  /// It has errors.
  case refused([Diagnostic])
  /// It could not be read or kept: why.
  case failed(CandidateFailure)

  /// Reads and loads it, and keeps what is made of it; blocks.
  static func prepare<Kept>(
    _ file: Result<SealedMemoryFile, SystemError>, keepingIn place: StateFile<Kept>,
    as kept: (SnapshotArchive) -> Kept
  ) -> CandidateOutcome {
    do {
      let candidate = try SnapshotArchive(decoding: file.get().bytes())
      switch LoadOutcome.judge(candidate.snapshot, atStart: false) {
      case .loaded(let policy, _, let warnings):
        try place.write(kept(candidate))
        return .ready(policy, warnings: warnings)
      case .refused(let diagnostics): return .refused(diagnostics)
      }
    } catch let error as SystemError {
      return .failed(.notKept(cause: "\(error)"))
    } catch {
      return .failed(.unusable(cause: "\(error)"))
    }
  }
}
