import GatehousePolicy

/// A decision as gatehoused logged it.
struct DecisionEntry {
  /// The journal fields that are read.
  enum JournalField: String, CaseIterable {
    case userID = "_UID"
    case decision = "GATEHOUSE_DECISION"
    case reason = "GATEHOUSE_REASON"
    case wouldDeny = "GATEHOUSE_WOULD_DENY"
    case user = "GATEHOUSE_USER"
    case askedUser = "GATEHOUSE_ASKED_USER"
    case service = "GATEHOUSE_SERVICE"
    case originKind = "GATEHOUSE_ORIGIN_KIND"
    case origin = "GATEHOUSE_ORIGIN"
    case askedRole = "GATEHOUSE_ASKED_ROLE"
    case authInfo = "GATEHOUSE_AUTH"
    // Those that only `gatehouse log` shows.
    case machine = "_HOSTNAME"
    case id = "GATEHOUSE_ID"
    case rule = "GATEHOUSE_RULE"
    case grant = "GATEHOUSE_GRANT"
    case roles = "GATEHOUSE_ROLES"
    case generation = "GATEHOUSE_GENERATION"
    case session = "GATEHOUSE_SESSION"
    case remoteHost = "GATEHOUSE_RHOST"
    case hostName = "GATEHOUSE_HOST_NAME"
    case delivered = "GATEHOUSE_DELIVERED"
    // By which decisions are told from other entries, if the journal was not asked for them alone.
    case kind = "MESSAGE_ID"
    // Those of an answer about the second factor.
    case factor = "GATEHOUSE_FACTOR"
    case wouldSpare = "GATEHOUSE_WOULD_SPARE"
    // Those of a step of a code.
    case codeEvent = "GATEHOUSE_CODE_EVENT"
    case denial = "GATEHOUSE_DENIAL"
    case role = "GATEHOUSE_ROLE"

    /// All fields.
    static let all = JournalFields(allCases)
    /// Those that make up a login.
    static let ofLogin = JournalFields(Array(allCases.prefix { $0 != .machine }))
  }

  /// The lowest uid of an ordinary user (UID_MIN in login.defs(5)).
  private static let firstOrdinaryUserID = 1000

  private let values: [JournalField: [UInt8]]
  let time: Instant

  init(_ values: [JournalField: [UInt8]], time: Instant) {
    self.values = values
    self.time = time
  }

  /// The login, or why no policy can be asked about it.
  var login: Result<RecordedLogin, Omission> {
    Result { () throws(Omission) in try read() }
  }

  /// What sshd's own line about the same login says; nil if sshd writes none.
  var accepted: AcceptedLogin? {
    guard case .success(let login) = login, login.outcome.verdict != .deny else { return nil }
    // sshd under another service name still sends its authentication methods.
    guard login.service == AcceptedLogin.service || values[.authInfo] != nil else { return nil }
    return AcceptedLogin(user: name(.askedUser) ?? login.user, origin: login.origin)
  }

  private func read() throws(Omission) -> RecordedLogin {
    guard isTrusted else { throw .untrusted }
    let reason = text(.reason)
    guard reason != LoginHistory.noPolicy else { throw .undecided }
    switch reason.flatMap({ Reason(rawValue: $0) }) {
    case .identityUnavailable: throw .undecided
    case .granted: throw .granted
    default: break
    }
    guard let verdict = text(.decision).flatMap({ Verdict(rawValue: $0) }),
      let user = name(.user), let service = name(.service), let origin
    else { throw .unreadable }
    return RecordedLogin(
      user: user, service: service, role: name(.askedRole), origin: origin,
      outcome: DecisionOutcome(verdict: verdict, wouldDeny: text(.wouldDeny) == "true"), time: time)
  }

  /// Whether no ordinary user can have written it.
  private var isTrusted: Bool {
    text(.userID).flatMap { Int($0) }.map(Self.isOfSystem) ?? false
  }

  /// Whether a user is no ordinary one, by number.
  static func isOfSystem(_ user: Int) -> Bool { user < firstOrdinaryUserID }

  private var origin: Origin? {
    switch text(.originKind).flatMap({ Origin.Kind(rawValue: $0) }) {
    case .address?: values[.origin].flatMap { IPAddress(bytes: $0) }.map { .address($0) }
    case .machine?: .machine
    case .local?: .local
    // A login from elsewhere that is unknown is denied with the reason why it is.
    case .unknown?: .unknown(text(.reason).flatMap { UnknownOrigin(rawValue: $0) } ?? .notAnAddress)
    case nil: nil
    }
  }

  private func text(_ field: JournalField) -> String? {
    values[field].map { String(decoding: $0, as: UTF8.self) }
  }

  private func name(_ field: JournalField) -> Name? {
    values[field].flatMap { $0.isEmpty ? nil : Name(bytes: $0) }
  }

  /// Everything that it says, for somebody to read; nil if an ordinary user may have written it, or it
  /// cannot be understood.
  var logged: LoggedDecision? {
    if values[.codeEvent] != nil { return code.map { LoggedDecision($0, on: name(.machine)) } }
    guard isTrusted, let user = name(.user), let service = name(.service), let origin,
      let id = text(.id), let outcome = outcome, let reason = text(.reason)
    else { return nil }
    var decision = LoggedDecision(
      time: time, id: id, outcome: outcome, reason: reason, user: user, service: service,
      origin: origin)
    decision.machine = name(.machine)
    decision.askedUser = name(.askedUser)
    decision.askedRole = name(.askedRole)
    decision.roles = (values[.roles] ?? []).split(separator: UInt8(ascii: ",")).map {
      Name(bytes: $0)
    }
    decision.rule = text(.rule)
    decision.grant = text(.grant)
    decision.generation = text(.generation).flatMap { LoggedDecision.Generation($0) }
    decision.session = text(.session)
    decision.remoteHost = name(.hostName) ?? name(.remoteHost)
    decision.proof = name(.authInfo)
    decision.wasDelivered = text(.delivered) != "false"
    decision.factor = factor?.outcome
    return decision
  }

  /// The answer about the second factor that it is; nil if an ordinary user may have written it, or it
  /// cannot be understood.
  var factor: FactorTally.Answer? {
    guard isTrusted, let service = name(.service), let reason = text(.reason),
      let verdict = text(.factor).flatMap({ FactorVerdict(rawValue: $0) })
    else { return nil }
    return FactorTally.Answer(
      outcome: text(.wouldSpare) == "true" ? .wouldSpare : .init(verdict), reason: reason,
      rule: text(.rule), service: service)
  }

  /// The step of a code that it is; nil if an ordinary user may have written it, or it cannot be
  /// understood.
  var code: LoggedCode? {
    guard isTrusted, let event = text(.codeEvent).flatMap({ CodeEvent(rawValue: $0) }),
      let user = name(.user), let service = name(.service), let origin
    else { return nil }
    return LoggedCode(
      event: event, time: time, user: user, origin: origin, service: service, role: name(.role),
      denial: text(.denial) ?? "", grant: text(.grant))
  }

  private var outcome: LoggedDecision.Outcome? {
    if let factor { return factor.outcome == .notNeeded ? .allow : .deny }
    if text(.wouldDeny) == "true" { return .wouldDeny }
    return text(.decision).flatMap { LoggedDecision.Outcome(rawValue: $0) }
  }
}
