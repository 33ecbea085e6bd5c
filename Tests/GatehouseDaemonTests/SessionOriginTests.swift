import GatehousePlatform
import GatehousePolicy
import GatehouseState
import Glibc
import Testing

@testable import GatehouseDaemon

/// A judge of sessions whose knowledge a test gives.
struct FakeKnowledge {
  /// The machine's own addresses, besides loopback.
  var own: Set<String> = ["192.0.2.1"]
  var localByPolicy: Set<Name> = []
  var isSelfLogin = false
  /// From where users have come in, and when; newest last.
  var arrivals: [(user: Name, origin: Origin, time: Duration)] = []
  /// Since when the daemon has seen all of it; nil if it sees nothing.
  var seenSince: Duration? = .zero

  var judge: SessionJudge {
    var known = Arrivals()
    for arrival in arrivals { known.add(arrival.user, from: arrival.origin, at: arrival.time) }
    return SessionJudge(
      isOwn: { [own] address, _ in address.isLoopback || own.contains(address.description) },
      isLocalByPolicy: { [localByPolicy] in localByPolicy.contains($0) },
      isSelfLogin: { [isSelfLogin] _ in isSelfLogin },
      arrivals: { [known] in known.origins(of: $0, since: $1) }, seenSince: seenSince)
  }

  mutating func arrive(_ origin: String, at seconds: Int, user: Name = "alice") {
    arrivals.append((user, Origin(written: origin), .seconds(seconds)))
  }
}

@Suite("Where a process came from by its session")
struct SessionOriginTests {
  private func found(
    _ state: FakeSessions.State, _ knowledge: FakeKnowledge = FakeKnowledge(),
    realUser: UInt32 = 1000, name: Name? = nil, changesUser: Bool = true, process: Int32 = 4711
  ) throws -> SessionOrigin {
    let caller = Caller(realUser: realUser, name: name, changesUser: changesUser)
    return try SessionOrigin(
      process: process, caller: caller, in: FakeSessions(state), by: knowledge.judge)
  }

  private func origins(
    _ state: FakeSessions.State, _ knowledge: FakeKnowledge = FakeKnowledge(),
    realUser: UInt32 = 1000, name: Name? = nil, changesUser: Bool = true
  ) throws -> [String] {
    try found(state, knowledge, realUser: realUser, name: name, changesUser: changesUser).origins
      .map(\.keptText)
  }

  // MARK: Open sessions

  @Test(arguments: [
    (LoginSession.ssh("203.0.113.9"), "203.0.113.9"),
    (.ssh("2001:db8::1"), "2001:db8::1"),
    (.ssh("fe80::1%eth0"), "fe80::1"),
    (.ssh("::ffff:203.0.113.9"), "203.0.113.9"),
    (.ssh("cafe.example"), "session_unclear"),
    (.ssh("local"), "session_unclear"),
    (.ssh("localhost"), "session_unclear"),
    (.ssh(nil), "session_unclear"),
    (.ssh(""), "session_unclear"),
    (.ssh("203.0.113.9", state: "online"), "203.0.113.9"),
    // A hop through the machine has the origin of nobody but the machine.
    (.ssh("127.0.0.1"), "self"), (.ssh("127.9.8.7"), "self"), (.ssh("::1"), "self"),
    (.ssh("192.0.2.1"), "self"), (.ssh("::ffff:192.0.2.1"), "self"),
    (.console, "local"),
    (.opened(by: "gdm-password"), "local"),
    (.opened(by: "login", kind: "user-early"), "local"),
  ])
  func theSessionOfTheProcessTells(_ session: LoginSession, _ expected: String) throws {
    // Whoever called.
    for user: UInt32 in [0, 1000] {
      let state = FakeSessions.State(own: session, owner: user, loginUser: user)
      #expect(try origins(state, realUser: user) == [expected])
    }
  }

  @Test func aRemoteHostCountsInASessionWithoutAPerson() throws {
    let session = LoginSession(
      id: "9", user: 1000, remoteHost: "203.0.113.9", isRemote: true, sessionClass: "background",
      service: "vsftpd", state: "active")
    #expect(try origins(.init(own: session)) == ["203.0.113.9"])
  }

  @Test("is local only if a console or display service of the machine has opened it")
  func whoOpenedIt() throws {
    // Whatever seat it says that it has: XDG_SEAT is what the PAM environment says.
    for service in [
      "xrdp-sesman", "vncserver", "vsftpd", "invented", "su", "su-l", "sudo", "sudo-i", "runuser",
      "xscreensaver", "screen", "cron", "systemd-user", "polkit-1", "",
    ] {
      #expect(try origins(.init(own: .opened(by: service))) == ["session_unclear"], "\(service)")
    }
    for service in ["login", "gdm-password", "lightdm", "sddm", "greetd"] {
      #expect(try origins(.init(own: .opened(by: service))) == ["local"], "\(service)")
    }
    let nobody = LoginSession.opened(by: "").with { $0.service = nil }
    #expect(try origins(.init(own: nobody)) == ["session_unclear"])
  }

  @Test("is local by the policy's without_address, if it is at a seat or terminal all the same")
  func withoutAddress() throws {
    var knowledge = FakeKnowledge()
    knowledge.localByPolicy = ["kiosk"]
    #expect(try origins(.init(own: .opened(by: "kiosk")), knowledge) == ["local"])
    let nowhere = LoginSession.opened(by: "kiosk").with { $0.seat = nil }
    #expect(try origins(.init(own: nowhere), knowledge) == ["session_unclear"])
    let changed = LoginSession.opened(by: "su").with { $0.service = "sudo" }
    knowledge.localByPolicy = ["sudo"]
    #expect(try origins(.init(own: changed), knowledge) == ["session_unclear"])
  }

  @Test(
    "is local only at a seat, or on a terminal that no program has made",
    arguments: [
      // seat, terminal, class, origin
      ("seat0", "tty2", "user", "local"), ("seat0", nil, "user", "local"),
      (nil, "tty1", "user", "local"), (nil, "ttyS0", "user", "local"), (nil, ":0", "user", "local"),
      (nil, "hvc0", "user-early", "local"),
      (nil, nil, "user", "session_unclear"), ("", "", "user", "session_unclear"),
      (nil, "pts/3", "user", "session_unclear"), (nil, "/dev/pts/3", "user", "session_unclear"),
      // ttyd, or machinectl login, with XDG_SEAT in the PAM environment.
      ("seat0", "pts/3", "user", "session_unclear"),
      // The display of another host.
      (nil, "cafe.example:0", "user", "session_unclear"),
      ("seat0", "localhost:10.0", "user", "session_unclear"),
      ("seat0", "tty1", "greeter", "session_unclear"),
      ("seat0", "tty1", "lock-screen", "session_unclear"),
      ("seat0", "tty1", nil, "session_unclear"),
    ] as [(String?, String?, String?, String)])
  func seatAndTerminal(
    _ seat: String?, _ terminal: String?, _ kind: String?, _ expected: String
  ) throws {
    let session = LoginSession.console.with {
      $0.seat = seat
      $0.terminal = terminal
      $0.sessionClass = kind
    }
    #expect(try origins(.init(own: session)) == [expected])
  }

  @Test("of sshd without a remote host is the machine's own, if its login was")
  func sshWithoutHost() throws {
    var knowledge = FakeKnowledge()
    for host in [nil, "", "UNKNOWN"] as [String?] {
      let session = LoginSession.ssh(host).with {
        $0.isRemote = host == "UNKNOWN"
        $0.seat = "seat0"
        $0.terminal = "tty1"
      }
      knowledge.isSelfLogin = true
      #expect(try origins(.init(own: session), knowledge) == ["self"])
      knowledge.isSelfLogin = false
      #expect(try origins(.init(own: session), knowledge) == ["session_unclear"])
    }
  }

  // MARK: What outlives its login

  @Test("that is closing counts with each origin since it began, the newest first")
  func closing() throws {
    var knowledge = FakeKnowledge()
    let state = FakeSessions.State(own: .ssh("203.0.113.9", state: "closing"))
    #expect(try origins(state, knowledge) == ["203.0.113.9"])
    knowledge.arrive("198.51.100.7", at: 200)
    knowledge.arrive("local", at: 300)
    knowledge.arrive("203.0.113.9", at: 250)
    // Others, and what was long before, do not count.
    knowledge.arrive("198.51.100.66", at: 260, user: "bob")
    knowledge.arrive("198.51.100.8", at: -21)
    #expect(try origins(state, knowledge) == ["local", "203.0.113.9", "198.51.100.7"])
  }

  @Test("whose state is not known counts like one that is closing")
  func unknownState() throws {
    var knowledge = FakeKnowledge()
    knowledge.arrive("198.51.100.7", at: 200)
    let session = LoginSession.ssh("203.0.113.9").with { $0.state = nil }
    #expect(try origins(.init(own: session), knowledge) == ["198.51.100.7", "203.0.113.9"])
  }

  @Test("is unclear if the daemon did not see the whole time of a session that is closing")
  func unseen() throws {
    var knowledge = FakeKnowledge()
    let state = FakeSessions.State(own: .ssh("203.0.113.9", state: "closing"))
    knowledge.seenSince = .seconds(100)
    #expect(try origins(state, knowledge) == ["203.0.113.9"])
    knowledge.seenSince = .seconds(100) + .milliseconds(1)
    #expect(try origins(state, knowledge) == ["session_unclear"])
    knowledge.seenSince = nil
    #expect(try origins(state, knowledge) == ["session_unclear"])
    knowledge.seenSince = .zero
    for change: (inout LoginSession) -> Void in [{ $0.since = nil }, { $0.userName = nil }] {
      let session = LoginSession.ssh("203.0.113.9", state: "closing").with(change)
      #expect(try origins(.init(own: session), knowledge) == ["session_unclear"])
    }
  }

  @Test("in a user's service manager counts with each origin since that began")
  func manager() throws {
    var knowledge = FakeKnowledge()
    let manager = UserManager(user: 1000, userName: "alice", since: .seconds(100))
    let state = FakeSessions.State(manager: manager, owner: 1000, loginUser: 1000)
    // Whoever called, and whatever other sessions there are now.
    for user: UInt32 in [0, 1000] {
      #expect(try origins(state, knowledge, realUser: user, name: "alice") == ["session_unclear"])
    }
    knowledge.arrive("local", at: 101)
    #expect(try origins(state, knowledge) == ["local"])
    // The console does not make what came from elsewhere local.
    knowledge.arrive("203.0.113.9", at: 500)
    #expect(try origins(state, knowledge) == ["203.0.113.9", "local"])
    knowledge.seenSince = .seconds(101)
    #expect(try origins(state, knowledge) == ["session_unclear"])
    let unknown = FakeSessions.State(manager: UserManager(user: 1000))
    knowledge.seenSince = .zero
    #expect(try origins(unknown, knowledge) == ["session_unclear"])
    // From systemd 256 on the manager has a session of its own.
    let own = LoginSession.opened(by: "systemd-user", kind: "manager")
    #expect(try origins(.init(own: own), knowledge) == ["203.0.113.9", "local"])
  }

  // MARK: In no session

  @Test(
    "is local if root has called what changes the user, by all that is known",
    arguments: [
      // real uid, owner, login user, PAM_RUSER, origin
      (0, nil, nil, nil, "local"), (0, nil, nil, "root", "local"), (0, 0, 0, "root", "local"),
      // A program that made itself root says in PAM_RUSER who called it.
      (0, nil, nil, "www-data", "session_unclear"),
      // cron and at log in, without a session.
      (0, nil, 1000, "root", "session_unclear"), (0, 1000, nil, "root", "session_unclear"),
      // su and sudo keep their caller's.
      (1000, nil, nil, "root", "session_unclear"), (1000, 0, 0, "root", "session_unclear"),
    ] as [(UInt32, UInt32?, UInt32?, Name?, String)])
  func root(
    _ realUser: UInt32, _ owner: UInt32?, _ loginUser: UInt32?, _ name: Name?, _ expected: String
  ) throws {
    for own in [LoginSession?.none, .opened(by: "crond", kind: "background")] {
      let state = FakeSessions.State(own: own, owner: owner, loginUser: loginUser)
      #expect(try origins(state, realUser: realUser, name: name) == [expected])
      // polkit's helper is root's, whoever asks.
      #expect(
        try origins(state, realUser: realUser, name: name, changesUser: false)
          == ["session_unclear"])
    }
  }

  @Test("may be a service account's, whose number everything must have that is known")
  func outsiders() throws {
    let state = FakeSessions.State(owner: 998)
    let found = try found(state, realUser: 998, name: "nagios")
    #expect(found.origins == [.unknown(.session)])
    #expect(found.outsider == .init(name: "nagios", users: [998]))
    #expect(try self.found(.init(), realUser: 998, name: nil).outsider == nil)
    #expect(try self.found(.init(), realUser: 0, name: "root").outsider == nil)
    #expect(
      try self.found(.init(loginUser: 1000), realUser: 998, name: "nagios").outsider?.users
        == [998, 1000])
    #expect(
      try self.found(state, realUser: 998, name: "nagios", changesUser: false).outsider == nil)
    // Whoever is in a session is where that was opened, also as a service account.
    #expect(
      try self.found(.init(own: .ssh("203.0.113.9")), realUser: 998, name: "nagios").outsider
        == nil)
  }

  // MARK: What cannot be read

  @Test func whatCannotBeReadTellsNothing() throws {
    #expect(throws: SystemError.self) { try origins(.init(isAway: true), realUser: 0) }
  }

  @Test(arguments: [0, -1] as [Int32])
  func aProcessOfAnotherNamespaceIsNotTakenForTheDaemon(_ process: Int32) throws {
    #expect(throws: SystemError.self) {
      try found(.init(own: .console), process: process)
    }
  }

  @Test func theRealOneReadsTheMachine() throws {
    let sessions = LoginManager()
    let own = getpid()
    _ = try sessions.session(ofProcess: own)
    _ = try sessions.manager(ofProcess: own)
    _ = try sessions.owner(ofProcess: own)
    _ = try sessions.loginUser(ofProcess: own)
    #expect(try sessions.status(ofProcess: own)?.parent == getppid())
    #expect(try sessions.status(ofProcess: .max) == nil)
  }

  @Test func aProcessThatHasGoneIsAnError() throws {
    // No process has this number: it is beyond the kernel's greatest.
    #expect(throws: SystemError.self) {
      try LoginManager().session(ofProcess: .max)
    }
  }
}
