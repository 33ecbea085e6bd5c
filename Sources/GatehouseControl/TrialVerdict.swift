public import GatehousePolicy

/// A candidate that serves on trial.
public struct TrialState: Hashable, Codable, Sendable {
  /// The counter of its generation.
  public var generation: Int
  /// The hexadecimal SHA-256 of its content.
  public var digest: String
  /// Its mode.
  public var mode: Mode
  /// Who put it on trial, and from where.
  public var author: String
  /// Whom `--allow-lockout` named; nil where nobody.
  public var exempt: String?
  /// When it began to serve, to the second.
  public var since: Instant
  /// When it will end, to the second, by the machine's clock as it goes now.
  public var until: Instant
  /// How long that is from now, in whole seconds, rounded up.
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

/// What came of a request about a candidate on trial.
public struct TrialVerdict: Codable, Sendable {
  /// What came of it.
  public enum Outcome: Codable, Sendable {
    /// The candidate serves.
    case begun(TrialState)
    /// The candidate has errors.
    case refused
    /// It was not done.
    case impossible(TrialRefusal)
    /// Whoever asked may confirm the candidate.
    case confirmable(TrialState)
    /// The trial is over, and the folder's policy serves; `confirmed`: it is the candidate.
    case over(generation: Int, digest: String, confirmed: Bool)
    /// The trial is over, and the folder's policy has errors; what serves is the last good one.
    case overWithErrors(generation: Int?)
  }

  /// The policy's folder.
  public var folder: String
  /// What came of it.
  public var outcome: Outcome
  /// Everything that the loader said, sorted by place.
  public var diagnostics: [Diagnostic]

  /// What came of a request.
  public init(folder: String, outcome: Outcome, diagnostics: [Diagnostic] = []) {
    self.folder = folder
    self.outcome = outcome
    self.diagnostics = diagnostics
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
  /// What would be confirmed is something else than what is on trial.
  case otherContent
  /// Whoever asks is in no login session.
  case noSession
  /// Whoever asks is in a session that was open before.
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
/// A `cause` is what the system or the reader said.
public enum CandidateFailure: Error, Codable, Sendable {
  /// Another one is being loaded.
  case busy
  /// What was sent cannot be used.
  case unusable(cause: String)
  /// It cannot be kept over a restart of the daemon.
  case notKept(cause: String)
  /// It was ended, but its file could not be removed.
  case notRemoved(cause: String)
  /// The machine's login sessions cannot be read.
  case sessionsUnreadable(cause: String)
  /// The login session of whoever asks cannot be read.
  case ownSessionUnreadable(cause: String)
}
