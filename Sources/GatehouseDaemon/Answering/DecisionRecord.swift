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
  var entry: LogEntry { LogEntry(priority, sentence, fields: fields) }

  /// Valid credentials from the wrong place are never noise; nor is an exception that is used.
  private var priority: LogPriority {
    switch (decision.verdict, decision.reason) {
    case (.deny, _), (_, .breakGlass), (_, .noPolicy): .warning
    case (_, .granted): .notice
    case _ where decision.wouldDeny: .notice
    default: .info
    }
  }

  private var sentence: String {
    var text = "\(verb) \(user) from \(asked.place) (\(asked.service)): \(decision.reason.rawValue)"
    if let rule = decision.rule { text += ", \(rule.fileAndLine)" }
    if let grant = decision.grant { text += ", grant \(grant)" }
    if !decision.roles.isEmpty {
      text += ", roles \(decision.roles.map(\.description).joined(separator: ","))"
    }
    text += ", id \(id)"
    if !wasDelivered { text += "; the asker was gone before the answer" }
    return text
  }

  private var verb: String {
    if decision.reason == .noPolicy { return "no policy for" }
    if decision.wouldDeny { return "would have denied" }
    switch decision.verdict {
    case .allow: return "allowed"
    case .deny: return "denied"
    case .ignore: return "ignored"
    }
  }

  private var fields: [LogEntry.Field] {
    var fields = LogEntry.Fields(messageID: Self.messageID)
    fields.add("ID", id)
    fields.add("DECISION", decision.reason == .noPolicy ? "no_policy" : decision.verdict.rawValue)
    fields.add("REASON", decision.reason.rawValue)
    fields.add("WOULD_DENY", decision.wouldDeny ? "true" : "false")
    fields.add("USER", user.description)
    fields.add("ASKED_USER", user == asked.user ? nil : asked.user.description)
    fields.add(asked)
    fields.add("RULE", decision.rule?.fileAndLine)
    fields.add("GRANT", decision.grant)
    fields.add(
      "ROLES",
      decision.roles.isEmpty
        ? nil : decision.roles.map(\.description).joined(separator: ","))
    fields.add("ASKED_ROLE", asked.role?.description)
    fields.add("GENERATION", generation)
    fields.add("PEER_PID", String(peer))
    fields.add("DELIVERED", wasDelivered ? nil : "false")
    return fields.all
  }
}
