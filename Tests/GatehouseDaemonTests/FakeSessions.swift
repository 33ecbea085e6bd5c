import GatehousePlatform
import Glibc
import Synchronization
import SystemPackage

@testable import GatehouseDaemon

/// A machine's sessions, as a test says they are.
final class FakeSessions: LoginSessions {
  struct State: Sendable {
    /// The session of the process that asks.
    var own: LoginSession?
    /// The service manager in which the process that asks runs.
    var manager: UserManager?
    var owner: UInt32?
    var loginUser: UInt32?
    /// Every session that is there.
    var all: [LoginSession] = []
    /// When each process was started, and by which; every other one has gone.
    var processes: [Int32: (start: UInt64, parent: Int32)] = [:]
    /// The names of all that are open.
    var openSessions: Set<String> = []
    /// Nothing can be read.
    var isAway = false
    /// Whoever looks at a process's session waits until this is false again.
    var isStuck = false
    /// How often that was looked at.
    var lookUps = 0
  }

  private let state: Mutex<State>

  init(_ state: State = State()) { self.state = Mutex(state) }

  var lookUps: Int { state.withLock { $0.lookUps } }

  func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

  func session(ofProcess process: Int32) throws(SystemError) -> LoginSession? {
    change { $0.lookUps += 1 }
    while state.withLock({ $0.isStuck }) { usleep(500) }
    return try answer { $0.own }
  }

  func owner(ofProcess process: Int32) throws(SystemError) -> UInt32? { try answer { $0.owner } }

  func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32? {
    try answer { $0.loginUser }
  }

  func openSessions() throws(SystemError) -> Set<String> { try answer { $0.openSessions } }

  func manager(ofProcess process: Int32) throws(SystemError) -> UserManager? {
    try answer { $0.manager }
  }

  func sessions() throws(SystemError) -> [LoginSession] { try answer { $0.all } }

  func status(ofProcess process: Int32) throws(SystemError) -> (start: UInt64, parent: Int32)? {
    try answer { $0.processes[process] }
  }

  private func answer<Answer>(_ body: (State) -> Answer) throws(SystemError) -> Answer {
    let state = state.withLock { $0 }
    guard !state.isAway else { throw SystemError("a session", .permissionDenied) }
    return body(state)
  }
}

/// News of sessions, when a test wants it.
final class FakeSessionNews: SessionNews, @unchecked Sendable {
  private let bell: Bell

  init() throws { bell = try Bell() }

  var descriptor: CInt { bell.descriptor }
  func flush() { bell.silence() }
  func ring() { bell.ring() }
}

extension LoginSession {
  /// A login on the console, by alice.
  static let console = LoginSession(
    id: "1", user: 1000, sessionClass: "user", service: "login", state: "active",
    userName: "alice", seat: "seat0", terminal: "tty1", leader: 501, since: .seconds(100))

  /// A login by ssh, by alice.
  static func ssh(_ host: String?, state: String = "active") -> LoginSession {
    LoginSession(
      id: "7", user: 1000, remoteHost: host, isRemote: true, sessionClass: "user", service: "sshd",
      state: state, userName: "alice", terminal: "pts/0", leader: 507, since: .seconds(100))
  }

  /// A session that some program opened without a remote host, with a seat of alice's own making.
  static func opened(by service: String, kind: String = "user") -> LoginSession {
    LoginSession(
      id: "c3", user: 1000, sessionClass: kind, service: service, state: "active",
      userName: "alice", seat: "seat0", leader: 503, since: .seconds(100))
  }

  /// The same session with something else about it.
  func with(_ change: (inout LoginSession) -> Void) -> LoginSession {
    var session = self
    change(&session)
    return session
  }
}
