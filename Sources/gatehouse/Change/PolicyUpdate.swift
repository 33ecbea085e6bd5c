import GatehouseChange
import GatehousePolicy
import GatehouseReport

/// The way of a candidate into the policy's folder: checked, judged by the lockout guard, written,
/// and loaded by the daemon.
struct PolicyUpdate {
  /// What comes of looking at a candidate.
  enum Verdict {
    /// It has errors, or would lock somebody out.
    case refused(ChangeReport)
    /// It stands in the folder already, and there is nothing that the daemon has to do.
    case unchanged(ChangeReport)
    /// It can be put in its place. The report has all that was found so far.
    case ready(SnapshotArchive, ChangeReport)
  }

  /// The change that it is for; holds the lock.
  let change: PolicyChange
  /// The policy's folder.
  let folder: String
  /// The daemon that is to load it.
  let daemon: RunningDaemon
  /// Who may be locked out.
  let allowed: Set<Name>
  /// How to print.
  let format: ReportFormat

  /// Looks at a candidate.
  ///
  /// - Parameters:
  ///   - candidate: What is to be applied.
  ///   - source: What it is called: a path, or words.
  ///   - place: The folder that places in it are relative to.
  /// - Returns: Whether it can be put in its place.
  func verdict(on candidate: Candidate, source: String, place: String) -> Verdict {
    var report = ChangeReport(
      source: source, place: place, folder: folder,
      loaded: candidate.policy.map { ($0.mode, $0.digest) }, diagnostics: candidate.diagnostics,
      allowed: allowed, outcome: .refusedForErrors)
    let served = ServedPolicy(daemon, folder: folder)
    if case .trial(let trial) = served {
      report.outcome = .refusedForTrial(trial)
      return .refused(report)
    }
    guard let policy = candidate.policy, let archive = candidate.archive else {
      return .refused(report)
    }
    // What is wrong in PAM's files is not the candidate's fault.
    let pam = PAMFindings.all(for: policy).filter { $0.severity == .warning }
    report.diagnostics += candidate.placed(MachineFindings.all(of: policy).sorted()) + pam
    report.outcome = .unchanged
    if archive.digest == SnapshotArchive(change.present.snapshot)?.digest {
      if let obstacle = served.obstacle {
        report.daemon = obstacle
      } else if case .digest(archive.digest) = served {
        report.daemon = .current
      }
    }
    if report.daemon == nil {
      let lockouts = Lockouts(
        old: Policy.load(change.present.snapshot).policy, new: policy, allowed: allowed)
      report.diagnostics += lockouts.unjudged
      report.lockouts = lockouts.found
      report.difference = lockouts.difference(from: folder, to: source)
      if lockouts.isObstacle { report.outcome = .refusedForLockout }
    }
    report.diagnostics = policy.unsilenced(report.diagnostics)
    if report.outcome == .refusedForLockout { return .refused(report) }
    return report.daemon == nil ? .ready(archive, report) : .unchanged(report)
  }

  /// Puts a candidate in its place and has the daemon load it; takes it back where the daemon does
  /// not.
  ///
  /// - Parameters:
  ///   - archive: The candidate.
  ///   - report: What was found so far.
  ///   - means: How it comes to stand there.
  ///   - reason: Why.
  ///   - load: Has the daemon read the folder.
  /// - Returns: The report on it.
  /// - Throws: That it could not be written.
  func commit(
    _ archive: SnapshotArchive, _ report: ChangeReport, means: ChangeRecord.Means, reason: String?,
    load: (RunningDaemon, ReportFormat) throws(CommandFailure) -> RunningDaemon.Answer = {
      (daemon, format) throws(CommandFailure) in try daemon.reload(format)
    }
  ) throws(CommandFailure) -> ChangeReport {
    var report = report
    var put: PolicyChange.Put?
    if archive.digest != SnapshotArchive(change.present.snapshot)?.digest {
      do throws(DiskError) {
        let done = try change.put(archive, means: means, reason: reason)
        report.outcome = .applied(change: done.number)
        report.removed = done.removed
        report.outside = archive.outsideNames
        report.unsettled = done.unsettled?.description
        put = done
      } catch {
        throw .unwritten(error)
      }
    }
    report.daemon = loaded(by: load)
    if case .refused = report.daemon, let put {
      report.outcome = .refusedByDaemon(isBack: (try? change.takeBack(put)) ?? false)
      // So that its status does not speak of files that are gone.
      _ = try? daemon.reload(.text)
    }
    return report
  }

  /// Has the daemon serve a candidate on trial, and leaves the folder as it is.
  ///
  /// - Parameters:
  ///   - archive: The candidate.
  ///   - report: What was found so far.
  ///   - seconds: For how long.
  ///   - reason: Why, for the history that it gets into once it is confirmed.
  /// - Returns: The report on it.
  /// - Throws: That there is no daemon to try it.
  func trial(
    _ archive: SnapshotArchive, _ report: ChangeReport, seconds: UInt32, reason: String?
  ) throws(CommandFailure) -> ChangeReport {
    try requireDaemon()
    var report = report
    let author = ChangeRecord.Author.own()
    // First, since from then on somebody may confirm it.
    do throws(DiskError) {
      try change.history.keepCandidate(
        archive, ChangeRecord(author: author, means: .apply, reason: reason))
    } catch {
      throw .unwritten(error)
    }
    let answer = try daemon.trial(archive, for: seconds, by: author, exempt: allowed, format)
    let isServed = answer.status == 0
    report.outcome = isServed ? .onTrial : .refusedByDaemon(isBack: true)
    report.daemon = isServed ? .serves(report: answer.text) : .refused(report: answer.text)
    return report
  }

  /// Throws where no daemon answers, or one that reads another folder.
  func requireDaemon() throws(CommandFailure) {
    switch ServedPolicy(daemon, folder: folder) {
    case .digest, .trial: return
    case .unreachable(let failure): throw failure
    case .elsewhere(let other):
      throw .unreachable(
        "the daemon that answers reads \(other), not \(folder)", remedy: "--socket names another")
    }
  }

  /// Asks the daemon to read the folder.
  private func loaded(
    by load: (RunningDaemon, ReportFormat) throws(CommandFailure) -> RunningDaemon.Answer
  ) -> ChangeReport.Daemon {
    if let obstacle = ServedPolicy(daemon, folder: folder).obstacle { return obstacle }
    do throws(CommandFailure) {
      let answer = try load(daemon, format)
      return answer.status == 0 ? .serves(report: answer.text) : .refused(report: answer.text)
    } catch {
      return .unreachable(problem: error.problem, remedy: error.remedy)
    }
  }
}
