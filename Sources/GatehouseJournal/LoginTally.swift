public import GatehousePolicy
internal import Glibc

/// The decisions of a time, counted in tables of bounded size: what `gatehouse report` is made of.
public struct LoginTally: Sendable {
  /// The most groups of decisions that were no plain allow.
  public static let mostRefusals = 20_000
  /// The most groups of others.
  public static let mostOthers = 40_000
  /// The most services that are counted one by one.
  public static let mostServices = 64

  /// Decisions that are alike: of one user, place and service, with the same answer for the same reason.
  public struct Group: Sendable {
    /// The newest of them.
    public fileprivate(set) var newest: LoggedDecision
    /// When the oldest was.
    public fileprivate(set) var first: Instant
    /// How many there were.
    public fileprivate(set) var count: Int
    /// The place of the service in the tally's list.
    fileprivate var service: Int
  }

  /// How many decisions there were of each kind.
  public struct Outcomes: Hashable, Sendable {
    private var allow = 0
    private var deny = 0
    private var ignore = 0
    private var wouldDeny = 0
    private var noPolicy = 0

    /// None.
    public init() {}

    /// How many had this outcome.
    public subscript(outcome: LoggedDecision.Outcome) -> Int {
      get {
        switch outcome {
        case .allow: allow
        case .deny: deny
        case .ignore: ignore
        case .wouldDeny: wouldDeny
        case .noPolicy: noPolicy
        }
      }
      set {
        switch outcome {
        case .allow: allow = newValue
        case .deny: deny = newValue
        case .ignore: ignore = newValue
        case .wouldDeny: wouldDeny = newValue
        case .noPolicy: noPolicy = newValue
        }
      }
    }

    /// How many there were of all kinds.
    public var total: Int { allow + deny + ignore + wouldDeny + noPolicy }

    /// Adds the counts of another one.
    public static func += (left: inout Outcomes, right: Outcomes) {
      for outcome in LoggedDecision.Outcome.allCases { left[outcome] += right[outcome] }
    }
  }

  /// What was decided by one service.
  public struct Service: Sendable {
    /// Its name; nil for all that are beyond the most that are counted one by one.
    public let name: Name?
    /// What was decided in each period.
    public fileprivate(set) var byPeriod: [Outcomes]
  }

  /// The beginnings of the periods into which the time is divided, in order.
  public let periods: [Instant]
  /// What was decided by each service; the first is all that are not counted one by one.
  public private(set) var services: [Service]
  /// Decisions that are alike, in no order.
  public private(set) var groups: [Group] = []
  /// Decisions that are in no group, because there were too many groups.
  public private(set) var ungrouped = Outcomes()
  /// Entries that looked like decisions or answers and were not believed, or could not be read.
  public private(set) var omitted = 0
  /// The answers about the second factor.
  public private(set) var factors = FactorTally()
  /// The codes by which users authorise a new place.
  public private(set) var codes = CodeTally()

  private var places: [Key: Int] = [:]
  private var serviceIndex: [Name: Int] = [:]
  private var refusals = 0

  /// What tells decisions from each other, as bytes.
  private struct Key: Hashable {
    let bytes: [UInt8]

    /// Compares all bytes in one step, which is much faster than one by one.
    static func == (left: Self, right: Self) -> Bool {
      guard left.bytes.count == right.bytes.count else { return false }
      // SAFETY: here and below, the bytes are read during the call alone, and no more than there are.
      return unsafe left.bytes.withUnsafeBytes { left in
        unsafe right.bytes.withUnsafeBytes { right in
          guard let first = left.baseAddress, let second = right.baseAddress else { return true }
          return unsafe memcmp(first, second, left.count) == 0
        }
      }
    }

    /// Feeds all bytes in one step, which is much faster than one by one.
    func hash(into hasher: inout Hasher) {
      unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
  }

  /// A tally without decisions; `periods` are in order, and there is at least one.
  public init(periods: [Instant]) {
    self.periods = periods
    services = [
      Service(name: nil, byPeriod: Array(repeating: Outcomes(), count: periods.count))
    ]
  }

  /// What was decided in each period.
  public var byPeriod: [Outcomes] {
    periods.indices.map { period in
      services.reduce(into: Outcomes()) { $0 += $1.byPeriod[period] }
    }
  }

  /// What was decided in all.
  public var total: Outcomes { byPeriod.reduce(into: Outcomes()) { $0 += $1 } }

  // MARK: - Counting

  /// Counts the decision of an entry.
  ///
  /// - Parameters:
  ///   - key: What tells it from those that are not alike.
  ///   - id: Its id.
  ///   - time: Its time.
  ///   - decode: Reads it; nil if it cannot be believed. Called only if there was none like it.
  mutating func count(
    _ key: [UInt8], id: String, at time: Instant, decode: () -> LoggedDecision?
  ) {
    let key = Key(bytes: key)
    if let index = places[key] {
      groups[index].count += 1
      groups[index].newest.time = time
      groups[index].newest.id = id
      services[groups[index].service].byPeriod[period(of: time)][groups[index].newest.outcome] += 1
    } else if let decision = decode() {
      let service = index(of: decision.service)
      services[service].byPeriod[period(of: time)][decision.outcome] += 1
      add(Group(newest: decision, first: time, count: 1, service: service), as: key)
    } else {
      omitted += 1
    }
  }

  /// Counts an answer about the second factor; nil is one that cannot be believed.
  mutating func count(_ answer: FactorTally.Answer?, at time: Instant) {
    if let answer { factors.count(answer, at: time) } else { omitted += 1 }
  }

  /// Counts a step of a code; nil is one that cannot be believed.
  mutating func count(_ code: LoggedCode?) {
    if let code { codes.count(code) } else { omitted += 1 }
  }

  /// Counts a decision that was read already.
  public mutating func count(_ decision: LoggedDecision) {
    let parts = [
      decision.outcome.rawValue, decision.reason, "\(decision.user)", "\(decision.service)",
      "\(decision.origin.kind)", "\(decision.origin)", decision.rule ?? "", decision.grant ?? "",
      "\(decision.remoteHost ?? "")", "\(decision.machine ?? "")",
    ]
    // No part can look like two: the length of each stands before it.
    let key = parts.flatMap { Array("\($0.utf8.count) \($0)".utf8) }
    count(key, id: decision.id, at: decision.time) { decision }
  }

  /// Adds what another part of the journal has, divided into the same periods.
  public mutating func add(_ other: LoginTally) {
    for service in other.services {
      var index = 0
      if let name = service.name { index = self.index(of: name) }
      for (period, outcomes) in service.byPeriod.enumerated() {
        services[index].byPeriod[period] += outcomes
      }
    }
    for (key, index) in other.places {
      var group = other.groups[index]
      group.service = self.index(of: group.newest.service)
      add(group, as: key)
    }
    ungrouped += other.ungrouped
    omitted += other.omitted
    factors.add(other.factors)
    codes.add(other.codes)
  }

  private mutating func add(_ group: Group, as key: Key) {
    if let index = places[key] {
      groups[index].count += group.count
      groups[index].first = min(groups[index].first, group.first)
      if group.newest.time > groups[index].newest.time { groups[index].newest = group.newest }
      return
    }
    let isRefusal = group.newest.isNotable
    let hasRoom =
      isRefusal ? refusals < Self.mostRefusals : groups.count - refusals < Self.mostOthers
    guard hasRoom else {
      ungrouped[group.newest.outcome] += group.count
      return
    }
    if isRefusal { refusals += 1 }
    places[key] = groups.count
    groups.append(group)
  }

  /// The place of a service in the list; a new one if there is room.
  private mutating func index(of service: Name) -> Int {
    if let index = serviceIndex[service] { return index }
    guard services.count <= Self.mostServices else { return 0 }
    serviceIndex[service] = services.count
    services.append(
      Service(name: service, byPeriod: Array(repeating: Outcomes(), count: periods.count)))
    return services.count - 1
  }

  /// The period in which a time lies; the first one if it is before all of them.
  private func period(of time: Instant) -> Int {
    var low = 0
    var high = periods.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if periods[middle] <= time { low = middle } else { high = middle }
    }
    return low
  }
}

extension LoggedDecision {
  /// Whether it is more than a plain allow by the lists.
  var isNotable: Bool {
    switch outcome {
    case .deny, .wouldDeny, .noPolicy: true
    case .allow: reason == Reason.breakGlass.rawValue || reason == Reason.granted.rawValue
    case .ignore: false
    }
  }
}
