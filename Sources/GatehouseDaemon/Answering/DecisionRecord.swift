import GatehouseJournal
import GatehousePolicy

/// All that the log says of one answered question.
struct DecisionRecord: Sendable {
  /// The fixed MESSAGE_ID of these entries, by which they are found and read back.
  static let messageID = LoginHistory.decisionMessageID

  let asked: Asked
  /// The user's name as it was decided on.
  let user: Name
  let decision: Decision
  /// Counter and digest of the generation; nil without a policy.
  let generation: String?
  /// What the user can quote.
  let id: String
  /// The process that asked.
  let peer: Int32
  /// False where the asker had gone before the answer came.
  let wasDelivered: Bool

  /// The entry for the log.
  var entry: LogEntry {
    var entry = LogEntry(priority, messageID: Self.messageID) { writeSentence(to: &$0) }
    entry.add("GATEHOUSE_ID", id)
    entry.add(
      "GATEHOUSE_DECISION", decision.reason == .noPolicy ? "no_policy" : decision.verdict.rawValue)
    entry.add("GATEHOUSE_REASON", decision.reason.rawValue)
    entry.add("GATEHOUSE_WOULD_DENY", decision.wouldDeny ? "true" : "false")
    entry.add("GATEHOUSE_USER", user)
    entry.add("GATEHOUSE_ASKED_USER", user == asked.user ? nil : asked.user)
    entry.add(asked)
    entry.add("GATEHOUSE_RULE", decision.rule)
    entry.add("GATEHOUSE_GRANT", decision.grant)
    if !decision.roles.isEmpty {
      entry.add("GATEHOUSE_ROLES") { $0.append(joining: decision.roles) }
    }
    entry.add("GATEHOUSE_ASKED_ROLE", asked.role)
    entry.add("GATEHOUSE_GENERATION", generation)
    entry.add("GATEHOUSE_PEER_PID", Int(peer))
    entry.add("GATEHOUSE_DELIVERED", wasDelivered ? nil : "false")
    return entry
  }

  /// Valid credentials from the wrong place are never noise; nor is an exception that is used.
  var priority: LogPriority {
    switch (decision.verdict, decision.reason) {
    case (.deny, _), (_, .breakGlass), (_, .noPolicy): .warning
    case (_, .granted): .notice
    case _ where decision.wouldDeny: .notice
    default: .info
    }
  }

  private func writeSentence(to text: inout LogText) {
    text.append(verb)
    text.append(" ")
    text.append(user, of: asked)
    text.append(decision)
    if let grant = decision.grant {
      text.append(", grant ")
      text.append(grant)
    }
    if !decision.roles.isEmpty {
      text.append(", roles ")
      text.append(joining: decision.roles)
    }
    text.append(", id ")
    text.append(id)
    if !wasDelivered { text.append("; the asker was gone before the answer") }
  }

  private var verb: StaticString {
    if decision.reason == .noPolicy { return "no policy for" }
    if decision.wouldDeny { return "would have denied" }
    switch decision.verdict {
    case .allow: return "allowed"
    case .deny: return "denied"
    case .ignore: return "ignored"
    }
  }
}
