public import GatehousePolicy

/// What the login record has of each PAM service.
public struct ServiceUses: Codable, Sendable {
  /// What became of the logins by one service.
  public struct Use: Codable, Sendable {
    /// The PAM service, as it was judged.
    public var service: Name
    /// When it was first asked for.
    public var first: Instant
    /// When it was last asked for.
    public var last: Instant
    /// Logins that were let in: allowed, not checked, or let in by monitor mode.
    public var allowed = 0
    /// Logins that were refused.
    public var refused = 0
    /// Logins that came from an address.
    public var fromAddress = 0
    /// Logins that came from the machine itself.
    public var fromSelf = 0
    /// Local logins about which the daemon was asked.
    public var fromLocal = 0
    /// Logins by a program that gave no address.
    public var withoutAddress = 0
    /// Logins whose origin was unknown otherwise: a host name, or a session that does not tell.
    public var fromUnknown = 0

    /// A service that nobody has asked for yet.
    public init(service: Name, at time: Instant) {
      self.service = service
      first = time
      last = time
    }
  }

  /// When the record began.
  public var since: Instant
  /// The services, by name.
  public var services: [Use]
  /// Whether there were more services than are recorded.
  public var isCut: Bool

  /// What the record has.
  public init(since: Instant, services: [Use], isCut: Bool) {
    self.since = since
    self.services = services
    self.isCut = isCut
  }
}
