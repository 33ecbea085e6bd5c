import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseWire
import Glibc
import TestKit
import Testing

@testable import GatehouseDaemon

/// Questions whose origin a login session tells, and questions about a network.
struct SessionQuestionTests {
  private static let policy = """
    version: 1
    networks:
      office: [203.0.113.0/24]
      over: [{address: 198.51.100.7, until: 2001-01-01}]
    everyone: {from: [office]}
    roles:
      administrator: {members: {groups: [wheel]}, from: [203.0.113.9]}
    block: [203.0.113.66]
    """

  private func sudo(_ user: String = "alice", leavesLocal: Bool = false) -> [UInt8] {
    question(
      user, service: "sudo", [(.role, "administrator"), (.remoteUser, user)], caller: 0,
      leavesLocal: leavesLocal)
  }

  @Test func aRoleIsAvailableFromWhereTheSessionWasOpened() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.own = .ssh("203.0.113.9") }
    #expect(try daemon.ask(sudo()) == "listed")
    #expect(try daemon.ask(sudo("bob")) == "role_unavailable")
    daemon.sessions.change { $0.own = .ssh("203.0.113.10") }
    #expect(try daemon.ask(sudo()) == "role_unavailable")
    daemon.sessions.change { $0.own = .ssh("cafe.example") }
    #expect(try daemon.ask(sudo()) == "session_unclear")
    try wait {
      daemon.collector.messages.contains { $0.contains("alice from unknown \"cafe.example\"") }
    }
    daemon.sessions.change { $0.own = .console }
    #expect(try daemon.ask(sudo()) == "local")
    #expect(try daemon.ask(sudo("bob")) == "role_unavailable")
  }

  @Test func aSessionThatCannotBeReadIsUnknownAndLogged() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.isAway = true }
    #expect(try daemon.ask(sudo()) == "session_unclear")
    try wait {
      daemon.collector.messages.contains { $0.contains("a session: Permission denied") }
    }
  }

  @Test func whoHasGoneMeanwhileMayHaveBeenTakenForAnother() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change {
      $0.own = .ssh("203.0.113.9")
      $0.isStuck = true
    }
    do {
      let connection = try daemon.connect()
      connection.send(sudo())
      try wait { daemon.sessions.lookUps == 1 }
    }
    daemon.sessions.change { $0.isStuck = false }
    try wait { daemon.collector.messages.contains { $0.hasPrefix("denied alice from unknown") } }
  }

  @Test func aLocalLoginIsLeftToTheModuleWhereThatIsWanted() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.own = .console }
    let connection = try daemon.connect()
    connection.send(sudo("bob", leavesLocal: true))
    let frame = try connection.receive()
    #expect(try Answer(decoding: frame.span).decision == .local)
    // A remote one is decided all the same.
    daemon.sessions.change { $0.own = .ssh("203.0.113.66") }
    #expect(try daemon.ask(sudo("alice", leavesLocal: true)) == "blocked")
    try wait { daemon.collector.messages.contains { $0.contains("blocked") } }
    #expect(!daemon.collector.messages.contains { $0.contains("bob") })
  }

  @Test(
    arguments: [
      ("office", "203.0.113.9", "in_network"), ("office", "203.0.113.66", "in_network"),
      ("office", "198.51.100.7", "not_in_network"), ("office", "2001:db8::1", "not_in_network"),
      ("over", "198.51.100.7", "not_in_network"), ("nobody", "203.0.113.9", "no_such_network"),
      ("administrator", "203.0.113.9", "no_such_network"),
      ("anywhere", "198.51.100.7", "in_network"), ("nowhere", "203.0.113.9", "not_in_network"),
      ("office", "host.example.org", "origin_unknown"), ("office", nil, "origin_unknown"),
      ("over,office", "203.0.113.9", "in_network"),
      ("over,office", "2001:db8::1", "not_in_network"),
      ("local,self,office", "203.0.113.9", "in_network"),
      ("self,local", "203.0.113.9", "not_in_network"),
      ("nobody,office", "203.0.113.9", "in_network"),
      ("office,nobody", "192.0.2.1", "no_such_network"),
      ("office,local", "host.example.org", "origin_unknown"),
      (",", "203.0.113.9", "not_in_network"),
    ] as [(String, String?, String)],
    ["enforce", "monitor", "off"])
  func onlyTheAddressesOfANetworkMatter(
    _ asked: (network: String, from: String?, reason: String), _ mode: String
  ) throws {
    let daemon = try InProcessDaemon(policy: Self.policy + "\nmode: \(mode)\n")
    var fields: [(GatehouseWire.Tag, String)] = [(.network, asked.network)]
    if let from = asked.from { fields.append((.remoteHost, from)) }
    #expect(try daemon.ask(question("bob", fields)) == asked.reason)
    try wait { daemon.collector.messages.contains { $0.contains(": \(asked.reason), id ") } }
    #expect(!daemon.collector.messages.contains { $0.hasPrefix("denied") })
    #expect(daemon.directory.lookUps(of: "bob") == 0)
  }

  @Test func aNetworkIsAskedAboutForASessionToo() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    func ask(_ networks: String = "office") throws -> String {
      try daemon.ask(question("alice", service: "sudo", [(.network, networks)], caller: 0))
    }
    daemon.sessions.change { $0.own = .console }
    #expect(try ask() == "local")
    #expect(try ask("office,local") == "in_network")
    #expect(try ask("office,self") == "local")
    daemon.sessions.change { $0.own = .ssh("203.0.113.9") }
    #expect(try ask() == "in_network")
    daemon.sessions.change { $0.own = .ssh("198.51.100.7") }
    #expect(try ask() == "not_in_network")
    #expect(try ask("office,nobody") == "no_such_network")
    daemon.sessions.change { $0.own = .ssh("127.0.0.1") }
    #expect(try ask() == "not_in_network")
    #expect(try ask("office,self") == "in_network")
    daemon.sessions.change { $0.own = .ssh("203.0.113.9", state: "closing") }
    #expect(try ask() == "origin_unknown")
  }

  @Test func aLocalSessionIsInLocalAlone() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.own = .console }
    func ask(_ networks: String) throws -> String {
      try daemon.ask(question("alice", service: "sudo", [(.network, networks)], caller: 1000))
    }
    #expect(try ask("office,local") == "in_network")
    #expect(try ask("local") == "in_network")
    #expect(try ask("office,self,anywhere") == "local")
    #expect(try ask("office,nobody") == "no_such_network")
  }

  @Test func aNetworkThatThePolicyDoesNotHaveIsAWarningAlsoBesideOneThatAnswers() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    let asked = [(GatehouseWire.Tag.network, "nobody,office"), (.remoteHost, "203.0.113.9")]
    #expect(try daemon.ask(question("bob", asked)) == "in_network")
    try wait {
      daemon.collector.messages.contains {
        $0.contains("is in network nobody,office: in_network, id ")
          && $0.hasSuffix("; the policy does not have nobody")
      }
    }
  }

  @Test func withoutAPolicyThereIsNoNetwork() throws {
    let daemon = try InProcessDaemon(policy: "version: 2")
    #expect(try daemon.ask(question("bob", [(.network, "office")])) == "no_policy")
  }

  // MARK: Who has come in

  /// What is left behind when a session ends, which began now.
  private func leftBehind() -> LoginSession {
    LoginSession.ssh("203.0.113.9", state: "closing").with {
      $0.since = SystemClock.awakeSinceBoot()
    }
  }

  @Test func whatIsLeftBehindIsJudgedByEachLoginSince() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.own = .ssh("203.0.113.9") }
    #expect(try daemon.ask(sudo()) == "listed")
    // tmux, left by a session from the right address.
    let session = leftBehind()
    daemon.sessions.change { $0.own = session }
    #expect(try daemon.ask(sudo()) == "listed")
    // Then the user logs in from an address that may log in, and where the role is not available.
    #expect(try daemon.ask(question("alice", [(.remoteHost, "203.0.113.10")])) == "listed")
    #expect(try daemon.ask(sudo()) == "role_unavailable")
    // A refused login is none, nor is another user's, nor one that opens no session.
    let other = try InProcessDaemon(policy: Self.policy)
    other.sessions.change { $0.own = session.with { $0.since = SystemClock.awakeSinceBoot() } }
    #expect(try other.ask(question("alice", [(.remoteHost, "198.51.100.7")])) == "not_listed")
    #expect(try other.ask(question("bob", [(.remoteHost, "203.0.113.10")])) == "listed")
    #expect(
      try other.ask(question("alice", service: "dovecot", [(.remoteHost, "203.0.113.10")]))
        == "listed")
    #expect(try other.ask(sudo()) == "listed")
  }

  @Test func whatWasLeftBeforeTheDaemonCameIsUnclear() throws {
    let session = leftBehind()
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change { $0.own = session }
    #expect(try daemon.ask(sudo()) == "session_unclear")
    #expect(try daemon.ask(question("alice", [(.remoteHost, "203.0.113.9")])) == "listed")
    #expect(try daemon.ask(sudo()) == "session_unclear")
  }

  @Test func aServiceManagerIsJudgedByTheSessionsThatLogindShowed() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    let now = SystemClock.awakeSinceBoot()
    daemon.sessions.change {
      $0.manager = UserManager(user: 1000, userName: "alice", since: now)
      $0.owner = 1000
    }
    // Nobody was seen.
    #expect(try daemon.ask(sudo()) == "session_unclear")
    daemon.sessions.change {
      $0.all = [.opened(by: "gdm-password").with { $0.since = now }]
    }
    daemon.news.ring()
    try wait { try daemon.ask(sudo()) == "local" }
    // Another session of the user's, by something that did not ask.
    daemon.sessions.change {
      $0.all += [
        .ssh("203.0.113.10").with {
          $0.service = "cockpit"
          $0.since = now
        }
      ]
    }
    daemon.news.ring()
    try wait { try daemon.ask(sudo()) == "role_unavailable" }
  }

  @Test func whoMayHaveComeWhileNobodyCouldLookMakesWhatIsLeftUnclear() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    func comeIn(_ id: String) throws {
      let now = SystemClock.awakeSinceBoot()
      daemon.sessions.change {
        $0.manager = UserManager(user: 1000, userName: "alice", since: now)
        $0.owner = 1000
        $0.all.append(
          .opened(by: "gdm-password").with {
            $0.id = id
            $0.since = now
          })
      }
      daemon.news.ring()
      try wait { try daemon.ask(sudo()) == "local" }
    }
    try comeIn("c1")
    daemon.sessions.change { $0.isAway = true }
    daemon.news.ring()
    try daemon.waitForLog("login sessions cannot be watched: ")
    #expect(try daemon.report(StatusRequest()).text.contains("login sessions cannot be watched: "))
    daemon.sessions.change { $0.isAway = false }
    #expect(try daemon.ask(sudo()) == "session_unclear")
    daemon.news.ring()
    try daemon.waitForLog("login sessions are watched again")
    #expect(try daemon.report(StatusRequest()).text.contains(#""origin_problem":null"#))
    #expect(try daemon.ask(sudo()) == "session_unclear")
    // Who comes in from then on is seen.
    try comeIn("c2")
  }

  @Test func aSessionOfTheMachineItselfIsKnownByItsLogin() throws {
    let daemon = try InProcessDaemon(policy: Self.policy)
    daemon.sessions.change {
      $0.processes = [Int32(getpid()): (start: 77, parent: 1)]
      $0.own = .ssh(nil).with {
        $0.isRemote = false
        $0.leader = getpid()
      }
    }
    #expect(try daemon.ask(sudo()) == "session_unclear")
    let unix = question("alice", [(.sshConnectionAddress, "UNKNOWN")])
    // Denied: no list holds the machine itself.
    #expect(try daemon.ask(unix) == "not_listed")
    #expect(try daemon.ask(sudo()) == "session_unclear")
    let open = try InProcessDaemon(
      policy: Self.policy.replacing("[office]", with: "[office, self]"))
    open.sessions.change {
      $0.processes = [Int32(getpid()): (start: 77, parent: 1)]
      $0.own = .ssh(nil).with {
        $0.isRemote = false
        $0.leader = getpid()
      }
    }
    #expect(try open.ask(unix) == "listed")
    #expect(try open.ask(sudo()) == "role_unavailable")
    #expect(
      try open.ask(question("alice", service: "sudo", [(.remoteUser, "alice")], caller: 0))
        == "listed")
    // Another process has the number now.
    open.sessions.change { $0.processes = [Int32(getpid()): (start: 78, parent: 1)] }
    #expect(try open.ask(sudo()) == "session_unclear")
  }

  // MARK: Whom the directory tells

  @Test func aServiceAccountInNoSessionIsLocal() throws {
    let daemon = try InProcessDaemon(
      policy: Self.policy + "\nservice_accounts: {users: [alice], groups: [ops]}\n")
    func ask(_ user: String, caller: UInt32) throws -> String {
      try daemon.ask(
        question(user, service: "sudo", [(.remoteUser, user)], caller: caller))
    }
    #expect(try ask("alice", caller: 1000) == "local")
    // The number is another's.
    #expect(try ask("alice", caller: 1001) == "session_unclear")
    #expect(try ask("bob", caller: 1001) == "session_unclear")
    daemon.directory.change { $0.memberships["bob"]?.append(60) }
    daemon.reload()
    try wait { try ask("bob", caller: 1001) == "local" }
    daemon.sessions.change { $0.owner = 1000 }
    #expect(try ask("bob", caller: 1001) == "session_unclear")
    daemon.sessions.change { $0.own = .ssh("198.51.100.7") }
    #expect(try ask("alice", caller: 1000) == "not_listed")
  }

  // MARK: What waits for no directory

  @Test func theFirstStepsWaitForNoDirectory() throws {
    let daemon = try InProcessDaemon(
      policy: Self.policy + "\ngroups: {staff: {only_from: [office]}}\nlocal: {users: [alice]}\n")
    daemon.directory.change { $0.isStuck = true }
    #expect(try daemon.ask(question("alice", service: "login")) == "local")
    #expect(try daemon.ask(question("bob", service: "login")) == "local_not_listed")
    #expect(try daemon.ask(question("bob", service: "xrdp-sesman")) == "no_address")
    #expect(try daemon.ask(question("bob", [(.remoteHost, "a.example")])) == "origin_unknown")
    #expect(try daemon.ask(question("bob", [(.remoteHost, "203.0.113.66")])) == "blocked")
    #expect(daemon.directory.lookUps == 0)
  }

  @Test func rootIsWhoHasTheNumberZero() throws {
    let daemon = try InProcessDaemon(policy: Self.policy + "\nlocal: {users: [alice]}\n")
    daemon.directory.change {
      $0.accounts["toor"] = Account(name: "toor", userID: 0, primaryGroupID: 0)
      $0.accounts["root"] = Account(name: "root", userID: 77, primaryGroupID: 77)
    }
    // Of neither is anything known yet, so the name counts, and nothing waits for the directory.
    #expect(try daemon.ask(question("root", service: "login")) == "local")
    #expect(try daemon.ask(question("toor", service: "login")) == "local_not_listed")
    #expect(daemon.directory.lookUps == 0)
    for user in ["toor", "root"] {
      #expect(try daemon.ask(question(user, [(.remoteHost, "203.0.113.9")])) == "listed")
    }
    #expect(try daemon.ask(question("toor", service: "login")) == "local")
    #expect(try daemon.ask(question("root", service: "login")) == "local_not_listed")
  }

  @Test func aUserWhoIsCertainlyNotThereIsUnknown() throws {
    let daemon = try InProcessDaemon(
      policy: Self.policy + "\nservices: {ftp: {accounts: virtual}}\n")
    func ask(_ service: String, _ user: String) throws -> String {
      try daemon.ask(question(user, service: service, [(.remoteHost, "203.0.113.9")]))
    }
    // A directory that may be away from its server does not know everybody.
    #expect(try ask("sshd", "dave") == "listed")
    daemon.directory.change { $0.isCertainOfAbsence = true }
    #expect(try ask("sshd", "erin") == "user_unknown")
    #expect(try ask("ftp", "frank") == "listed")
    #expect(daemon.directory.lookUps(of: "frank") == 0)
  }

  @Test func denialsThatAreNotAboutTheAddressHaveNoMessage() throws {
    let daemon = try InProcessDaemon(
      policy: Self.policy + "\nlocal: {users: [alice]}\nmessage: \"Not from {address}.\"\n")
    func message(_ frame: [UInt8]) throws -> String? {
      let connection = try daemon.connect()
      connection.send(frame)
      let bytes = try connection.receive()
      return bytes.span.array(ifPresent: try Answer(decoding: bytes.span).message)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(try message(question("bob", service: "login")) == nil)
    #expect(try message(question("bob", service: "xrdp-sesman")) == nil)
    daemon.sessions.change { $0.own = .ssh("203.0.113.10") }
    #expect(try message(sudo("bob")) == nil)
    // A member whose role is not available from here.
    #expect(try message(sudo("alice")) == "Not from 203.0.113.10.")
    #expect(
      try message(question("bob", [(.remoteHost, "a.example")])) == "Not from a.example.")
  }
}
