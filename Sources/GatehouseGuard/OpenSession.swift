public import GatehousePolicy

/// A login session that is open now.
public struct OpenSession: Hashable, Sendable {
  /// Its id; nil if logind has none for it.
  public var id: String?
  /// The user who logged in.
  public var user: Name
  /// The origin of the login.
  public var origin: Origin
  /// The PAM service that opened it.
  public var service: Name

  /// A session with all its parts.
  public init(id: String?, user: Name, origin: Origin, service: Name) {
    self.id = id
    self.user = user
    self.origin = origin
    self.service = service
  }
}

/// A PAM line of ours by which sudo or su ask the policy.
public struct RoleLine: Hashable, Sendable {
  /// The service that the line judges as.
  public var service: Name
  /// The role that it asks for; nil if it asks for none.
  public var role: Name?
  /// Whether it judges the origin of the session, in place of a local login.
  public var usesSession: Bool
  /// Whether it asks about local logins.
  public var asksLocally: Bool
  /// Whether it judges root, to whom su changes, in place of the session's user.
  public var judgesRoot: Bool

  /// A line with all its parts.
  public init(
    service: Name, role: Name?, usesSession: Bool = true, asksLocally: Bool = true,
    judgesRoot: Bool = false
  ) {
    self.service = service
    self.role = role
    self.usesSession = usesSession
    self.asksLocally = asksLocally
    self.judgesRoot = judgesRoot
  }
}
