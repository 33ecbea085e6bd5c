import GatehouseJournal
import GatehousePolicy

/// One answered login, for the log.
final class AnswerRecord: LogDraft {
  let asked: AskedLogin
  /// The user's name as it was decided on.
  let user: Name
  let answer: LoginAnswer
  /// Counter and digest of the generation; nil without a policy.
  let generation: String?
  /// What the user can quote.
  let id: String
  /// The process that asked.
  let peer: Int32
  /// False if the asker had gone before the answer came.
  let wasDelivered: Bool

  init(
    asked: AskedLogin, user: Name, answer: LoginAnswer, generation: String?, id: String,
    peer: Int32, wasDelivered: Bool
  ) {
    self.asked = asked
    self.user = user
    self.answer = answer
    self.generation = generation
    self.id = id
    self.peer = peer
    self.wasDelivered = wasDelivered
  }

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(priority, .decision) { writeSentence(to: &$0) }
    entry.add("GATEHOUSE_ID", id)
    entry.add("GATEHOUSE_DECISION", decision?.verdict.rawValue ?? answer.reason)
    entry.add("GATEHOUSE_REASON", answer.reason)
    entry.add("GATEHOUSE_WOULD_DENY", decision?.wouldDeny == true ? "true" : "false")
    entry.add("GATEHOUSE_USER", user)
    entry.add("GATEHOUSE_ASKED_USER", user == asked.user ? nil : asked.user)
    entry.add(asked)
    entry.add("GATEHOUSE_RULE", decision?.rule)
    entry.add("GATEHOUSE_GRANT", decision?.grant)
    if !roles.isEmpty { entry.add("GATEHOUSE_ROLES") { $0.append(joining: roles) } }
    entry.add("GATEHOUSE_ASKED_ROLE", asked.role)
    entry.add("GATEHOUSE_GENERATION", generation)
    entry.add("GATEHOUSE_PEER_PID", Int(peer))
    entry.add("GATEHOUSE_DELIVERED", wasDelivered ? nil : "false")
    return entry
  }

  /// A denial means valid credentials from the wrong place, so it is a warning; so is an exception
  /// that is used.
  var priority: LogPriority {
    guard let decision = answer.ruling?.decision else { return .warning }
    return switch (decision.verdict, decision.reason) {
    case (.deny, _), (_, .breakGlass): .warning
    case (_, .granted): .notice
    case _ where decision.wouldDeny: .notice
    default: .info
    }
  }

  private var decision: Decision? { answer.decision }
  private var roles: [Name] { decision?.roles ?? [] }

  private func writeSentence(to text: inout LogText) {
    text.append(verb)
    text.append(" ")
    text.append(user, of: asked)
    if let decision {
      text.append(decision)
    } else {
      text.append(": ")
      text.append(answer.reason)
    }
    if let grant = decision?.grant {
      text.append(", grant ")
      text.append(grant)
    }
    if !roles.isEmpty {
      text.append(", roles ")
      text.append(joining: roles)
    }
    text.append(", id ")
    text.append(id)
    if !wasDelivered { text.append("; the asker was gone before the answer") }
  }

  private var verb: StaticString {
    guard let decision else { return "no policy for" }
    if decision.wouldDeny { return "would have denied" }
    switch decision.verdict {
    case .allow: return "allowed"
    case .deny: return "denied"
    case .ignore: return "ignored"
    }
  }
}
