public import GatehousePolicy

/// A login session that is open now.
public struct OpenSession: Hashable, Sendable {
  /// Its name; nil where the system knows of none.
  public var id: String?
  /// Who logged in.
  public var user: Name
  /// Where from: an address, local, or a host whose address nobody kept.
  public var origin: Origin
  /// The PAM service that opened it.
  public var service: Name
  /// Whether it is the one in which the command runs.
  public var isOwn: Bool

  /// A session with all its parts.
  public init(id: String?, user: Name, origin: Origin, service: Name, isOwn: Bool = false) {
    self.id = id
    self.user = user
    self.origin = origin
    self.service = service
    self.isOwn = isOwn
  }
}

/// A PAM line that asks for a role.
public struct RoleLine: Hashable, Sendable {
  /// As which service the line judges.
  public var service: Name
  /// The role that it asks for.
  public var role: Name

  /// Whether it judges where the session was opened from, and not a local login.
  public var usesSession: Bool
  /// Whether it asks about a local login at all.
  public var asksLocally: Bool

  /// A line with all its parts.
  public init(service: Name, role: Name, usesSession: Bool = true, asksLocally: Bool = true) {
    self.service = service
    self.role = role
    self.usesSession = usesSession
    self.asksLocally = asksLocally
  }
}
