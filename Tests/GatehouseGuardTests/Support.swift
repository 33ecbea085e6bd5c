import GatehouseControl
import GatehouseGuard
import GatehouseIdentity
import GatehousePolicy
import GatehouseRecord
import Testing

/// The present of every scene here.
let present = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

/// A policy of one file; what is wrong with it is the test's failure.
func policy(_ text: String) throws -> Policy {
  let load = Policy.load(
    PolicySnapshot(policyFiles: [
      .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)\n".utf8)))
    ]))
  return try #require(load.policy, "\(load.diagnostics)")
}

/// A time of `present` and some days, hours or minutes, as a policy writes it.
func written(days: Int = 0, hours: Int = 0, minutes: Int = 0) -> String {
  (present + .seconds(((days * 24 + hours) * 60 + minutes) * 60)).description
}

/// A machine with its people, as the guard sees it.
struct Village {
  var scene = GuardScene(
    record: LoginRecord(since: present - .seconds(400 * 86_400)), now: present)

  init() {
    person("root", id: 0)
  }

  /// Somebody whom the directory knows.
  mutating func person(_ user: Name, id: UInt32 = 1000, in groups: Set<Name> = []) {
    scene.people[user] = .known(
      UserIdentity(name: user, userID: id, groups: groups, askedGroups: groups))
  }

  /// Somebody of whom the directory is certain that there is no such user.
  mutating func absent(_ user: Name) {
    scene.people[user] = .known(UserIdentity(absent: user, isCertain: true, askedGroups: []))
  }

  /// Somebody about whom the directory does not answer.
  mutating func unreadable(_ user: Name) { scene.people[user] = .unreadable("away") }

  /// A login that was let in, or refused, some days ago.
  mutating func came(
    _ user: Name, from origin: String, by service: Name = "sshd", daysAgo: Int = 1,
    _ outcome: LoginNote.Outcome = .allowed
  ) {
    scene.record.add(
      LoginNote(
        user: user, origin: Origin(written: origin), service: service, outcome: outcome,
        time: present - .seconds(daysAgo * 86_400)))
  }

  /// A session that is open.
  mutating func opens(
    _ user: Name, from origin: String, by service: Name = "sshd", id: String? = "7",
    isOwn: Bool = false
  ) {
    let session = OpenSession(
      id: id, user: user, origin: Origin(written: origin), service: service)
    scene.sessions.append(session)
    if isOwn { scene.asker = session }
  }

  func verdict(
    _ old: String?, _ new: String, allowing: LockoutAllowance = .nothing
  ) throws -> GuardVerdict {
    try Guard(
      old: old.map(policy), new: policy(new), scene: scene, allowing: allowing
    ).verdict()
  }

  /// What would be lost: `login alice 192.0.2.7 confined`; with the hours until then, and the excuse.
  func losses(
    _ old: String?, _ new: String, allowing: LockoutAllowance = .nothing
  ) throws -> [String] {
    try verdict(old, new, allowing: allowing).losses.map(\.summary)
  }
}

extension Lockout {
  var summary: String {
    var words = [kind.rawValue, names.map(\.description).joined(separator: "+")]
    if let role { words.append("role \(role)") }
    if let origin { words.append(origin.description) }
    if let service, service != "sshd" { words.append("by \(service)") }
    if let decision { words.append(decision.reason.rawValue) }
    if let at { words.append("in \((at - present).components.seconds / 3600)h") }
    if isOwn { words.append("own") }
    if let excuse { words.append("(\(excuse.rawValue))") }
    if let missing { words.append("(not meant: \(missing.rawValue))") }
    return words.joined(separator: " ")
  }
}

extension PlanRow {
  var summary: String {
    var words = ["\(user)", "\(origin)", "\(service)", reason.rawValue]
    if let at { words.append("in \((at - present).components.seconds / 3600)h") }
    return words.joined(separator: " ")
  }
}

let anywhere = "everyone: {from: [anywhere]}"
let office = "everyone: {from: [192.0.2.0/24]}"
