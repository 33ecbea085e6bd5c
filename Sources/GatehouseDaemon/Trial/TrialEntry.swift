import GatehouseControl
import GatehousePolicy

/// A step of a trial, for the log.
enum TrialStep {
  /// The candidate serves.
  case begun
  /// The daemon was started anew, and it serves on.
  case resumed
  /// Somebody may confirm it.
  case confirming(by: String)
  /// Somebody wanted to confirm it, and may not.
  case refused(by: String, TrialRefusal)
  /// The candidate stands in the policy's folder.
  case confirmed(by: String)
  /// Somebody has ended it.
  case abandoned(by: String)
  /// Its time is up.
  case timeUp
  /// The machine has been booted anew.
  case rebooted
  /// It could not be taken up again after a start of the daemon: why.
  case failed(String)

  fileprivate var name: String {
    switch self {
    case .begun: "begun"
    case .resumed: "resumed"
    case .confirming: "confirming"
    case .refused: "confirm_refused"
    case .confirmed: "confirmed"
    case .abandoned: "abandoned"
    case .timeUp: "time_up"
    case .rebooted: "rebooted"
    case .failed: "failed"
    }
  }

  var priority: LogPriority {
    switch self {
    case .confirmed, .confirming: .notice
    case .failed: .error
    default: .warning
    }
  }
}

extension LogEntry {
  /// The fixed MESSAGE_ID of a trial's steps.
  static let trialMessageID = "3a315d2e1fa1402a999bd007d54a8af3"

  /// A step of a trial; `state` is nil where the candidate never served in this life of the daemon.
  init(_ step: TrialStep, of record: TrialRecord, _ state: TrialState?, folder: String) {
    var fields: [(name: StaticString, value: String?)] = [
      ("GATEHOUSE_TRIAL", step.name), ("GATEHOUSE_SHA256", record.digest),
      ("GATEHOUSE_TRIAL_BY", record.author), ("GATEHOUSE_ALLOW_LOCKOUT", record.exempt),
    ]
    if let state {
      fields += [
        ("GATEHOUSE_GENERATION", "\(state.generation):\(state.digest)"),
        ("GATEHOUSE_TRIAL_UNTIL", state.until.description),
        ("GATEHOUSE_TRIAL_SECONDS_LEFT", String(state.timeLeft.components.seconds)),
      ]
    }
    let digest = record.digest.prefix(12)
    let which =
      state.map { "generation \($0.generation) (\(digest))" } ?? "the candidate (\(digest))"
    let back = "the policy in \(folder) serves again"
    var sentence: String
    switch step {
    case .begun, .resumed:
      let left =
        state.map { "for \(durationInWords($0.timeLeft)), until \($0.until.description)" } ?? ""
      sentence = "\(which) of \(record.author) is on trial \(left)"
      sentence += step.name == "resumed" ? ", also after this start of gatehoused" : ""
      sentence += "; unless it is confirmed, \(back) then"
      if let exempt = record.exempt { sentence += "; --allow-lockout named \(exempt)" }
    case .confirming(let author):
      fields.append(("GATEHOUSE_BY", author))
      sentence = "\(which) may be confirmed by \(author)"
    case .refused(let author, let refusal):
      fields.append(("GATEHOUSE_BY", author))
      fields.append(("GATEHOUSE_REASON", refusal.name))
      sentence = "\(which) may not be confirmed by \(author): \(refusal.name)"
    case .confirmed(let author):
      fields.append(("GATEHOUSE_BY", author))
      sentence = "\(which) is confirmed by \(author): it stands in \(folder) now"
    case .abandoned(let author):
      fields.append(("GATEHOUSE_BY", author))
      sentence = "\(which) is on trial no longer, ended by \(author): \(back)"
    case .timeUp:
      sentence = "\(which) is on trial no longer, since nobody confirmed it in time: \(back)"
    case .rebooted:
      sentence =
        "\(which) of \(record.author) is on trial no longer, since the machine has been booted: \(back)"
    case .failed(let problem):
      sentence = "\(which) of \(record.author) is on trial no longer (\(problem)): \(back)"
    }
    self.init(step.priority, messageID: Self.trialMessageID) { $0.append(sentence) }
    for field in fields { add(field.name, field.value) }
  }
}
