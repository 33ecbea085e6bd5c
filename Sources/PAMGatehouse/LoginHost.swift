internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

/// A fact that the program which logs a user in has given to PAM.
enum LoginItem {
  /// PAM_SERVICE.
  case service
  /// PAM_USER.
  case user
  /// PAM_RHOST.
  case remoteHost
  /// PAM_RUSER.
  case remoteUser
  /// PAM_TTY.
  case terminal
  /// SSH_CONNECTION in the PAM environment.
  case sshConnection
  /// SSH_AUTH_INFO_0 in the PAM environment.
  case sshAuthInfo
}

/// How much a log line matters.
enum Severity {
  /// A login could not be judged.
  case error
  /// A login was refused, or let through without having been judged.
  case warning
  /// A step, logged if the line says `debug`.
  case debug
}

/// What a user has entered that nobody else may see.
typealias Secret = BoundedBytes<64>

/// What the account stage sees of the world: PAM, the daemon and the machine's name.
protocol LoginHost: ~Copyable {
  /// The bytes of a fact; nil if it is not set.
  @_lifetime(borrow self)
  borrowing func text(_ item: LoginItem) -> Span<UInt8>?

  /// Whether the text is the machine's own name.
  borrowing func isOwnHostName(_ text: Span<UInt8>) -> Bool

  /// The real uid of the process.
  borrowing func callingUser() -> UInt32

  /// Asks the daemon.
  borrowing func ask(
    _ question: inout Frame, at path: SocketPath, timeout: UInt32, into storage: inout FrameStorage
  ) throws(NoAnswer) -> Answer

  /// Writes a line into the system's log.
  borrowing func log(_ severity: Severity, _ line: Span<UInt8>)

  /// Asks the user for a secret, which is not shown as it is typed.
  ///
  /// - Parameters:
  ///   - prompt: The text before it.
  ///   - answer: What the user has entered, without spaces and `-` and in upper case; nothing if the
  ///     program asked nobody.
  borrowing func ask(_ prompt: Span<UInt8>, into answer: inout Secret)

  /// Overwrites a secret; it is empty then.
  borrowing func wipe(_ secret: inout Secret)

  /// Overwrites a frame, which must not be used again.
  borrowing func wipe(_ frame: inout Frame)

  /// Shows the user a text.
  borrowing func show(_ message: Span<UInt8>)

  /// Puts GATEHOUSE_ROLES into the PAM environment; false if that failed.
  borrowing func setRoles(_ roles: Span<UInt8>) -> Bool
}
