public import GatehouseIdentity
public import GatehousePolicy
public import GatehouseReport

/// A login session that is open now.
public struct OpenSession: Hashable, Sendable {
  /// Its id; nil if the system has none for it.
  public var id: String?
  /// The user who logged in.
  public var user: Name
  /// The origin of the login: an address, local, or a host whose address is not known.
  public var origin: Origin
  /// The PAM service that opened it.
  public var service: Name
  /// Whether the command runs in it.
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
  /// The service that the line judges as.
  public var service: Name
  /// The role that it asks for.
  public var role: Name

  /// Whether it judges the origin of the session, instead of a local login.
  public var usesSession: Bool
  /// Whether it asks about local logins.
  public var asksLocally: Bool

  /// A line with all its parts.
  public init(service: Name, role: Name, usesSession: Bool = true, asksLocally: Bool = true) {
    self.service = service
    self.role = role
    self.usesSession = usesSession
    self.asksLocally = asksLocally
  }
}

/// Finds who would be locked out by a new policy.
///
/// The new policy must let every open remote session in again. What the old policy gave must stay:
/// a role for sudo if the session has it now, and access by break-glass. In monitor mode nobody is
/// refused, so a login that the policy would refuse is reported, but is not an obstacle.
public struct LockoutGuard {
  private let old: Policy?
  private let new: Policy
  private let sessions: [OpenSession]
  private let time: Instant
  private var identities: [Name: UserIdentity] = [:]

  /// A guard over the change from one policy to another.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if it is not known.
  ///   - new: The new policy.
  ///   - sessions: The sessions that are open.
  ///   - directory: The source of groups; asked about each user once, since it may be unreachable.
  ///   - time: The time of the logins that are tried.
  public init(
    old: Policy?, new: Policy, sessions: [OpenSession], directory: any Directory,
    time: Instant = .now()
  ) {
    self.old = old
    self.new = new
    self.sessions = sessions
    self.time = time
    let groups = new.groupNames.union(old?.groupNames ?? [])
    for user in Set(sessions.map(\.user)) {
      guard let identity = try? directory.reading(of: user, among: groups) else { continue }
      identities[user] = identity
      identities[identity.name] = identity
    }
  }

  /// What would be lost.
  ///
  /// - Parameter roleLines: The PAM lines of sudo that ask for a role.
  /// - Returns: The losses, without repetition.
  public func lockouts(roleLines: [RoleLine]) -> [SessionLoss] {
    var found: [SessionLoss] = []
    for session in sessions {
      if session.origin.isListed, let loss = login(of: session) { found.append(loss) }
      for line in roleLines {
        if let loss = role(line, of: session), !found.contains(loss) { found.append(loss) }
      }
    }
    return found + [breakGlass].compactMap(\.self)
  }

  /// A session's user with the groups that both policies name; nil if they could not be read.
  public func identity(of user: Name) -> UserIdentity? { identities[user] }

  private func login(_ session: OpenSession, service: Name, role: Name?) -> Login {
    let identity = identity(of: session.user)
    return Login(
      user: identity?.name ?? session.user, groups: identity?.groups, service: service,
      origin: session.origin, time: time, role: role)
  }

  private func login(of session: OpenSession) -> SessionLoss? {
    loss(of: login(session, service: session.service, role: nil), in: session)
  }

  /// A role that sudo asks for, and that was available but no longer is.
  private func role(_ line: RoleLine, of session: OpenSession) -> SessionLoss? {
    var login = login(session, service: line.service, role: line.role)
    if !line.usesSession { login.origin = .local }
    guard let old, !old.decide(login).isDenial, line.asksLocally || login.origin != .local else {
      return nil
    }
    return loss(of: login, in: session)
  }

  private func loss(of login: Login, in session: OpenSession) -> SessionLoss? {
    let decision = new.decide(login)
    guard decision.isDenial else { return nil }
    return SessionLoss(
      login.role.map { .role($0) } ?? .login, names: [login.user],
      session: SessionLoss.Session(
        id: session.id, origin: session.origin, service: login.service, isOwn: session.isOwn,
        decision: decision, wasDenied: old?.decide(login).isDenial ?? false))
  }

  /// Access by break-glass, if the old policy gave it and the new one does not.
  private var breakGlass: SessionLoss? {
    let members = old?.breakGlassMembers(at: time) ?? []
    guard new.mode == .enforce, !members.isEmpty, new.breakGlassMembers(at: time).isEmpty else {
      return nil
    }
    return SessionLoss(.breakGlass, names: members, session: nil)
  }
}
