import GatehouseFit
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import Synchronization
import TestKit
import Testing

/// A machine with a directory that a test makes up.
struct FitWorld {
  /// Spells names in its own way, is away, or hangs.
  final class NamedDirectory: NameDirectory {
    struct State {
      /// Users and groups by the names that it takes for them; what they are called.
      var users: [Name: Name] = [:]
      var groups: [Name: Name] = [:]
      var isAway = false
      var isStuck = false
    }

    private let state = Mutex(State())

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func account(of user: Name) throws(DirectoryError) -> Account? {
      try answer { $0.users[user] }.map { Account(name: $0, userID: 1, primaryGroupID: 1) }
    }
    func memberships(of account: Account, among groups: Set<Name>) -> Memberships {
      Memberships(ids: [])
    }
    func groupReader() -> GroupReader {
      { [self] group in
        GroupAnswer { () throws(DirectoryError) in
          try answer { $0.groups[group] } == nil ? [] : [1]
        }
      }
    }
    func group(named name: Name) throws(DirectoryError) -> GroupEntry? {
      try answer { $0.groups[name] }.map { GroupEntry(name: $0, members: []) }
    }
    var isCertainOfAbsence: Bool { true }

    private func answer<Value>(_ body: (State) -> Value?) throws(DirectoryError) -> Value? {
      while state.withLock({ $0.isStuck }) { SystemClock.sleep(.milliseconds(1)) }
      let state = state.withLock { $0 }
      guard !state.isAway else { throw DirectoryError("Connection refused") }
      return body(state)
    }
  }

  let directory = NamedDirectory()
  var machine = PolicyFit.Machine(
    localUsers: ["root", "deploy"], localGroups: ["root", "wheel"],
    services: ["sshd", "login", "dovecot"], addresses: [])

  /// What does not fit, as `error name line`, sorted by location.
  func found(
    _ policy: String, at occasion: PolicyFit.Occasion = .check, within time: Duration = .seconds(20)
  ) throws -> [String] {
    try diagnostics(policy, at: occasion, within: time).map {
      "\($0.severity.rawValue) \($0.name) \($0.location?.line ?? 0)"
    }
  }

  /// The same with everything that is said.
  func diagnostics(
    _ policy: String, at occasion: PolicyFit.Occasion = .check, within time: Duration = .seconds(20)
  ) throws -> [Diagnostic] {
    let text = "version: 1\nbreak_glass: {users: [root]}\n\(policy)\n"
    let snapshot = PolicySnapshot(
      policyFiles: [.init(name: "policy.yaml", content: .bytes(Array(text.utf8)))])
    let load = Policy.load(snapshot)
    let loaded = try #require(load.policy, "\(load.diagnostics)")
    let machine = machine
    let fit = PolicyFit(directory: directory, calls: BlockingCalls(atMost: 2)) { machine }
    return fit.diagnostics(of: loaded, at: occasion, within: time)
  }
}
