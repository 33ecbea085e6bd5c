import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord

extension GuardScene {
  /// How many members of a group that can repair the machine are looked at; a larger group is not one
  /// of administrators.
  private static let memberLimit = 1000
  /// How many people are read in one go, which asks for each group once.
  private static let chunkSize = 32
  /// The threads of this process that read, those that hang included.
  private static let calls = BlockingCalls(atMost: 16)

  /// Reads who people are: first those whose loss may refuse a policy, then everybody of the record.
  mutating func readPeople(
    _ old: Policy?, _ new: Policy, from sources: SceneSources, within limit: Duration
  ) {
    var first: Set<Name> = ["root"]
    first.formUnion(sessions.map(\.user))
    first.formUnion(unread.compactMap(\.user))
    first.formUnion(new.breakGlassUsers)
    first.formUnion(old?.breakGlassUsers ?? [])
    for user in record.users
    where record.places(of: user).contains(where: { SudoService.all.contains($0.0.service) }) {
      first.insert(user)
    }
    var rest = Set(record.users)
    for place in record.refused.visits.keys { rest.insert(place.user) }
    let end = Uptime.now + limit
    var problem = addMembers(to: &first, from: sources, within: limit)
    let chunks = Self.chunks(of: first) + Self.chunks(of: rest.subtracting(first))
    let groups = Guard.groups(of: old, new)
    let time = end - .now
    let readings =
      time > .zero
      ? Self.calls.results(of: chunks, within: time) { Self.read($0, among: groups, from: sources) }
      : []
    for (user, person) in readings.compactMap(\.self).joined() {
      people[user] = person
      if case .unreadable(let error) = person { problem = error }
    }
    // Those who come first are never left out: if they could not be read, that is said. Of the others
    // it is said if the directory fails; if it is only slow they are left out.
    let isFailing = problem != nil || !first.allSatisfy { people[$0] != nil }
    let late = Person.unreadable(problem ?? "the directory did not answer in time")
    for user in isFailing ? first.union(rest) : first where people[user] == nil {
      people[user] = late
    }
  }

  /// Adds the members of the groups that can repair the machine; returns an error of the directory, if
  /// there was one.
  private func addMembers(
    to users: inout Set<Name>, from sources: SceneSources, within limit: Duration
  ) -> String? {
    var problem: String?
    let groups = Guard.repairGroups.sorted()
    let entries = Self.calls.results(of: groups, within: limit) { group in
      Result { () throws(DirectoryError) in try sources.members(group) }
    }
    for entry in entries.compactMap(\.self) {
      switch entry {
      case .success(let members):
        if members.count <= Self.memberLimit { users.formUnion(members) }
      case .failure(let error): problem = error.description
      }
    }
    return problem
  }

  private static func chunks(of users: Set<Name>) -> [[Name]] {
    let users = users.sorted()
    return stride(from: 0, to: users.count, by: chunkSize).map {
      Array(users[$0..<min($0 + chunkSize, users.count)])
    }
  }

  private static func read(
    _ users: [Name], among groups: Set<Name>, from sources: SceneSources
  ) -> [(Name, Person)] {
    if let read = try? readTogether(users, among: groups, from: sources) { return read }
    // One who cannot be read makes no other unknown.
    return users.map { user in
      do throws(DirectoryError) {
        let identity = try sources.directory.reading(of: user, among: groups)
        if let problem = identity.problem { return (user, .unreadable(problem)) }
        return (user, .known(identity))
      } catch {
        return (user, .unreadable(error.description))
      }
    }
  }

  private static func readTogether(
    _ users: [Name], among groups: Set<Name>, from sources: SceneSources
  ) throws(DirectoryError) -> [(Name, Person)] {
    var found: [(user: Name, account: Account)] = []
    var absent: [Name] = []
    for user in users {
      if let account = try sources.directory.account(of: user) {
        found.append((user, account))
      } else {
        absent.append(user)
      }
    }
    let identities = try sources.directory.readings(of: found.map(\.account), among: groups)
    let isCertain = sources.directory.isCertainOfAbsence
    return zip(found, identities).map { ($0.user, .known($1)) }
      + absent.map {
        ($0, .known(UserIdentity(absent: $0, isCertain: isCertain, askedGroups: groups)))
      }
  }
}

/// The services by which people become root who are in the machine.
enum SudoService {
  static let all: Set<Name> = ["sudo", "sudo-i"]
}
