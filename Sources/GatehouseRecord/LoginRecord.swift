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

  /// A login with all that the record takes of it.
  public init(user: Name, origin: Origin, service: Name, outcome: Outcome, time: Instant) {
    self.user = user
    self.origin = origin
    self.service = service
    self.outcome = outcome
    self.time = time
  }
}

/// Who came from where by what, bounded; pure.
///
/// Places are bounded for all users together and for each one. Who has no room in their own gives up
/// their oldest place, so that nobody's logins push out another's. Places from which a user was only
/// ever refused are kept apart, and have less room.
public struct LoginRecord: Sendable {
  /// The most places from which somebody was let in.
  public static let limit = 40_000
  /// The most places from which somebody was only refused.
  public static let refusedLimit = 10_000
  /// The most of one user, in each of both.
  public static let limitPerUser = 200
  /// The most services that are counted.
  public static let serviceLimit = 256
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

    /// The visits of a place.
    public init(first: Instant, last: Instant, allowed: Int = 0, refused: Int = 0) {
      self.first = first
      self.last = last
      self.allowed = allowed
      self.refused = refused
    }
  }

  /// When it began.
  public let since: Instant
  /// The places from which somebody was let in.
  public private(set) var admitted = PlaceTable(limit: Self.limit)
  /// The places from which somebody was only refused.
  public private(set) var refused = PlaceTable(limit: Self.refusedLimit)
  private(set) var services: [Name: ServiceUses.Use] = [:]
  private(set) var isMissingServices = false

  /// A record without logins.
  public init(since: Instant) { self.since = since }

  /// What was kept; places beyond the bounds are left out.
  init(
    since: Instant, admitted: [(Place, Visits)], refused: [(Place, Visits)],
    services: [ServiceUses.Use]
  ) {
    self.since = since
    for (place, visits) in admitted { self.admitted.add(visits, to: place) }
    for (place, visits) in refused { self.refused.add(visits, to: place) }
    for use in services.prefix(Self.serviceLimit) { self.services[use.service] = use }
  }

  /// Takes up a login.
  public mutating func add(_ note: LoginNote) {
    let place = Place(user: note.user, service: note.service, origin: note.origin)
    var visits = Visits(first: note.time, last: note.time)
    switch note.outcome {
    case .allowed:
      visits.allowed = 1
      if let earlier = refused.remove(place) { visits.add(earlier) }
      admitted.add(visits, to: place)
    case .refused:
      visits.refused = 1
      if admitted.contains(place) {
        admitted.add(visits, to: place)
      } else {
        refused.add(visits, to: place)
      }
    case .seen: admitted.add(visits, to: place)
    }
    if note.outcome != .seen { count(note) }
  }

  /// Forgets the places from which nobody has come for long.
  public mutating func forgetOld(at now: Instant) {
    admitted.forget(before: now - Self.maximumAge)
    refused.forget(before: now - Self.maximumAge)
  }

  /// The users who were let in from some place.
  public var users: some Collection<Name> { admitted.users }

  /// The places from which a user was let in, in no order.
  public func places(of user: Name) -> some Collection<(Place, Visits)> {
    admitted.places(of: user)
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
    first = min(first, other.first)
    last = max(last, other.last)
    allowed += other.allowed
    refused += other.refused
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
