import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseWire

/// A login as it was asked: what the question says, with a copy of its frame.
struct AskedLogin: Sendable {
  /// As PAM has it; the directory may spell it in another way.
  let user: Name
  let service: Name
  let origin: Origin
  /// The role that was asked for; nil if none was.
  let role: Name?
  /// The login session of the asking process, if it was looked at and there is one.
  let session: String?
  /// A remote host that is not an address, for people to read: PAM_RHOST, or the session's.
  let hostName: Name?
  // Fields that are only logged stay in the frame until then.
  private let fields: LoginFields
  private let frame: [UInt8]

  /// PAM_RHOST as it was.
  var remoteHost: Name? { name(fields.remoteHost) }
  /// PAM_RUSER.
  var remoteUser: Name? { name(fields.remoteUser) }
  /// PAM_TTY.
  var terminal: Name? { name(fields.terminal) }
  /// SSH_AUTH_INFO_0: with which methods and keys the user has proved who they are.
  var authInfo: Name? { name(fields.sshAuthInfo) }

  /// Copies a login out of the frame of a question.
  ///
  /// - Parameters:
  ///   - question: The question.
  ///   - frame: The frame that it was decoded from.
  ///   - lookUp: Finds out where the login session of the asking process was opened from. Only
  ///     called if the question wants that, and nothing else tells.
  init(
    _ question: Question, in frame: Span<UInt8>,
    lookUp: (Caller) -> SessionOrigin = { _ in .unclear }
  ) {
    let login = question.login
    let direct = Self.origin(of: login, in: frame)
    let isTold = direct.isListed || OriginRule.isSSH(frame.bytes(of: login.service))
    guard let user = question.caller, !isTold else {
      self.init(login, in: frame, origin: SessionOrigin(origin: direct))
      return
    }
    let name = frame.array(ifPresent: login.remoteUser).map { Name(bytes: $0) }
    let caller = Caller(realUser: user, name: name?.bytes.isEmpty == true ? nil : name)
    var found = lookUp(caller)
    // A login with a remote host is not local, even if the host is not an address.
    if found.origin == .local, direct != .local { found.origin = direct }
    self.init(login, in: frame, origin: found)
  }

  private init(_ login: LoginFields, in frame: Span<UInt8>, origin found: SessionOrigin) {
    fields = login
    self.frame = frame.array
    user = Name(bytes: frame.array(of: login.user))
    service = Name(bytes: frame.array(of: login.service))
    origin = found.origin
    session = found.session
    role = frame.array(ifPresent: login.role).map { Name(bytes: $0) }
    var hostName: Name?
    if origin.kind == .unknown {
      let given = frame.bytes(of: login.remoteHost)
      hostName = found.remoteHost ?? (given.isEmpty ? nil : Name(bytes: given.array))
    }
    self.hostName = hostName
  }

  private func name(_ field: Field?) -> Name? {
    frame.span.array(ifPresent: field).map { Name(bytes: $0) }
  }

  /// Judges where a login comes from by what PAM knows. The first that tells, wins:
  /// 1. PAM_RHOST, if it is an address (a zone id is cut off);
  /// 2. for sshd alone, the address in SSH_CONNECTION, which sshd sets itself, also with UseDNS;
  /// 3. there is no remote host: local;
  /// 4. unknown.
  private static func origin(of login: LoginFields, in frame: Span<UInt8>) -> Origin {
    let service = frame.bytes(of: login.service)
    let remoteHost = frame.bytes(of: login.remoteHost)
    let origin = Origin(remoteHost: remoteHost)
    if origin.isListed { return origin }
    if OriginRule.isSSH(service) {
      return Origin(remoteHost: frame.bytes(of: login.sshConnectionAddress))
    }
    let isLocal = OriginRule.isLocal(
      service: service, remoteHost: remoteHost, terminal: frame.bytes(of: login.terminal),
      isOwnHostName: login.flags.isOwnHostName)
    return isLocal ? .local : origin
  }

  /// The login as resolved, for a policy to decide.
  func login(as identity: ResolvedUser, at time: Instant) -> Login {
    Login(
      user: identity.name, groups: identity.groups, service: service, origin: origin, time: time,
      role: role)
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
  /// Nil if they could not be read.
  let groups: Set<Name>?

  /// What a reading gave; without one the name as it was given, and no groups.
  init(_ identity: UserIdentity?, of user: Name) {
    name = identity?.name ?? user
    groups = identity?.groups
  }

  /// A user whose groups came with the question.
  init(_ user: Name, groups: Set<Name>) {
    name = user
    self.groups = groups
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
  mutating func append(_ answer: LoginAnswer) {
    append(": ")
    append(answer.reason)
    if let rule = answer.decision?.rule {
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
