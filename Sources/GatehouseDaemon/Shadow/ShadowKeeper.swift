import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// Counts what policies would do that do not decide yet.
///
/// They are the candidate in the shadow, and the serving policy in monitor mode. Lives on the loop.
///
/// A login is judged once it is answered, beside the loop, together with others. The counts are kept
/// on disk, written at most every few seconds, and go on after a restart of the daemon.
final class ShadowKeeper {
  /// How long a login waits for a reading of its user's groups before it is not judged.
  private static let readingTime = Duration.seconds(5)
  /// How long counts may be in memory alone.
  private static let writeEvery = Duration.seconds(10)

  /// How long an answered login waits, to be judged together with others.
  private static let judgingDelay = Duration.milliseconds(50)
  /// The most logins that wait to be judged; more are only counted.
  private static let pendingLimit = 4096

  private let identities: IdentityService
  let worker: Worker
  let scene: SceneReader
  /// Judges, in the order of the logins and before any report that is asked for after them.
  private let judging: Worker
  private let log: Log
  private let candidateFile: StateFile<KeptPolicy<Void>>
  private let countsFile: StateFile<ShadowCounts>
  private let monitorFile: StateFile<ShadowCounts>
  private let mark: LoadMark
  private var timer: EventSource?
  private var isWritePlanned = false
  /// How many of its writes wait or run.
  private var runningWrites = 0
  private var judgingTimer: EventSource?
  private var pending: [@Sendable () -> Void] = []
  private var isJudging = false
  private var isStarting = false

  /// The candidate; nil if there is none.
  var shadow: Shadow?
  /// What the serving policy would have denied, if it is or was in monitor mode.
  var monitored: ShadowCounter?

  init(
    loop: EventLoop, identities: IdentityService, worker: Worker, judging: Worker,
    scene: @escaping SceneReader, state: String, mark: LoadMark, log: Log
  ) throws(SystemError) {
    self.identities = identities
    self.worker = worker
    self.judging = judging
    self.scene = scene
    self.mark = mark
    self.log = log
    candidateFile = StateFile(folder: state, name: "shadow", StateKinds.shadow)
    countsFile = StateFile(folder: state, name: "shadow-counts", KeptState.shadowCounts)
    monitorFile = StateFile(folder: state, name: "monitor-counts", KeptState.monitorCounts)
    timer = try loop.timer { [unowned self] in
      isWritePlanned = false
      // While the disk takes none, no more are added.
      if runningWrites == 0 { write() } else { plan() }
    }
    judgingTimer = try loop.timer { [unowned self] in if !isJudging { judgePending() } }
  }

  // MARK: Start and stop

  /// Reads what an earlier daemon has left; blocks, before the first question.
  func start() {
    let recount = "what is decided differently is counted from zero again"
    monitored = monitorFile.value(reportingTo: log, .warning, ifLost: recount).map {
      ShadowCounter($0)
    }
    let keptCounts = countsFile.value(reportingTo: log, .warning, ifLost: recount)
    let loss = "the candidate in the shadow is not decided any more"
    guard let candidate = candidateFile.value(reportingTo: log, ifLost: loss)?.archive else {
      return
    }
    guard !mark.isDeadly(candidate.digest) else {
      return giveUp("gatehoused died twice while it loaded it")
    }
    let outcome = onAnotherThread { [mark] in
      mark.begin(candidate.digest)
      defer { mark.end() }
      return LoadOutcome.judge(candidate.snapshot, isAccepted: true)
    }
    guard case .loaded(let policy, _, _) = outcome else {
      return giveUp("it does not load any more")
    }
    var counts = ShadowCounts(digest: policy.digest, since: .now())
    if let keptCounts, keptCounts.digest == policy.digest { counts = keptCounts }
    shadow = Shadow(policy, ShadowCounter(counts))
  }

  /// Decides by the candidate in the file beside the serving policy, from now on.
  func start(
    _ file: Result<SealedMemoryFile, SystemError>,
    _ completion: @escaping (ShadowVerdict) -> Void
  ) {
    if let watched = shadow?.watched {
      return afterPending({ watched.value }) { completion(ShadowVerdict(.running($0))) }
    }
    guard !isStarting else {
      return completion(ShadowVerdict(.failed(.busy)))
    }
    isStarting = true
    worker.run { [candidateFile] in
      let outcome = CandidateOutcome.load(file)
      guard case .ready(_, let archive, _) = outcome else { return outcome }
      do throws(SystemError) {
        try candidateFile.write(KeptPolicy(archive))
        return outcome
      } catch { return .failed(.notKept(cause: "\(error)")) }
    } then: { [unowned self] outcome in
      isStarting = false
      switch outcome {
      case .ready(let policy, _, let warnings):
        let started = Shadow(
          policy, ShadowCounter(ShadowCounts(digest: policy.digest, since: .now())))
        shadow = started
        plan()
        log.post(
          .notice, .shadow,
          "a candidate (\(policy.digest.prefix(12))) is decided beside the policy from now on")
        completion(ShadowVerdict(.started(PolicyIdentity(policy)), diagnostics: warnings))
      case .refused(let diagnostics, _):
        completion(ShadowVerdict(.refused, diagnostics: diagnostics))
      case .failed(let failure): completion(ShadowVerdict(.failed(failure)))
      }
    }
  }

  /// Ends it, and calls back with its result.
  func stop(_ completion: @escaping (ShadowVerdict) -> Void) {
    guard let stopped = shadow else { return completion(ShadowVerdict(.none)) }
    shadow = nil
    worker.run { [candidateFile, countsFile] () -> SystemError? in
      do throws(SystemError) {
        try candidateFile.remove()
        try countsFile.remove()
        return nil
      } catch { return error }
    } then: { [unowned self] error in
      if let error {
        return completion(
          ShadowVerdict(.failed(.notRemoved(cause: "\(error)"))))
      }
      log.post(.notice, .shadow, "no candidate is decided beside the policy any more")
      let watched = stopped.watched
      afterPending({ watched.value }) { completion(ShadowVerdict(.stopped($0))) }
    }
  }

  // MARK: Judging

  /// Judges a login that has been answered.
  func judge(
    _ asked: AskedLogin, as user: Name, _ ruling: Ruling, by generation: Generation, id: String
  ) {
    guard shadow != nil || generation.policy.mode == .monitor else { return }
    let time = Instant.now()
    let decision = ruling.decision
    if generation.policy.mode == .monitor {
      let counter = monitoring(generation)
      monitored = counter
      add(to: counter) {
        let login = asked.login(as: ResolvedUser(user, groups: []), at: time)
        counter.count(login, was: DecisionOutcome(verdict: .allow), is: decision, at: time)
      }
    }
    guard let shadow else { return }
    switch decision.reason {
    // A grant holds whatever the policy; where nobody could decide, nothing can differ.
    case .granted, .identityUnavailable: return
    default: break
    }
    identities.find(
      asked.user, for: shadow.identityScope(beside: generation), within: Self.readingTime
    ) { [unowned self] identity in
      // It may have been stopped meanwhile.
      guard self.shadow === shadow else { return }
      add(to: shadow.counter) { [log, policy = shadow.policy, counter = shadow.counter] in
        let login = asked.login(as: ResolvedUser(identity, of: asked.user), at: time)
        let new = policy.decide(login)
        let change = counter.count(login, was: DecisionOutcome(decision), is: new, at: time)
        guard let change else { return }
        log.post(.notice) {
          LogEntry(
            change, of: asked, as: login.user, was: decision, is: new, by: policy.digest, id: id)
        }
      }
    }
  }

  /// Has a login judged soon, together with others.
  private func add(to counter: ShadowCounter, _ judge: @escaping @Sendable () -> Void) {
    plan()
    guard pending.count < Self.pendingLimit else { return counter.skip() }
    pending.append(judge)
    if pending.count == 1, !isJudging { judgingTimer?.set(after: Self.judgingDelay) }
  }

  /// Judges the logins that wait, on the thread beside the loop.
  private func judgePending() {
    guard !pending.isEmpty else { return }
    let batch = pending
    pending = []
    isJudging = true
    judging.run {
      for judge in batch { judge() }
    } then: { [unowned self] in
      isJudging = false
      if !pending.isEmpty { judgingTimer?.set(after: Self.judgingDelay) }
    }
  }

  /// Calls back with the value once every login that has been answered is judged.
  private func afterPending<Value: Sendable>(
    _ value: @escaping @Sendable () -> Value, then completion: @escaping (Value) -> Void
  ) {
    judgePending()
    judging.run(value, then: completion)
  }

  /// What a serving policy in monitor mode would have denied.
  private func monitoring(_ generation: Generation) -> ShadowCounter {
    if let monitored, monitored.digest == generation.policy.digest { return monitored }
    return ShadowCounter(ShadowCounts(digest: generation.policy.digest, since: generation.since))
  }

  /// What is reported about a policy; the thread that judges puts it together.
  struct Watched: Sendable {
    fileprivate let kind: WatchedPolicy.Kind
    fileprivate let policy: PolicyIdentity
    fileprivate let counter: ShadowCounter

    init(_ kind: WatchedPolicy.Kind, _ policy: PolicyIdentity, _ counter: ShadowCounter) {
      self.kind = kind
      self.policy = policy
      self.counter = counter
    }

    /// With every login that was judged until now.
    var value: WatchedPolicy {
      let counts = counter.counts
      return WatchedPolicy(
        kind: kind, policy: policy, since: counts.since, changes: counts.changes)
    }
  }

  /// What is watched while this policy serves: the candidate, and the policy if it only monitors.
  ///
  /// Every login that has been answered is judged before what is asked of `judging` next.
  func watched(
    beside generation: Generation?
  ) -> (candidate: Watched?, monitored: Watched?) {
    judgePending()
    var monitored: Watched?
    if let generation, generation.policy.mode == .monitor {
      let identity = PolicyIdentity(
        generation: generation.number, digest: generation.policy.digest, mode: .monitor)
      monitored = Watched(.monitor, identity, monitoring(generation))
    }
    return (shadow?.watched, monitored)
  }

  // MARK: The disk

  /// Writes what is only in memory; `judging` has ended, and the worker has not.
  func close() {
    for judge in pending { judge() }
    pending = []
    if isWritePlanned { write() }
  }

  func plan() {
    guard !isWritePlanned else { return }
    isWritePlanned = true
    timer?.set(after: Self.writeEvery)
  }

  private func write() {
    judgePending()
    let records = [(countsFile, shadow?.counter), (monitorFile, monitored)]
    for case (let file, let counter?) in records {
      runningWrites += 1
      worker.run { () -> SystemError? in
        do throws(SystemError) {
          try file.write(counter.counts)
          return nil
        } catch { return error }
      } then: { [unowned self] error in
        runningWrites -= 1
        complain(error)
      }
    }
  }

  private func complain(_ error: SystemError?) {
    guard let error else { return }
    log.post(
      .error, .stateNotKept, "the counts of what was decided differently are not on disk: \(error)")
  }

  private func giveUp(_ problem: String) {
    log.post(.error, .shadow, "the candidate in the shadow is not decided any more: \(problem)")
  }
}
