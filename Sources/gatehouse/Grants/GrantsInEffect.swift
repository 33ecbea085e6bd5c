import GatehouseControl
import GatehousePolicy

/// The daemon's grants, for an answer that is otherwise read from the policy's files.
struct GrantsInEffect {
  /// The grants; none if they do not count.
  let grants: [Grant]
  /// Why they do not count, if they should.
  let notes: [String]

  /// Asks the daemon, unless a policy is named and no daemon.
  init(beside policy: PolicyOptions, _ options: DaemonOptions) {
    guard !policy.isNamed || options.socket != nil else {
      (grants, notes) = ([], [])
      return
    }
    do throws(CommandFailure) {
      grants = try RunningDaemon(options).ask(GrantsRequest()).grants
      notes = []
    } catch {
      grants = []
      notes = ["grants are not counted: \(error.problem)"]
    }
  }

  /// Those that let a user in where the policy does not, at the time of the login.
  ///
  /// - Parameters:
  ///   - login: The login; its origin does not matter.
  ///   - decisions: What the policy decides of it.
  ///   - policy: The policy.
  /// - Returns: The grants, in their order.
  func helping(_ login: Login, beside decisions: DecisionMap, under policy: Policy) -> [Grant] {
    func helps(_ grant: Grant, from origin: Origin) -> Bool {
      var login = login
      login.origin = origin
      return policy.decide(login, grants: [grant]).reason == .granted
    }
    return grants.filter { grant in
      if grant.place == .machine {
        return decisions.machine.isDenial && helps(grant, from: .machine)
      }
      return decisions.denied.contains { part in
        let address = part.addresses.intersection(grant.place.addresses).prefixes.first?.address
        return address.map { helps(grant, from: .address($0)) } ?? false
      }
    }.sorted()
  }
}
