import GatehouseJournal
import GatehousePolicy
import GatehouseWire

/// The answer to the question whether a second factor is needed.
enum FactorAnswer: Sendable {
  /// The serving policy decided.
  case decided(FactorDecision)
  /// No policy serves, so it is needed.
  case noPolicy

  /// What was decided; nil if nothing was.
  var decision: FactorDecision? {
    if case .decided(let decision) = self { decision } else { nil }
  }

  /// The reason, as the log and the module get it.
  var reason: String { decision?.reason.rawValue ?? LoginHistory.noPolicy }

  /// How it is told to the module.
  var wire: AnswerDecision {
    switch self {
    case .decided(let decision): decision.verdict == .notNeeded ? .allow : .deny
    case .noPolicy: .noPolicy
    }
  }
}

/// The log entry of one answered question about the second factor.
struct FactorRecord: Sendable {
  let asked: AskedLogin
  /// The user's name as it was decided on.
  let user: Name
  let answer: FactorAnswer
  /// Counter and digest of the generation; nil without a policy.
  let generation: String?
  /// The id that the answer carries.
  let id: String
  /// The process that asked.
  let peer: Int32
  /// False if the asker had gone before the answer came.
  let wasDelivered: Bool

  /// The entry for the log.
  var entry: LogEntry {
    let decision = answer.decision
    var entry = LogEntry(priority, .factor) { writeSentence(to: &$0) }
    entry.add("GATEHOUSE_ID", id)
    entry.add("GATEHOUSE_FACTOR", (decision?.verdict ?? .needed).rawValue)
    entry.add("GATEHOUSE_REASON", answer.reason)
    entry.add("GATEHOUSE_WOULD_SPARE", decision?.wouldSpare == true ? "true" : "false")
    entry.add("GATEHOUSE_USER", user)
    entry.add("GATEHOUSE_ASKED_USER", user == asked.user ? nil : asked.user)
    entry.add(asked)
    entry.add("GATEHOUSE_RULE", decision?.rule)
    entry.add("GATEHOUSE_GENERATION", generation)
    entry.add("GATEHOUSE_PEER_PID", Int(peer))
    entry.add("GATEHOUSE_DELIVERED", wasDelivered ? nil : "false")
    return entry
  }

  /// A line of PAM that is never answered by a yes is a warning for the administrator.
  var priority: LogPriority {
    switch answer.decision?.reason {
    case nil, .noRule: .warning
    default: .info
    }
  }

  private func writeSentence(to text: inout LogText) {
    if answer.decision?.wouldSpare == true {
      text.append("a second factor would not be needed for ")
    } else if answer.decision?.verdict == .notNeeded {
      text.append("no second factor is needed for ")
    } else {
      text.append("a second factor is needed for ")
    }
    text.append(user, of: asked)
    text.append(": ")
    text.append(answer.reason)
    if let rule = answer.decision?.rule {
      text.append(", ")
      text.append(rule)
    }
    text.append(", id ")
    text.append(id)
    if answer.decision?.wouldSpare == true { text.append("; monitor mode asks for it") }
    if answer.decision?.reason == .noRule { text.append("; the policy has no second_factor") }
    if !wasDelivered { text.append("; the asker was gone before the answer") }
  }
}
