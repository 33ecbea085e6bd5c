/// A session that the machine's login manager knows.
struct LoginSession: Equatable, Sendable {
  /// Its name, such as `7` or `c2`.
  let id: String
  /// Where it was opened from, as PAM had it then: an address, or with `UseDNS yes` a name.
  let remoteHost: String?
  /// It was opened from a remote host, though that may have no name.
  let isRemote: Bool
  /// Its class, such as `user`, `greeter`, `background` or `manager`.
  let kind: String
  /// The PAM service that opened it.
  let service: String

  /// Whether somebody came to this machine by it, on the console or the like.
  ///
  /// Not so a session without a person (a cron job's, a user's own systemd), nor one that a program
  /// opened to change the user: who came in long before, from wherever, can open those, and so
  /// would come from nowhere.
  var isLocalLogin: Bool {
    remoteHost == nil && !isRemote && kind.hasPrefix("user")
      && !Self.userChangers.contains(service)
  }

  /// Whether it was opened from elsewhere.
  var isRemoteLogin: Bool { remoteHost != nil || isRemote }

  private static let userChangers: Set = ["su", "su-l", "sudo", "sudo-i", "runuser", "runuser-l"]
}

/// What the machine knows of processes, users and their login sessions.
protocol LoginSessions: Sendable {
  /// The session that a process belongs to; nil where it is in none.
  func session(ofProcess process: Int32) throws(SystemError) -> LoginSession?

  /// The user in whose part of the machine's control groups a process runs, by number; nil where
  /// it belongs to the system.
  func owner(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The user who once logged in and so became a process's ancestor, by number; nil for a process
  /// that nobody's login has started.
  func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The names of all sessions that are open now.
  func openSessions() throws(SystemError) -> Set<String>

  /// The sessions of a user, by number.
  func sessions(ofUser user: UInt32) throws(SystemError) -> [LoginSession]
}
