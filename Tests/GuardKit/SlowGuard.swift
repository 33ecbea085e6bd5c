import GatehouseGuard
package import GatehousePolicy

/// What the guard should say, found by asking the policies about every place at every time.
///
/// It shares no code with the guard: it knows people and times from the town that made them.
package struct SlowGuard {
  package let town: RandomTown
  package let old: Policy
  package let new: Policy
  package let times: [Instant]
  private let people: [Name: RandomTown.Inhabitant]
  /// Who can repair the machine, sorted.
  package let repairers: [Name]

  package init(town: RandomTown, old: Policy, new: Policy, times: [Instant]) {
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
  package func ways(_ user: Name) -> [(origin: String, service: Name)] {
    var ways = (people[user]?.places ?? []).filter { place in
      place.daysAgo <= 30 && ["sshd", "cockpit"].contains(place.service)
    }.map { ($0.origin, $0.service) }
    ways += town.village.scene.sessions.filter { $0.user == user }
      .map { ($0.origin.description, $0.service) }
    let remote = ways.filter { $0.0 != "self" }
    return remote.isEmpty ? ways : remote
  }

  /// Whether a policy lets a user in from some place of theirs.
  package func hasPlace(_ user: Name, under policy: Policy, at time: Instant) -> Bool {
    ways(user).contains { lets(policy, user, from: $0.origin, by: $0.service, at: time) }
  }

  /// Everything that would be lost, as `kind user`.
  package func losses() -> Set<String> {
    var found: Set<String> = []
    for time in times {
      for user in repairers {
        if hasPlace(user, under: old, at: time), !hasPlace(user, under: new, at: time) {
          found.insert("last_place \(user)")
        }
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

  /// A few addresses stand for all: those that the town's policies name, and some of nobody.
  package var addresses: [String] {
    (town.networks + ["233.252.0"]).flatMap { network in (1...9).map { "\(network).\($0)" } }
      + (1...9).map { "2001:db8::\($0)" }
  }

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
    addresses.contains { reaches(policy, $0, at: time) }
  }

  private func keepsBreakGlass(at time: Instant) -> Bool {
    let users = old.breakGlassUsers.union(new.breakGlassUsers)
    let theirs = town.people.filter { users.contains($0.name) }.flatMap(\.places).map(\.origin)
    return addresses.contains { address in
      reaches(new, address, at: time)
        && (reaches(old, address, at: time) || theirs.contains(address))
    }
  }

  /// Whether somebody other than the one who asks keeps a place all the time, break-glass apart.
  package func anotherKeeps() -> Bool {
    repairers.contains { user in
      user != town.village.scene.asker?.user
        && times.allSatisfy { hasPlace(user, under: new, at: $0) }
    }
  }

  /// The places that would lose or gain at some of the times, as `user origin service`.
  package func plan() -> (losing: Set<String>, gaining: Set<String>) {
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
