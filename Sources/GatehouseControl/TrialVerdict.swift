public import GatehousePolicy

/// A candidate that serves on trial.
public struct TrialState: Hashable, Codable, Sendable {
  /// The counter of its generation.
  public var generation: Int
  /// The hexadecimal SHA-256 of its content.
  public var digest: String
  /// Its mode.
  public var mode: Mode
  /// The user who put it on trial, and from which address.
  public var author: String
  /// What `--allow-lockout` named; nil if it was not given.
  public var exempt: String?
  /// The time when it began to serve, to the second.
  public var since: Instant
  /// The time when it will end, to the second, by the present setting of the clock.
  public var until: Instant
  /// The time that is left, in whole seconds, rounded up.
  public var timeLeft: Duration

  /// A candidate on trial.
  public init(
    generation: Int, digest: String, mode: Mode, author: String, exempt: String?, since: Instant,
    until: Instant, timeLeft: Duration
  ) {
    self.generation = generation
    self.digest = digest
    self.mode = mode
    self.author = author
    self.exempt = exempt
    self.since = since.roundedToSeconds
    self.until = until.roundedToSeconds
    self.timeLeft = timeLeft
  }
}

/// The result of a request about a candidate on trial.
public struct TrialVerdict: Codable, Sendable {
  /// The outcome.
  public enum Outcome: Codable, Sendable {
    /// The candidate serves.
    case begun(TrialState)
    /// The candidate has errors.
    case refused
    /// The guard refuses the candidate, or could not judge everybody.
    case refusedByGuard
    /// It was not done.
    case impossible(TrialRefusal)
    /// The asker may confirm the candidate.
    case confirmable(TrialState)
    /// The trial is over, and the folder's policy serves; `confirmed`: it is the candidate.
    case over(generation: Int, digest: String, confirmed: Bool)
    /// The trial is over, and the folder's policy has errors; the last good one serves.
    case overWithErrors(generation: Int?)
  }

  /// The policy's folder.
  public var folder: String
  /// The outcome.
  public var outcome: Outcome
  /// The loader's diagnostics, sorted by location.
  public var diagnostics: [Diagnostic]
  /// What the guard found; nil if it was not asked.
  public var guardVerdict: GuardVerdict?

  /// The result of a request.
  public init(
    folder: String, outcome: Outcome, diagnostics: [Diagnostic] = [],
    guardVerdict: GuardVerdict? = nil
  ) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
    self.guardVerdict = guardVerdict
  }
}

/// Why something about a trial was not done.
public enum TrialRefusal: Codable, Sendable {
  /// A candidate is on trial already.
  case onTrial(TrialState)
  /// No candidate is on trial.
  case noTrial
  /// Something went wrong.
  case failed(CandidateFailure)
  /// It is not known how this boot of the machine differs from the next.
  case noBoot
  /// The candidate to confirm is not the one on trial.
  case otherContent
  /// The asker is not in a login session.
  case noSession
  /// The asker's session was open before the trial.
  case oldSession(String)
  /// The daemon has not seen the candidate let in that user from there.
  case notSeen(user: Name, origin: Origin)

  /// Its name, for machines.
  public var name: String {
    switch self {
    case .onTrial: "on_trial"
    case .noTrial: "no_trial"
    case .failed: "failed"
    case .noBoot: "no_boot"
    case .otherContent: "other_content"
    case .noSession: "no_session"
    case .oldSession: "old_session"
    case .notSeen: "not_seen"
    }
  }
}

/// What went wrong with a candidate policy.
///
/// A `cause` is the error of the system or of the reader.
public enum CandidateFailure: Error, Codable, Sendable {
  /// Another one is being loaded.
  case busy
  /// The candidate that was sent cannot be used.
  case unusable(cause: String)
  /// It cannot be kept over a restart of the daemon.
  case notKept(cause: String)
  /// The trial was ended, but its file could not be removed.
  case notRemoved(cause: String)
  /// The machine's login sessions cannot be read.
  case sessionsUnreadable(cause: String)
  /// The asker's login session cannot be read.
  case ownSessionUnreadable(cause: String)
}
