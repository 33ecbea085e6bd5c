import GatehouseChange
import GatehouseControl
import GatehouseDoors
import GatehouseFit
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Puts a candidate in place: it is checked, judged by the guard, written into the policy's folder,
/// and loaded by the daemon.
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
    /// What may be lost by it.
    let allowance: LockoutAllowance
  }

  /// What a change is made for.
  struct Purpose {
    /// The command that makes it.
    var means: ChangeRecord.Means
    /// Why, for the history; nil if nothing was said.
    var reason: String?
    /// The change whose policy it is, for a rollback.
    var backTo: Int?
    /// For how long it is tried; nil if it is put in place at once.
    var trial: Duration?
  }

  /// What the options of a command say of a change.
  struct Leave {
    /// What may be lost.
    var lockout = LockoutAllowance.nothing
    /// The users and groups that a rule may confine though the machine has none of the name.
    var unknown: Set<Name> = []
  }

  /// The policy in the folder.
  let present: PolicyReading
  /// The change in progress, which holds the lock; nil if nothing is to be written.
  let change: PolicyChange?
  /// The policy's folder.
  let folder: String
  /// The daemon that is to load it.
  let daemon: RunningDaemon
  /// What the options allow.
  let leave: Leave
  /// The SHA-256 of the policy in the folder; nil if one of its files cannot be read.
  let presentDigest: String?

  /// A change that is made now, by the one who holds the lock.
  init(
    making change: PolicyChange, in folder: String, _ daemon: RunningDaemon, leave: Leave = Leave()
  ) {
    self.init(
      present: change.present, change: change, folder: folder, daemon: daemon, leave: leave)
  }

  /// A change of which is only said what it would do.
  init(tryingIn folder: String, _ daemon: RunningDaemon, leave: Leave) {
    self.init(
      present: PolicySnapshot.read(path: folder, insecure: .error), change: nil, folder: folder,
      daemon: daemon, leave: leave)
  }

  private init(
    present: PolicyReading, change: PolicyChange?, folder: String, daemon: RunningDaemon,
    leave: Leave
  ) {
    self.present = present
    self.change = change
    self.folder = folder
    self.daemon = daemon
    self.leave = leave
    presentDigest = SnapshotArchive(present.snapshot)?.digest
  }

  // MARK: Judging

  /// Checks a candidate, and has it judged.
  ///
  /// - Parameters:
  ///   - candidate: The policy to apply.
  ///   - source: What it is called: a path, or words.
  ///   - base: The folder that locations in it are relative to.
  /// - Returns: Whether it can be put in place.
  /// - Throws: If the daemon does not answer any more.
  func verdict(
    on candidate: Candidate, source: String, base: String
  ) throws(CommandFailure) -> Verdict {
    var report = ChangeReport(
      source: source, base: base, folder: folder,
      loaded: candidate.policy.map { ($0.mode, $0.digest) }, diagnostics: candidate.diagnostics,
      allowance: leave.lockout, outcome: .refusedForErrors)
    report.columns = StandardStream.output.columns
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
    let names = MachineDiagnostics.all(of: policy, at: .change(allowingUnknown: leave.unknown))
    // Files keep owner and mode when they are written.
    let reading =
      folder == Check.standardPath ? DaemonReading.diagnostics(of: candidate.snapshot) : []
    let unreadable = reading.filter { $0.severity == .error }
    report.diagnostics += candidate.placed(names + unreadable) + pam
    if (names + unreadable).contains(where: { $0.severity == .error }) { return .final(report) }
    report.diagnostics = policy.unsilenced(report.diagnostics)
    report.outcome = .unchanged
    report.files = FileChanges(from: present.snapshot.inside, to: archive.snapshot.inside)
    report.listSources = candidate.listsBeside
    report.outside = archive.outsideNames
    if archive.digest == presentDigest {
      if let obstacle = served.obstacle {
        report.daemon = obstacle
      } else if case .digest(archive.digest) = served {
        report.daemon = .current
      }
      if report.daemon != nil { return .final(report) }
    }
    let judge = PolicyJudge(
      daemon: daemon, served: served, allowance: leave.lockout,
      present: Policy.load(present.snapshot).policy, folder: folder)
    var allowance = leave.lockout
    switch try judge.judge(archive, policy) {
    case .errors(let diagnostics):
      report.diagnostics = Set(report.diagnostics + candidate.placed(diagnostics)).sorted()
      report.outcome = .refusedForErrors
    case .accepted: break
    case .judged(let verdict):
      let verdict = candidate.placed(verdict)
      report.guardVerdict = verdict
      if let refusal = refusal(verdict) { report.outcome = refusal }
      if verdict.isUnjudged { allowance.unjudged = true }
    }
    return report.status == .no
      ? .final(report)
      : .ready(Ready(archive: archive, report: report, served: served, allowance: allowance))
  }

  /// Why a judged policy is not put in place; nil if it may be.
  private func refusal(_ verdict: GuardVerdict) -> ChangeReport.Outcome? {
    guard !leave.lockout.all else { return nil }
    if verdict.isObstacle { return .refusedForLockout(isBack: nil) }
    guard !leave.lockout.unjudged else { return nil }
    // A person at a terminal reads that nobody could be judged, and can put it right.
    if verdict.isUnjudged { return Terminal.hasPerson ? nil : .refusedUnjudged(isBack: nil) }
    return verdict.isWaiting ? .refusedUnjudged(isBack: nil) : nil
  }

  /// Checks a candidate, and puts it in place if nothing is wrong with it, unless this is a dry run.
  func put(
    _ candidate: Candidate, source: String, base: String, for purpose: Purpose
  ) throws(CommandFailure) -> ChangeReport {
    // Only a daemon can try a policy.
    if purpose.trial != nil { try ServedPolicy(daemon, folder: folder).requireAnswer(for: folder) }
    switch try verdict(on: candidate, source: source, base: base) {
    case .final(let report): return report
    case .ready(let ready): return try conclude(ready, for: purpose)
    }
  }
}
