import GatehousePolicy

/// By which PAM services the daemons log people in that ask TCP wrappers.
enum HostsServices {
  /// The usual ones, by the names of their programs.
  ///
  /// Any other daemon is taken for a service of its own name.
  static let usual: [Name: [Name]] = [
    "sshd": ["sshd"],
    "vsftpd": ["vsftpd"],
    "proftpd": ["proftpd"],
    "in.ftpd": ["ftp"],
    "ftpd": ["ftp"],
    "in.telnetd": ["login", "remote"],
    "telnetd": ["login", "remote"],
    "in.rlogind": ["rlogin"],
    "in.rshd": ["rsh"],
    "imap": ["dovecot"],
    "pop3": ["dovecot"],
    "sieve": ["dovecot"],
  ]

  /// The PAM services of a daemon.
  static func services(of daemon: Name) -> [Name] { usual[daemon] ?? [daemon] }
}
