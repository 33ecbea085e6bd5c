public import GatehousePolicy

/// A step of a code by which a user authorises a new place, as gatehoused logged it.
public struct LoggedCode: Hashable, Sendable {
  /// What became of it.
  public let event: CodeEvent
  /// When the journal got it.
  public let time: Instant
  /// The user, as the directory spells the name.
  public let user: Name
  /// Where the login came from.
  public let origin: Origin
  /// The PAM service.
  public let service: Name
  /// The role that was asked for; nil if none was.
  public let role: Name?
  /// The id of the denial that made it.
  public let denial: String
  /// The grant that it made; nil if it made none.
  public let grant: String?
}

/// The codes of a time, counted for each user.
public struct CodeTally: Sendable {
  /// The codes of a user.
  public struct Group: TallyGroup {
    /// The user.
    public let user: Name
    /// How many of each event there were.
    private var counts: [CodeEvent: Int] = [:]
    /// When the newest was.
    public fileprivate(set) var last: Instant
    /// Where the newest was from.
    public fileprivate(set) var origin: Origin

    fileprivate init(_ code: LoggedCode) {
      user = code.user
      last = code.time
      origin = code.origin
      counts[code.event] = 1
    }

    /// How many of an event there were.
    public subscript(event: CodeEvent) -> Int { counts[event] ?? 0 }

    /// How many events there were.
    public var total: Int { counts.values.reduce(0, +) }

    var key: Name { user }

    mutating func add(_ other: Group) {
      counts.merge(other.counts, uniquingKeysWith: +)
      if other.last > last { (last, origin) = (other.last, other.origin) }
    }
  }

  /// The most users that are told apart.
  static let mostGroups = 1000

  private var table = TallyTable<Group>(atMost: mostGroups)

  /// The users, in no order.
  public var groups: [Group] { table.groups }
  /// Events of users that are in no group, because there were too many.
  public var ungrouped: Int { table.ungrouped }

  /// No code yet.
  public init() {}

  /// Counts an event.
  mutating func count(_ code: LoggedCode) { table.add(Group(code)) }

  /// Adds what another part of the journal has.
  mutating func add(_ other: CodeTally) { table.add(other.table) }
}
