import GatehouseChange
import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseReport
import GatehouseState

/// Has a candidate judged: by the daemon, or by this command if no daemon reads the folder.
struct PolicyJudge {
  /// What the judge says.
  enum Judgement {
    /// The candidate has errors.
    case errors([Diagnostic])
    /// It was accepted before, and is not judged again.
    case accepted
    /// It was judged.
    case judged(GuardVerdict)
  }

  let daemon: RunningDaemon
  let served: ServedPolicy
  let allowance: LockoutAllowance
  /// The policy in the folder; nil if it does not load.
  let present: Policy?
  let folder: String

  /// Judges a candidate.
  func judge(_ archive: SnapshotArchive, _ policy: Policy) throws(CommandFailure) -> Judgement {
    guard served.obstacle == nil else { return .judged(judgedHere(policy)) }
    var request = JudgeRequest()
    request.allow = allowance.request
    let reply = try daemon.ask(
      ofSelf: request, attaching: archive, patience: RunningDaemon.loadingPatience)
    if let failure = reply.failure {
      throw .refused("the daemon could not judge the policy: \(failure.problem)")
    }
    if let verdict = reply.guardVerdict { return .judged(verdict) }
    return reply.isAccepted ? .accepted : .errors(reply.diagnostics)
  }

  /// Judges by what this command can read, in place of the daemon.
  private func judgedHere(_ policy: Policy) -> GuardVerdict {
    let isStandard = folder == Check.standardPath
    // The daemon serves what it accepted last, whatever stands in the folder.
    let accepted =
      isStandard
      ? StateFile(
        folder: DaemonState.folder, name: "last-good-policy", StateKinds.acceptedPolicy
      )
      .valueIfUsable().flatMap { Policy.load($0.archive.snapshot).policy } : nil
    return .here(from: accepted ?? present, to: policy, by: .kept, allowing: allowance)
  }
}

extension GuardVerdict {
  /// What the guard says of a change of the policy, judged in this process for the session that it runs
  /// in.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if everybody is let in, or that is not known.
  ///   - new: The new policy.
  ///   - record: Who has come from where.
  ///   - allowance: What may be lost.
  /// - Returns: The verdict.
  static func here(
    from old: Policy?, to new: Policy, by record: LoginRecord, allowing allowance: LockoutAllowance
  ) -> GuardVerdict {
    let own = OwnSession.current()
    let asker = GuardScene.Asker(
      process: CurrentProcess.id, user: own?.user, host: own?.origin.description)
    let scene = GuardScene.read(old: old, new: new, asker: asker, record: record)
    return Guard(old: old, new: new, scene: scene, allowing: allowance).verdict()
  }
}

extension LockoutAllowance {
  /// What a request says of it; nil for nothing.
  var request: Name? { self == .nothing ? nil : text }
}
