import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// Watches what policies would do that decide nothing yet.
///
/// They are the candidate in the shadow, and the serving policy in monitor mode. Lives on the loop.
///
/// A login is judged once it is answered. The counts are kept on disk, written at most every few
/// seconds, and go on after a restart of the daemon.
final class ShadowKeeper {
  /// How long a login waits for a reading of its user's groups before it is not judged.
  private static let readingTime = Duration.seconds(5)
  /// How long counts may be in memory alone.
  private static let writeEvery = Duration.seconds(10)

  private let identities: IdentityService
  private let worker: Worker
  private let log: Log
  private let candidateFile: StateFile<KeptPolicy<Void>>
  private let countsFile: StateFile<ShadowCounts>
  private let monitorFile: StateFile<ShadowCounts>
  private let mark: LoadMark
  private var timer: EventSource?
  private var isWritePlanned = false
  private var isStarting = false

  /// The candidate, where there is one.
  private(set) var shadow: Shadow?
  /// What the serving policy would have denied, where it is or was in monitor mode.
  private var monitored: ShadowCounts?

  init(
    loop: EventLoop, identities: IdentityService, worker: Worker, state: String, mark: LoadMark,
    log: Log
  ) throws(SystemError) {
    self.identities = identities
    self.worker = worker
    self.mark = mark
    self.log = log
    candidateFile = StateFile(folder: state, name: "shadow", StateKinds.shadow)
    countsFile = StateFile(folder: state, name: "shadow-counts", KeptState.shadowCounts)
    monitorFile = StateFile(folder: state, name: "monitor-counts", KeptState.monitorCounts)
    timer = try loop.timer { [unowned self] in
      isWritePlanned = false
      write()
    }
  }

  // MARK: Start and stop

  /// Takes up what an earlier life of the daemon has left; blocks, before the first question.
  func start() {
    let recount = "what came out differently is counted anew"
    monitored = monitorFile.kept(log, .warning, ifLost: recount)
    let keptCounts = countsFile.kept(log, .warning, ifLost: recount)
    let loss = "the candidate in the shadow is not decided any more"
    guard let candidate = candidateFile.kept(log, ifLost: loss)?.archive else { return }
    guard !mark.isDeadly(candidate.digest) else {
      return giveUp("gatehoused died twice while it loaded it")
    }
    let outcome = onAnotherThread { [mark] in
      mark.begin(candidate.digest)
      defer { mark.end() }
      return LoadOutcome.judge(candidate.snapshot, atStart: true)
    }
    guard case .loaded(let policy, _, _) = outcome else {
      return giveUp("it does not load any more")
    }
    var counts = ShadowCounts(digest: policy.digest, since: .now())
    if let keptCounts, keptCounts.digest == policy.digest { counts = keptCounts }
    shadow = Shadow(policy, counts)
  }

  /// Decides by the candidate in the file beside the serving policy, from now on.
  func start(
    _ file: Result<SealedMemoryFile, SystemError>,
    _ completion: @escaping (ShadowVerdict) -> Void
  ) {
    if let shadow { return completion(ShadowVerdict(.running(shadow.watched))) }
    guard !isStarting else {
      return completion(ShadowVerdict(.failed(.busy)))
    }
    isStarting = true
    worker.run { [candidateFile] in
      CandidateOutcome.prepare(file, keepingIn: candidateFile) { KeptPolicy($0) }
    } then: { [unowned self] outcome in
      isStarting = false
      switch outcome {
      case .ready(let policy, let warnings):
        let started = Shadow(policy, ShadowCounts(digest: policy.digest, since: .now()))
        shadow = started
        plan()
        log.post(
          .notice,
          "a candidate (\(policy.digest.prefix(12))) is decided beside the policy from now on")
        completion(ShadowVerdict(.started(started.watched.policy), diagnostics: warnings))
      case .refused(let diagnostics):
        completion(ShadowVerdict(.refused, diagnostics: diagnostics))
      case .failed(let failure): completion(ShadowVerdict(.failed(failure)))
      }
    }
  }

  /// Ends it, and says what came of it.
  func stop(_ completion: @escaping (ShadowVerdict) -> Void) {
    guard let stopped = shadow else { return completion(ShadowVerdict(.none)) }
    shadow = nil
    worker.run { [candidateFile, countsFile] () -> SystemError? in
      do throws(SystemError) {
        try candidateFile.remove()
        try countsFile.remove()
        return nil
      } catch { return error }
    } then: { [log] error in
      if let error {
        return completion(
          ShadowVerdict(.failed(.notRemoved(cause: "\(error)"))))
      }
      log.post(.notice, "no candidate is decided beside the policy any more")
      completion(ShadowVerdict(.stopped(stopped.watched)))
    }
  }

  // MARK: Judging

  /// Judges a login that has been answered.
  func judge(
    _ asked: Asked, as user: Name, _ decision: Decision, by generation: Generation, id: String
  ) {
    let time = Instant.now()
    if generation.policy.mode == .monitor {
      monitored = monitoring(generation)
      let login = asked.login(as: Identified(user, groups: []), at: time)
      monitored?.changes.count(login, was: Outcome(verdict: .allow), is: decision, at: time)
      plan()
    }
    guard let shadow else { return }
    switch decision.reason {
    // A grant holds whatever the policy; where nobody could decide, nothing can differ.
    case .granted, .identityUnavailable, .noPolicy: return
    default: break
    }
    identities.find(
      asked.user, for: shadow.identityScope(beside: generation), within: Self.readingTime
    ) { [unowned self] identity in
      // It may have been stopped meanwhile.
      guard self.shadow === shadow else { return }
      let login = asked.login(as: Identified(identity, of: asked.user), at: time)
      let new = shadow.policy.decide(login)
      let change = shadow.counts.changes.count(login, was: Outcome(decision), is: new, at: time)
      plan()
      guard let change else { return }
      let digest = shadow.policy.digest
      log.post(.notice) {
        LogEntry(
          change, of: asked, as: login.user, was: decision, is: new, by: digest, id: id)
      }
    }
  }

  /// What a serving policy in monitor mode would have denied.
  private func monitoring(_ generation: Generation) -> ShadowCounts {
    if let monitored, monitored.digest == generation.policy.digest { return monitored }
    return ShadowCounts(digest: generation.policy.digest, since: generation.since)
  }

  /// What is told of a serving policy; nil where it is not in monitor mode.
  func monitored(by generation: Generation) -> WatchedPolicy? {
    guard generation.policy.mode == .monitor else { return nil }
    let counts = monitoring(generation)
    return .init(
      kind: .monitor,
      policy: PolicyIdentity(
        generation: generation.number, digest: counts.digest, mode: generation.policy.mode),
      since: counts.since, changes: counts.changes)
  }

  /// What is watched while this policy serves.
  func state(beside generation: Generation?) -> ShadowState {
    ShadowState(
      watched: [shadow?.watched, generation.flatMap { monitored(by: $0) }].compactMap(\.self))
  }

  // MARK: The disk

  /// Has what is in memory alone written, before the worker ends.
  func close() {
    if isWritePlanned { write() }
  }

  private func plan() {
    guard !isWritePlanned else { return }
    isWritePlanned = true
    timer?.set(after: Self.writeEvery)
  }

  private func write() {
    let records = [(countsFile, shadow?.counts), (monitorFile, monitored)]
    for case (let file, let record?) in records {
      worker.run { () -> SystemError? in
        do throws(SystemError) {
          try file.write(record)
          return nil
        } catch { return error }
      } then: { [unowned self] error in
        complain(error)
      }
    }
  }

  private func complain(_ error: SystemError?) {
    guard let error else { return }
    log.post(.error, "the counts of what came out differently are not on disk: \(error)")
  }

  private func giveUp(_ problem: String) {
    log.post(.error, "the candidate in the shadow is not decided any more: \(problem)")
  }
}
