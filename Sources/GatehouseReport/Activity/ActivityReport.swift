public import GatehouseControl
public import GatehouseDoors
public import GatehouseJournal
import GatehousePlatform
public import GatehousePolicy

/// What happened in a time: `gatehouse report`.
///
/// The decisions are the journal's. Of this machine, it also has what the daemon's login record, the
/// policy and the doors say; of a journal of other machines nothing else is known.
public struct ActivityReport: Report {
  /// What is known of this machine beside its journal.
  public struct OfMachine: Sendable {
    /// Its name.
    public var name: String
    /// Who came from where, by the login record; nil if the daemon cannot be asked.
    public var record: PlaceList?
    /// Whether the record has forgotten places, because it or a user's part of it was full.
    public var isRecordFull = false
    /// What candidates and monitor mode would have decided; nil if the daemon cannot be asked.
    public var shadow: ShadowState?
    /// Logins that end soon.
    public var endings: [EndingLogin] = []
    /// The policy that is in force; nil if there is none.
    public var policy: Policy?
    /// A policy of the past, by which the age of entries is known; nil if the history has none.
    public var earlier: EarlierPolicy?
    /// Its doors.
    public var doors: Doors?
    /// Logins that were let in without a question; nil if the journal could not be searched for them.
    public var unchecked: UncheckedLogins?
    /// What the policy makes of refused logins now, by the id of the newest refusal.
    public var explanations: [String: ExplainedLogin] = [:]

    /// A machine of which only the name is known.
    public init(name: String) { self.name = name }
  }

  /// A policy of the past.
  public struct EarlierPolicy: Sendable {
    /// The policy.
    public var policy: Policy
    /// When it was accepted.
    public var since: Instant

    /// A policy that was accepted at a time.
    public init(_ policy: Policy, since: Instant) {
      self.policy = policy
      self.since = since
    }
  }

  /// The first moment of the time.
  public let since: Instant
  /// The end of the time: when the report was made.
  public let until: Instant
  /// The oldest entry of the journal, or line of syslog's files; nil if there is none.
  public let beginning: Instant?
  /// The files of syslog that were read, because there is no journal; they prove nothing.
  public let syslog: [String]
  /// The decisions.
  public let tally: LoginTally
  /// What else is known; nil for a journal of other machines.
  public let machine: OfMachine?
  /// The columns of the text; nil if there is no need to fit it.
  public let columns: Int?

  /// What of the refusals, the first logins and so on is derived, the most important first.
  let refusals: [Refusal]
  /// Whether the decisions are those of several machines.
  let isOfSeveral: Bool
  let exceptions: [LoginTally.Group]
  /// Answers about the second factor, by what was answered and then the most frequent first.
  let factors: [FactorTally.Group]
  /// Who was sent codes, those with the most first.
  let codes: [CodeTally.Group]
  let newcomers: [Newcomer]
  let unused: UnusedEntries?
  let ending: [EntryPlace]

  /// Refused logins that are alike.
  struct Refusal: Sendable {
    let group: LoginTally.Group
    /// Whether the user came from there for the first time in this time.
    let isFirst: Bool
    let explanation: ExplainedLogin?
  }

  /// A place from which a user came for the first time.
  struct Newcomer: Sendable {
    let user: Name
    let origin: Origin
    let isNetwork: Bool
    let services: [Name]
    let first: Instant
    let allowed: Int
    let refused: Int
  }

  /// Entries of the policy that nobody has needed.
  struct UnusedEntries: Sendable {
    /// Since when nobody has.
    let since: Instant
    /// Why that is not the whole time, or not certain; nil if it is both.
    let caution: String?
    /// The entries, without those that are younger, as far as the history tells.
    let entries: [EntryPlace]
    /// How many are younger, and so are not named.
    let younger: Int
    /// Lists that decided no login, without those that are younger; nil if the record does not have all
    /// lists.
    let lists: [Name]?
    /// Since when they have not: what the record has from the journal says nothing of lists.
    let listsSince: Instant
  }

  /// For how long nobody must have needed an entry.
  public static let period = Duration.seconds(90 * 86_400)
  /// How far ahead entries that end are shown.
  static let notice = Duration.seconds(30 * 86_400)

  /// A report on a time.
  public init(
    since: Instant, until: Instant, beginning: Instant?, syslog: [String] = [], tally: LoginTally,
    machine: OfMachine?, columns: Int?
  ) {
    self.since = since
    self.until = until
    self.beginning = beginning
    self.syslog = syslog
    self.tally = tally
    self.machine = machine
    self.columns = columns
    isOfSeveral = machine == nil && Set(tally.groups.map(\.newest.machine)).count > 1
    let firsts = FirstPlaces(machine?.record, since: since)
    refusals = tally.groups.filter { $0.newest.outcome == .deny || $0.newest.outcome == .wouldDeny }
      .sorted {
        ($1.count, $1.newest.time, $0.newest.id) < ($0.count, $0.newest.time, $1.newest.id)
      }
      .map { group in
        Refusal(
          group: group, isFirst: firsts.holds(group.newest.user, group.newest.origin),
          explanation: machine?.explanations[group.newest.id])
      }
    exceptions = tally.groups.filter(\.newest.isException)
      .sorted { ($1.newest.time, $0.newest.id) < ($0.newest.time, $1.newest.id) }
    let outcomes = FactorTally.Outcome.allCases
    factors = outcomes.flatMap { outcome in
      tally.factors.groups.filter { $0.answer.outcome == outcome }
        .sorted { ($1.count, $1.last) < ($0.count, $0.last) }
    }
    codes = tally.codes.groups.sorted {
      ($1.total, $0.user) < ($0.total, $1.user)
    }
    newcomers = firsts.newcomers
    unused = machine.flatMap { Self.unused($0, at: until) }
    ending = machine?.policy?.entries(endingWithin: Self.notice, from: until) ?? []
  }

  /// Yes: it was made.
  public var status: ReportStatus { .yes }

  private static func unused(_ machine: OfMachine, at now: Instant) -> UnusedEntries? {
    guard let policy = machine.policy, let record = machine.record else { return nil }
    let start = now - period
    let visits = record.places.filter { $0.last >= start && ($0.isAdmitted || $0.allowed > 0) }
      .map { VisitedPlace(user: $0.user, origin: $0.origin, isNetwork: $0.isNetwork) }
    let begin = record.places.map(\.first).min() ?? record.since
    let used = Set(record.lists.filter { $0.last >= start }.map(\.path))
    let since = max(start, min(begin, record.since))
    var cautions: [String] = []
    if since > start {
      cautions.append(
        "The login record begins \(since.localMinute): somebody may have come from them before.")
    } else if machine.isRecordFull {
      cautions.append(
        "The login record is full, and has forgotten old places: somebody may have come from them.")
    }
    let earlier = machine.earlier
    if let earlier, earlier.since > start {
      cautions.append(
        "The history of the policy begins \(earlier.since.localMinute): they may be no older.")
    } else if earlier == nil {
      cautions.append("The history has no policy of that time: they may be new.")
    }
    let unused = policy.entries(holdingNoneOf: visits, at: now)
    let old = earlier.map { earlier in
      Set(
        earlier.policy.entries(holdingNoneOf: [], at: max(start, earlier.since))
          .map { [$0.list, $0.text] })
    }
    let entries = unused.filter { old?.contains([$0.list, $0.text]) ?? true }
    let oldLists = earlier.map { Set($0.policy.everydayLists) }
    let lists = policy.everydayLists.filter {
      !used.contains($0) && oldLists?.contains($0) ?? true
    }
    return UnusedEntries(
      since: since, caution: cautions.isEmpty ? nil : cautions.joined(separator: " "),
      entries: entries, younger: unused.count - entries.count,
      lists: record.isMissingLists ? nil : lists, listsSince: max(start, record.since))
  }
}

extension LoggedDecision {
  /// Whether somebody was let in by an exception, or without a policy.
  fileprivate var isException: Bool {
    outcome == .noPolicy || reason == Reason.breakGlass.rawValue
      || reason == Reason.granted.rawValue
  }
}

/// Who came from where for the first time in a time, by the login record.
private struct FirstPlaces {
  private var first: [Name: [Place: ActivityReport.Newcomer]] = [:]

  private struct Place: Hashable {
    let origin: Origin
    let isNetwork: Bool
  }

  init(_ record: PlaceList?, since: Instant) {
    guard let record else { return }
    let places = Dictionary(grouping: record.places.filter { $0.origin.isListed }, by: \.user)
    for (user, places) in places {
      for (place, visits) in Dictionary(
        grouping: places, by: { Place(origin: $0.origin, isNetwork: $0.isNetwork) })
      {
        guard let time = visits.map(\.first).min(), time >= since else { continue }
        first[user, default: [:]][place] = ActivityReport.Newcomer(
          user: user, origin: place.origin, isNetwork: place.isNetwork,
          services: visits.map(\.service).sorted(), first: time,
          allowed: visits.reduce(0) { $0 + $1.allowed },
          refused: visits.reduce(0) { $0 + $1.refused })
      }
    }
  }

  func holds(_ user: Name, _ origin: Origin) -> Bool {
    guard let places = first[user] else { return false }
    if places[Place(origin: origin, isNetwork: false)] != nil { return true }
    guard case .address(let address) = origin, address.family == .ipv6 else { return false }
    let network = AddressPrefix(of: address, length: 64).address
    return places[Place(origin: .address(network), isNetwork: true)] != nil
  }

  /// The newest first.
  var newcomers: [ActivityReport.Newcomer] {
    first.values.flatMap(\.values).sorted {
      ($1.first, $0.user, $0.origin.description) < ($0.first, $1.user, $1.origin.description)
    }
  }
}
