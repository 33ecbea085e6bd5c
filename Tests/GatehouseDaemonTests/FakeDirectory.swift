import GatehouseIdentity
import GatehousePolicy
import Synchronization

/// A directory of users and groups that can be away, partly away or slow, as a test wants it.
final class FakeDirectory: NameDirectory {
  struct State {
    var accounts: [Name: Account] = [:]
    var memberships: [Name: [UInt32]] = [:]
    var groups: [Name: UInt32] = [:]
    /// The members that a group lists.
    var members: [Name: [Name]] = [:]
    /// How the directory spells a group; as it is asked for if it is not here.
    var groupSpellings: [Name: Name] = [:]
    /// Nobody answers.
    var isAway = false
    /// The list of a user's groups comes back short, without an error, as getgrouplist(3) does
    /// while the directory behind some groups is away; those groups cannot be looked up.
    var awayGroups: Set<Name> = []
    /// The id that another source has for a group of the same name.
    var namesakes: [Name: UInt32] = [:]
    /// How old what it says of a user is, as if sssd were away from its server and said so.
    var ages: [Name: Duration] = [:]
    /// What the services say of themselves.
    var services: [DirectoryService] = []
    /// How often they were asked.
    var serviceQuestions = 0
    /// The groups of a user cannot be listed, as if sssd were offline and did not have them.
    var unlistedUsers: Set<Name> = []
    /// Users of the machine's own files, by the groups that the files have them in.
    var localUsers: [Name: Set<Name>] = [:]
    /// Whether a list of groups that came short would have been an error.
    var provesGroupLists = false
    /// Whoever asks waits until this is false again.
    var isStuck = false
    /// Whoever asks for one of these waits until they are no more.
    var stuckUsers: Set<Name> = []
    /// Whether a user who is not there is certainly not.
    var isCertainOfAbsence = false
    /// Whoever asks for one of these groups waits until they are no more.
    var stuckGroups: Set<Name> = []
    /// How often a user was looked up.
    var lookUps: [Name: Int] = [:]
    /// How often a user's groups were asked for.
    var lists: [Name: Int] = [:]
    /// How often a group was looked up.
    var groupLookUps: [Name: Int] = [:]
  }

  private let state: Mutex<State>

  /// alice is in staff and wheel, bob in staff; ALICE is another way to write alice.
  init() {
    var state = State()
    state.groups = ["staff": 50, "wheel": 10, "ops": 60]
    for (name, groups): (Name, [UInt32]) in [("alice", [50, 10]), ("bob", [50])] {
      state.accounts[name] = Account(
        name: name, userID: name == "alice" ? 1000 : 1001, primaryGroupID: groups[0])
      state.memberships[name] = groups
    }
    state.accounts["ALICE"] = state.accounts["alice"]
    self.state = Mutex(state)
  }

  func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
  func lookUps(of user: Name) -> Int { state.withLock { $0.lookUps[user] ?? 0 } }
  var lookUps: Int { state.withLock { $0.lookUps.values.reduce(0, +) } }

  func account(of user: Name) throws(DirectoryError) -> Account? {
    change { $0.lookUps[user, default: 0] += 1 }
    while state.withLock({ $0.isStuck || $0.stuckUsers.contains(user) }) { pause() }
    return try answer { $0.accounts[user] }
  }

  func memberships(of account: Account, among groups: Set<Name>) -> Memberships {
    change { $0.lists[account.name, default: 0] += 1 }
    let state = state.withLock { $0 }
    let age = state.ages[account.name] ?? .zero
    guard !state.isAway, !state.unlistedUsers.contains(account.name) else {
      let problem = state.isAway ? "Connection refused" : "not known at the moment"
      let listed = groups.filter { state.members[$0]?.contains(account.name) == true }
      return Memberships(
        ids: [account.primaryGroupID], isComplete: false, named: listed,
        lacking: groups.filter { state.members[$0] != nil }.subtracting(listed),
        problem: "user \"\(account.name)\": \(problem)", age: age)
    }
    let away = Set(state.awayGroups.compactMap { state.groups[$0] })
    return Memberships(
      ids: Set(state.memberships[account.name] ?? []).subtracting(away), age: age)
  }

  func groupReader() -> GroupReader {
    { [self] (group: Name) -> GroupAnswer in
      change { $0.groupLookUps[group, default: 0] += 1 }
      while state.withLock({ $0.stuckGroups.contains(group) }) { pause() }
      return GroupAnswer { () throws(DirectoryError) in
        guard let id = try groupID(of: group) else { return [] }
        return try answer { Set([id, $0.namesakes[group] ?? id]) }
      }
    }
  }

  private func groupID(of group: Name) throws(DirectoryError) -> UInt32? {
    if state.withLock({ $0.awayGroups.contains(group) }) {
      throw DirectoryError("group \"\(group)\": Connection refused")
    }
    return try answer { $0.groups[group] }
  }

  func group(named name: Name) throws(DirectoryError) -> GroupEntry? {
    guard try groupID(of: name) != nil else { return nil }
    return try answer {
      GroupEntry(name: $0.groupSpellings[name] ?? name, members: $0.members[name] ?? [])
    }
  }

  func services(for user: Name) -> [DirectoryService] {
    state.withLock { state in
      state.serviceQuestions += 1
      return state.services
    }
  }
  var serviceQuestions: Int { state.withLock { $0.serviceQuestions } }

  var isCertainOfAbsence: Bool { state.withLock { $0.isCertainOfAbsence } }
  var groupLookUps: Int { state.withLock { $0.groupLookUps.values.reduce(0, +) } }
  func groupLookUps(of group: Name) -> Int { state.withLock { $0.groupLookUps[group] ?? 0 } }
  /// How often somebody's groups were asked for.
  var lists: Int { state.withLock { $0.lists.values.reduce(0, +) } }

  var provesGroupLists: Bool { state.withLock { $0.provesGroupLists } }

  func localReading(of user: Name, among groups: Set<Name>) -> UserIdentity? {
    state.withLock { state in
      guard let own = state.localUsers[user], let account = state.accounts[user] else { return nil }
      let isRoot = account.userID == 0
      return UserIdentity(
        name: account.name, userID: account.userID, groups: own.intersection(groups),
        unsureGroups: isRoot ? [] : groups.subtracting(own), askedGroups: groups)
    }
  }

  private func answer<Answer>(_ body: (State) -> Answer) throws(DirectoryError) -> Answer {
    let state = state.withLock { $0 }
    guard !state.isAway else { throw DirectoryError("Connection refused") }
    return body(state)
  }
}
