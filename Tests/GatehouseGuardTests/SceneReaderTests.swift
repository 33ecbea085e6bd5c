import GatehouseControl
import GatehouseGuard
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GuardKit
import Synchronization
import SystemPackage
import Testing

/// A directory of a few people, which may be away, or hang.
private final class Registry: Directory {
  enum State { case there, away, hanging }

  private let groups: [Name: Set<Name>]
  private let numbers: [Name: UInt32] = ["sudo": 27, "staff": 50, "wheel": 10, "admin": 11]
  let state: Mutex<State>
  let asked = Mutex<[Name: Int]>([:])
  let release = Semaphore()

  init(_ groups: [Name: Set<Name>], _ state: State = .there) {
    self.groups = groups
    self.state = Mutex(state)
  }

  private func answer() throws(DirectoryError) {
    switch state.withLock({ $0 }) {
    case .there: break
    case .away: throw DirectoryError("away")
    case .hanging:
      release.wait()
      throw DirectoryError("ended")
    }
  }

  func account(of user: Name) throws(DirectoryError) -> Account? {
    asked.withLock { $0[user, default: 0] += 1 }
    try answer()
    guard groups[user] != nil else { return nil }
    return Account(name: user, userID: user == "root" ? 0 : 1000, primaryGroupID: 99)
  }

  func memberships(of account: Account, among groups: Set<Name>) -> Memberships {
    do throws(DirectoryError) { try answer() } catch {
      return Memberships(
        ids: [account.primaryGroupID], isComplete: false, problem: error.description)
    }
    return Memberships(ids: Set((self.groups[account.name] ?? []).compactMap { numbers[$0] }))
  }

  func groupReader() -> GroupReader {
    { [self] group in
      GroupAnswer { () throws(DirectoryError) in
        try answer()
        return numbers[group].map { [$0] } ?? []
      }
    }
  }

  func members(of group: Name) throws(DirectoryError) -> [Name] {
    try answer()
    return groups.filter { $0.value.contains(group) }.map(\.key)
  }

  var isCertainOfAbsence: Bool { true }
}

@Suite("The guard: what it reads of the machine")
struct SceneReaderTests {
  private let registry = Registry([
    "root": [], "alice": ["sudo"], "bob": ["staff"], "carol": ["wheel"],
  ])

  private func sources(
    _ sessions: [LoginSession] = [], _ directory: Registry? = nil, own: LoginSession? = nil,
    isUnreadable: Bool = false, starts: [Int32: UInt64] = [:]
  ) -> SceneSources {
    let directory = directory ?? registry
    return SceneSources(
      sessions: { () throws(SystemError) in
        if isUnreadable { throw SystemError("read", "/run/systemd", .permissionDenied) }
        return sessions
      },
      sessionOfProcess: { process throws(SystemError) in process == 7 ? own : nil },
      userName: { _ throws(SystemError) in nil },
      isOwn: { $0 == IPAddress("192.0.2.99") }, directory: directory,
      members: { group throws(DirectoryError) in try directory.members(of: group) },
      roleLines: { [RoleLine(service: "sudo", role: "admin")] },
      startOfProcess: { process throws(SystemError) in starts[process] })
  }

  private func session(
    _ id: String, _ user: String?, from host: String? = nil, by service: String = "sshd",
    sessionClass: String = "user", state: String = "active", leader: Int32? = nil
  ) -> LoginSession {
    LoginSession(
      id: id, user: 1000, remoteHost: host, isRemote: host != nil, sessionClass: sessionClass,
      service: service, state: state, userName: user, leader: leader)
  }

  private func read(
    _ sources: SceneSources, asker: GuardScene.Asker? = nil,
    record: LoginRecord = LoginRecord(since: present), old: String? = nil,
    new: String = anywhere, within limit: Duration = .seconds(60)
  ) throws -> GuardScene {
    try GuardScene.read(
      old: old.map(policy), new: policy(new), asker: asker, record: record, from: sources,
      within: limit)
  }

  private func origins(_ scene: GuardScene) -> [String] {
    scene.sessions.map { "\($0.user) \($0.origin) \($0.service)" }.sorted()
  }

  @Test("open sessions of people, with the origin that a new login would have")
  func sessions() throws {
    let scene = try read(
      sources([
        session("1", "alice", from: "198.51.100.7"), session("2", "bob", from: "192.0.2.99"),
        session("3", "bob"), session("4", "root", by: "login"),
        session("5", "bob", by: "xrdp-sesman"),
        session("6", "alice", from: "198.51.100.8", state: "closing"),
        session("7", "root", by: "cron", sessionClass: "background"),
        session("8", "root", by: "su"),
      ]))
    #expect(
      origins(scene) == [
        "alice 198.51.100.7 sshd", "bob self sshd", "bob self sshd", "bob unknown xrdp-sesman",
        "root local login",
      ])
    #expect(scene.asker == nil && scene.unread == [])
    #expect(scene.roleLines.count == 1)
  }

  @Test("a host without an address is unread, unless the record knows the login's")
  func hostNames() throws {
    let cafe = session("1", "alice", from: "cafe.example", leader: 40)
    let unknown = try read(sources([cafe]))
    #expect(unknown.sessions == [])
    #expect(
      unknown.unread == [
        .init(user: "alice", session: "1", isSession: true, problem: "cafe.example")
      ])
    var record = LoginRecord(since: present)
    let origin = Origin(written: "198.51.100.7")
    record.open.add(
      OpenLogin(process: 40, start: 5, user: "alice", origin: origin, service: "sshd"),
      at: present)
    let known = try read(sources([cafe], starts: [40: 5]), record: record)
    #expect(origins(known) == ["alice 198.51.100.7 sshd"] && known.unread == [])
  }

  @Test("without logind the logins count whose process still runs, and none twice")
  func withoutLogind() throws {
    var record = LoginRecord(since: present)
    let logins: [(Int32, Name, Name)] = [
      (40, "alice", "sshd"), (41, "bob", "sshd"), (42, "carol", "dovecot"), (43, "carol", "sshd"),
    ]
    for login in logins {
      record.open.add(
        OpenLogin(
          process: login.0, start: 5, user: login.1, origin: Origin(written: "198.51.100.7"),
          service: login.2), at: present)
    }
    // 41 is another process by now, and 43 has ended.
    let scene = try read(
      sources([], isUnreadable: true, starts: [40: 5, 41: 6, 42: 5]), record: record)
    #expect(origins(scene) == ["alice 198.51.100.7 sshd"])
    #expect(scene.unread.count == 1 && scene.unread[0].user == nil)
    let both = try read(
      sources([session("1", "alice", from: "198.51.100.7")], starts: [40: 5]), record: record)
    #expect(origins(both) == ["alice 198.51.100.7 sshd"])
  }

  @Test("the one who asks: by logind, with the command's address where that has a name")
  func asker() throws {
    let own = session("1", "alice", from: "198.51.100.7")
    let other = session("2", "alice", from: "198.51.100.8")
    var scene = try read(
      sources([own, other], own: own), asker: .init(process: 7, host: "10.0.0.1"))
    #expect(scene.asker?.id == "1" && scene.asker?.origin == Origin(written: "198.51.100.7"))
    #expect(scene.sessions.count == 2 && scene.sessions[0] == scene.asker)
    let named = session("1", "alice", from: "cafe.example")
    scene = try read(sources([named], own: named), asker: .init(process: 7, host: "198.51.100.9"))
    #expect(scene.asker?.origin == Origin(written: "198.51.100.9") && scene.unread == [])
    scene = try read(sources([named], own: named), asker: .init(process: 7))
    #expect(scene.asker == nil && scene.unread.map(\.user) == ["alice"])
    scene = try read(sources(), asker: .init(process: 8, user: "bob", host: "192.0.2.99"))
    #expect(
      scene.asker == OpenSession(id: nil, user: "bob", origin: .machine, service: "sshd"))
    #expect(try read(sources(), asker: .init(process: 8)).asker == nil)
  }

  @Test("people: of sessions, break-glass, the groups that repair, and the record, once each")
  func people() throws {
    var record = LoginRecord(since: present)
    for number in 0..<100 {
      record.add(
        LoginNote(
          user: Name("u\(number)"), origin: .machine, service: "sshd", outcome: .allowed,
          time: present))
    }
    let scene = try read(
      sources([session("1", "bob", from: "198.51.100.7")]), record: record,
      old: "break_glass: {users: [ghost]}", new: "groups: {staff: {also_from: [anywhere]}}")
    #expect(
      scene.people.count == 105)
    guard case .known(let bob) = scene.people["bob"],
      case .known(let alice) = scene.people["alice"],
      case .known(let ghost) = scene.people["ghost"]
    else {
      Issue.record("\(scene.people)")
      return
    }
    #expect(bob.groups == ["staff"] && alice.groups == ["sudo"] && ghost.isCertainlyAbsent)
    #expect(registry.asked.withLock { asked in asked.values.allSatisfy { $0 == 1 } })
  }

  @Test("a directory that is away makes people unread; logind still has their names")
  func away() throws {
    let away = Registry([:], .away)
    let scene = try read(sources([session("1", "alice", from: "198.51.100.7")], away))
    #expect(origins(scene) == ["alice 198.51.100.7 sshd"])
    #expect(scene.people["alice"] == .unreadable("away"))
    #expect(scene.people["root"] != nil)
  }

  @Test("one that hangs is given up after the time for it")
  func hanging() throws {
    let hanging = Registry([:], .hanging)
    let scene = try read(
      sources([session("1", "alice", from: "198.51.100.7")], hanging), within: .milliseconds(50))
    #expect(
      scene.people["alice"] == .unreadable("the directory did not answer in time"))
    hanging.state.withLock { $0 = .there }
    for _ in 0..<16 { hanging.release.wake() }
  }
}
