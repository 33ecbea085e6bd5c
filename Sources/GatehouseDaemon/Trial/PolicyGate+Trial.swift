import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseState

// Both ends of a trial go the one way in, too.

extension PolicyGate {
  /// What came of making a candidate ready for a trial.
  enum TrialPreparation: Sendable {
    /// It may serve, and is kept.
    case ready(Policy, warnings: [Diagnostic], GuardVerdict)
    /// It has errors, or the guard refuses it.
    case refused([Diagnostic], GuardVerdict?)
    /// It could not be read or kept: why.
    case failed(CandidateFailure)
  }

  /// Loads a candidate, asks the guard, and keeps it.
  func prepareTrial(
    _ file: Result<SealedMemoryFile, SystemError>, _ plan: PolicyKeeper.TrialPlan,
    after old: Policy?, _ keep: (SnapshotArchive) throws(SystemError) -> Void
  ) -> TrialPreparation {
    switch CandidateOutcome.load(file) {
    case .failed(let failure): return .failed(failure)
    case .refused(let diagnostics, _): return .refused(diagnostics, nil)
    case .ready(let policy, let archive, let warnings):
      let verdict = verdict(
        on: policy, after: old, asker: plan.asker, allowing: plan.allowing)
      guard !verdict.isObstacle, !verdict.isOpen(plan.allowing) else {
        return .refused(warnings, verdict)
      }
      do throws(SystemError) { try keep(archive) } catch {
        return .failed(.notKept(cause: "\(error)"))
      }
      return .ready(policy, warnings: warnings, verdict)
    }
  }

  /// What serves after a trial.
  enum TrialEnd: Sendable {
    /// The folder's policy.
    case admitted(AdmittedPolicy)
    /// The accepted policy, because the folder's is refused; the problems are those of newer copies.
    case copy(AcceptedPolicies.LoadedCopy, RefusedPolicy, problems: [String])
    /// The folder's policy is refused, and no other can be used.
    case nothing(RefusedPolicy, problems: [String])
  }

  /// Reads the folder's policy, and accepts or refuses it.
  ///
  /// If it is the candidate, the trial is confirmed: it was judged when it began.
  func endTrial(_ record: TrialRecord, _ order: LoadOrder, _ standing: Standing) -> TrialEnd {
    let reading = FolderReading.read(folder, byItself: order.isByItself, mark)
    if reading.digest == record.subject, standing.accepted?.digest != record.subject {
      let outcome = LoadOutcome.load(
        reading, from: folder, accepted: record.subject, nil, mark, progress: { _ in })
      if case .loaded(let policy, let snapshot, let warnings) = outcome {
        return .admitted(
          accept(
            policy, snapshot, warnings, record.exempt == nil ? .judged : .overridden,
            by: record.exempt == nil ? nil : record.author, verdict: nil))
      }
    }
    switch admit(reading, order, standing) {
    case .accepted(let admitted): return .admitted(admitted)
    case .refused(let refusal):
      let search = accepted.search(mark)
      guard case .copy(let copy) = search.result else {
        return .nothing(refusal, problems: search.problems)
      }
      return .copy(copy, refusal, problems: search.problems)
    }
  }
}
