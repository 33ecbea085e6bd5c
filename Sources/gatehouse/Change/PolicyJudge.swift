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

  /// The daemon's state folder.
  fileprivate static let state = "/var/lib/gatehouse"

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
      ? StateFile(folder: Self.state, name: "last-good-policy", StateKinds.acceptedPolicy)
        .valueIfUsable().flatMap { Policy.load($0.archive.snapshot).policy } : nil
    let own = OwnSession.current()
    let scene = GuardScene.read(
      old: accepted ?? present, new: policy,
      asker: GuardScene.Asker(
        process: CurrentProcess.id, user: own?.user, host: own?.origin.description),
      record: .kept)
    return Guard(old: accepted ?? present, new: policy, scene: scene, allowing: allowance).verdict()
  }
}

extension LoginRecord {
  /// What the daemon has written of its record; empty if that cannot be read.
  static var kept: LoginRecord {
    StateFile(folder: PolicyJudge.state, name: "logins", kind).valueIfUsable()
      ?? LoginRecord(since: .now())
  }
}

extension LockoutAllowance {
  /// What a request says of it; nil for nothing.
  var request: Name? { self == .nothing ? nil : text }
}
