import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import TestKit
import Testing

/// What the guard should say, found by asking the policies about every place at every time.
///
/// It shares no code with the guard: it knows people and times from the town that made them.
private struct SlowGuard {
  let town: RandomTown
  let old: Policy
  let new: Policy
  let times: [Instant]
  private let people: [Name: RandomTown.Inhabitant]
  /// Who can repair the machine, sorted.
  private let repairers: [Name]

  init(town: RandomTown, old: Policy, new: Policy, times: [Instant]) {
    self.town = town
    self.old = old
    self.new = new
    self.times = times
    people = Dictionary(uniqueKeysWithValues: town.people.map { ($0.name, $0) })
    let named = old.breakGlassUsers.union(new.breakGlassUsers)
    repairers = town.people.filter { person in
      person.id == 0 || !person.groups.isDisjoint(with: ["sudo", "wheel", "admin"])
        || person.places.contains { $0.service == "sudo" } || named.contains(person.name)
    }.map(\.name)
  }

  private func lets(
    _ policy: Policy, _ user: Name, from origin: String, by service: Name, at time: Instant
  ) -> Bool {
    let person = people[user]
    return policy.decide(
      Login(
        user: user, groups: person?.groups ?? [], isRoot: user == "root", service: service,
        origin: Origin(written: origin), time: time)
    ).verdict != .deny
  }

  /// From where somebody has come who wants a shell.
  func ways(_ user: Name) -> [(origin: String, service: Name)] {
    var ways = (people[user]?.places ?? []).filter { place in
      place.daysAgo <= 30 && ["sshd", "cockpit"].contains(place.service)
    }.map { ($0.origin, $0.service) }
    ways += town.village.scene.sessions.filter { $0.user == user }
      .map { ($0.origin.description, $0.service) }
    let remote = ways.filter { $0.0 != "self" }
    return remote.isEmpty ? ways : remote
  }

  /// Everything that would be lost, as `kind user`.
  func losses() -> Set<String> {
    var found: Set<String> = []
    for time in times {
      for user in repairers {
        let ways = ways(user)
        let had = ways.contains { lets(old, user, from: $0.origin, by: $0.service, at: time) }
        let has = ways.contains { lets(new, user, from: $0.origin, by: $0.service, at: time) }
        if had && !has { found.insert("last_place \(user)") }
        let console = [old, new].map { lets($0, user, from: "local", by: "login", at: time) }
        if console == [true, false] { found.insert("console \(user)") }
      }
      for session in town.village.scene.sessions
      where session == town.village.scene.asker || repairers.contains(session.user) {
        let origin = session.origin.description
        let both = [old, new].map {
          lets($0, session.user, from: origin, by: session.service, at: time)
        }
        if both == [true, false] { found.insert("login \(session.user)") }
      }
      if new.mode == .enforce, hasBreakGlass(old, at: time), !keepsBreakGlass(at: time) {
        found.insert("break_glass")
      }
    }
    return found
  }

  /// A few addresses stand for all: those that the town's policies name, and one of nobody.
  private static let addresses =
    (1...9).map { "192.0.2.\($0)" } + (1...9).map { "198.51.100.\($0)" }
    + (1...9).map { "2001:db8::\($0)" } + ["203.0.113.200"]

  private func reaches(_ policy: Policy, _ address: String, at time: Instant) -> Bool {
    policy.breakGlassUsers.contains { user in
      // Whoever does not exist cannot log in.
      guard let person = people[user] else { return false }
      return policy.decide(
        Login(
          user: user, groups: person.groups, service: "sshd", origin: Origin(written: address),
          time: time)
      ).reason == .breakGlass
    }
  }

  private func hasBreakGlass(_ policy: Policy, at time: Instant) -> Bool {
    Self.addresses.contains { reaches(policy, $0, at: time) }
  }

  private func keepsBreakGlass(at time: Instant) -> Bool {
    let users = old.breakGlassUsers.union(new.breakGlassUsers)
    let theirs = town.people.filter { users.contains($0.name) }.flatMap(\.places).map(\.origin)
    return Self.addresses.contains { address in
      reaches(new, address, at: time)
        && (reaches(old, address, at: time) || theirs.contains(address))
    }
  }

  /// Whether somebody other than the one who asks keeps a place all the time, break-glass apart.
  func anotherKeeps() -> Bool {
    repairers.contains { user in
      user != town.village.scene.asker?.user
        && times.allSatisfy { time in
          ways(user).contains { lets(new, user, from: $0.origin, by: $0.service, at: time) }
        }
    }
  }

  /// The places that would lose or gain at some of the times, as `user origin service`.
  func plan() -> (losing: Set<String>, gaining: Set<String>) {
    var (losing, gaining): (Set<String>, Set<String>) = ([], [])
    for person in town.people {
      for place in person.places {
        let key = "\(person.name) \(place.origin) \(place.service)"
        for time in times {
          let both = [old, new].map {
            lets($0, person.name, from: place.origin, by: place.service, at: time)
          }
          if both == [true, false] { losing.insert(key) }
          if both == [false, true] { gaining.insert(key) }
        }
      }
    }
    return (losing, gaining)
  }
}

@Suite("The guard and random changes")
struct GuardPropertyTests {
  /// 1,000 changes in all.
  @Test(
    "what it finds is what a slow reading finds, and nobody is left outside by what it accepts",
    arguments: 0..<40)
  func changes(seed: Int) throws {
    var accepted = 0
    var refused = 0
    var excused = 0
    for number in 0..<25 {
      var town = RandomTown(seed: UInt64(seed * 1000 + number))
      let change = town.change()
      let times = town.looks()
      let (old, new) = try (policy(change.old), policy(change.new))
      let verdict = Guard(old: old, new: new, scene: town.village.scene).verdict()
      let slow = SlowGuard(town: town, old: old, new: new, times: times)
      let told: Comment = "seed \(seed * 1000 + number)\n\(change.old)\n---\n\(change.new)"
      let found = Set(
        verdict.losses.map { loss in
          loss.kind == .breakGlass ? "break_glass" : "\(loss.kind.rawValue) \(loss.names[0])"
        })
      #expect(found == slow.losses(), told)
      #expect(verdict.judgedUntil == nil && !verdict.isWaiting, told)
      let meant = verdict.losses.filter { $0.excuse == .meant }
      if !meant.isEmpty {
        excused += 1
        #expect(meant.allSatisfy { !$0.isOwn }, told)
        let asker = town.village.scene.asker?.user
        let isOfOthers = meant.contains { $0.names != [asker].compactMap(\.self) }
        if isOfOthers && new.breakGlassUsers.isEmpty { #expect(slow.anotherKeeps(), told) }
      }
      if verdict.isObstacle { refused += 1 } else { accepted += 1 }
      if number.isMultiple(of: 5) {
        let plan = slow.plan()
        let (losing, gaining) = (verdict.losing.map(\.key), verdict.gaining.map(\.key))
        #expect(Set(losing).isSubset(of: plan.losing.union(town.sessionKeys)), told)
        #expect(Set(gaining).isSubset(of: plan.gaining.union(town.sessionKeys)), told)
        if verdict.losingCount.places <= GuardVerdict.rowLimit {
          #expect(plan.losing.isSubset(of: losing), told)
        }
        if verdict.gainingCount.places <= GuardVerdict.rowLimit {
          #expect(plan.gaining.isSubset(of: gaining), told)
        }
      }
    }
    #expect(accepted > 0 && refused > 0, "\(accepted) accepted, \(refused) refused, \(excused)")
  }
}

extension PlanRow {
  fileprivate var key: String { "\(user) \(origin) \(service)" }
}

extension RandomTown {
  /// The places of open sessions, which the record need not have.
  fileprivate var sessionKeys: Set<String> {
    Set(village.scene.sessions.map { "\($0.user) \($0.origin) \($0.service)" })
  }
}
