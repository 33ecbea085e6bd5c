import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseWire
import SystemPackage

/// The caller of the program that asks, as that program itself names it.
struct Caller: Equatable, Sendable {
  /// The program's real uid.
  let realUser: UInt32
  /// PAM_RUSER; nil if it is unset or empty.
  let name: Name?
  /// Whether the program changes users, as sudo does.
  let changesUser: Bool

  /// Whether it may be root, by what the program says.
  var isRoot: Bool { realUser == 0 && (name == nil || name == "root") }
}

/// Where a process came from, by the login session that it belongs to.
struct SessionOrigin: Equatable, Sendable {
  /// Every origin that counts, the newest first; never empty.
  var origins: [Origin]
  /// The session that the process belongs to.
  var session: String?
  /// The session's remote host, if it is not an address.
  var remoteHost: Name?
  /// The caller, in no session, who is not root: local if they are a service account.
  var outsider: Outsider?

  /// A caller in no session.
  struct Outsider: Equatable, Sendable {
    /// The caller's name, by PAM_RUSER.
    let name: Name
    /// Their uid must be one of these, by all that is known of the process.
    let users: Set<UInt32>
  }

  /// Nothing is known.
  static let unknown = SessionOrigin(origins: [.unknown(.session)])

  /// An origin that no session told.
  init(origins: [Origin]) { self.origins = origins }

  /// Finds out where a process came from. The first that tells, wins:
  /// 1. its session, if that is open;
  /// 2. if its session is closing, or it runs in its user's service manager: each origin from which
  ///    that user has come in since that began;
  /// 3. it is in no session, and root has called it to change the user: local;
  /// 4. unknown, which it is also if anything cannot be read.
  init(
    process: Int32, caller: Caller, in sessions: some LoginSessions, by judge: SessionJudge
  ) throws(SystemError) {
    // 0 is a process that this one's namespace does not show.
    guard process > 0 else {
      throw SystemError("the session of a process in another namespace", .noSuchProcess)
    }
    let session = try sessions.session(ofProcess: process)
    self.session = session?.id
    if let session, session.isRemoteLogin || !session.isOfSystem {
      let own = judge.origin(of: session)
      remoteHost = own.remoteHost
      origins =
        session.isOpen
        ? [own.origin]
        : judge.origins(of: session.userName, since: session.since, besides: own.origin)
      return
    }
    if let session, session.isOfManager {
      origins = judge.origins(of: session.userName, since: session.since)
      return
    }
    if session == nil, let manager = try sessions.manager(ofProcess: process) {
      origins = judge.origins(of: manager.userName, since: manager.since)
      return
    }
    // In no session, or in one of cron.
    let owner = try sessions.owner(ofProcess: process) ?? 0
    let loginUser = try sessions.loginUser(ofProcess: process) ?? 0
    // No single fact tells the caller: a program may have set its real uid to 0, a service of the
    // system has neither owner nor login, and names are given by the program. So root is who is root
    // by all of them.
    let users = Set([caller.realUser, owner, loginUser].filter { $0 != 0 })
    guard caller.changesUser else {
      origins = [.unknown(.session)]
      return
    }
    origins = [caller.isRoot && users.isEmpty ? .local : .unknown(.session)]
    if origins != [.local], let name = caller.name {
      outsider = Outsider(name: name, users: users)
    }
  }
}

/// The machine's processes, users and login sessions.
protocol LoginSessions: Sendable {
  /// The session that a process belongs to; nil if it is in none.
  func session(ofProcess process: Int32) throws(SystemError) -> LoginSession?

  /// The service manager of the user in whose manager a process runs; nil if it runs in none.
  func manager(ofProcess process: Int32) throws(SystemError) -> UserManager?

  /// The user in whose part of the machine's control groups a process runs, by number; nil if it
  /// belongs to the system.
  func owner(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The user who once logged in and so became a process's ancestor, by number; nil for a process
  /// that nobody's login has started.
  func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32?

  /// The names of all sessions that are open now.
  func openSessions() throws(SystemError) -> Set<String>

  /// Every session that is there now.
  func sessions() throws(SystemError) -> [LoginSession]

  /// When a process was started, in clock ticks since the boot, and by which; nil if there is none.
  func status(ofProcess process: Int32) throws(SystemError) -> (start: UInt64, parent: Int32)?
}

/// These calls are quick enough for the loop, but for `sessions`.
extension LoginManager: LoginSessions {
  func status(ofProcess process: Int32) throws(SystemError) -> (start: UInt64, parent: Int32)? {
    try ProcessDescriptor.status(of: process)
  }
}

extension LoginSession {
  /// Whether it is one of a program that the system runs: a cron job, or a user's own systemd.
  var isOfSystem: Bool { isOfManager || sessionClass?.hasPrefix("background") ?? false }

  /// Whether it is the one in which a user's own systemd runs.
  var isOfManager: Bool { sessionClass?.hasPrefix("manager") ?? false }
}
