import GatehouseControl
package import GatehouseGuard
import GatehouseIdentity
package import GatehousePolicy
package import GatehouseRecord
import TestKit

/// The present of every scene here.
package let present = Instant(microsecondsSinceEpoch: 1_800_000_000_000_000)

/// A policy of one file; what is wrong with it is the test's failure.
package func policy(_ text: String) throws -> Policy {
  let load = Policy.load(
    PolicySnapshot(policyFiles: [
      .init(name: "policy.yaml", content: .bytes(Array("version: 1\n\(text)\n".utf8)))
    ]))
  guard let policy = load.policy else { throw TestKitError("\(load.diagnostics)") }
  return policy
}

/// A machine with its people, as the guard sees it.
package struct Village {
  /// What the guard judges by.
  package var scene: GuardScene

  /// A machine whose record goes back 400 days, and on which there is root alone.
  package init(now: Instant = present) {
    scene = GuardScene(record: LoginRecord(since: now - .seconds(400 * 86_400)), now: now)
    person("root", id: 0)
  }

  /// Somebody whom the directory knows.
  package mutating func person(_ user: Name, id: UInt32 = 1000, in groups: Set<Name> = []) {
    scene.people[user] = .known(
      UserIdentity(name: user, userID: id, groups: groups, askedGroups: groups))
  }

  /// Somebody of whom the directory is certain that there is no such user.
  package mutating func absent(_ user: Name) {
    scene.people[user] = .known(UserIdentity(absent: user, isCertain: true, askedGroups: []))
  }

  /// Somebody about whom the directory does not answer.
  package mutating func unreadable(_ user: Name) { scene.people[user] = .unreadable("away") }

  /// A login that was let in, or refused, some days ago.
  package mutating func came(
    _ user: Name, from origin: String, by service: Name = "sshd", daysAgo: Int = 1,
    _ outcome: LoginNote.Outcome = .allowed
  ) {
    scene.record.add(
      LoginNote(
        user: user, origin: Origin(written: origin), service: service, outcome: outcome,
        time: scene.now - .seconds(daysAgo * 86_400)))
  }

  /// A session that is open.
  package mutating func opens(
    _ user: Name, from origin: String, by service: Name = "sshd", id: String? = "7",
    isOwn: Bool = false
  ) {
    let session = OpenSession(
      id: id, user: user, origin: Origin(written: origin), service: service)
    scene.sessions.append(session)
    if isOwn { scene.asker = session }
  }
}
