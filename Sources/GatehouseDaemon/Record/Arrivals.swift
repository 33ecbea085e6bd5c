import GatehousePolicy

/// From where users have come in during this boot, for the judgement of their sessions; pure.
///
/// Times are since the boot, without that of sleep, as logind has them: no clock that somebody sets
/// changes them.
struct Arrivals: Equatable, Sendable {
  /// The most users of whom arrivals are kept.
  static let userLimit = 20_000
  /// The most origins of one user.
  static let limitPerUser = 64

  /// That a user has come in from somewhere.
  struct Arrival: Equatable, Sendable {
    let origin: Origin
    /// When last.
    var last: Duration
  }

  /// The arrivals of one user.
  struct OfUser: Equatable, Sendable {
    /// One for each origin.
    fileprivate(set) var arrivals: [Arrival] = []
    /// The newest arrival that had to be forgotten.
    fileprivate(set) var forgotten: Duration?
  }

  private(set) var users: [Name: OfUser] = [:]
  /// Everything before that may have been forgotten.
  private(set) var forgotten: Duration?

  /// Nobody has come in.
  init() {}

  /// What was kept.
  init(users: [(user: Name, own: OfUser)], forgotten: Duration?) {
    for (user, own) in users { self.users[user] = own }
    self.forgotten = forgotten
  }

  /// A user has come in from somewhere.
  mutating func add(_ user: Name, from origin: Origin, at time: Duration) {
    if users.count >= Self.userLimit, users[user] == nil {
      users = [:]
      forgotten = time
    }
    users[user, default: OfUser()].add(origin, at: time)
  }

  /// Each origin from which a user has come in since a time, the newest first; nil if one of them may
  /// have been forgotten.
  func origins(of user: Name, since time: Duration) -> [Origin]? {
    if let forgotten, forgotten >= time { return nil }
    guard let own = users[user] else { return [] }
    if let forgotten = own.forgotten, forgotten >= time { return nil }
    return own.arrivals.filter { $0.last >= time }.sorted { $0.last > $1.last }.map(\.origin)
  }
}

extension Arrivals.OfUser {
  /// What was kept.
  init(kept arrivals: [Arrivals.Arrival], forgotten: Duration?) {
    self.arrivals = arrivals
    self.forgotten = forgotten
  }

  fileprivate mutating func add(_ origin: Origin, at time: Duration) {
    if let place = arrivals.firstIndex(where: { $0.origin == origin }) {
      arrivals[place].last = max(arrivals[place].last, time)
      return
    }
    if arrivals.count >= Arrivals.limitPerUser,
      let oldest = arrivals.indices.min(by: { arrivals[$0].last < arrivals[$1].last })
    {
      forgotten = max(forgotten ?? .zero, arrivals.remove(at: oldest).last)
    }
    arrivals.append(Arrivals.Arrival(origin: origin, last: time))
  }
}
