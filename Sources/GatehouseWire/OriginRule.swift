/// The part of the origin rule that the module and the daemon must judge alike.
///
/// It is whether what PAM knows proves a login local; such a login does not need the daemon.
public enum OriginRule {
  /// Whether the login is local by what PAM knows.
  ///
  /// It is if PAM_RHOST is unset or empty, the service is a `LocalService`, and PAM_TTY does not speak
  /// against it: no `login` on a pseudo terminal (ttyd, shellinabox, `machinectl login`), and no display
  /// of another host (XDMCP). For sudo and sudo-i PAM_RHOST may also be the machine's own name, which
  /// sudo puts there on request (`pam_rhost`).
  ///
  /// - Parameters:
  ///   - service: The PAM service to judge as.
  ///   - remoteHost: PAM_RHOST, empty if it is unset.
  ///   - terminal: PAM_TTY, empty if it is unset.
  ///   - isOwnHostName: PAM_RHOST is the machine's own name. Only looked at for sudo.
  /// - Returns: False if an address is to be judged, or the daemon has to say what the origin is.
  public static func isLocal(
    service: Span<UInt8>, remoteHost: Span<UInt8>, terminal: Span<UInt8>, isOwnHostName: Bool
  ) -> Bool {
    guard let kind = LocalService.of(service) else { return false }
    if kind == .console && isPseudoTerminal(terminal) { return false }
    if isForeignDisplay(terminal) { return false }
    if remoteHost.isEmpty { return true }
    return isOwnHostName && isSudo(service) && !looksLikeAddress(remoteHost)
  }

  /// Whether a terminal is a pseudo terminal: `pts/7` or `/dev/pts/7`.
  ///
  /// A program made it, so it says nothing of where the person is.
  public static func isPseudoTerminal(_ terminal: Span<UInt8>) -> Bool {
    let name =
      hasPrefix("/dev/", terminal) ? terminal.bytes(from: 5, count: terminal.count) : terminal
    return hasPrefix("pts/", name)
  }

  /// Whether a terminal is an X display that is not one of this machine's.
  ///
  /// This machine's are written `:0`, `:0.0` and `unix:0`. Whatever else has a colon names a host, also
  /// `localhost:10.0`, behind which ssh may show the display of another machine.
  public static func isForeignDisplay(_ terminal: Span<UInt8>) -> Bool {
    var colon = 0
    while let byte = terminal.byte(at: colon), byte != 0x3A { colon &+= 1 }
    guard colon < terminal.count else { return false }
    let host = terminal.bytes(from: 0, count: colon)
    guard host.isEmpty || host.hasSameBytes(as: "unix") else { return true }
    var position = colon &+ 1
    while let byte = terminal.byte(at: position) {
      switch byte {
      case 0x2E, 0x30...0x39: position &+= 1
      default: return true
      }
    }
    return false
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

  @inline(__always)
  private static func hasPrefix(_ prefix: StaticString, _ text: Span<UInt8>) -> Bool {
    text.bytes(from: 0, count: prefix.bytes.count).hasSameBytes(as: prefix)
  }
}
