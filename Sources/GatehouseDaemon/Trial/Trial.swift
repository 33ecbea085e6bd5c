import GatehouseControl
import GatehouseGuard
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy

/// A candidate that serves on trial.
final class Trial {
  let record: TrialRecord
  let generation: Generation
  private let clock: any TrialClock
  private var allowed: Set<AllowedLogin> = []

  /// The most allowed logins that are remembered; one is enough to confirm by.
  private static let allowedLimit = 4096

  private struct AllowedLogin: Hashable {
    let user: Name
    let origin: Origin
  }

  init(_ record: TrialRecord, generation: Generation, clock: any TrialClock) {
    self.record = record
    self.generation = generation
    self.clock = clock
  }

  /// The time that is left.
  var left: Duration { max(.zero, record.end - clock.sinceBoot()) }

  /// What is reported about it.
  var state: TrialState {
    let left = left
    return TrialState(
      generation: generation.number, digest: generation.policy.digest,
      mode: generation.policy.mode, author: record.author, exempt: record.exempt,
      since: record.began,
      until: clock.timeOfDay() + left,
      timeLeft: .seconds(left.wholeSecondsRoundedUp))
  }

  /// Remembers a login that the candidate allowed.
  ///
  /// A login by a grant does not count: without the grant the candidate would refuse it.
  func note(_ decision: Decision, of user: Name, from origin: Origin) {
    guard origin.isListed, decision.verdict != .deny, decision.reason != .granted,
      allowed.count < Self.allowedLimit
    else { return }
    allowed.insert(AllowedLogin(user: user, origin: origin))
  }

  /// Why somebody may not confirm it; nil if they may.
  func objection(
    to user: Name, from address: IPAddress?, in session: LoginSession?
  ) -> TrialRefusal? {
    record.objection(to: user, from: address, in: session) { user, origin in
      allowed.contains(AllowedLogin(user: user, origin: origin))
    }
  }
}

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
  /// A step of a trial; `state` is nil if the candidate never served in this life of the daemon.
  init(_ step: TrialStep, of record: TrialRecord, _ state: TrialState?, folder: String) {
    var fields: [(name: StaticString, value: String?)] = [
      ("GATEHOUSE_TRIAL", step.name), ("GATEHOUSE_SHA256", record.subject),
      ("GATEHOUSE_TRIAL_BY", record.author), ("GATEHOUSE_ALLOW_LOCKOUT", record.exempt),
    ]
    if let state {
      fields += [
        ("GATEHOUSE_GENERATION", "\(state.generation):\(state.digest)"),
        ("GATEHOUSE_TRIAL_UNTIL", state.until.description),
        ("GATEHOUSE_TRIAL_SECONDS_LEFT", String(state.timeLeft.wholeSeconds)),
      ]
    }
    let digest = record.subject.prefix(12)
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
    self.init(step.priority, .trial) { $0.append(sentence) }
    for field in fields { add(field.name, field.value) }
  }
}
