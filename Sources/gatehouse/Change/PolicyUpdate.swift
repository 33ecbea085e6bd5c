import GatehouseChange
import GatehouseControl
import GatehouseDoors
import GatehouseFit
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Puts a candidate in place: it is checked, judged by the lockout guard, written into the policy's
/// folder, and loaded by the daemon.
struct PolicyUpdate {
  /// The result of checking a candidate.
  enum Verdict {
    /// It is refused; or it is in place already, and the daemon has nothing to do.
    case final(ChangeReport)
    /// It can be put in place.
    case ready(Ready)
  }

  /// A candidate that can be put in place.
  struct Ready {
    /// Its files.
    let archive: SnapshotArchive
    /// The report so far.
    let report: ChangeReport
    /// Which policy the daemon serves.
    let served: ServedPolicy
  }

  /// The policy in the folder.
  let present: PolicyReading
  /// The change in progress, which holds the lock; nil if nothing is to be written.
  let change: PolicyChange?
  /// The policy's folder.
  let folder: String
  /// The daemon that is to load it.
  let daemon: RunningDaemon
  /// The users who may be locked out.
  let allowed: Set<Name>
  /// The users and groups that a rule may confine though the machine has none of the name.
  var allowingUnknown: Set<Name> = []
  /// The SHA-256 of the policy in the folder; nil if one of its files cannot be read.
  let presentDigest: String?

  /// A change that is made now, by the one who holds the lock.
  init(making change: PolicyChange, in folder: String, _ daemon: RunningDaemon, allowed: Set<Name>)
  {
    self.init(
      present: change.present, change: change, folder: folder, daemon: daemon, allowed: allowed)
  }

  /// A change of which is only said what it would do.
  init(tryingIn folder: String, _ daemon: RunningDaemon, allowed: Set<Name>) {
    self.init(
      present: PolicySnapshot.read(path: folder, insecure: .error), change: nil, folder: folder,
      daemon: daemon, allowed: allowed)
  }

  private init(
    present: PolicyReading, change: PolicyChange?, folder: String, daemon: RunningDaemon,
    allowed: Set<Name>
  ) {
    self.present = present
    self.change = change
    self.folder = folder
    self.daemon = daemon
    self.allowed = allowed
    presentDigest = SnapshotArchive(present.snapshot)?.digest
  }

  /// Checks a candidate.
  ///
  /// - Parameters:
  ///   - candidate: The policy to apply.
  ///   - source: What it is called: a path, or words.
  ///   - base: The folder that locations in it are relative to.
  /// - Returns: Whether it can be put in place.
  func verdict(on candidate: Candidate, source: String, base: String) -> Verdict {
    var report = ChangeReport(
      source: source, base: base, folder: folder,
      loaded: candidate.policy.map { ($0.mode, $0.digest) }, diagnostics: candidate.diagnostics,
      allowed: allowed, outcome: .refusedForErrors)
    let served = ServedPolicy(daemon, folder: folder)
    if case .trial(let trial) = served {
      report.outcome = .refusedForTrial(trial)
      return .final(report)
    }
    guard let policy = candidate.policy, let archive = candidate.archive else {
      return .final(report)
    }
    // Mistakes in PAM's files are not the candidate's fault.
    let machine = ThisMachine()
    let lines = PAMServices(of: machine, policy: policy).lines
    let pam = PAMServices.diagnostics(about: lines, of: machine, for: policy)
      .filter { $0.severity == .warning }
    let names = MachineDiagnostics.all(
      of: policy, at: .change(allowingUnknown: allowingUnknown))
    report.diagnostics += candidate.placed(names) + pam
    if names.contains(where: { $0.severity == .error }) { return .final(report) }
    report.outcome = .unchanged
    report.files = FileChanges(
      from: present.snapshot.inside, to: archive.snapshot.inside)
    report.listSources = candidate.listsBeside
    report.outside = archive.outsideNames
    if archive.digest == presentDigest {
      if let obstacle = served.obstacle {
        report.daemon = obstacle
      } else if case .digest(archive.digest) = served {
        report.daemon = .current
      }
    }
    if report.daemon == nil {
      let lockouts = Lockouts(
        old: Policy.load(present.snapshot).policy, new: policy, allowed: allowed)
      report.diagnostics += lockouts.unjudged
      report.lockouts = candidate.placed(lockouts.found)
      report.difference = lockouts.difference(from: folder, to: source)
      if lockouts.isObstacle { report.outcome = .refusedForLockout }
    }
    report.diagnostics = policy.unsilenced(report.diagnostics)
    return report.daemon == nil && report.outcome != .refusedForLockout
      ? .ready(Ready(archive: archive, report: report, served: served)) : .final(report)
  }

  /// Checks a candidate, and puts it in place if nothing is wrong with it, unless this is a trial run.
  func put(
    _ candidate: Candidate, source: String, base: String, means: ChangeRecord.Means,
    reason: String?, backTo: Int? = nil
  ) throws(CommandFailure) -> ChangeReport {
    switch verdict(on: candidate, source: source, base: base) {
    case .final(let report): report
    case .ready(let ready): try commit(ready, means: means, reason: reason, backTo: backTo)
    }
  }

  /// What would be done with a candidate.
  private func plan(_ ready: Ready) -> ChangeReport {
    var report = ready.report
    if ready.archive.digest != presentDigest { report.outcome = .wouldApply }
    report.daemon = ready.served.obstacle
    return report
  }

  /// Puts a candidate in place and has the daemon load it; takes it back if the daemon refuses it.
  ///
  /// If nothing is to be written, it says what would be done.
  ///
  /// - Parameters:
  ///   - ready: The candidate.
  ///   - means: The command that does it, for the history.
  ///   - reason: Why, for the history.
  ///   - backTo: The change whose policy it is, for a rollback.
  ///   - load: Has the daemon read the folder; nil for a reload.
  /// - Returns: The finished report.
  /// - Throws: If the policy could not be written.
  func commit(
    _ ready: Ready, means: ChangeRecord.Means, reason: String?, backTo: Int? = nil,
    load: ((RunningDaemon) throws(CommandFailure) -> any Report)? = nil
  ) throws(CommandFailure) -> ChangeReport {
    var report = ready.report
    var put: PolicyChange.Put?
    guard let change else { return plan(ready) }
    if ready.archive.digest != presentDigest {
      do throws(SystemError) {
        let done = try change.put(
          ready.archive, means: means, reason: reason, backTo: backTo,
          accepted: ready.served.accepted)
        report.outcome = .applied(change: done.number)
        report.unsettled = done.unsettled?.description
        put = done
      } catch {
        throw .unwritten(error)
      }
    }
    report.daemon =
      ready.served.obstacle
      ?? loaded { (daemon) throws(CommandFailure) in
        if let load { return try load(daemon) }
        return try daemon.reload(allowing: allowed)
      }
    // If it cannot be noted now, the next change does it.
    if case .serves = report.daemon, let put { try? change.accept(put) }
    if case .refused = report.daemon, let put {
      report.outcome = .refusedByDaemon(isBack: (try? change.takeBack(put)) ?? false)
      // So that its status does not name errors of files that are gone.
      _ = try? daemon.reload()
    }
    return report
  }

  /// Has the daemon serve a candidate on trial, and leaves the folder as it is.
  ///
  /// - Parameters:
  ///   - ready: The candidate.
  ///   - duration: For how long.
  ///   - reason: Why, for the history, once it is confirmed.
  /// - Returns: The finished report.
  /// - Throws: If there is no daemon to try it.
  func trial(
    _ ready: Ready, for duration: Duration, reason: String?
  ) throws(CommandFailure) -> ChangeReport {
    try ready.served.requireAnswer(for: folder)
    guard let change else { return plan(ready) }
    var report = ready.report
    // Before the trial begins: from then on somebody may confirm it.
    do throws(SystemError) {
      try change.history.keepCandidate(
        ready.archive, ChangeRecord(author: .own(), means: .apply, reason: reason))
    } catch {
      throw .unwritten(error)
    }
    var request = TrialRequest()
    request.duration = duration
    request.allow = LockoutAllowance(users: allowed, unjudged: true).text
    let verdict = try daemon.ask(
      ofSelf: request, attaching: ready.archive, patience: RunningDaemon.loadingPatience)
    let isServed = verdict.status == .yes
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
