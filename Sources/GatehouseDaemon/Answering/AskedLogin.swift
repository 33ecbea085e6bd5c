import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseWire

/// A login as it was asked: what the question says, with a copy of its frame.
///
/// It never changes, so the answer, the log and whatever else remembers the login share one.
final class AskedLogin: Sendable {
  /// As PAM has it; the directory may spell it in another way.
  let user: Name
  let service: Name
  /// The newest of the origins that count.
  private let newest: Origin
  /// The other origins that count, the newest first.
  private let older: [Origin]
  /// The origin by which it is decided, or will be if all of them allow it: the newest.
  let origin: Origin
  /// Whether the origin is that of a login session.
  let isOfSession: Bool
  /// The caller, in no session: the login is local if they are a service account.
  let outsider: SessionOrigin.Outsider?
  /// The role that was asked for; nil if none was.
  let role: Name?
  /// The login session of the asking process, if it was looked at and there is one.
  let session: String?
  /// The session's remote host, if it is not an address.
  private let sessionHost: Name?
  // Fields that are only logged stay in the frame until then.
  private let fields: LoginFields
  private let frame: [UInt8]

  /// Every origin that counts, the newest first.
  var origins: [Origin] { [newest] + older }

  /// A remote host that is not an address, for people to read: PAM_RHOST, or the session's.
  var hostName: Name? {
    guard origin.kind == .unknown else { return nil }
    if let sessionHost { return sessionHost }
    guard let given = remoteHost, !given.bytes.isEmpty else { return nil }
    return given
  }
  /// PAM_RHOST as it was.
  var remoteHost: Name? { name(fields.remoteHost) }
  /// PAM_RUSER.
  var remoteUser: Name? { name(fields.remoteUser) }
  /// PAM_TTY.
  var terminal: Name? { name(fields.terminal) }
  /// SSH_AUTH_INFO_0: with which methods and keys the user has proved who they are.
  var authInfo: Name? { name(fields.sshAuthInfo) }

  /// Copies a login out of the frame of a question, and finds out where it comes from.
  ///
  /// - Parameters:
  ///   - question: The question.
  ///   - frame: The frame that it was decoded from.
  ///   - isOwn: Whether an address, with its zone id, is the machine's own.
  ///   - isLocalByPolicy: Whether the policy says that a service counts as local if it gives no address.
  ///   - lookUp: Finds out where the login session of the asking process was opened from. Only
  ///     called if the question wants that, and nothing else tells.
  convenience init(
    _ question: Question, in frame: Span<UInt8>,
    isOwn: (IPAddress, String?) -> Bool = { address, _ in address.isLoopback },
    isLocalByPolicy: (Name) -> Bool = { _ in false },
    lookUp: (Caller) -> SessionOrigin = { _ in .unknown }
  ) {
    let login = question.login
    let service = frame.bytes(of: login.service)
    let direct = Self.origin(of: login, in: frame, isOwn: isOwn, isLocalByPolicy: isLocalByPolicy)
    let isTold = direct.isListed || OriginRule.isSSH(service)
    guard let user = question.caller, !isTold else {
      self.init(login, in: frame, newest: direct)
      return
    }
    let name = frame.array(ifPresent: login.remoteUser).map { Name(bytes: $0) }
    let caller = Caller(
      realUser: user, name: name?.bytes.isEmpty == true ? nil : name,
      changesUser: LocalService.of(service) == .changesUser)
    var found = lookUp(caller)
    // A login with a remote host is not local, even if the host is not an address.
    if direct != .local {
      found.origins = found.origins.map { $0 == .local ? direct : $0 }
      found.outsider = nil
    }
    self.init(
      login, in: frame, newest: found.origins.first ?? .unknown(.session),
      older: Array(found.origins.dropFirst()), found)
  }

  /// `found` is what the login session tells, if that was asked.
  private init(
    _ login: LoginFields, in frame: Span<UInt8>, newest: Origin, older: [Origin] = [],
    _ found: SessionOrigin? = nil
  ) {
    fields = login
    self.frame = frame.array
    user = Name(bytes: frame.array(of: login.user))
    service = Self.service(frame.bytes(of: login.service))
    role = frame.array(ifPresent: login.role).map { Name(bytes: $0) }
    self.newest = newest
    self.older = older
    origin = newest
    isOfSession = found != nil
    session = found?.session
    outsider = found?.outsider
    sessionHost = found?.remoteHost
  }

  /// Another one with other origins.
  private init(_ asked: AskedLogin, newest: Origin, older: [Origin], origin: Origin) {
    fields = asked.fields
    frame = asked.frame
    user = asked.user
    service = asked.service
    role = asked.role
    self.newest = newest
    self.older = older
    self.origin = origin
    isOfSession = asked.isOfSession
    session = asked.session
    outsider = asked.outsider
    sessionHost = asked.sessionHost
  }

  private static let sshd: Name = "sshd"

  /// A service's name; that of most logins need not be allocated for each.
  private static func service(_ name: Span<UInt8>) -> Name {
    OriginRule.isSSH(name) ? sshd : Name(bytes: name.array)
  }

  private func name(_ field: Field?) -> Name? {
    let frame = frame
    return frame.span.array(ifPresent: field).map { Name(bytes: $0) }
  }

  /// Judges where a login comes from by what PAM knows. The first that tells, wins:
  /// 1. PAM_RHOST, if it is an address;
  /// 2. for sshd alone SSH_CONNECTION, which sshd sets itself, also with UseDNS: its address, or the
  ///    word that says that the connection is not IP, and so comes from the machine itself;
  /// 3. the service is one that is local without a remote host, by itself or by the policy;
  /// 4. unknown.
  private static func origin(
    of login: LoginFields, in frame: Span<UInt8>, isOwn: (IPAddress, String?) -> Bool,
    isLocalByPolicy: (Name) -> Bool
  ) -> Origin {
    let service = frame.bytes(of: login.service)
    let remoteHost = frame.bytes(of: login.remoteHost)
    let isSSH = OriginRule.isSSH(service)
    if let address = ZonedAddress(remoteHost) ?? (isSSH ? sshAddress(of: login, in: frame) : nil) {
      // Both ends of the connection are the same: so the machine is, even if it does not know that.
      let other = isSSH ? ZonedAddress(frame.bytes(of: login.sshServerAddress)) : nil
      let isOneMachine =
        other.map { $0.address == address.address && !$0.address.isLinkLocal } ?? false
      let isSelf = isOneMachine || isOwn(address.address, address.zone)
      return isSelf ? .machine : .address(address.address)
    }
    if isSSH {
      let client = frame.bytes(of: login.sshConnectionAddress)
      if client.hasSameBytes(as: "UNKNOWN") { return .machine }
      return .unknown(remoteHost.isEmpty ? .noAddress : .notAnAddress)
    }
    let isLocal = OriginRule.isLocal(
      service: service, remoteHost: remoteHost, terminal: frame.bytes(of: login.terminal),
      isOwnHostName: login.flags.isOwnHostName)
    if isLocal { return .local }
    guard remoteHost.isEmpty else { return .unknown(.notAnAddress) }
    return isLocalByPolicy(Name(bytes: service.array)) ? .local : .unknown(.noAddress)
  }

  private static func sshAddress(
    of login: LoginFields, in frame: Span<UInt8>
  ) -> ZonedAddress? {
    ZonedAddress(frame.bytes(of: login.sshConnectionAddress))
  }

  /// Whether the login has an address of its own: PAM_RHOST's or that of SSH_CONNECTION.
  var hasAddress: Bool {
    let frame = frame
    return ZonedAddress(frame.span.bytes(of: fields.remoteHost)) != nil
      || Self.sshAddress(of: fields, in: frame.span) != nil
  }

  /// The same login, but local: its caller is a service account.
  var asLocal: AskedLogin { AskedLogin(self, newest: .local, older: [], origin: .local) }

  /// Whether it is local by all of its origins.
  var isLocal: Bool { newest == .local && older.isEmpty }

  /// The same login, decided by this one of its origins.
  func decided(by origin: Origin) -> AskedLogin {
    if origin == self.origin { return self }
    return AskedLogin(self, newest: newest, older: older, origin: origin)
  }

  /// What a policy decides of it.
  func ruling(
    by policy: Policy, as user: ResolvedUser, grants: [Grant] = [], at time: Instant = .now()
  ) -> Ruling {
    policy.ruling(on: login(as: user, from: newest, at: time), andFrom: older, grants: grants)
  }

  /// Calls back with each origin that counts, the newest first.
  func forEachOrigin(_ body: (Origin) -> Void) {
    body(newest)
    for origin in older { body(origin) }
  }

  /// The login as resolved, for a policy to decide.
  func login(as identity: ResolvedUser, at time: Instant) -> Login {
    login(as: identity, from: origin, at: time)
  }

  private func login(
    as identity: ResolvedUser, from origin: Origin, at time: Instant
  ) -> Login {
    Login(
      identity, service: service, origin: origin, time: time, role: role)
  }

  /// The denial, as it is remembered.
  func denial(_ decision: Decision, of user: Name, id: String) -> Denial {
    Denial(
      id: id, time: .now(), user: user, service: service,
      origin: origin.isListed ? origin : nil, role: role, reason: decision.reason,
      authentication: authInfo)
  }
}

/// The user of a login, as far as the directory could be read.
struct ResolvedUser: Sendable {
  /// As the directory writes it, or as it was given.
  let name: Name
  /// Those that the user is certainly in; nil if nothing is known of any.
  let groups: Set<Name>?
  /// Those of which it is unknown whether the user is in them.
  let unsureGroups: Set<Name>
  /// Whether a directory has said how the name is spelt, or nobody in one is meant.
  let isNameSure: Bool
  /// Whether the user has uid 0; nil if that could not be read.
  let isRoot: Bool?
  /// False only if it is certain that there is no such user.
  let exists: Bool
  /// Whether a directory has confirmed that there is such a user.
  var isKnown: Bool { exists && isRoot != nil }

  /// What a reading gave; without one the name as it was given, and no groups.
  init(_ identity: UserIdentity?, of user: Name) {
    name = identity?.name ?? user
    groups = identity?.groups
    unsureGroups = identity?.unsureGroups ?? []
    isNameSure = identity.map { $0.isKnown || $0.isCertainlyAbsent } ?? false
    isRoot = identity?.isRoot
    exists = identity?.isCertainlyAbsent != true
  }

  /// A user whose groups came with the question.
  init(_ user: Name, groups: Set<Name>) {
    name = user
    self.groups = groups
    unsureGroups = []
    isNameSure = true
    isRoot = nil
    exists = true
  }
}

extension Login {
  /// A login of a user, as far as the directory could be read.
  init(
    _ user: ResolvedUser, service: Name, origin: Origin, time: Instant, role: Name? = nil
  ) {
    self.init(
      user: user.name, groups: user.groups, unsureGroups: user.unsureGroups,
      isNameSure: user.isNameSure, isRoot: user.isRoot, exists: user.exists, service: service,
      origin: origin, time: time, role: role)
  }
}

// The fields that every entry about a login has.

extension AskedLogin {
  /// The origin as the refused user reads it: their address, or what stands in its place.
  var shownOrigin: String { hostName?.description ?? origin.description }
}

extension LogText {
  /// Adds who asked, from where, and for what: `alice from 203.0.113.9 (sshd)`.
  ///
  /// For an unknown origin it shows the host name, if there is one.
  mutating func append(_ user: Name, of asked: AskedLogin) {
    append(user)
    append(" from ")
    if let hostName = asked.hostName {
      append("unknown \"")
      append(hostName)
      append("\"")
    } else {
      append(asked.origin)
    }
    append(" (")
    append(asked.service)
    append(")")
  }

  /// Adds the reason, and the rule if one decided: `: listed, policy.yaml:10`.
  mutating func append(_ decision: Decision) {
    append(": ")
    append(decision.reason.rawValue)
    if let rule = decision.rule {
      append(", ")
      append(rule)
    }
  }
}

extension LogEntry {
  /// Adds what was asked.
  mutating func add(_ asked: AskedLogin) {
    add("GATEHOUSE_SERVICE", asked.service)
    add("GATEHOUSE_ORIGIN", asked.origin)
    add("GATEHOUSE_ORIGIN_KIND", asked.origin.kind.rawValue)
    add("GATEHOUSE_SESSION", asked.session)
    add("GATEHOUSE_HOST_NAME", asked.session == nil ? nil : asked.hostName)
    add("GATEHOUSE_RHOST", asked.remoteHost)
    add("GATEHOUSE_RUSER", asked.remoteUser)
    add("GATEHOUSE_TTY", asked.terminal)
    add("GATEHOUSE_AUTH", asked.authInfo)
  }
}
