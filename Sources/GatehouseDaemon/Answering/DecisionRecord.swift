import GatehousePolicy

/// All that the log says of one answered question.
struct DecisionRecord: Sendable {
  /// The fixed MESSAGE_ID of these entries, by which the journal finds them:
  /// `journalctl MESSAGE_ID=cd6ea7754a4f4d81bcc7da29e5486793`.
  static let messageID = "cd6ea7754a4f4d81bcc7da29e5486793"

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
    case _ where decision.wouldDeny: .notice
    default: .info
    }
  }

  private var sentence: String {
    var text = "\(verb) \(user) from \(place) (\(asked.service)): \(decision.reason.rawValue)"
    if let rule = decision.rule { text += ", \(rule.fileAndLine)" }
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

  /// The address; for an unknown origin what there is of a name, which is no address.
  private var place: String {
    guard asked.origin == .unknown, let host = asked.remoteHost, !host.bytes.isEmpty else {
      return "\(asked.origin)"
    }
    return "unknown \"\(host)\""
  }

  private var originKind: String {
    switch asked.origin {
    case .address: "address"
    case .local: "local"
    case .unknown: "unknown"
    }
  }

  private var fields: [LogEntry.Field] {
    var fields: [LogEntry.Field] = [.init(name: "MESSAGE_ID", value: Self.messageID)]
    func add(_ name: String, _ value: String?) {
      if let value { fields.append(.init(name: "GATEHOUSE_\(name)", value: value)) }
    }
    add("ID", id)
    add("DECISION", decision.reason == .noPolicy ? "no_policy" : decision.verdict.rawValue)
    add("REASON", decision.reason.rawValue)
    add("WOULD_DENY", decision.wouldDeny ? "true" : "false")
    add("USER", user.description)
    add("ASKED_USER", user == asked.user ? nil : asked.user.description)
    add("SERVICE", asked.service.description)
    add("ORIGIN", asked.origin.description)
    add("ORIGIN_KIND", originKind)
    add("RULE", decision.rule?.fileAndLine)
    add(
      "ROLES",
      decision.roles.isEmpty
        ? nil : decision.roles.map(\.description).joined(separator: ","))
    add("ASKED_ROLE", asked.role?.description)
    add("GENERATION", generation)
    add("RHOST", asked.remoteHost?.description)
    add("RUSER", asked.remoteUser?.description)
    add("TTY", asked.terminal?.description)
    add("AUTH", asked.authInfo?.description)
    add("PEER_PID", String(peer))
    add("DELIVERED", wasDelivered ? nil : "false")
    return fields
  }
}
