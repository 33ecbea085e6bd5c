import GatehouseControl
import GatehouseGuard
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// A reload that has not begun, and who waits for it.
struct PendingReload {
  let order: LoadOrder
  var callers: [(PolicyKeeper.ReloadOutcome) -> Void]
}

extension PolicyKeeper {
  /// The result of a reload, for the callers who asked for it.
  enum ReloadOutcome {
    case loaded(Generation, GuardVerdict?)
    case refused(RefusedPolicy)
    /// A candidate is on trial, and its policy's folder is not looked at until that is over.
    case onTrial(TrialState)
  }

  /// Reads the policy again, judges it, and calls back with the result.
  ///
  /// Requests of one kind that come during a load share the next one, which begins after it.
  func reload(_ order: LoadOrder, _ completion: @escaping (ReloadOutcome) -> Void = { _ in }) {
    if let index = reloads.firstIndex(where: { $0.order == order }) {
      return reloads[index].callers.append(completion)
    }
    reloads.append(PendingReload(order: order, callers: [completion]))
    enqueue { [unowned self] done in begin(order, done) }
  }

  private func begin(_ order: LoadOrder, _ done: @escaping () -> Void) {
    guard let index = reloads.firstIndex(where: { $0.order == order }) else { return done() }
    let callers = reloads.remove(at: index).callers
    func finish(_ outcome: ReloadOutcome) {
      announce()
      for completion in callers { completion(outcome) }
      done()
    }
    if let trial {
      log.post(
        .warning, .policyRefused,
        "the policy in \(folder) is not read again: "
          + "a candidate of \(trial.record.author) is on trial")
      return finish(.onTrial(trial.state))
    }
    // A start is ready already.
    if order.occasion != .start { manager.reloading() }
    judge { [gate, standing, manager] in
      gate.admit(order, standing, progress: manager.reading)
    } then: { [unowned self] admission in
      switch admission {
      case .accepted(let admitted): finish(.loaded(take(admitted), admitted.verdict))
      case .refused(let refusal):
        note(refusal, of: order)
        finish(.refused(refusal))
      }
    }
  }

  /// Says what a reload would make of a candidate, and changes nothing.
  func judge(
    _ file: Result<SealedMemoryFile, SystemError>, asker: GuardScene.Asker?,
    allowing: LockoutAllowance, _ completion: @escaping (JudgeReply) -> Void
  ) {
    judge(
      { [gate, standing] in gate.judge(file, asker, allowing, standing) }, then: completion)
  }

  /// Whether the folder has another policy than the one that serves, though nobody asked to load it;
  /// to be called on another thread, because it reads files.
  var difference: @Sendable () -> Bool {
    guard trial == nil, let serving, reloads.isEmpty, !isBusy else { return { false } }
    let known = [serving.policy.digest, refusal?.digest]
    if let refusal, refusal.digest == nil { return { false } }
    return { [watch] in !known.contains(watch.digest) }
  }

  /// A directory answers again: what could not be judged is judged now.
  func directoryAnswers() { retry.hurry() }
}

/// Judges again, after growing pauses, what could not be judged because a directory was away.
///
/// Lives on the loop.
final class Retry {
  /// The first pause; each one is twice as long.
  private static let firstPause = Duration.seconds(5)
  private static let longestPause = Duration.seconds(300)

  private var timer: EventSource?
  private var order: LoadOrder?
  private var pause = Retry.firstPause
  /// Called to judge again.
  var again: (LoadOrder) -> Void = { _ in }

  init(loop: EventLoop) throws(SystemError) {
    timer = try loop.timer { [unowned self] in judge() }
  }

  /// Waits, with what was allowed for that policy and no other.
  func wait(for refusal: RefusedPolicy, _ asked: LoadOrder) {
    var next = asked
    next.occasion = .recovery
    next.digest = nil
    next.allowedDigest = asked.allowedDigest ?? refusal.digest
    pause = order == nil ? Self.firstPause : min(pause * 2, Self.longestPause)
    order = next
    timer?.set(after: pause)
  }

  /// A directory answers again, so the pause is over; several that do so at once count as one.
  func hurry() {
    if order != nil { timer?.set(after: .milliseconds(500)) }
  }

  /// Nothing waits any more.
  func end() { order = nil }

  private func judge() {
    if let order { again(order) }
  }
}
