public import GatehousePolicy

/// Why something about a trial was not done.
public enum TrialRefusal: Error, Sendable {
  /// A candidate is on trial already.
  case onTrial(TrialState)
  /// No candidate is on trial.
  case noTrial
  /// The candidate could not be read or kept: why.
  case failed(String)
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

  /// What is in the way.
  public var problem: String {
    switch self {
    case .onTrial(let trial): trial.sentence
    case .noTrial: "no candidate is on trial"
    case .failed(let problem): problem
    case .noBoot:
      "gatehoused cannot tell this boot of the machine from the next, after which the trial "
        + "would have to be over"
    case .otherContent: "what serves on trial is not what was applied here last"
    case .noSession: "this is no login session, so it does not show that one can still log in"
    case .oldSession(let session):
      "session \(session) was open before the candidate began to serve, so it does not show that "
        + "one can still log in"
    case .notSeen(let user, let origin):
      "since gatehoused started, the candidate has not let in \(user) from \(origin)"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .onTrial:
      "`gatehouse confirm`, in a new login session, keeps it; `gatehouse rollback` ends it now"
    case .noTrial: "`journalctl -u gatehoused` says what became of the last one"
    case .failed: "correct that, and apply it again"
    case .noBoot: "start gatehoused with --boot-id, as its unit does"
    case .otherContent: "`gatehouse rollback` ends the trial; then apply again what you want"
    case .noSession, .oldSession, .notSeen:
      "open another ssh session and run `gatehouse confirm` there, or do it on the console"
    }
  }
}

extension TextPage {
  /// Adds why something was not done, and what to do about it.
  mutating func refusal(_ refusal: TrialRefusal) {
    line(StyledText("refused", .bad, then: refusal.problem))
    line(StyledText("    \(refusal.remedy)"))
  }
}
