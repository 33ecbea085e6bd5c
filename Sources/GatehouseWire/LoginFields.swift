/// What a question says of a login: the raw facts, for the daemon to judge.
public struct LoginFields: Hashable, Sendable {
  /// The PAM service to judge as.
  public private(set) var service = Field.none
  /// The user as PAM has it.
  public private(set) var user = Field.none
  /// PAM_RHOST as it was; nil if it is unset.
  public private(set) var remoteHost: Field?
  /// The first word of SSH_CONNECTION in the PAM environment.
  public private(set) var sshConnectionAddress: Field?
  /// The third word of SSH_CONNECTION: the address of sshd's own end.
  public private(set) var sshServerAddress: Field?
  /// PAM_RUSER.
  public private(set) var remoteUser: Field?
  /// PAM_TTY.
  public private(set) var terminal: Field?
  /// SSH_AUTH_INFO_0, cut at 1024 bytes.
  public private(set) var sshAuthInfo: Field?
  /// The role that was asked for.
  public private(set) var role: Field?
  /// What else is known.
  public private(set) var flags = LoginFlags()

  /// Takes a field that belongs to a login; false if it does not.
  mutating func take(
    _ tag: Tag, _ field: Field, in frame: Span<UInt8>
  ) throws(WireError) -> Bool {
    switch tag {
    case .service: service = try frame.text(field, 1...WireLimit.service)
    case .user: user = try frame.text(field, 1...WireLimit.user)
    case .remoteHost: remoteHost = try frame.text(field, 0...WireLimit.remoteHost)
    case .sshConnectionAddress:
      sshConnectionAddress = try frame.text(field, 0...WireLimit.sshConnectionAddress)
    case .sshServerAddress:
      sshServerAddress = try frame.text(field, 0...WireLimit.sshConnectionAddress)
    case .remoteUser: remoteUser = try frame.text(field, 0...WireLimit.remoteUser)
    case .terminal: terminal = try frame.text(field, 0...WireLimit.terminal)
    case .sshAuthInfo: sshAuthInfo = try frame.text(field, 0...WireLimit.sshAuthInfo)
    case .role: role = try frame.name(field, 1...WireLimit.role)
    case .flags:
      guard let known = LoginFlags(word: try frame.word(field)) else { throw .badValue }
      flags = known
    default: return false
    }
    return true
  }

  /// Refuses a login without a service or a user.
  func checkComplete() throws(WireError) {
    guard service.count > 0, user.count > 0 else { throw .missingField }
  }
}
