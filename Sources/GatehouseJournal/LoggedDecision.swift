public import GatehousePolicy

/// A decision of gatehoused, as the journal has it.
public struct LoggedDecision: Hashable, Sendable {
  /// What a login got.
  public enum Outcome: String, CaseIterable, Sendable {
    case allow, deny, ignore
    /// A denial that monitor mode turned into an allow.
    case wouldDeny = "would_deny"
    /// The daemon had no policy; the PAM line decided.
    case noPolicy = "no_policy"
  }

  /// The policy that decided.
  public struct Generation: Hashable, Sendable {
    /// Its number, which begins anew with each start of the daemon.
    public let number: Int
    /// Its SHA-256, in hexadecimal.
    public let digest: String

    /// Reads `4:0123…`; nil for anything else.
    init?(_ text: String) {
      let parts = text.split(separator: ":")
      guard parts.count == 2, let number = Int(parts[0]) else { return nil }
      self.number = number
      digest = String(parts[1])
    }
  }

  /// When the journal got it.
  public internal(set) var time: Instant
  /// What the user could quote.
  public internal(set) var id: String
  /// What the login got.
  public let outcome: Outcome
  /// Why, in one word of gatehouse-policy(5).
  public let reason: String
  /// The user, as the directory spells the name.
  public let user: Name
  /// The PAM service, as it was judged.
  public let service: Name
  /// Where the login came from.
  public let origin: Origin
  /// The machine on which it was: by the files of one machine, else by its own word.
  public var machine: Name?
  /// The user as it was typed, if that was spelt otherwise.
  public var askedUser: Name?
  /// The role that was asked for; nil if none was.
  public var askedRole: Name?
  /// The roles that were available.
  public var roles: [Name] = []
  /// The rule that decided, `file:line`; nil if none did.
  public var rule: String?
  /// The grant that let the user in.
  public var grant: String?
  /// The policy that decided; nil without one.
  public var generation: Generation?
  /// The login session that told the origin.
  public var session: String?
  /// What the program or the session gave as the remote host, if anything.
  public var remoteHost: Name?
  /// How the user proved who they are, as sshd tells it.
  public var proof: Name?
  /// Whether the program that asked was still there for the answer.
  public var wasDelivered = true
  /// What was answered about the second factor, if that alone was asked: then `outcome` is an allow if
  /// it was not needed, and else a denial.
  public var factor: FactorTally.Outcome?
  /// What became of a code, if it is about one: then the id is that of the denial that made it, and
  /// `outcome` is an allow if it was used, and else a denial.
  public var code: CodeEvent?
}

extension LoggedDecision {
  /// The key of the policy that codes are made by, in place of a reason.
  private static let reasonOfCodes = "authorize"

  /// A step of a code in the form of a decision.
  init(_ code: LoggedCode, on machine: Name?) {
    self.init(
      time: code.time, id: code.denial, outcome: code.event == .used ? .allow : .deny,
      reason: Self.reasonOfCodes, user: code.user, service: code.service, origin: code.origin)
    self.machine = machine
    askedRole = code.role
    grant = code.grant
    self.code = code.event
  }

  /// What it is about.
  var subject: DecisionFilter.Subject { code != nil ? .codes : factor != nil ? .factors : .logins }
}

/// Which decisions are wanted; nil and an empty set mean any.
public struct DecisionFilter {
  /// What entries of the log can be about.
  public enum Subject: Sendable {
    /// Decisions about logins.
    case logins
    /// Answers about the second factor.
    case factors
    /// What became of codes.
    case codes

    fileprivate var kind: EntryKind {
      switch self {
      case .logins: .decision
      case .factors: .factor
      case .codes: .code
      }
    }
  }

  /// What is wanted.
  public var subject = Subject.logins
  /// The id of one decision.
  public var id: String?
  /// Users, as the log spells them.
  public var users: Set<Name> = []
  /// PAM services.
  public var services: Set<Name> = []
  /// What the login got.
  public var outcomes: Set<LoggedDecision.Outcome> = []
  /// Reasons.
  public var reasons: Set<String> = []
  /// One of the roles that were available, or the one that was asked for.
  public var role: Name?
  /// The rule that decided: `file:line`, or the file alone.
  public var rule: String?
  /// An address that is the origin.
  public var address: IPAddress?
  /// Whether an origin is wanted, for anything but one address.
  public var holdsOrigin: ((Origin) -> Bool)?
  /// The first time.
  public var since: Instant?
  /// The time before which they are wanted.
  public var until: Instant?
  /// Anything else, all of which has to hold.
  private var demands: [(LoggedDecision) -> Bool] = []

  /// A filter that lets everything through.
  public init() {}

  /// Adds something that has to hold as well.
  public mutating func demand(_ holds: @escaping (LoggedDecision) -> Bool) { demands.append(holds) }

  /// What the journal itself can look for, as fields and their values.
  var fields: [(name: String, value: String)] {
    var fields = LoginHistory.fields(of: subject.kind)
    if let id { fields.append((subject == .codes ? "GATEHOUSE_DENIAL" : "GATEHOUSE_ID", id)) }
    fields += users.sorted().map { ("GATEHOUSE_USER", $0.description) }
    fields += services.sorted().map { ("GATEHOUSE_SERVICE", $0.description) }
    fields += reasons.sorted().map { ("GATEHOUSE_REASON", $0) }
    if let address {
      fields += [("GATEHOUSE_ORIGIN_KIND", "address"), ("GATEHOUSE_ORIGIN", address.description)]
    }
    // A denial of monitor mode is an allow by its field.
    if !outcomes.isEmpty {
      let words = Set(outcomes.map { $0 == .wouldDeny ? "allow" : $0.rawValue })
      fields += words.sorted().map { ("GATEHOUSE_DECISION", $0) }
    }
    return fields
  }

  /// Whether a decision is wanted, if nobody has looked for its fields yet.
  public func accepts(_ decision: LoggedDecision) -> Bool {
    subject == decision.subject && (id == nil || id == decision.id)
      && (users.isEmpty || users.contains(decision.user))
      && (services.isEmpty || services.contains(decision.service))
      && (reasons.isEmpty || reasons.contains(decision.reason))
      && address.map { decision.origin == .address($0) } ?? true
      && since.map { decision.time >= $0 } ?? true && wants(decision)
  }

  /// Whether a decision is wanted, whatever the journal has looked for already.
  func wants(_ decision: LoggedDecision) -> Bool {
    (outcomes.isEmpty || outcomes.contains(decision.outcome))
      && role.map { decision.roles.contains($0) || decision.askedRole == $0 } ?? true
      && rule.map { decision.rule == $0 || decision.rule?.starts(with: "\($0):") == true } ?? true
      && holdsOrigin.map { $0(decision.origin) } ?? true
      && until.map { decision.time < $0 } ?? true && demands.allSatisfy { $0(decision) }
  }
}

/// The decisions that a journal has of gatehoused, by a filter.
///
/// The journal finds them by their fields. Only entries are believed that the journal itself attributes
/// to gatehoused's unit and to a system account: every user can write the other fields.
public struct DecisionLog: ~Copyable {
  private let journal: Journal
  private let filter: DecisionFilter
  /// The machine whose files are read; nil if each entry says it.
  private let machine: Name?

  /// How many entries looked like decisions and were not believed, or could not be read.
  public private(set) var omitted = 0

  /// Opens a journal; throws if it cannot be read.
  public init(_ source: Journal.Source, _ filter: DecisionFilter) throws(JournalError) {
    journal = try Journal.matching(filter.fields, in: source)
    self.filter = filter
    machine = source.machine
  }

  /// The time of the oldest entry of the whole journal.
  public var beginning: Instant? { journal.beginning() }

  /// The newest decisions, the oldest of them first.
  ///
  /// - Parameters:
  ///   - limit: How many.
  ///   - progress: Called with the time of each entry that is looked at.
  /// - Returns: The decisions.
  /// - Throws: An error of the journal.
  public mutating func newest(
    _ limit: Int, progress: (Instant) -> Void = { _ in }
  ) throws(JournalError) -> [LoggedDecision] {
    if let until = filter.until { try journal.seek(to: until) } else { try journal.seekToEnd() }
    var found: [LoggedDecision] = []
    while found.count < limit, try journal.previous() {
      let time = try journal.time()
      progress(time)
      if let since = filter.since, time < since { break }
      if let decision = decision(at: time) { found.append(decision) }
    }
    return found.reversed()
  }

  /// All decisions of the filter's time, the oldest first; some at a time, since there may be millions.
  ///
  /// - Parameters:
  ///   - progress: Called with the time of each entry that is looked at.
  ///   - visit: Called with some decisions.
  /// - Throws: An error of the journal, or of `visit`.
  public mutating func all(
    progress: (Instant) -> Void = { _ in }, _ visit: ([LoggedDecision]) throws -> Void
  ) throws {
    if let since = filter.since { try journal.seek(to: since) }
    var some: [LoggedDecision] = []
    while try journal.next() {
      let time = try journal.time()
      progress(time)
      if let until = filter.until, time >= until { break }
      guard let decision = decision(at: time) else { continue }
      some.append(decision)
      if some.count == Self.someCount {
        try visit(some)
        some.removeAll()
      }
    }
    if !some.isEmpty { try visit(some) }
  }

  /// How many decisions are visited at a time.
  private static let someCount = 1000

  /// Calls back with each decision that comes after some, as it comes; does not end.
  ///
  /// - Parameters:
  ///   - shown: Decisions of which the newest were seen already, in order.
  ///   - start: From when on, if there are none.
  ///   - visit: Called with each.
  /// - Throws: An error of the journal, or of `visit`.
  public mutating func follow(
    after shown: [LoggedDecision], from start: Instant, _ visit: (LoggedDecision) throws -> Void
  ) throws -> Never {
    let time = shown.last?.time ?? start
    let known = Set(shown.lazy.filter { $0.time >= time })
    try journal.seek(to: time)
    while true {
      while try journal.next() {
        if let decision = decision(at: try journal.time()), !known.contains(decision) {
          try visit(decision)
        }
      }
      try journal.wait(atMost: .seconds(3600))
    }
  }

  private mutating func decision(at time: Instant) -> LoggedDecision? {
    let entry = DecisionEntry(journal.values(of: DecisionEntry.JournalField.all), time: time)
    guard var decision = entry.logged else {
      omitted += 1
      return nil
    }
    if let machine { decision.machine = machine }
    return filter.wants(decision) ? decision : nil
  }
}
