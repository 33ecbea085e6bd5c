import GatehouseControl
import GatehouseFit
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// Holds the serving generation and replaces it.
///
/// Policies are read and loaded on a thread of its own, while the serving generation answers. A good
/// one is swapped in by one assignment on the loop. Lives on the loop.
final class PolicyKeeper {
  /// The result of a reload, for the callers who asked for it.
  enum ReloadOutcome {
    case loaded(Generation)
    case refused([Diagnostic])
    /// A candidate is on trial, and its policy's folder is not looked at until that is over.
    case onTrial(TrialState)
  }

  let folder: String
  let log: Log
  let clock: any TrialClock
  let worker: Worker
  let accepted: AcceptedPolicies
  let trialFile: StateFile<KeptPolicy<TrialRecord>>
  let mark: LoadMark
  let review: PolicyReview
  /// Looks at what serves without having been asked for; nobody waits for that.
  private let reviewer: Worker
  private let manager: ServiceManager
  private let onSwap: (Generation) -> Void
  private let reminder: ExpiryReminder
  private let retired = RetiredGenerations()
  private(set) var trialTimer: (any TrialTimer)?
  /// Callers waiting for the running load, and callers waiting for the next one.
  private var waiting: [(ReloadOutcome) -> Void] = []
  private var waitingForNext: [(ReloadOutcome) -> Void] = []

  /// The generation that answers; nil if there is no policy.
  private(set) var serving: Generation?
  /// The newest attempt, if it was refused.
  private(set) var refusal: (at: Instant, diagnostics: [Diagnostic])?
  /// The candidate that serves; nil if none is on trial.
  var trial: Trial?
  /// A candidate is being loaded, to be on trial then.
  var isTrialBeginning = false
  /// Callers waiting for the trial's running end, who came after the one that began it; nil if it is
  /// not ending.
  var waitingForTrialEnd: [TrialCompletion]?

  /// `onSwap` is called with each generation that has begun to serve.
  init(
    loop: EventLoop, folder: String, state: String, mark: LoadMark, review: PolicyReview,
    reviewer: Worker,
    clock: any TrialClock, log: Log, manager: ServiceManager, onSwap: @escaping (Generation) -> Void
  ) throws(SystemError) {
    self.folder = folder
    self.clock = clock
    self.log = log
    self.manager = manager
    self.onSwap = onSwap
    self.mark = mark
    self.review = review
    accepted = AcceptedPolicies(folder: state)
    trialFile = StateFile(folder: state, name: "trial", KeptState.trial)
    worker = try Worker("load", loop: loop)
    self.reviewer = reviewer
    reminder = try ExpiryReminder(loop: loop, worker: worker, log: log)
    trialTimer = try clock.timer(on: loop) { [unowned self] in endTrialInTime() }
  }

  /// Why the folder's policy does not serve.
  private var problem: String {
    refusal?.diagnostics.contains(.deadlyPolicy) == true
      ? "\(folder) is not loaded again by itself" : "\(folder) has errors"
  }

  /// One line on what serves, for systemd and the log.
  var summary: String {
    guard let serving else { return "No policy: every question is answered no_policy" }
    let state = "Generation \(serving.shortLabel), mode \(serving.policy.mode.rawValue)"
    if let trial { return "\(state), on trial until \(trial.state.until)" }
    if serving.isKeptCopy { return "\(state), the kept copy: \(problem)" }
    return refusal == nil ? state : "\(state), stays in effect: \(problem)"
  }

  /// Loads the candidate on trial; if there is none, the policy; if that is bad, the last good one.
  ///
  /// To be called before the first question.
  func start() {
    if !resumeTrial() {
      serve(
        onAnotherThread { [folder, accepted, mark, review, manager] in
          FolderOutcome.load(
            from: folder, orElse: accepted, .start, mark, review, progress: manager.reading)
        })
    }
    FreedMemory.trim()
  }

  /// Tells systemd which generation serves now.
  func announce() { manager.ready(summary) }

  // MARK: Reloading

  /// Reads the policy again, and calls back with the result.
  ///
  /// Requests during a load share one more load, which begins after it. So there are two loads at
  /// most, even if many requests come at once.
  func reload(_ completion: @escaping (ReloadOutcome) -> Void = { _ in }) {
    if let trial {
      log.post(
        .warning,
        "the policy in \(folder) is not read again: "
          + "a candidate of \(trial.record.author) is on trial")
      return completion(.onTrial(trial.state))
    }
    guard waiting.isEmpty else { return waitingForNext.append(completion) }
    load(for: [completion])
  }

  private func load(for callers: [(ReloadOutcome) -> Void]) {
    waiting = callers
    manager.reloading()
    worker.run { [folder, mark, review, manager] in
      LoadOutcome.load(from: folder, .request, mark, review, progress: manager.reading)
    } then: {
      [unowned self] in
      take($0)
    }
  }

  /// Waits until what is being written is on the disk; once the loop has ended.
  func close() {
    mark.close()
    worker.close()
  }

  private func take(_ outcome: LoadOutcome) {
    if let trial {
      // It has begun meanwhile.
      finish(.onTrial(trial.state))
    } else {
      switch outcome {
      case .loaded(let policy, let snapshot, let warnings):
        let generation = swap(to: policy, from: .folder, warnings: warnings, isReviewed: true)
        finish(.loaded(generation))
        keep(snapshot, of: policy)
      case .refused(let diagnostics):
        note(refused: diagnostics)
        finish(.refused(diagnostics))
      }
    }
    guard !waitingForNext.isEmpty else { return }
    let next = waitingForNext
    waitingForNext = []
    if let trial {
      for completion in next { completion(.onTrial(trial.state)) }
    } else {
      load(for: next)
    }
  }

  private func finish(_ verdict: ReloadOutcome) {
    announce()
    let asking = waiting
    waiting = []
    for completion in asking { completion(verdict) }
  }

  // MARK: Serving

  /// Serves the folder's policy, or the last good one if that has errors.
  func serve(_ outcome: FolderOutcome) {
    switch outcome {
    case .folder(let policy, let snapshot, let warnings):
      swap(to: policy, from: .folder, warnings: warnings)
      keep(snapshot, of: policy)
    case .keptCopy(let copy, let problems, let diagnostics):
      note(refused: diagnostics)
      for problem in problems { log.post(.error, "a kept policy cannot be used: \(problem)") }
      swap(to: copy.policy, from: .keptCopy, warnings: copy.warnings)
      log.post(
        .error,
        "the kept copy of the last good policy serves, because \(problem); "
          + "correct it, then: systemctl reload gatehoused")
    case .nothing(let problems, let diagnostics):
      serving = nil
      note(refused: diagnostics)
      let copy =
        problems.isEmpty
        ? "no last good policy is kept"
        : "the last good policy cannot be used (\(problems.joined(separator: "; ")))"
      log.post(
        .error,
        "there is no policy to serve: \(problem), and \(copy); every question is "
          + "answered no_policy, and the module's onerr decides. "
          + "Correct \(folder), then: systemctl reload gatehoused")
    }
  }

  @discardableResult
  func swap(
    to policy: Policy, from source: Generation.Source, warnings: [Diagnostic],
    isReviewed: Bool = false
  ) -> Generation {
    newest += 1
    let generation = Generation(
      number: newest, policy: policy, since: .now(), source: source, warnings: warnings)
    if let serving { retired.add(serving) }
    serving = generation
    if source != .keptCopy { refusal = nil }
    let place =
      switch source {
      case .folder: folder
      case .keptCopy: "the last good policy"
      case .candidate: "the candidate"
      }
    post(warnings, of: place)
    log.post(
      .notice,
      "generation \(generation.shortLabel) serves, mode \(policy.mode.rawValue), from \(place)")
    reminder.watch(policy, from: place)
    onSwap(generation)
    reviewWarnings = []
    if !isReviewed { look(at: generation, from: place) }
    return generation
  }

  /// What the review of the serving generation found, if it was not part of loading it.
  private var reviewWarnings: [Diagnostic] = []

  /// Every warning about the policy that serves, sorted by location; none if there is none.
  var servingWarnings: [Diagnostic] {
    guard let serving else { return [] }
    guard !reviewWarnings.isEmpty else { return serving.warnings }
    return Set(serving.warnings + reviewWarnings).sorted().limited(
      to: LoadOutcome.diagnosticLimit)
  }

  /// Reviews a generation that serves already.
  private func look(at generation: Generation, from place: String) {
    reviewer.run { [review] in
      let policy = generation.policy
      return policy.unsilenced(review.diagnostics(of: policy, at: .start)).sorted()
        .limited(to: LoadOutcome.diagnosticLimit)
    } then: { [unowned self] warnings in
      guard serving === generation else { return }
      reviewWarnings = warnings
      post(warnings, of: place)
    }
  }

  /// Logs warnings, but for those that the daily reminder logs.
  private func post(_ warnings: [Diagnostic], of place: String) {
    log.post(warnings.filter { $0.name != WarningName.emptySoon.rawValue }, of: place)
  }

  /// The number of the newest generation of this life of the daemon.
  private var newest = 0

  private func note(refused diagnostics: [Diagnostic]) {
    refusal = (.now(), diagnostics)
    log.post(diagnostics, of: folder)
    let errors = diagnostics.count { $0.severity == .error }
    guard let serving, serving.source != .candidate else { return }
    log.post(
      .error,
      "the policy in \(folder) is refused for \(errors) error\(errors == 1 ? "" : "s"); "
        + "generation \(serving.shortLabel) stays in effect. Correct it, then: systemctl reload gatehoused"
    )
  }

  /// Keeps the policy for a start with broken files.
  private func keep(_ snapshot: PolicySnapshot, of policy: Policy) {
    worker.run { [accepted] () -> SystemError? in
      do throws(SystemError) {
        try accepted.keep(snapshot, of: policy)
        return nil
      } catch { return error }
    } then: { [log, folder] error in
      guard let error else { return }
      log.post(
        .error,
        "the policy could not be kept for the next start (\(error)); it serves, but a broken "
          + "\(folder) would leave the daemon without it after a restart")
    }
  }
}
