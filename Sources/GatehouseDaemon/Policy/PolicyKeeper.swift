import GatehousePolicy

/// Holds the serving generation, and replaces it.
///
/// Files are read and policies loaded on a thread of its own, while questions are answered by the
/// generation that serves; a good one is swapped in by one assignment on the loop, where this
/// lives.
final class PolicyKeeper {
  /// What came of a reload, for whoever asked for it.
  enum Verdict {
    case loaded(Generation)
    case refused([Diagnostic])
  }

  private enum Progress: Sendable {
    case loaded(LoadOutcome)
    case kept(SystemError?)
  }

  private let folder: String
  private let lastGood: LastGoodPolicy
  private let log: Log
  private let manager: ServiceManager
  private let onSwap: () -> Void
  private let reminder: ExpiryReminder
  private let mailbox: Mailbox<Progress>
  private var mailboxSource: EventSource?
  private var worker: Thread?
  /// Who waits for the load that is under way, and who came too late for it.
  private var waiting: [(Verdict) -> Void] = []
  private var waitingForNext: [(Verdict) -> Void] = []
  private var isAnotherWanted = false

  /// The generation that answers; nil where there is no policy.
  private(set) var serving: Generation?
  /// The newest attempt, where it was refused.
  private(set) var refusal: (at: Instant, diagnostics: [Diagnostic])?

  /// `onSwap` is called each time another generation has begun to serve.
  init(
    loop: EventLoop, folder: String, state: String, log: Log, manager: ServiceManager,
    onSwap: @escaping () -> Void
  ) throws(SystemError) {
    self.folder = folder
    lastGood = LastGoodPolicy(folder: state)
    self.log = log
    self.manager = manager
    self.onSwap = onSwap
    reminder = try ExpiryReminder(loop: loop, folder: folder, log: log)
    mailbox = try Mailbox()
    mailboxSource = try loop.onReadable(mailbox.descriptor) { [unowned self] in
      for progress in mailbox.take() { take(progress) }
    }
  }

  /// One line on what serves, for systemd and the log.
  var summary: String {
    guard let serving else { return "No policy: every question is answered no_policy" }
    let state = "Generation \(serving.shortLabel), mode \(serving.policy.mode.rawValue)"
    if serving.isKeptCopy { return "\(state), the kept copy: \(folder) has errors" }
    return refusal == nil ? state : "\(state), serves on: \(folder) has errors"
  }

  // MARK: The start

  /// Loads the policy, or where it is bad the last good one, before the first question.
  func start() {
    switch LoadOutcome.load(from: folder, atStart: true) {
    case .loaded(let policy, let snapshot, let warnings):
      swap(to: policy, isKeptCopy: false, warnings: warnings)
      keep(snapshot)
    case .refused(let diagnostics):
      note(refused: diagnostics)
      startWithLastGood()
    }
  }

  private func startWithLastGood() {
    do throws(LastGoodPolicy.Unusable) {
      guard let copy = try lastGood.load() else {
        log.post(
          .error,
          "there is no policy to serve: \(folder) has errors and no last good policy is kept; "
            + "every question is answered no_policy, and the module's onerr decides. "
            + "Correct \(folder), then: systemctl reload gatehoused")
        return
      }
      swap(to: copy.policy, isKeptCopy: true, warnings: copy.warnings)
      log.post(
        .error,
        "the kept copy of the last good policy serves, because \(folder) has errors; "
          + "correct it, then: systemctl reload gatehoused")
    } catch {
      log.post(
        .error,
        "there is no policy to serve: \(folder) has errors, and the last good policy cannot be "
          + "used (\(error)); every question is answered no_policy, and the module's onerr decides")
    }
  }

  // MARK: Reloading

  /// Reads the policy again, and calls back with what came of it.
  ///
  /// Whoever asks while a load is under way gets one that begins after the asking.
  func reload(_ completion: @escaping (Verdict) -> Void = { _ in }) {
    guard worker == nil else {
      isAnotherWanted = true
      waitingForNext.append(completion)
      return
    }
    waiting.append(completion)
    manager.reloading()
    do throws(SystemError) {
      worker = try Thread("load") { [folder, mailbox] in
        mailbox.post(.loaded(.load(from: folder, atStart: false)))
      }
    } catch {
      take(
        .loaded(
          .refused([
            Diagnostic(
              severity: .error, name: "out_of_resources", location: nil, message: error.description)
          ])))
    }
  }

  /// Waits until what is being written is on the disk; once the loop has ended.
  func close() { worker?.join() }

  private func take(_ progress: Progress) {
    worker?.join()
    worker = nil
    switch progress {
    case .loaded(.loaded(let policy, let snapshot, let warnings)):
      let generation = swap(to: policy, isKeptCopy: false, warnings: warnings)
      finish(.loaded(generation))
      keep(snapshot)
    case .loaded(.refused(let diagnostics)):
      note(refused: diagnostics)
      finish(.refused(diagnostics))
    case .kept(let error):
      if let error {
        log.post(
          .error,
          "the policy could not be kept for the next start (\(error)); it serves, but a broken "
            + "\(folder) would leave the daemon without it after a restart")
      }
    }
    guard worker == nil, isAnotherWanted else { return }
    isAnotherWanted = false
    waiting = waitingForNext
    waitingForNext = []
    let first = waiting.removeFirst()
    reload(first)
  }

  private func finish(_ verdict: Verdict) {
    manager.ready(summary)
    let asking = waiting
    waiting = []
    for completion in asking { completion(verdict) }
  }

  @discardableResult
  private func swap(to policy: Policy, isKeptCopy: Bool, warnings: [Diagnostic]) -> Generation {
    let generation = Generation(
      number: (serving?.number ?? 0) + 1, policy: policy, since: .now(), isKeptCopy: isKeptCopy,
      warnings: warnings)
    serving = generation
    if !isKeptCopy { refusal = nil }
    for warning in warnings { log.post(.warning, "\(folder): \(warning)") }
    log.post(
      .notice,
      "generation \(generation.shortLabel) serves, mode \(policy.mode.rawValue), "
        + (isKeptCopy ? "from the last good policy" : "from \(folder)"))
    reminder.watch(policy)
    onSwap()
    return generation
  }

  private func note(refused diagnostics: [Diagnostic]) {
    refusal = (.now(), diagnostics)
    for diagnostic in diagnostics {
      let priority: LogPriority = diagnostic.severity == .error ? .error : .warning
      log.post(priority, "\(folder): \(diagnostic)")
    }
    let errors = diagnostics.count { $0.severity == .error }
    guard let serving else { return }
    log.post(
      .error,
      "the policy in \(folder) is refused for \(errors) error\(errors == 1 ? "" : "s"); "
        + "generation \(serving.shortLabel) serves on. Correct it, then: systemctl reload gatehoused"
    )
  }

  /// Keeps the policy for a start with broken files, on a thread because the disk may be slow.
  private func keep(_ snapshot: PolicySnapshot) {
    do throws(SystemError) {
      worker = try Thread("keep") { [lastGood, mailbox] in
        do throws(SystemError) {
          try lastGood.keep(snapshot)
          mailbox.post(.kept(nil))
        } catch {
          mailbox.post(.kept(error))
        }
      }
    } catch {
      log.post(.error, "the policy could not be kept for the next start (\(error))")
    }
  }
}
