import GatehousePlatform
import GatehousePolicy
import Glibc
import Testing

@testable import GatehouseDaemon

struct SessionOriginTests {
  private func origin(
    _ state: FakeSessions.State, realUser: UInt32 = 1000, name: Name? = nil, process: Int32 = 4711
  ) throws -> String {
    try SessionOrigin(
      process: process, caller: Caller(realUser: realUser, name: name), in: FakeSessions(state)
    ).origin.description
  }

  @Test(arguments: [
    (LoginSession.ssh("203.0.113.9"), "203.0.113.9"),
    (.ssh("2001:db8::1"), "2001:db8::1"),
    (.ssh("fe80::1%eth0"), "fe80::1"),
    (.ssh("::ffff:203.0.113.9"), "203.0.113.9"),
    (.ssh("cafe.example"), "unknown"),
    (.ssh("local"), "unknown"),
    (.ssh("localhost"), "unknown"),
    (.ssh(nil), "unknown"),
    (.ssh(""), "unknown"),
    (.console, "local"),
    (.opened(by: "gdm-password"), "local"),
    (.opened(by: "login", kind: "user-early"), "local"),
  ])
  func theSessionOfTheProcessTells(_ session: LoginSession, _ expected: String) throws {
    // Whoever called, and wherever else they are logged in.
    for user: UInt32 in [0, 1000] {
      let state = FakeSessions.State(
        own: session, owner: user, loginUser: user, users: [1000: [.ssh("198.51.100.1")]])
      #expect(try origin(state, realUser: user) == expected)
    }
  }

  @Test func aRemoteHostCountsInASessionWithoutAPerson() throws {
    let session = LoginSession(
      id: "9", user: 1000, remoteHost: "203.0.113.9", isRemote: true, sessionClass: "background",
      service: "vsftpd")
    #expect(try origin(.init(own: session)) == "203.0.113.9")
  }

  @Test(arguments: [
    LoginSession?.none, .opened(by: "crond", kind: "background"), .opened(by: "su"),
    .opened(by: "su-l"), .opened(by: "sudo-i"), .opened(by: "runuser"),
    .opened(by: "systemd-user", kind: "manager"), .opened(by: "gdm", kind: "greeter"),
  ])
  func inNoLoginRootIsLocalAndAUserIsWhereTheirLoginsAre(_ own: LoginSession?) throws {
    #expect(try origin(.init(own: own), realUser: 0) == "local")
    #expect(try origin(.init(own: own), realUser: 1000) == "unknown")
    let atConsole = FakeSessions.State(own: own, users: [1000: [.console]])
    #expect(try origin(atConsole, realUser: 1000) == "local")
  }

  @Test(
    arguments: [
      // real uid, owner, login user, PAM_RUSER, origin
      (0, nil, nil, nil, "local"), (0, nil, nil, "root", "local"), (0, 0, 0, "root", "local"),
      // sudo sets its real uid to 0, and says in PAM_RUSER who called it.
      (0, nil, nil, "www-data", "unknown"),
      // A user's own systemd and its services.
      (0, 1000, nil, "root", "unknown"), (0, 1000, 1000, "alice", "unknown"),
      // cron and at log in, without a session.
      (0, nil, 1000, "root", "unknown"),
      // su keeps its caller's.
      (1000, nil, nil, "root", "unknown"), (1000, 0, 0, "root", "unknown"),
    ] as [(UInt32, UInt32?, UInt32?, Name?, String)])
  func rootIsWhoIsRootByAllThatIsKnown(
    _ realUser: UInt32, _ owner: UInt32?, _ loginUser: UInt32?, _ name: Name?, _ expected: String
  ) throws {
    let state = FakeSessions.State(owner: owner, loginUser: loginUser)
    #expect(try origin(state, realUser: realUser, name: name) == expected)
  }

  @Test(arguments: [
    ([LoginSession.console], "local"),
    ([.console, .opened(by: "gdm-password")], "local"),
    ([.console, .opened(by: "crond", kind: "background"), .opened(by: "su")], "local"),
    ([.console, .ssh("203.0.113.9")], "unknown"),
    ([.console, .ssh(nil)], "unknown"),
    ([.ssh("203.0.113.9")], "unknown"),
    ([], "unknown"),
    ([.opened(by: "systemd-user", kind: "manager")], "unknown"),
    ([.opened(by: "su")], "unknown"),
  ])
  func aUserWithoutASessionIsLocalWhereAllTheirLoginsAre(
    _ sessions: [LoginSession], _ expected: String
  ) throws {
    let state = FakeSessions.State(owner: 1000, loginUser: 1000, users: [1000: sessions])
    #expect(try origin(state, realUser: 0, name: "alice") == expected)
  }

  @Test func eachUserThatItMayBeMustBeLocal() throws {
    var state = FakeSessions.State(owner: 1001, loginUser: 1000, users: [1000: [.console]])
    #expect(try origin(state, realUser: 1001) == "unknown")
    state.users[1001] = [.console]
    #expect(try origin(state, realUser: 1001) == "local")
  }

  @Test func whatCannotBeReadTellsNothing() throws {
    #expect(throws: SystemError.self) { try origin(.init(isAway: true), realUser: 0) }
  }

  @Test(arguments: [0, -1] as [Int32])
  func aProcessOfAnotherNamespaceIsNotTakenForTheDaemon(_ process: Int32) throws {
    #expect(throws: SystemError.self) {
      try origin(.init(own: .console), process: process)
    }
  }

  @Test func theRealOneReadsTheMachine() throws {
    let sessions = LoginManager()
    let own = getpid()
    _ = try sessions.session(ofProcess: own)
    _ = try sessions.owner(ofProcess: own)
    _ = try sessions.loginUser(ofProcess: own)
    #expect(try sessions.sessions(ofUser: 4_000_000_000).isEmpty)
  }

  @Test func aProcessThatHasGoneIsAnError() throws {
    // No process has this number: it is beyond the kernel's greatest.
    #expect(throws: SystemError.self) {
      try LoginManager().session(ofProcess: .max)
    }
  }
}
