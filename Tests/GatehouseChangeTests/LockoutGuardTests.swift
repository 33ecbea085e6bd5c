import GatehouseChange
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport
import Synchronization
import Testing

/// A directory whose only group is `wheel`, of which alice is a member.
private final class OneGroup: Directory {
  let isAway: Bool
  /// Whom it was asked about.
  let asked = Mutex<[Name]>([])

  init(isAway: Bool = false) { self.isAway = isAway }

  func account(of user: Name) throws(DirectoryError) -> Account? {
    asked.withLock { $0.append(user) }
    if isAway { throw DirectoryError("away") }
    return Account(name: user, userID: 1000, primaryGroupID: user == "alice" ? 10 : 20)
  }
  func groupIDs(of account: Account) throws(DirectoryError) -> [UInt32] {
    [account.primaryGroupID]
  }
  func groupID(of group: Name) throws(DirectoryError) -> UInt32? { group == "wheel" ? 10 : nil }
  var isCertainOfAbsence: Bool { false }
}

@Suite("The lockout guard")
struct LockoutGuardTests {
  private func policy(_ text: String) throws -> Policy {
    let candidate = Candidate(
      ["policy.yaml": Array("version: 1\n\(text)\n".utf8)], listsIn: "/nowhere")
    return try #require(candidate.policy, "\(candidate.diagnostics)")
  }

  private func session(
    _ user: Name, _ address: String, service: Name = "sshd", isOwn: Bool = false
  ) -> OpenSession {
    OpenSession(
      id: "7", user: user, origin: address == "local" ? .local : Origin(remoteHost: address),
      service: service, isOwn: isOwn)
  }

  /// What would be lost: `alice login not_listed`.
  private func lost(
    _ old: String?, _ new: String, _ sessions: [OpenSession], _ lines: [RoleLine] = [],
    directory: OneGroup = OneGroup()
  ) throws -> [String] {
    let judge = LockoutGuard(
      old: try old.map(policy), new: try policy(new), sessions: sessions, directory: directory)
    return judge.lockouts(roleLines: lines).map { lockout in
      let what =
        switch lockout.loss {
        case .login: "login"
        case .role(let role): "role \(role)"
        case .breakGlass: "break-glass"
        }
      let names = lockout.names.map(\.description).joined(separator: "+")
      let reason = lockout.session.map { " \($0.decision.reason.rawValue)" } ?? ""
      return "\(names) \(what)\(reason)\(lockout.isObstacle ? "" : " (monitored)")"
    }
  }

  private let open = "everyone: {from: [anywhere]}"
  private let closed = "everyone: {from: [192.0.2.0/24]}"

  @Test("a session from an address that the new policy denies is lost; one that it allows is not")
  func sessions() throws {
    let sessions = [session("alice", "198.51.100.7"), session("bob", "192.0.2.7")]
    #expect(try lost(open, closed, sessions) == ["alice login not_listed"])
    #expect(try lost(open, open, sessions) == [])
  }

  @Test("one that the old policy denies too, and one without an old policy, count as well")
  func deniedAlready() throws {
    #expect(try lost(closed, closed, [session("alice", "198.51.100.7")]).count == 1)
    #expect(try lost(nil, closed, [session("alice", "198.51.100.7")]).count == 1)
  }

  @Test(
    "a session on the machine itself, and a host without an address, are no login that is judged")
  func local() throws {
    let sessions = [session("alice", "local"), session("bob", "host.example")]
    #expect(try lost(open, closed, sessions) == [])
  }

  @Test("the service is the one that opened the session; the groups are the directory's")
  func serviceAndGroups() throws {
    let new = "services: {ftp: {from: [nowhere]}}\ngroups: {wheel: {only_from: [192.0.2.0/24]}}"
    let sessions = [
      session("alice", "198.51.100.7"), session("bob", "198.51.100.7"),
      session("bob", "198.51.100.7", service: "ftp"),
    ]
    #expect(try lost(open, new, sessions) == ["alice login confined", "bob login not_listed"])
    #expect(
      try lost(open, new, [session("bob", "192.0.2.1")], directory: OneGroup(isAway: true))
        == ["bob login identity_unavailable"])
  }

  @Test("in monitor mode it is told, and no obstacle; with mode off there is nothing to lose")
  func monitored() throws {
    let sessions = [session("alice", "198.51.100.7")]
    #expect(
      try lost(open, "mode: monitor\n\(closed)", sessions) == ["alice login not_listed (monitored)"]
    )
    #expect(try lost(open, "mode: off\n\(closed)", sessions) == [])
  }

  private let role = "roles: {admin: {members: {groups: [wheel]}, from: [192.0.2.0/24]}}"

  @Test(
    "a role that sudo asks for and a session has must stay to it",
    arguments: [
      ("roles: {admin: {members: {groups: [wheel]}, from: [192.0.2.128/25]}}", "192.0.2.7", true),
      ("roles: {admin: {members: {groups: [wheel]}, from: [192.0.2.0/25]}}", "192.0.2.7", false),
      ("roles: {admin: {members: {users: [bob]}, from: [192.0.2.0/24]}}", "192.0.2.7", true),
      ("", "192.0.2.7", true),
      // From there alice never had it.
      ("", "198.51.100.7", false),
      // On the console membership is what counts.
      ("", "local", true),
      ("roles: {admin: {members: {groups: [wheel]}, from: [nowhere]}}", "local", false),
    ])
  func roles(_ new: String, _ address: String, _ isLost: Bool) throws {
    let lines = [RoleLine(service: "sudo", role: "admin")]
    let found = try lost(role, new, [session("alice", address), session("bob", address)], lines)
    #expect(found == (isLost ? ["alice role admin role_unavailable"] : []))
  }

  @Test(
    "a line that does not ask about local logins, or not where the session is from, is taken so")
  func lines() throws {
    let alice = [session("alice", "192.0.2.7")]
    let narrowed = "roles: {admin: {members: {groups: [wheel]}, from: [nowhere]}}"
    let here = RoleLine(service: "sudo", role: "admin", usesSession: false)
    #expect(try lost(role, narrowed, alice, [here]) == [])
    let ignoring = RoleLine(service: "sudo", role: "admin", usesSession: false, asksLocally: false)
    #expect(try lost(role, "", alice, [ignoring]) == [])
  }

  @Test("a directory is asked once about a user, and be it away", arguments: [false, true])
  func asksOnce(isAway: Bool) throws {
    let directory = OneGroup(isAway: isAway)
    let sessions = ["192.0.2.7", "192.0.2.8", "local"].map { session("alice", $0) }
    let lines = ["sudo", "sudo-i"].map { RoleLine(service: $0, role: "admin") }
    _ = try lost(role, role, sessions, lines, directory: directory)
    #expect(directory.asked.withLock { $0 } == ["alice"])
  }

  @Test("the last way in by break-glass must stay, unless the policy refuses nobody")
  func breakGlass() throws {
    let route = "break_glass: {users: [rescue], groups: [wheel]}"
    #expect(try lost(route, open, []) == ["rescue+wheel break-glass"])
    #expect(try lost(route, "\(route.dropLast()), from: [nowhere]}", []).count == 1)
    #expect(try lost(route, "break_glass: {users: [bob]}", []) == [])
    #expect(try lost(open, open, []) == [])
    #expect(try lost(route, "mode: monitor", []) == [])
  }

  @Test("who is named may be locked out, if everybody who would be is named")
  func allowed() {
    let lockout = SessionLoss(.breakGlass, names: ["rescue", "wheel"], session: nil)
    #expect(!lockout.isAllowed(for: ["rescue"]))
    #expect(lockout.isAllowed(for: ["wheel", "rescue", "alice"]))
  }
}
