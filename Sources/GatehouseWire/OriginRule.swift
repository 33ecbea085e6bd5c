/// The part of the origin rule that the module and the daemon must judge alike.
///
/// It is whether a login has a remote host at all; one without never needs the daemon.
public enum OriginRule {
  /// Whether the login has no remote host, so that its origin is local.
  ///
  /// It is if PAM_RHOST is unset or empty, except for sshd, which leaves it unset for connections that
  /// are not IP (10.2 and later); and, for sudo and sudo-i, if it is the machine's own name, which sudo
  /// puts there on request (`pam_rhost`).
  ///
  /// - Parameters:
  ///   - service: The PAM service to judge as.
  ///   - remoteHost: PAM_RHOST, empty if it is unset.
  ///   - isOwnHostName: PAM_RHOST is the machine's own name. Only looked at for sudo.
  /// - Returns: False if an address is to be judged, or the origin is unknown.
  public static func isLocal(
    service: Span<UInt8>, remoteHost: Span<UInt8>, isOwnHostName: Bool
  ) -> Bool {
    if remoteHost.isEmpty { return !isSSH(service) }
    return isOwnHostName && isSudo(service) && !looksLikeAddress(remoteHost)
  }

  /// True for the service whose SSH_CONNECTION is believed.
  public static func isSSH(_ service: Span<UInt8>) -> Bool { service.hasSameBytes(as: "sshd") }

  /// True for the services that may have the machine's own name in PAM_RHOST.
  public static func isSudo(_ service: Span<UInt8>) -> Bool {
    service.hasSameBytes(as: "sudo") || service.hasSameBytes(as: "sudo-i")
  }

  /// Whether the text may be an address: it has a colon, or only digits and dots.
  ///
  /// Every address does, so what does not is a name. Whether it is one, the daemon judges.
  public static func looksLikeAddress(_ text: Span<UInt8>) -> Bool {
    var digitsAndDots = true
    var position = 0
    while let byte = text.byte(at: position) {
      switch byte {
      case 0x3A: return true
      case 0x2E, 0x30...0x39: break
      default: digitsAndDots = false
      }
      position &+= 1
    }
    return digitsAndDots
  }
}
