import GatehousePlatform

/// What the machine knows of processes, users and their login sessions.
protocol LoginSessions: Sendable {
  /// The session that a process belongs to; nil if it is in none.
  func session(ofProcess process: Int32) throws(SystemError) -> LoginSession?

  /// The user in whose part of the machine's control groups a process runs, by number; nil if it
  /// belongs to the system.
  func owner(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The user who once logged in and so became a process's ancestor, by number; nil for a process
  /// that nobody's login has started.
  func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The names of all sessions that are open now.
  func openSessions() throws(SystemError) -> Set<String>

  /// The sessions of a user, by number.
  func sessions(ofUser user: UInt32) throws(SystemError) -> [LoginSession]
}

/// Its calls are quick enough to be made on the loop.
extension LoginManager: LoginSessions {}

extension LoginSession {
  /// Whether somebody came to this machine by it, on the console or the like.
  ///
  /// Not so a session without a person (a cron job's, a user's own systemd), nor one that a program
  /// opened to change the user: who came in long before, from wherever, can open those, and so
  /// would come from nowhere.
  var isLocalLogin: Bool {
    !isRemoteLogin && isOfPerson && !Self.userChangers.contains(service ?? "")
  }

  private static let userChangers: Set = ["su", "su-l", "sudo", "sudo-i", "runuser", "runuser-l"]
}
