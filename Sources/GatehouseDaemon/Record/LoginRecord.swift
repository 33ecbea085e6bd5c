import GatehouseControl
import GatehousePolicy

/// One login that was answered, or whose session was seen: what the record gets of it.
struct LoginNote: Sendable {
  /// What became of the login.
  enum Outcome: Sendable {
    /// It was let in: allowed, not checked, or let in by monitor mode.
    case allowed
    case refused
    /// Its session was seen; nobody asked just then.
    case seen
  }

  let user: Name
  let origin: Origin
  let service: Name
  let outcome: Outcome
  let time: Instant
}

/// Who came from where by what, bounded; pure.
///
/// Places are bounded for all users together and for each one. Who has no room in their own gives up
/// their oldest place, so that nobody's logins push out another's. Places from which a user was only
/// ever refused are kept apart, and have less room.
struct LoginRecord: Sendable {
  /// The most places from which somebody was let in.
  static let limit = 40_000
  /// The most places from which somebody was only refused.
  static let refusedLimit = 10_000
  /// The most of one user, in each of both.
  static let limitPerUser = 200
  /// The most services that are counted.
  static let serviceLimit = 256
  /// For how long a place is kept after the last login from it.
  static let maximumAge = Duration.seconds(400 * 86_400)

  /// A user, and where and by what they come.
  struct Place: Hashable, Sendable {
    let user: Name
    let service: Name
    var origin: Origin
    /// Whether the origin stands for its whole /64.
    var isNetwork = false
  }

  /// What is known of a place.
  struct Visits: Equatable, Sendable {
    var first: Instant
    var last: Instant
    var allowed = 0
    var refused = 0
  }

  /// When it began.
  let since: Instant
  private(set) var admitted = PlaceTable(limit: Self.limit)
  private(set) var refused = PlaceTable(limit: Self.refusedLimit)
  private(set) var services: [Name: ServiceUses.Use] = [:]
  private(set) var isMissingServices = false

  /// A record without logins.
  init(since: Instant) { self.since = since }

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
  mutating func add(_ note: LoginNote) {
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
  mutating func forgetOld(at now: Instant) {
    admitted.forget(before: now - Self.maximumAge)
    refused.forget(before: now - Self.maximumAge)
  }

  /// What is known of the services, by name.
  var uses: ServiceUses {
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
