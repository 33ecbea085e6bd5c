import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

extension PolicyUpdate {
  /// Puts a candidate in place, or on trial; in a dry run only says what would be done.
  ///
  /// - Parameters:
  ///   - ready: The candidate.
  ///   - purpose: What it is done for.
  /// - Returns: The finished report.
  /// - Throws: If the policy could not be written, or there is no daemon to try it.
  func conclude(_ ready: Ready, for purpose: Purpose) throws(CommandFailure) -> ChangeReport {
    guard let change else { return plan(ready) }
    guard let duration = purpose.trial else {
      return try commit(ready, by: change, for: purpose) {
        (daemon) throws(CommandFailure) in
        try daemon.reload(ready.archive.digest, allowing: ready.allowance)
      }
    }
    return try trial(ready, by: change, for: duration, purpose)
  }

  /// Keeps a candidate that was on trial, which the daemon serves already.
  func confirm(
    _ archive: SnapshotArchive, _ report: ChangeReport, _ served: ServedPolicy,
    for purpose: Purpose
  ) throws(CommandFailure) -> ChangeReport {
    let ready = Ready(archive: archive, report: report, served: served, allowance: leave.lockout)
    guard let change else { return plan(ready) }
    return try commit(ready, by: change, for: purpose) { (daemon) throws(CommandFailure) in
      let verdict = try daemon.endTrial()
      // The trial may have ended by itself, before the candidate was in the folder.
      return verdict.status == .yes
        ? verdict : try daemon.reload(archive.digest, allowing: leave.lockout)
    }
  }

  private func plan(_ ready: Ready) -> ChangeReport {
    var report = ready.report
    if ready.archive.digest != presentDigest { report.outcome = .wouldApply }
    report.daemon = ready.served.obstacle
    return report
  }

  /// Writes a candidate and has the daemon load it; takes it back if the daemon refuses it.
  private func commit(
    _ ready: Ready, by change: PolicyChange, for purpose: Purpose,
    load: (RunningDaemon) throws(CommandFailure) -> any Report
  ) throws(CommandFailure) -> ChangeReport {
    var report = ready.report
    var put: PolicyChange.Put?
    if ready.archive.digest != presentDigest {
      try requireUnchanged()
      do throws(SystemError) {
        let done = try change.put(
          ready.archive, means: purpose.means, reason: purpose.reason, backTo: purpose.backTo,
          accepted: ready.served.accepted)
        report.outcome = .applied(change: done.number)
        report.unsettled = done.unsettled?.description
        put = done
      } catch {
        throw .unwritten(error)
      }
    }
    report.daemon = ready.served.obstacle ?? loaded(by: load)
    // If it cannot be noted now, the next change does it.
    if case .serves = report.daemon, let put { try? change.accept(put) }
    if case .refused(let refusal) = report.daemon {
      let isBack = put.map { (try? change.takeBack($0)) ?? false }
      report.outcome = outcome(of: refusal, isBack: isBack, &report)
      // So that its status does not name errors of files that are gone.
      if put != nil { _ = try? daemon.reload(nil, allowing: leave.lockout) }
    }
    return report
  }

  /// Throws if somebody has written to the folder by hand since it was read.
  private func requireUnchanged() throws(CommandFailure) {
    let now = PolicySnapshot.read(path: folder, insecure: .error).snapshot
    guard now != present.snapshot else { return }
    let (old, new) = (present.snapshot.inside, now.inside)
    let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    throw .refused(
      "\(names.isEmpty ? folder : names.joined(separator: ", ")) changed by hand meanwhile: nothing "
        + "was written over it", remedy: "look at it, and try again")
  }

  /// What the daemon's refusal is, after it was taken back; the guard may have found something since
  /// it was asked.
  private func outcome(
    of refusal: any Report, isBack: Bool?, _ report: inout ChangeReport
  ) -> ChangeReport.Outcome {
    guard let verdict = refusal as? ReloadVerdict, let found = verdict.guardVerdict else {
      return .refusedByDaemon(isBack: isBack ?? true)
    }
    report.guardVerdict = found
    return found.isObstacle
      ? .refusedForLockout(isBack: isBack) : .refusedUnjudged(isBack: isBack)
  }

  /// Has the daemon serve a candidate on trial, and leaves the folder as it is.
  private func trial(
    _ ready: Ready, by change: PolicyChange, for duration: Duration, _ purpose: Purpose
  ) throws(CommandFailure) -> ChangeReport {
    var report = ready.report
    // Before the trial begins: from then on somebody may confirm it.
    do throws(SystemError) {
      try change.history.keepCandidate(
        ready.archive,
        ChangeRecord(
          author: .own(), means: purpose.means, reason: purpose.reason, backTo: purpose.backTo))
    } catch {
      throw .unwritten(error)
    }
    var request = TrialRequest()
    request.duration = duration
    request.allow = ready.allowance.request
    let verdict = try daemon.ask(
      ofSelf: request, attaching: ready.archive, patience: RunningDaemon.loadingPatience)
    let isServed = verdict.status == .yes
    if let found = verdict.guardVerdict { report.guardVerdict = found }
    report.outcome = isServed ? .onTrial : .refusedByDaemon(isBack: true)
    report.daemon = isServed ? .serves(report: verdict) : .refused(report: verdict)
    return report
  }

  /// Asks the daemon to read the folder.
  private func loaded(
    by load: (RunningDaemon) throws(CommandFailure) -> any Report
  ) -> ChangeReport.DaemonResult {
    do throws(CommandFailure) {
      let verdict = try load(daemon)
      return verdict.status == .yes ? .serves(report: verdict) : .refused(report: verdict)
    } catch {
      return .unreachable(problem: error.problem, remedy: error.remedy)
    }
  }
}
