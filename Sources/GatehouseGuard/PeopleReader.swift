import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import Synchronization

extension GuardScene {
  /// How many members of a group that can repair the machine are looked at; a larger group is not one
  /// of administrators.
  private static let memberLimit = 1000

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
    let reading = PeopleReading(
      first: first.sorted(), rest: rest.subtracting(first).sorted(),
      groups: Guard.groups(of: old, new), sources, memberLimit: Self.memberLimit)
    people = reading.run(within: limit)
  }
}

/// The services by which people become root who are in the machine.
enum SudoService {
  static let all: Set<Name> = ["sudo", "sudo-i"]
}

/// Reads many people on a few threads of its own.
///
/// A directory that hangs keeps such a thread until it answers: the reading goes on without it, and so
/// many threads may hang at most that the process does not fill up.
final class PeopleReading: Sendable {
  private static let threadCount = 4
  /// How many people are read in one go, which asks for each group once.
  private static let chunkSize = 32
  /// The most threads of this process that read, those that hang included.
  private static let threadLimit = 16
  private static let running = Mutex(0)

  private struct State {
    var people: [Name: GuardScene.Person] = [:]
    var chunks: ArraySlice<[Name]> = []
    var first: Set<Name>
    /// An error of the directory, if there was one.
    var problem: String?
    var threads = 0
  }

  private let state: Mutex<State>
  private let rest: [Name]
  private let groups: Set<Name>
  private let sources: SceneSources
  private let memberLimit: Int
  private let finished = Semaphore()

  init(
    first: [Name], rest: [Name], groups: Set<Name>, _ sources: SceneSources, memberLimit: Int
  ) {
    self.rest = rest
    self.groups = groups
    self.sources = sources
    self.memberLimit = memberLimit
    var state = State(first: Set(first))
    state.chunks = Self.chunks(of: first)[...]
    self.state = Mutex(state)
  }

  /// Reads them, and says of whoever is missing then what is known.
  ///
  /// Those who come first are never left out: if they could not be read, that is said. Of the others
  /// it is said if the directory fails; if it is only slow they are left out.
  func run(within limit: Duration) -> [Name: GuardScene.Person] {
    let started = start { [self] in addMembers() }
    if started {
      let timer = try? Thread("gh-guard-timer") { [self] in
        SystemClock.sleep(limit)
        finished.wake()
      }
      timer?.detach()
      finished.wait()
    }
    return state.withLock { state in
      var people = state.people
      let late = state.problem ?? "the directory did not answer in time"
      let isFailing = state.problem != nil || !state.first.allSatisfy { people[$0] != nil }
      for user in state.first where people[user] == nil { people[user] = .unreadable(late) }
      if isFailing {
        for user in rest where people[user] == nil { people[user] = .unreadable(late) }
      }
      return people
    }
  }

  private static func chunks(of users: [Name]) -> [[Name]] {
    stride(from: 0, to: users.count, by: chunkSize).map {
      Array(users[$0..<min($0 + chunkSize, users.count)])
    }
  }

  /// Starts a thread that does something, and then reads; false if there are too many.
  private func start(_ before: @escaping @Sendable () -> Void) -> Bool {
    let mayRun = Self.running.withLock { running in
      guard running < Self.threadLimit else { return false }
      running += 1
      return true
    }
    guard mayRun else { return false }
    state.withLock { $0.threads += 1 }
    let thread = try? Thread("gh-guard") { [self] in
      before()
      work()
      Self.running.withLock { $0 -= 1 }
      let isLast = state.withLock { state in
        state.threads -= 1
        return state.threads == 0
      }
      if isLast { finished.wake() }
    }
    guard let thread else {
      Self.running.withLock { $0 -= 1 }
      state.withLock { $0.threads -= 1 }
      return false
    }
    thread.detach()
    return true
  }

  /// Adds the members of the groups that can repair the machine, and then everybody else.
  private func addMembers() {
    for group in Guard.repairGroups.sorted() {
      do throws(DirectoryError) {
        let members = try sources.members(group)
        guard members.count <= memberLimit else { continue }
        state.withLock { state in
          let new = Set(members).subtracting(state.first)
          state.first.formUnion(new)
          state.chunks += Self.chunks(of: new.sorted())
        }
      } catch {
        state.withLock { $0.problem = error.description }
      }
    }
    state.withLock { state in
      state.chunks += Self.chunks(of: rest.filter { !state.first.contains($0) })
    }
    for _ in 1..<Self.threadCount { _ = start {} }
  }

  private func work() {
    while let chunk = state.withLock({ $0.chunks.popFirst() }) {
      let read = read(chunk)
      state.withLock { state in
        for (user, person) in read {
          state.people[user] = person
          if case .unreadable(let problem) = person { state.problem = problem }
        }
      }
    }
  }

  private func read(_ users: [Name]) -> [(Name, GuardScene.Person)] {
    if let read = try? readTogether(users) { return read }
    // One who cannot be read makes no other unknown.
    return users.map { user in
      do throws(DirectoryError) {
        return (user, .known(try sources.directory.reading(of: user, among: groups)))
      } catch {
        return (user, .unreadable(error.description))
      }
    }
  }

  private func readTogether(
    _ users: [Name]
  ) throws(DirectoryError) -> [(Name, GuardScene.Person)] {
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
