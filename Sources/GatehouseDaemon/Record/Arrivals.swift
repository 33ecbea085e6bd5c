import GatehousePolicy

/// From where users have come in during this boot, for the judgement of their sessions; pure.
///
/// Times are since the boot, without that of sleep, as logind has them.
struct Arrivals {
  /// The most users of whom arrivals are kept.
  static let userLimit = 20_000
  /// The most origins of one user.
  static let limitPerUser = 64

  fileprivate struct Arrival {
    let origin: Origin
    var last: Duration
  }

  fileprivate struct Own {
    /// One for each origin.
    var arrivals: [Arrival] = []
    /// The newest arrival that had to be forgotten.
    var forgotten: Duration?
  }

  private var users: [Name: Own] = [:]
  /// Everything before that may have been forgotten.
  private var forgotten: Duration?

  /// A user has come in from somewhere.
  mutating func add(_ user: Name, from origin: Origin, at time: Duration) {
    if users[user] == nil, users.count >= Self.userLimit {
      users = [:]
      forgotten = time
    }
    users[user, default: Own()].add(origin, at: time)
  }

  /// A user has come in, and it is not known any more from where.
  mutating func addUnknown(_ user: Name, at time: Duration) {
    let newest = max(users[user]?.forgotten ?? .zero, time)
    users[user, default: Own()].forgotten = newest
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

extension Arrivals.Own {
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
