import GatehouseJournal
import GatehousePolicy

/// Whether users of `service_accounts` come in from the network, too.
enum ServiceAccounts {
  private static let days: Int64 = 30

  /// A warning for each user of `service_accounts` who came in from an address lately.
  ///
  /// A process that such a user left behind has the origin `local` for sudo and su. If the journal
  /// cannot be read, nothing is known, and nothing is said.
  static func remote(in policy: Policy) -> [Diagnostic] {
    guard let groups = policy.serviceAccountGroups else { return [] }
    var users = KnownUsers(among: groups)
    var last: [Name: (time: Instant, origin: Origin)] = [:]
    let now = Instant.now()
    do throws(JournalError) {
      let history = try LoginHistory(.machine, since: now - .seconds(days * 86_400))
      var progress = Progress(from: history.since, to: now)
      defer { progress.finish() }
      _ = try history.read(progress: { progress.reach($0) }) { recorded in
        guard case .address = recorded.origin, recorded.outcome.verdict != .deny else { return }
        let user = users[recorded.user]
        guard policy.isServiceAccount(user: user.name, groups: user.groups),
          last[user.name].map({ $0.time < recorded.time }) ?? true
        else { return }
        last[user.name] = (recorded.time, recorded.origin)
      }
    } catch {
      return []
    }
    return last.sorted { $0.key < $1.key }.map { user, login in
      Diagnostic(
        warning: .serviceAccountRemote, location: policy.mentionedUsers[user],
        message:
          "\(user) of service_accounts came in from \(login.origin) in the last \(days) days, "
          + "and what is left running then counts as local for sudo and su",
        remedy: "take \(user) out of service_accounts, or allow no login from the network")
    }
  }
}
