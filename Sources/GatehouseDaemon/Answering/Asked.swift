import GatehousePolicy
import GatehouseWire

/// A login as it was asked about, copied out of its frame.
struct Asked: Sendable {
  /// As PAM has it; the directory may write it another way.
  let user: Name
  let service: Name
  let origin: Origin
  /// The role that was asked for, where one was.
  let role: Name?
  /// PAM_RHOST as it was.
  let remoteHost: Name?
  /// PAM_RUSER.
  let remoteUser: Name?
  /// PAM_TTY.
  let terminal: Name?
  /// SSH_AUTH_INFO_0: with which methods and keys the user has proved who they are.
  let authInfo: Name?

  /// Copies a login out of the frame of a question.
  init(question login: LoginFields, in frame: Span<UInt8>) {
    self.init(login, in: frame, origin: Self.origin(of: login, in: frame))
  }

  /// Copies a login out of the frame of an explain, whose origin is what PAM_RHOST would hold, or
  /// the word `local`: no other field counts.
  init(explain login: LoginFields, in frame: Span<UInt8>) {
    let remoteHost = String(decoding: frame.bytes(of: login.remoteHost).array, as: UTF8.self)
    self.init(
      login, in: frame,
      origin: login.flags.isLocal ? .local : Origin(remoteHost: remoteHost))
  }

  private init(_ login: LoginFields, in frame: Span<UInt8>, origin: Origin) {
    func name(_ field: Field?) -> Name? { frame.array(ifPresent: field).map { Name(bytes: $0) } }
    user = Name(bytes: frame.array(of: login.user))
    service = Name(bytes: frame.array(of: login.service))
    self.origin = origin
    role = name(login.role)
    remoteHost = name(login.remoteHost)
    remoteUser = name(login.remoteUser)
    terminal = name(login.terminal)
    authInfo = name(login.sshAuthInfo)
  }

  /// Judges where a login comes from. The first that tells, wins:
  /// 1. PAM_RHOST, where it is an address (a zone id is cut off);
  /// 2. for sshd alone, the address in SSH_CONNECTION, which sshd sets itself, also with UseDNS;
  /// 3. there is no remote host: local;
  /// 4. unknown.
  private static func origin(of login: LoginFields, in frame: Span<UInt8>) -> Origin {
    let service = frame.bytes(of: login.service)
    let remoteHost = frame.bytes(of: login.remoteHost)
    let origin = Origin(remoteHost: String(decoding: remoteHost.array, as: UTF8.self))
    if case .address = origin { return origin }
    if OriginRule.isSSH(service) {
      let address = frame.bytes(of: login.sshConnectionAddress)
      return Origin(remoteHost: String(decoding: address.array, as: UTF8.self))
    }
    let isLocal = OriginRule.isLocal(
      service: service, remoteHost: remoteHost, isOwnHostName: login.flags.isOwnHostName)
    return isLocal ? .local : .unknown
  }

  /// The question for a policy, once it is known who the user is.
  func login(as identity: Identified, at time: Instant) -> Login {
    Login(
      user: identity.name, groups: identity.groups, service: service, origin: origin, time: time,
      role: role)
  }
}
