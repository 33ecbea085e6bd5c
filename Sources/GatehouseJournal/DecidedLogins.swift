import GatehousePolicy

/// The logins that gatehoused has let in lately, each waiting for sshd's own line about it.
///
/// The two entries come from two processes, so either may be first; never is there long between
/// them, since sshd writes its line as soon as the account stage is over.
struct DecidedLogins {
  /// How far apart the two entries of one login may be.
  static let longestGap: Int64 = 30_000_000

  private var times: [AcceptedLogin: [Instant]] = [:]
  private var order: [(login: AcceptedLogin, time: Instant)] = []
  private var forgotten = 0

  /// How many are remembered, taken or not.
  var waiting: Int { order.count }

  /// Notes one; they come in order of time, and at most the gap ahead of the lines.
  mutating func add(_ login: AcceptedLogin, at time: Instant) {
    forget(before: Instant(microsecondsSinceEpoch: time.microseconds - Self.longestGap))
    times[login, default: []].append(time)
    order.append((login, time))
  }

  /// Takes one out that was noted near a time; false where there is none.
  mutating func take(_ login: AcceptedLogin, near time: Instant) -> Bool {
    forget(before: time)
    guard times[login]?.isEmpty == false else { return false }
    times[login]?.removeFirst()
    return true
  }

  /// Drops those that are too old to have a line to come.
  private mutating func forget(before time: Instant) {
    while forgotten < order.count,
      order[forgotten].time.microseconds < time.microseconds - Self.longestGap
    {
      let (login, noted) = order[forgotten]
      if times[login]?.first == noted { times[login]?.removeFirst() }
      if times[login]?.isEmpty == true { times[login] = nil }
      forgotten += 1
    }
    if forgotten > 4096 {
      order.removeFirst(forgotten)
      forgotten = 0
    }
  }
}
