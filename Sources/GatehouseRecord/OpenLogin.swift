public import GatehousePolicy

/// A login whose asking process still ran when that was last looked at: it may have left a session.
public struct OpenLogin: Hashable, Sendable {
  /// The process that asked.
  public let process: Int32
  /// When it was started, in clock ticks since the boot: a later process of the same number has
  /// another time.
  public let start: UInt64
  /// Who logged in, as the policy judged the name.
  public let user: Name
  /// Where the login came from.
  public let origin: Origin
  /// The PAM service, as it was judged.
  public let service: Name

  /// A login.
  public init(process: Int32, start: UInt64, user: Name, origin: Origin, service: Name) {
    self.process = process
    self.start = start
    self.user = user
    self.origin = origin
    self.service = service
  }
}

/// The logins whose processes still run, bounded for all users and for each one; pure.
public struct OpenLogins: Equatable, Sendable {
  /// The most logins.
  public static let limit = 4096
  /// The most of one user; the oldest is forgotten first.
  public static let limitPerUser = 256

  /// When each login was answered.
  public private(set) var times: [OpenLogin: Instant] = [:]
  private var counts: [Name: Int] = [:]

  /// No logins.
  public init() {}

  /// What was kept; logins beyond the bounds are left out.
  public init(_ kept: [(OpenLogin, Instant)]) {
    for (login, time) in kept { add(login, at: time) }
  }

  /// Takes up a login; if there is no room, nobody else's is forgotten for it.
  public mutating func add(_ login: OpenLogin, at time: Instant) {
    if times[login] == nil {
      let count = counts[login.user, default: 0]
      if count >= Self.limitPerUser {
        let own = times.lazy.filter { $0.key.user == login.user }
        if let oldest = own.min(by: { $0.value < $1.value })?.key { remove(oldest) }
      } else if times.count >= Self.limit {
        return
      }
      counts[login.user, default: 0] += 1
    }
    times[login] = time
  }

  /// Forgets the logins whose processes have ended.
  public mutating func keep(where isRunning: (OpenLogin) -> Bool) {
    for login in times.keys.filter({ !isRunning($0) }) { remove(login) }
  }

  private mutating func remove(_ login: OpenLogin) {
    guard times.removeValue(forKey: login) != nil else { return }
    let count = counts[login.user, default: 1] - 1
    counts[login.user] = count > 0 ? count : nil
  }
}
