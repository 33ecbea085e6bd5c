public import GatehouseControl
public import GatehousePolicy

/// One login that was answered, or whose session was seen: what the record gets of it.
public struct LoginNote: Sendable {
  /// What became of the login.
  public enum Outcome: Sendable {
    /// It was let in: allowed, not checked, or let in by monitor mode.
    case allowed
    /// It was denied.
    case refused
    /// Its session was seen; nobody asked just then.
    case seen
  }

  /// Who logged in, as the policy judged the name.
  public let user: Name
  /// Where the login came from.
  public let origin: Origin
  /// The PAM service, as it was judged.
  public let service: Name
  /// What became of it.
  public let outcome: Outcome
  /// When it was answered or seen.
  public let time: Instant
  /// Whether a directory has confirmed the name.
  public let isKnown: Bool
  /// Whether the policy itself let it in by its own address: not monitor mode, not a policy that checks
  /// nothing, and not by what a session tells.
  public let provesPlace: Bool
  /// The list that decided, by its path in the policy (`users.bob.also_from`); nil if none did.
  public var list: Name?

  /// A login with all that the record takes of it.
  public init(
    user: Name, origin: Origin, service: Name, outcome: Outcome, time: Instant,
    isKnown: Bool = true, provesPlace: Bool = false, list: Name? = nil
  ) {
    self.user = user
    self.origin = origin
    self.service = service
    self.outcome = outcome
    self.time = time
    self.isKnown = isKnown
    self.provesPlace = provesPlace
    self.list = list
  }
}

/// Who came from where by what, bounded; pure.
///
/// Places are bounded for all users together and for each one. Who has no room in their own gives up
/// their oldest place, so that nobody's logins push out another's. Places from which a user was only
/// ever refused are kept apart, and have less room. Names that no directory has confirmed have a share
/// of both (`PlaceTable`).
public struct LoginRecord: Sendable {
  /// The most places from which somebody was let in.
  public static let limit = 40_000
  /// The most places from which somebody was only refused.
  public static let refusedLimit = 10_000
  /// The most of each of both that names have which no directory has confirmed.
  public static let strangerLimit = 10_000
  /// The same of refused places.
  public static let refusedStrangerLimit = 5_000
  /// The most of one user, in each of both.
  public static let limitPerUser = 200
  /// The most services that are counted.
  public static let serviceLimit = 256
  /// The most lists of which the last use is known.
  public static let listLimit = 8192
  /// The longest path of such a list, in bytes.
  public static let listPathLimit = 512
  /// For how long a place is kept after the last login from it.
  public static let maximumAge = Duration.seconds(400 * 86_400)

  /// A user, and where and by what they come.
  public struct Place: Hashable, Sendable {
    /// Who came.
    public let user: Name
    /// The PAM service, as it was judged.
    public let service: Name
    /// Where the user came from.
    public var origin: Origin
    /// Whether the origin stands for its whole /64.
    public var isNetwork: Bool

    /// A place.
    public init(user: Name, service: Name, origin: Origin, isNetwork: Bool = false) {
      self.user = user
      self.service = service
      self.origin = origin
      self.isNetwork = isNetwork
    }
  }

  /// What is known of a place.
  public struct Visits: Equatable, Sendable {
    /// The first login from there.
    public var first: Instant
    /// The last one.
    public var last: Instant
    /// How many were let in.
    public var allowed: Int
    /// How many were refused.
    public var refused: Int
    /// The list that last decided one of them, by its path in the policy; nil if none did.
    public var list: Name?
    /// The last one that the policy itself let in (`LoginNote.provesPlace`); nil if none was.
    public var proven: Instant?

    /// The visits of a place.
    public init(
      first: Instant, last: Instant, allowed: Int = 0, refused: Int = 0, list: Name? = nil,
      proven: Instant? = nil
    ) {
      self.first = first
      self.last = last
      self.allowed = allowed
      self.refused = refused
      self.list = list
      self.proven = proven
    }
  }

  /// When it began.
  public let since: Instant
  /// The places from which somebody was let in.
  public private(set) var admitted = PlaceTable(
    limit: Self.limit, strangers: Self.strangerLimit)
  /// The places from which somebody was only refused.
  public private(set) var refused = PlaceTable(
    limit: Self.refusedLimit, strangers: Self.refusedStrangerLimit)
  /// The logins whose asking process still ran when that was last looked at; they are kept apart from
  /// the rest, and end with the boot.
  public var open = OpenLogins()
  /// Whether it has what the machine's journal knew of the time before it.
  public private(set) var hasHistory = false
  /// When each list has last decided a login, by the list's path.
  public private(set) var lists: [Name: Instant] = [:]
  /// Whether there were more lists than are recorded.
  public private(set) var isMissingLists = false
  private(set) var services: [Name: ServiceUses.Use] = [:]
  private(set) var isMissingServices = false

  /// A record without logins.
  public init(since: Instant) { self.since = since }

  /// What was kept; places beyond the bounds are left out.
  init(_ kept: Kept) {
    since = kept.since
    hasHistory = kept.hasHistory
    isMissingLists = kept.isMissingLists
    for list in kept.lists.prefix(Self.listLimit) { lists[list.path] = list.last }
    for row in kept.admitted { admitted.add(row.visits, to: row.place, isKnown: row.isKnown) }
    for row in kept.refused { refused.add(row.visits, to: row.place, isKnown: row.isKnown) }
    for use in kept.services.prefix(Self.serviceLimit) { services[use.service] = use }
  }

  /// Takes up a login.
  public mutating func add(_ note: LoginNote) {
    let place = Place(user: note.user, service: note.service, origin: note.origin)
    var visits = Visits(first: note.time, last: note.time)
    visits.list = note.list.flatMap { use($0, at: note.time) }
    // Whoever was confirmed once, is for both.
    let isKnown =
      note.isKnown || admitted.isKnown(note.user) || refused.isKnown(note.user)
    switch note.outcome {
    case .allowed:
      visits.allowed = 1
      if note.provesPlace { visits.proven = note.time }
      if let earlier = refused.remove(place) { visits.add(earlier) }
      admitted.add(visits, to: place, isKnown: isKnown)
    case .refused:
      visits.refused = 1
      if admitted.contains(place) {
        admitted.add(visits, to: place, isKnown: isKnown)
      } else {
        refused.add(visits, to: place, isKnown: isKnown)
      }
    case .seen: admitted.add(visits, to: place, isKnown: isKnown)
    }
    if note.outcome != .seen { count(note) }
  }

  /// Takes up what the machine's journal knew of the time before the record; once, and then never
  /// again.
  ///
  /// It has the places of another record from which somebody was let in before this one began, and
  /// within its bounds; everything else of it is left out.
  ///
  /// - Parameters:
  ///   - history: What the journal knew.
  ///   - now: The present time.
  /// - Returns: How many places it has taken up; nil if it has had a history before.
  public mutating func take(history: LoginRecord, at now: Instant) -> Int? {
    guard !hasHistory else { return nil }
    hasHistory = true
    var taken = 0
    for (place, visits) in history.admitted.visits {
      guard place.origin.kind != .unknown, visits.first <= visits.last, visits.last < since,
        visits.first >= now - Self.maximumAge, visits.allowed > 0
      else { continue }
      admitted.add(
        Visits(first: visits.first, last: visits.last, allowed: visits.allowed), to: place,
        isKnown: true)
      taken += 1
    }
    return taken
  }

  /// Forgets the places from which nobody has come for long, and the lists that nobody uses.
  public mutating func forgetOld(at now: Instant) {
    admitted.forget(before: now - Self.maximumAge)
    refused.forget(before: now - Self.maximumAge)
    lists = lists.filter { $0.value >= now - Self.maximumAge }
  }

  /// The users who were let in from some place.
  public var users: some Collection<Name> { admitted.users }

  /// The places from which a user was let in, in no order.
  public func places(of user: Name) -> some Collection<(Place, Visits)> {
    admitted.places(of: user)
  }

  /// When a user was first let in from an origin, by whichever service; nil if never.
  ///
  /// For an IPv6 address whose /64 stands for all of it, that is the first time from there.
  public func firstVisit(of user: Name, from origin: Origin) -> Instant? {
    let network = Place(user: user, service: "", origin: origin).network?.origin
    return places(of: user).lazy
      .filter { $0.0.origin == ($0.0.isNetwork ? network : origin) }.map(\.1.first).min()
  }

  /// Whether a user has come in from an address, or for IPv6 from its /56, since a time.
  ///
  /// Only logins count that the policy itself let in, and none from after `now`: of those the clock was
  /// wrong. Never true for an origin that is not an address.
  public func hasComeIn(
    _ user: Name, from origin: Origin, since time: Instant, until now: Instant
  ) -> Bool {
    guard case .address(let address) = origin else { return false }
    return places(of: user).contains { place, visits in
      guard let proven = visits.proven, time <= proven, proven <= now,
        case .address(let other) = place.origin, other.family == address.family
      else { return false }
      return switch address.family {
      case .ipv4: other == address
      case .ipv6: other.bits >> 72 == address.bits >> 72
      }
    }
  }

  /// When a list has last decided a login.
  ///
  /// - Parameter list: Its path in the policy: `users.bob.also_from`.
  /// - Returns: Nil if it has not in the time of the record, or it is not known (`isMissingLists`).
  public func lastUse(of list: Name) -> Instant? { lists[list] }

  /// Takes up that a list has decided; returns its path as it is kept, nil if there is no room.
  private mutating func use(_ list: Name, at time: Instant) -> Name? {
    if let index = lists.index(forKey: list) {
      lists.values[index] = max(lists.values[index], time)
      return lists.keys[index]
    }
    guard lists.count < Self.listLimit, list.bytes.count <= Self.listPathLimit else {
      isMissingLists = true
      return nil
    }
    lists[list] = time
    return list
  }

  /// What is known of the services, by name.
  public var uses: ServiceUses {
    ServiceUses(
      since: since, services: services.values.sorted { $0.service < $1.service },
      isCut: isMissingServices)
  }

  private mutating func count(_ note: LoginNote) {
    guard services[note.service] != nil || services.count < Self.serviceLimit else {
      isMissingServices = true
      return
    }
    services[note.service, default: .init(service: note.service, at: note.time)].add(note)
  }
}

extension LoginRecord.Visits {
  /// Adds other visits of the same place.
  mutating func add(_ other: Self) {
    if let list = other.list, self.list == nil || other.last >= last { self.list = list }
    first = min(first, other.first)
    last = max(last, other.last)
    allowed += other.allowed
    refused += other.refused
    if let more = other.proven { proven = max(proven ?? more, more) }
  }
}

extension ServiceUses.Use {
  fileprivate mutating func add(_ note: LoginNote) {
    last = max(last, note.time)
    if note.outcome == .allowed { allowed += 1 } else { refused += 1 }
    switch note.origin {
    case .address: fromAddress += 1
    case .machine: fromSelf += 1
    case .local: fromLocal += 1
    case .unknown(.noAddress): withoutAddress += 1
    case .unknown: fromUnknown += 1
    }
  }
}
