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
    var owner: UInt32?
    var loginUser: UInt32?
    /// The sessions of users by number.
    var users: [UInt32: [LoginSession]] = [:]
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

  func sessions(ofUser user: UInt32) throws(SystemError) -> [LoginSession] {
    try answer { $0.users[user] ?? [] }
  }

  private func answer<Answer>(_ body: (State) -> Answer) throws(SystemError) -> Answer {
    let state = state.withLock { $0 }
    guard !state.isAway else { throw SystemError("a session", .permissionDenied) }
    return body(state)
  }
}

extension LoginSession {
  /// A login on the console.
  static let console = LoginSession(
    id: "1", user: 1000, sessionClass: "user", service: "login")

  /// A login by ssh.
  static func ssh(_ host: String?) -> LoginSession {
    LoginSession(
      id: "7", user: 1000, remoteHost: host, isRemote: true, sessionClass: "user", service: "sshd")
  }

  /// A session that some program opened without a remote host.
  static func opened(by service: String, kind: String = "user") -> LoginSession {
    LoginSession(id: "c3", user: 1000, sessionClass: kind, service: service)
  }
}
