import GatehousePlatform
import GatehousePolicy
import SystemPackage

/// The caller of the program that asks, as that program itself names it.
struct Caller: Equatable, Sendable {
  /// The program's real uid.
  let realUser: UInt32
  /// PAM_RUSER; nil if it is unset or empty.
  let name: Name?
}

/// Where the login session of a process was opened from.
struct SessionOrigin: Equatable, Sendable {
  var origin: Origin
  /// The session that the process belongs to.
  var session: String?
  /// Its remote host, where that is no address.
  var remoteHost: Name?

  /// Nothing is known.
  static let unclear = SessionOrigin(origin: .unknown(.session))

  /// Finds out where a process came from. The first that tells, wins:
  /// 1. its session has a remote host: that, an address or unknown;
  /// 2. its session is a login on the machine itself: local;
  /// 3. root has called it: local, as from a service of the system;
  /// 4. its user has logins, and all of them are on the machine itself: local;
  /// 5. unknown, and so where anything could not be read.
  init(
    process: Int32, caller: Caller, in sessions: some LoginSessions
  ) throws(SystemError) {
    // 0 is a process that this one's namespace does not show.
    guard process > 0 else {
      throw SystemError("the session of a process in another namespace", .noSuchProcess)
    }
    let session = try sessions.session(ofProcess: process)
    self.session = session?.id
    if let session, session.isRemoteLogin {
      let host = session.remoteHost ?? ""
      origin = host.isEmpty ? .unknown(.session) : Origin(remoteHost: host)
      if origin.kind == .unknown, !host.isEmpty { remoteHost = Name(host) }
      return
    }
    if let session, session.isLocalLogin {
      origin = .local
      return
    }
    // No single fact tells the caller: sudo has set its real uid to 0, a service of the system has
    // neither owner nor login, and names are given by the program. So root is who is root by all.
    let owner = try sessions.owner(ofProcess: process)
    let loginUser = try sessions.loginUser(ofProcess: process)
    let users = Set([caller.realUser, owner, loginUser].compactMap(\.self).filter { $0 != 0 })
    guard !users.isEmpty else {
      origin = caller.name == nil || caller.name == "root" ? .local : .unknown(.session)
      return
    }
    for user in users {
      let logins = try sessions.sessions(ofUser: user).filter {
        $0.isLocalLogin || $0.isRemoteLogin
      }
      guard !logins.isEmpty, logins.allSatisfy(\.isLocalLogin) else {
        origin = .unknown(.session)
        return
      }
    }
    origin = .local
  }

  /// An origin that no session told.
  init(origin: Origin) { self.origin = origin }
}

/// The machine's processes, users and login sessions.
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

/// These calls are quick enough for the loop.
extension LoginManager: LoginSessions {}

extension LoginSession {
  /// Whether it is a login at this machine itself, such as on the console.
  ///
  /// False for a session without a person (of a cron job, or of a user's systemd), and for one that a
  /// program opened to change the user: a person who came in from elsewhere can open those.
  var isLocalLogin: Bool {
    !isRemoteLogin && isOfPerson && !Self.userChangers.contains(service ?? "")
  }

  private static let userChangers: Set = ["su", "su-l", "sudo", "sudo-i", "runuser", "runuser-l"]
}
