public import GatehousePolicy
import GatehouseWire

/// Which services may open a session, and so leave processes of their user's behind.
public enum SessionOpeners {
  /// Services that run nothing for whoever logs in by them but what they do themselves.
  private static let others: Set<Name> = [
    "cups", "dovecot", "exim", "exim4", "ftp", "imap", "imap4", "openvpn", "pop", "pop3", "proftpd",
    "pure-ftpd", "sieve", "smtp", "vsftpd",
  ]

  /// Whether a service may open one: each one may, unless it is known that it does not.
  public static func mayOpen(_ service: Name) -> Bool {
    if OriginRule.isSSH(service.bytes.span) { return true }
    return switch LocalService.of(service.bytes.span) {
    case .console, .display: true
    // Whoever uses these is in the machine already, from wherever they came.
    case .changesUser, .locker, .other: false
    case nil: !others.contains(service)
    }
  }
}
