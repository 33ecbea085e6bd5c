public import GatehouseControl
import GatehousePolicy

extension TrialVerdict: Report {
  /// Yes if it was done.
  public var status: ReportStatus {
    switch outcome {
    case .begun, .confirmable, .over: .yes
    case .refused, .refusedByGuard, .impossible, .overWithErrors: .no
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.diagnostics(diagnostics, in: folder)
    switch outcome {
    case .begun(let trial):
      page.line(
        StyledText(
          "on trial", .doubtful,
          then: "\(generationText(trial.generation, trial.digest)), mode \(trial.mode.rawValue), "
            + "for \(durationInWords(trial.timeLeft)) (until \(trial.until))"))
      page.line(
        "    To keep it, open another session and run `gatehouse confirm` there. Unless that is done,"
      )
      page.line(StyledText("    the policy in \(folder) takes effect again by itself."))
    case .refused:
      page.line(
        StyledText("refused", .bad, then: "the candidate has errors; nothing has changed"))
    case .refusedByGuard:
      page.line(
        StyledText(
          "refused", .bad,
          then: "the candidate would shut out somebody, or could not be judged; nothing has changed"
        ))
    case .impossible(let refusal): page.refusal(refusal)
    case .confirmable(let trial):
      page.line(
        StyledText("confirmable", .good, then: generationText(trial.generation, trial.digest)))
    case .over(let generation, let digest, let confirmed):
      page.line(
        StyledText(
          confirmed ? "confirmed" : "ended", .good,
          then: "\(generationText(generation, digest)) serves from \(folder)"))
    case .overWithErrors(let generation):
      let consequence =
        generation.map { "the last good policy serves, as generation \($0)" }
        ?? "there is no policy at all: the module's onerr decides each login"
      page.line(
        StyledText("ended", .bad, then: "\(folder) has errors; \(consequence)"))
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    switch outcome {
    case .begun(let trial), .confirmable(let trial), .impossible(.onTrial(let trial)):
      writer.member("trial", trial)
    default: break
    }
    switch outcome {
    case .impossible(let refusal): writer.member("reason", refusal.name)
    case .over(let generation, let digest, _):
      writer.member("generation", generation)
      writer.member("sha256", digest)
    case .overWithErrors(let generation): writer.member("generation", generation)
    case .begun, .refused, .refusedByGuard, .confirmable: break
    }
    writer.member("folder", folder)
    writer.member("diagnostics", diagnostics)
  }

  /// Why there is no trial, or it cannot be confirmed.
  public var failure: ReportFailure? {
    guard case .impossible(let refusal) = outcome else { return nil }
    return ReportFailure(refusal.problem, remedy: refusal.remedy)
  }

  /// What came of the trial, in a word.
  public var outcomeWord: String {
    switch outcome {
    case .begun: "on_trial"
    case .refused, .impossible: "refused"
    case .refusedByGuard: "refused_by_guard"
    case .confirmable: "confirmable"
    case .over(_, _, let confirmed): confirmed ? "confirmed" : "ended"
    case .overWithErrors: "ended_with_errors"
    }
  }
}

extension TrialRefusal {
  /// What is wrong, as a clause.
  public var problem: String {
    switch self {
    case .onTrial(let trial): trial.sentence
    case .noTrial: "no candidate is on trial"
    case .failed(let failure): failure.problem
    case .noBoot:
      "gatehoused cannot tell this boot from the next one, and a reboot must end the trial"
    case .otherContent: "the policy on trial is not the one that was applied here last"
    case .noSession: "this is not a login session, so it does not show that logging in still works"
    case .oldSession(let session):
      "session \(session) was open before the candidate began to serve, so it does not show "
        + "that logging in still works"
    case .notSeen(let user, let origin):
      "since gatehoused started, the candidate has not let in \(user) from \(origin)"
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch self {
    case .onTrial:
      "`gatehouse confirm`, in a new login session, keeps it; `gatehouse rollback` ends it now"
    case .noTrial: "`journalctl -u gatehoused` shows how the last trial ended"
    case .failed: "correct that, and apply the policy again"
    case .noBoot: "start gatehoused with --boot-id, as its unit does"
    case .otherContent: "`gatehouse rollback` ends the trial; then apply again what you want"
    case .notSeen(let user, .address(let address)):
      "`gatehouse explain \(user) \(address)` says whether it would; confirm in a session that it "
        + "lets in, or on the console"
    case .noSession, .oldSession, .notSeen:
      "open another ssh session and run `gatehouse confirm` there, or do it on the console"
    }
  }
}

extension CandidateFailure {
  /// What is wrong, as a clause.
  public var problem: String {
    switch self {
    case .busy: "another candidate is being loaded"
    case .unusable(let cause): "the candidate that was sent cannot be used: \(cause)"
    case .notKept(let cause):
      "the candidate cannot be saved for a restart of gatehoused: \(cause)"
    case .notRemoved(let cause): "gatehoused would start it again after a restart: \(cause)"
    case .sessionsUnreadable(let cause):
      "nobody could confirm it, because the login sessions cannot be read: \(cause)"
    case .ownSessionUnreadable(let cause): "your login session cannot be read: \(cause)"
    }
  }
}

extension TrialState {
  /// One line about it: who put it on trial, since when, and how much time is left.
  var sentence: String {
    "a candidate of \(author) is on trial since \(since), \(durationInWords(timeLeft)) left "
      + "(until \(until))"
  }
}

extension TrialState: JSONWritable {
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("generation", generation)
      $0.member("sha256", digest)
      $0.member("mode", mode.rawValue)
      $0.member("author", author)
      $0.member("allow_lockout", exempt)
      $0.member("since", since)
      $0.member("until", until)
      $0.member("seconds_left", Int(timeLeft.wholeSeconds))
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
