import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseState

/// What is asked of the one way in, beside the policy.
struct LoadOrder: Hashable, Sendable {
  /// Why a policy is looked at.
  enum Occasion: Sendable {
    /// The daemon has started, and the folder's policy is another than the accepted one.
    case start
    /// SIGHUP.
    case signal
    /// A request.
    case request
    /// A trial is over because its time is.
    case trialEnd
    /// A directory may answer again.
    case recovery
  }

  var occasion: Occasion
  /// The session that asks; nil if none does, or it is not known.
  var asker: GuardScene.Asker?
  /// Who asks, ready to be shown; nil if nobody does.
  var author: String?
  /// What `--allow-lockout` named.
  var allowing = LockoutAllowance.nothing
  /// The one policy that is meant, by its digest; nil for any.
  var digest: String?
  /// The one policy that `allowing` is about, by its digest; nil for any.
  var allowedDigest: String?

  /// Whether nobody asked for it just now.
  var isByItself: Bool {
    switch occasion {
    case .start, .trialEnd, .recovery: true
    case .signal, .request: false
    }
  }

  /// What may be lost by a policy.
  func allowance(for digest: String) -> LockoutAllowance {
    allowedDigest == nil || allowedDigest == digest ? allowing : .nothing
  }
}

/// A policy that may serve.
struct AdmittedPolicy: Sendable {
  let policy: Policy
  let warnings: [Diagnostic]
  /// That it is the accepted one, and how it came to that.
  let entry: AcceptedPolicies.Entry
  /// What the guard found; nil if it was not asked.
  let verdict: GuardVerdict?
  /// Whether it was looked at whether it fits the machine.
  var isReviewed = false
  /// Why it is not kept as the accepted one; nil if it is.
  var problem: SystemError?
}

/// A policy that may not serve.
struct RefusedPolicy: Sendable {
  let at: Instant
  /// The SHA-256 of its files; nil if they were not read.
  let digest: String?
  let diagnostics: [Diagnostic]
  /// What the guard found; nil if it was not asked, or has not answered since the start.
  let verdict: GuardVerdict?
  /// Whether it is judged again by itself, because a directory was away.
  var isWaiting = false
}

/// What came of asking for a policy to serve.
enum Admission: Sendable {
  case accepted(AdmittedPolicy)
  case refused(RefusedPolicy)
}

/// The one way in for a policy: it is read, checked, tested and judged, and kept once it is accepted.
///
/// Reload requests, SIGHUP, starts and both ends of a trial go this way. Everything here blocks, and
/// belongs on the thread that loads.
struct PolicyGate: Sendable {
  let folder: String
  let accepted: AcceptedPolicies
  let refusal: StateFile<RefusalMark>
  let mark: LoadMark
  let review: PolicyReview
  let scene: SceneReader

  /// What serves, and what was decided about policies before.
  struct Standing: Sendable {
    /// The policy that answers.
    var serving: Policy?
    /// The accepted policy; nil if none was accepted on this machine.
    var accepted: AcceptedPolicies.Entry?
    /// The policy that the guard refused last.
    var refused: RefusalMark?
  }

  /// Reads the folder's policy, and accepts or refuses it.
  ///
  /// The accepted one is not judged again, so that `--allow-lockout` lasts.
  func admit(
    _ order: LoadOrder, _ standing: Standing, progress: @escaping (String) -> Void = { _ in }
  ) -> Admission {
    let reading = FolderReading.read(folder, byItself: order.isByItself, mark)
    let admission = admit(reading, order, standing, progress: progress)
    guard case .accepted(var admitted) = admission else { return admission }
    admitted.isReviewed = !order.isByItself
    return .accepted(admitted)
  }

  /// The same for files that were read already.
  func admit(
    _ reading: FolderReading, _ order: LoadOrder, _ standing: Standing,
    progress: @escaping (String) -> Void = { _ in }
  ) -> Admission {
    let outcome = LoadOutcome.load(
      reading, from: folder, accepted: standing.accepted?.digest,
      order.isByItself ? nil : review, mark, progress: progress)
    switch outcome {
    case .refused(let diagnostics):
      return .refused(
        RefusedPolicy(
          at: .now(), digest: reading.digest, diagnostics: diagnostics, verdict: nil))
    case .loaded(let policy, let snapshot, let warnings):
      if let digest = order.digest, digest != policy.digest {
        return .refused(
          RefusedPolicy(
            at: .now(), digest: policy.digest, diagnostics: [.otherContent(in: folder)],
            verdict: nil))
      }
      if let entry = standing.accepted, entry.digest == policy.digest {
        return .accepted(
          AdmittedPolicy(policy: policy, warnings: warnings, entry: entry, verdict: nil))
      }
      // A restart would take it, too: no policy was ever accepted on this machine.
      if standing.accepted == nil, order.occasion != .request {
        return .accepted(accept(policy, snapshot, warnings, .first, by: nil, verdict: nil))
      }
      return judge(policy, snapshot, warnings, order, standing)
    }
  }

  /// What the guard says of a policy.
  func verdict(
    on policy: Policy, after old: Policy?, asker: GuardScene.Asker?, allowing: LockoutAllowance
  ) -> GuardVerdict {
    let scene = scene(old, policy, asker)
    return Guard(old: old, new: policy, scene: scene, allowing: allowing).verdict()
  }

  /// What a reload would make of a candidate that was sent; nothing is changed.
  func judge(
    _ file: Result<SealedMemoryFile, SystemError>, _ asker: GuardScene.Asker?,
    _ allowing: LockoutAllowance, _ standing: Standing
  ) -> JudgeReply {
    switch CandidateOutcome.load(file, accepted: standing.accepted?.digest, review) {
    case .failed(let failure): return JudgeReply(digest: nil, failure: failure)
    case .refused(let diagnostics, let digest):
      return JudgeReply(digest: digest, diagnostics: diagnostics)
    case .ready(let policy, _, let warnings):
      let isAccepted = policy.digest == standing.accepted?.digest
      return JudgeReply(
        digest: policy.digest, isAccepted: isAccepted, diagnostics: warnings,
        guardVerdict: isAccepted
          ? nil
          : verdict(on: policy, after: standing.serving, asker: asker, allowing: allowing))
    }
  }

  private func judge(
    _ policy: Policy, _ snapshot: PolicySnapshot, _ warnings: [Diagnostic], _ order: LoadOrder,
    _ standing: Standing
  ) -> Admission {
    let allowing = order.allowance(for: policy.digest)
    let scene = scene(standing.serving, policy, order.asker)
    let verdict = Guard(
      old: standing.serving, new: policy, scene: scene, allowing: allowing
    ).verdict()
    // What was refused stays refused until somebody asks: at a boot, those who would be shut out are
    // not there.
    let wasRefused = order.occasion == .start && standing.refused?.digest == policy.digest
    guard !verdict.isObstacle, !wasRefused else {
      if verdict.isObstacle { try? refusal.write(RefusalMark(digest: policy.digest, at: .now())) }
      return .refused(
        RefusedPolicy(
          at: wasRefused ? standing.refused?.at ?? .now() : .now(), digest: policy.digest,
          diagnostics: warnings, verdict: verdict))
    }
    // At a start there is no command that could say that this is meant. A record that has been lost is
    // empty, too: if a policy was judged before, somebody has come.
    let isFirstStart =
      order.occasion == .start && scene.isEmpty
      && standing.accepted?.acceptance.means != .judged
    if verdict.isOpen(allowing), !isFirstStart {
      return .refused(
        RefusedPolicy(
          at: .now(), digest: policy.digest, diagnostics: warnings, verdict: verdict,
          isWaiting: verdict.isWaiting))
    }
    let means: Acceptance.Means =
      verdict.isOverridden(by: allowing) ? .overridden : isFirstStart ? .nobodyCame : .judged
    return .accepted(
      accept(
        policy, snapshot, warnings, means, by: means == .overridden ? order.author : nil,
        verdict: verdict))
  }

  /// Keeps a policy as the accepted one, on the disk, before anybody is told that it serves.
  func accept(
    _ policy: Policy, _ snapshot: PolicySnapshot, _ warnings: [Diagnostic],
    _ means: Acceptance.Means, by author: String?, verdict: GuardVerdict?
  ) -> AdmittedPolicy {
    let acceptance = Acceptance(
      machine: accepted.machine, at: .now(), means: means, author: author)
    var admitted = AdmittedPolicy(
      policy: policy, warnings: warnings,
      entry: AcceptedPolicies.Entry(digest: policy.digest, acceptance: acceptance),
      verdict: verdict)
    do throws(SystemError) {
      try accepted.keep(snapshot, of: policy, acceptance)
      try refusal.remove()
    } catch { admitted.problem = error }
    return admitted
  }
}

extension GuardVerdict {
  /// Whether somebody who matters could not be judged, and nobody said that this is all right.
  func isOpen(_ allowing: LockoutAllowance) -> Bool {
    guard !allowing.unjudged, !allowing.all else { return false }
    return isUnjudged || isWaiting
  }

  /// Whether it would have stood in the way without `--allow-lockout`.
  fileprivate func isOverridden(by allowing: LockoutAllowance) -> Bool {
    losses.contains { $0.excuse == .allowed } || isOpen(.nothing) && !isOpen(allowing)
  }
}

extension GuardScene {
  /// Whether it is certain that nobody has come to this machine yet.
  var isEmpty: Bool {
    asker == nil && sessions.isEmpty && unread.isEmpty && record.admitted.visits.isEmpty
  }
}

/// Reads what the guard judges by, for a change from one policy to another; blocks.
typealias SceneReader = @Sendable (_ old: Policy?, _ new: Policy, GuardScene.Asker?) -> GuardScene

extension Diagnostic {
  /// The folder has another policy than the one that was to be loaded.
  static func otherContent(in folder: String) -> Diagnostic {
    Diagnostic(
      error: .otherContent, location: nil,
      message: "the policy in \(folder) is not the one that was to be loaded: it changed meanwhile",
      remedy: "look at what is there now (`gatehouse history`), and load it again")
  }
}
