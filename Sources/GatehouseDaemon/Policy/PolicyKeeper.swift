import GatehouseControl
import GatehouseFit
import GatehouseGuard
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// Holds the serving generation and replaces it.
///
/// Policies are read, loaded and judged on a thread of its own, one after the other, while the serving
/// generation answers. An accepted one is swapped in by one assignment on the loop. Lives on the loop.
final class PolicyKeeper {
  let folder: String
  let log: Log
  let clock: any TrialClock
  let worker: Worker
  let gate: PolicyGate
  let trialFile: StateFile<KeptPolicy<TrialRecord>>
  let watch: FolderWatch
  /// Looks at what serves without having been asked for; nobody waits for that.
  private let reviewer: Worker
  let manager: ServiceManager
  private let onSwap: (Generation) -> Void
  /// Called with each generation that has begun to serve after the start, and with the policy before.
  var onChange: (Generation, Policy?) -> Void = { _, _ in }
  private let settle: (@escaping () -> Void) -> Void
  private let reminder: ExpiryReminder
  private let retired = RetiredGenerations()
  private(set) var trialTimer: (any TrialTimer)?
  /// What waits for the thread; each begins when the one before is done.
  private var steps: [(_ done: @escaping () -> Void) -> Void] = []
  private(set) var isBusy = false
  /// Reloads that have not begun.
  var reloads: [PendingReload] = []
  /// Judges again what could not be judged.
  let retry: Retry

  /// The generation that answers; nil if there is no policy.
  private(set) var serving: Generation?
  /// The policy that was accepted last on this machine; nil if none was.
  var accepted: AcceptedPolicies.Entry?
  /// The newest policy of the folder that may not serve; nil if the newest one may.
  var refusal: RefusedPolicy?
  /// The policy that the guard refused last.
  var refused: RefusalMark?
  /// The candidate that serves; nil if none is on trial.
  var trial: Trial?
  /// A candidate is being loaded, to be on trial then.
  var isTrialBeginning = false
  /// Callers waiting for the trial's running end, who came after the one that began it; nil if it is
  /// not ending.
  var waitingForTrialEnd: [TrialCompletion]?

  /// `onSwap` is called with each generation that has begun to serve; `settle` calls back once the
  /// login record has every login until now.
  init(
    loop: EventLoop, folder: String, state: String, machine: String?, mark: LoadMark,
    review: PolicyReview, reviewer: Worker, scene: @escaping SceneReader,
    settle: @escaping (@escaping () -> Void) -> Void,
    clock: any TrialClock, log: Log, manager: ServiceManager,
    onSwap: @escaping (Generation) -> Void
  ) throws(SystemError) {
    self.folder = folder
    self.clock = clock
    self.log = log
    self.manager = manager
    self.onSwap = onSwap
    self.settle = settle
    gate = PolicyGate(
      folder: folder, accepted: AcceptedPolicies(folder: state, machine: machine),
      refusal: StateFile(folder: state, name: "refusal", KeptState.refusal), mark: mark,
      review: review, scene: scene)
    trialFile = StateFile(folder: state, name: "trial", KeptState.trial)
    watch = FolderWatch(folder)
    worker = try Worker("load", loop: loop)
    self.reviewer = reviewer
    reminder = try ExpiryReminder(loop: loop, worker: worker, log: log)
    retry = try Retry(loop: loop)
    trialTimer = try clock.timer(on: loop) { [unowned self] in endTrialInTime() }
    retry.again = { [unowned self] in reload($0) }
  }

  /// Does something with the thread once everything before is done; it calls `done` at its end.
  func enqueue(_ step: @escaping (_ done: @escaping () -> Void) -> Void) {
    steps.append(step)
    if !isBusy { next() }
  }

  /// Does something on the thread that loads, by a login record that has every login until now.
  func judge<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result, then finish: @escaping (Result) -> Void
  ) {
    settle { [unowned self] in worker.run(work, then: finish) }
  }

  private func next() {
    isBusy = !steps.isEmpty
    guard isBusy else { return }
    steps.removeFirst()({ [unowned self] in next() })
  }

  /// What serves, and what was decided about policies before.
  var standing: PolicyGate.Standing {
    .init(serving: serving?.policy, accepted: accepted, refused: refused)
  }

  /// Why the folder's policy does not serve.
  private var problem: String {
    guard let refusal else { return "\(folder) is not judged yet" }
    return switch refusal.cause {
    case .deadly: "\(folder) is not loaded again by itself"
    case .waiting: "\(folder) cannot be judged while a directory is away"
    case .lockout: "\(folder) would shut out who could repair it"
    case .nobodyJudged: "nobody who could repair the machine could be judged by \(folder)"
    case .earlier: "\(folder) was refused"
    case .errors: "\(folder) has errors"
    }
  }

  /// One line on what serves, for systemd and the log.
  var summary: String {
    guard let serving else { return "No policy: every question is answered no_policy" }
    let state = "Generation \(serving.shortLabel), mode \(serving.policy.mode.rawValue)"
    if let trial { return "\(state), on trial until \(trial.state.until)" }
    if serving.isKeptCopy { return "\(state), the kept copy: \(problem)" }
    return refusal == nil ? state : "\(state), stays in effect: \(problem)"
  }

  /// Tells systemd which generation serves now.
  func announce() { manager.ready(summary) }

  /// Waits until what is being written is on the disk; once the loop has ended.
  func close() {
    gate.mark.close()
    worker.close()
  }

  // MARK: The start

  /// Serves the candidate on trial; if there is none, the accepted policy; on a machine where none was
  /// ever accepted, the folder's.
  ///
  /// To be called before the first question. If the folder's policy is not the accepted one, it is
  /// judged as soon as the loop runs.
  func start() {
    refused = gate.refusal.value(
      reportingTo: log, .warning, ifLost: "which policy was refused last is not known any more")
    if resumeTrial() {
      accepted = onAnotherThread { [gate] in gate.accepted.newest() }
    } else {
      take(onAnotherThread { [gate, manager] in gate.start(progress: manager.reading) })
    }
    FreedMemory.trim()
  }

  private func take(_ outcome: PolicyGate.StartOutcome) {
    switch outcome.result {
    case .admitted(let admitted):
      report(problems: outcome.problems)
      take(admitted)
    case .copy(let copy, let digest):
      if let refused, refused.digest == digest {
        refusal = RefusedPolicy(at: refused.at, digest: digest, diagnostics: [], verdict: nil)
      }
      take(copy, problems: outcome.problems)
      reload(LoadOrder(occasion: .start))
    case .none(let refusal): takeNothing(refusal, problems: outcome.problems)
    }
  }

  /// Serves what there is after a trial.
  func take(_ outcome: PolicyGate.TrialEnd) {
    switch outcome {
    case .admitted(let admitted): take(admitted)
    case .copy(let copy, let refusal, let problems):
      take(copy, problems: problems)
      note(refusal, of: LoadOrder(occasion: .trialEnd))
    case .nothing(let refusal, let problems): takeNothing(refusal, problems: problems)
    }
  }

  private func take(_ copy: AcceptedPolicies.LoadedCopy, problems: [String]) {
    report(problems: problems)
    if copy.acceptance.isOf(machine: gate.accepted.machine) { accepted = copy.entry }
    swap(to: copy.policy, from: .keptCopy, warnings: copy.warnings)
  }

  private func takeNothing(_ refusal: RefusedPolicy, problems: [String]) {
    serving = nil
    note(refusal, of: LoadOrder(occasion: .start))
    let copy =
      problems.isEmpty
      ? "no last good policy is kept"
      : "the last good policy cannot be used (\(problems.joined(separator: "; ")))"
    log.post(
      .error, .noPolicy,
      "there is no policy to serve: \(problem), and \(copy); every question is "
        + "answered no_policy, and the module's onerr decides. "
        + "Correct \(folder), then: systemctl reload gatehoused")
  }

  private func report(problems: [String]) {
    for problem in problems {
      log.post(.error, .stateNotKept, "a kept policy cannot be used: \(problem)")
    }
  }

  // MARK: Serving

  /// Serves a policy of the folder that was accepted.
  @discardableResult
  func take(_ admitted: AdmittedPolicy) -> Generation {
    accepted = admitted.entry
    refused = nil
    refusal = nil
    retry.end()
    let generation = swap(
      to: admitted.policy, from: .folder, warnings: admitted.warnings,
      isReviewed: admitted.isReviewed)
    log.post(admitted, in: folder, as: generation)
    return generation
  }

  @discardableResult
  func swap(
    to policy: Policy, from source: Generation.Source, warnings: [Diagnostic],
    isReviewed: Bool = false
  ) -> Generation {
    newest += 1
    let generation = Generation(
      number: newest, policy: policy, since: .now(), source: source, warnings: warnings)
    let old = serving?.policy
    if let serving { retired.add(serving) }
    serving = generation
    let place =
      switch source {
      case .folder: folder
      case .keptCopy: "the last good policy"
      case .candidate: "the candidate"
      }
    post(warnings, of: place)
    log.post(
      .notice, .policyServes,
      "generation \(generation.shortLabel) serves, mode \(policy.mode.rawValue), from \(place)")
    reminder.watch(policy, from: place)
    onSwap(generation)
    onChange(generation, old)
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
    reviewer.run { [review = gate.review] in
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

  /// Remembers that the folder's policy may not serve, says so, and waits for the directory if that
  /// was away.
  func note(_ refusal: RefusedPolicy, of order: LoadOrder) {
    let isKnown =
      refusal.isWaiting && self.refusal?.isWaiting == true
      && self.refusal?.digest == refusal.digest && order.occasion == .recovery
    self.refusal = refusal
    if refusal.isWaiting { retry.wait(for: refusal, order) } else { retry.end() }
    if !isKnown { report(refusal) }
  }

  /// How many policies were refused in this life of the daemon.
  private(set) var refusalCount = 0

  private func report(_ refusal: RefusedPolicy) {
    refusalCount += 1
    if let verdict = refusal.verdict, verdict.isObstacle, let digest = refusal.digest {
      refused = RefusalMark(digest: digest, at: refusal.at)
    }
    log.post(refusal.diagnostics, of: folder)
    if let verdict = refusal.verdict { log.post(verdict, of: folder) }
    guard let serving, serving.source != .candidate else { return }
    if serving.isKeptCopy {
      log.post(
        .error, .policyRefused,
        "the kept copy of the last good policy serves, because \(problem); \(remedy(of: refusal))")
    } else {
      log.post(
        refusal.isWaiting ? .warning : .error, .policyRefused,
        "the policy in \(folder) is refused \(reason(of: refusal)); generation "
          + "\(serving.shortLabel) stays in effect. \(remedy(of: refusal))")
    }
  }

  private func reason(of refusal: RefusedPolicy) -> String {
    guard refusal.cause == .errors else { return "because \(problem)" }
    let errors = refusal.diagnostics.count { $0.severity == .error }
    return "for \(errors) error\(errors == 1 ? "" : "s")"
  }

  private func remedy(of refusal: RefusedPolicy) -> String {
    switch refusal.cause {
    case .waiting: "It is judged again when the directory answers"
    case .lockout:
      "Correct it, then: systemctl reload gatehoused; "
        + "or, if this is meant: `gatehouse reload --allow-lockout=USER,...`"
    case .nobodyJudged:
      "Log in once, then: systemctl reload gatehoused; "
        + "or: `gatehouse reload --allow-lockout=unjudged`"
    case .deadly, .earlier, .errors: "Correct it, then: systemctl reload gatehoused"
    }
  }
}

extension RefusedPolicy {
  /// Why it may not serve.
  var cause: RefusalCause { RefusalCause(diagnostics, verdict, isWaiting: isWaiting) }
}
