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
    guard let policy = candidate.policy, let archive = candidate.archive else {
      return .refused(report)
    }
    // What is wrong in PAM's files is not the candidate's fault.
    let pam = PAMFindings.all(for: policy).filter { $0.severity == .warning }
    report.diagnostics += MachineFindings.all(of: policy).sorted() + pam
    let served = ServedPolicy(daemon, folder: folder)
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
  func commit(
    _ archive: SnapshotArchive, _ report: ChangeReport, means: ChangeRecord.Means, reason: String?
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
    report.daemon = load()
    if case .refused = report.daemon, let put {
      report.outcome = .refusedByDaemon(isBack: (try? change.takeBack(put)) ?? false)
      // So that its status does not speak of files that are gone.
      _ = try? daemon.reload(.text)
    }
    return report
  }

  /// Asks the daemon to read the folder.
  private func load() -> ChangeReport.Daemon {
    if let obstacle = ServedPolicy(daemon, folder: folder).obstacle { return obstacle }
    do throws(CommandFailure) {
      let answer = try daemon.reload(format)
      return answer.status == 0 ? .serves(report: answer.text) : .refused(report: answer.text)
    } catch {
      return .unreachable(problem: error.problem, remedy: error.remedy)
    }
  }
}
