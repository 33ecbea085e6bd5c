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
  ///   - policy: The policy.
  /// - Returns: The grants, in their order.
  func helping(_ login: Login, under policy: Policy) -> [Grant] {
    grants.filter { grant in
      var login = login
      login.origin = grant.origin
      return policy.decide(login, grants: [grant]).reason == .granted
        && policy.decide(login).isDenial
    }.sorted()
  }
}
