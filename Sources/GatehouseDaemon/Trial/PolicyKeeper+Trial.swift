import GatehouseControl
import GatehouseGuard
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

// A candidate on trial: it serves instead of the folder's policy until its time is up, or it is
// confirmed, or somebody ends it. Then, and after the machine was booted, the folder's policy serves
// again.

extension PolicyKeeper {
  /// Gets the result of a request about a trial, the loader's diagnostics, and what the guard found.
  typealias TrialCompletion = (TrialVerdict.Outcome, [Diagnostic], GuardVerdict?) -> Void

  /// What is wanted of a trial, besides the candidate.
  struct TrialPlan: Sendable {
    let author: String
    let asker: GuardScene.Asker?
    let allowing: LockoutAllowance
    let duration: Duration
    /// The login sessions that are open now.
    let sessions: Set<String>
  }

  // MARK: The beginning

  /// Serves the candidate in the file for a time, once it is loaded, judged and kept on the disk.
  func beginTrial(
    _ plan: TrialPlan, of file: Result<SealedMemoryFile, SystemError>,
    _ completion: @escaping TrialCompletion
  ) {
    if let trial { return completion(.impossible(.onTrial(trial.state)), [], nil) }
    guard let boot = clock.boot else { return completion(.impossible(.noBoot), [], nil) }
    guard !isTrialBeginning else { return completion(.impossible(.failed(.busy)), [], nil) }
    isTrialBeginning = true
    let began = clock.timeOfDay()
    let start = clock.sinceBoot()
    let end = start + plan.duration
    let allowed = plan.allowing == .nothing ? nil : plan.allowing.text.description
    let record = { @Sendable (digest: String) in
      TrialRecord(
        author: plan.author, exempt: allowed, began: began, boot: boot, start: start, end: end,
        sessions: plan.sessions, subject: digest)
    }
    enqueue { [unowned self] done in
      judge { [gate, trialFile, serving = serving?.policy] in
        gate.prepareTrial(file, plan, after: serving) { archive throws(SystemError) in
          try trialFile.write(KeptPolicy(record(archive.digest), archive))
        }
      } then: { [unowned self] outcome in
        isTrialBeginning = false
        defer { done() }
        switch outcome {
        case .ready(let policy, let warnings, let verdict):
          let trial = serve(record(policy.digest), policy, warnings: warnings)
          tell(.begun, of: trial)
          announce()
          completion(.begun(trial.state), warnings, verdict)
        case .refused(let diagnostics, nil): completion(.refused, diagnostics, nil)
        case .refused(let diagnostics, let verdict?):
          log.post(verdict, of: "the candidate")
          completion(.refusedByGuard, diagnostics, verdict)
        case .failed(let failure): completion(.impossible(.failed(failure)), [], nil)
        }
      }
    }
  }

  /// Takes up the trial that an earlier life of the daemon began; false if there is none any
  /// more.
  func resumeTrial() -> Bool {
    let loss = "the candidate on trial is lost, and the policy in \(folder) serves again"
    guard Files.exists(trialFile.path) else { return false }
    let mark = gate.mark
    guard !mark.isDeadly(LoadMark.trialSubject) else {
      log.post(
        .error, .deadlyPolicy, "\(loss): gatehoused died twice while it read \(trialFile.path)")
      removeTrialFile()
      return false
    }
    mark.begin(LoadMark.trialSubject)
    defer { mark.end() }
    guard let kept = trialFile.value(reportingTo: log, ifLost: loss) else { return false }
    let (record, candidate) = (kept.note, kept.archive)
    guard record.subject == candidate.digest,
      record.boot != clock.boot || record.isPlausible(at: clock.sinceBoot())
    else {
      log.post(.error, .stateNotKept, "\(loss): \(trialFile.setAside(.outOfBounds("end")))")
      return false
    }
    let over: TrialStep
    if record.boot != clock.boot {
      over = .rebooted
    } else if record.end <= clock.sinceBoot() {
      over = .timeUp
    } else if mark.isDeadly(candidate.digest) {
      over = .failed("gatehoused died twice while it loaded it")
    } else {
      // It was judged when the trial began.
      let outcome = onAnotherThread {
        mark.begin(candidate.digest)
        return LoadOutcome.judge(candidate.snapshot, isAccepted: true)
      }
      switch outcome {
      case .loaded(let policy, _, let warnings):
        tell(.resumed, of: serve(record, policy, warnings: warnings))
        return true
      case .refused(let diagnostics):
        log.post(diagnostics, of: "the candidate")
        over = .failed("it does not load")
      }
    }
    tell(over, of: record)
    removeTrialFile()
    return false
  }

  private func serve(_ record: TrialRecord, _ policy: Policy, warnings: [Diagnostic]) -> Trial {
    let generation = swap(to: policy, from: .candidate, warnings: warnings)
    let trial = Trial(record, generation: generation, clock: clock)
    self.trial = trial
    trialTimer?.set(after: trial.left)
    return trial
  }

  // MARK: The end

  /// Called by the timer, which may be a little early.
  func endTrialInTime() {
    guard let trial else { return }
    guard trial.left == .zero else {
      trialTimer?.set(after: trial.left)
      return
    }
    endTrial(by: nil, asker: nil) { _, _, _ in }
  }

  /// Reads the folder's policy and serves it if it may; if not, the one that was accepted last.
  ///
  /// `author` is nil if the time is up. A request while it is ending already waits for that, and gets
  /// the answer that there is no trial.
  func endTrial(
    by author: String?, asker: GuardScene.Asker?, _ completion: @escaping TrialCompletion
  ) {
    guard trial != nil else { return completion(.impossible(.noTrial), [], nil) }
    guard waitingForTrialEnd == nil else {
      waitingForTrialEnd?.append(completion)
      return
    }
    waitingForTrialEnd = []
    enqueue { [unowned self] done in
      finishTrial(by: author, asker: asker) { outcome, diagnostics, verdict in
        completion(outcome, diagnostics, verdict)
        done()
      }
    }
  }

  private func finishTrial(
    by author: String?, asker: GuardScene.Asker?, _ completion: @escaping TrialCompletion
  ) {
    guard let trial else { return completion(.impossible(.noTrial), [], nil) }
    var order = LoadOrder(occasion: author == nil ? .trialEnd : .request)
    order.author = author
    order.asker = asker
    judge { [gate, trialFile, standing, record = trial.record, order] in
      let outcome = gate.endTrial(record, order, standing)
      // First, so that no start of the daemon takes the trial up again that ends here.
      do throws(SystemError) { try trialFile.remove() } catch { return (outcome, error) }
      return (outcome, SystemError?.none)
    } then: { [unowned self] (outcome: PolicyGate.TrialEnd, error: SystemError?) in
      let late = waitingForTrialEnd ?? []
      waitingForTrialEnd = nil
      defer { for completion in late { completion(.impossible(.noTrial), [], nil) } }
      if let error { complainOfTrialFile(error) }
      var isConfirmed = false
      if case .admitted(let admitted) = outcome {
        isConfirmed = admitted.policy.digest == trial.record.subject
      }
      switch author {
      case let author? where isConfirmed: tell(.confirmed(by: author), of: trial)
      case let author?: tell(.abandoned(by: author), of: trial)
      case nil: tell(isConfirmed ? .confirmed(by: "root") : .timeUp, of: trial)
      }
      self.trial = nil
      take(outcome)
      announce()
      switch outcome {
      case .admitted(let admitted):
        completion(
          .over(
            generation: serving?.number ?? 0, digest: admitted.policy.digest,
            confirmed: isConfirmed),
          admitted.warnings, admitted.verdict)
      case .copy(_, let refusal, _), .nothing(let refusal, _):
        completion(
          .overWithErrors(generation: serving?.number), refusal.diagnostics, refusal.verdict)
      }
    }
  }

  private func removeTrialFile() {
    do throws(SystemError) { try trialFile.remove() } catch { complainOfTrialFile(error) }
  }

  private func complainOfTrialFile(_ error: SystemError) {
    log.post(
      .error, .stateNotKept,
      "the trial is over, but its file cannot be removed (\(error)): until its time is up, a start "
        + "of gatehoused would take it up again")
  }

  // MARK: The log

  func tell(_ step: TrialStep, of trial: Trial) { tell(step, of: trial.record, trial.state) }

  private func tell(_ step: TrialStep, of record: TrialRecord, _ state: TrialState? = nil) {
    log.post(step.priority) { [folder] in LogEntry(step, of: record, state, folder: folder) }
  }
}
