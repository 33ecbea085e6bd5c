import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import GatehouseReport

/// Who logged in lately, and would be refused once logins ask.
enum NewlyRefused {
  private static let days: Int64 = 30
  /// The most logins that are named; the rest are counted.
  private static let mostNamed = 20

  /// The groups whose members can repair a machine.
  private static let repairerGroups: Set<Name> = ["sudo", "wheel", "admin"]

  private struct Place: Hashable {
    var user: Name
    var service: Name
    var origin: String
    var reason: Reason
  }

  /// What the policy would do to those who logged in lately.
  ///
  /// Logins that were refused already do not count.
  /// - Parameters:
  ///   - policy: The policy.
  ///   - allowance: What may be lost.
  /// - Returns: A failed check for each user who can repair the machine, and would have none of the
  ///   addresses left that they came from. Then a warning for each user and place that would be
  ///   refused, the most frequent first.
  static func checks(by policy: Policy, allowing allowance: LockoutAllowance) -> [PAMCheck] {
    var counts: [Place: Int] = [:]
    var repairers = (losing: Set<Name>(), keeping: Set<Name>())
    var users = KnownUsers(among: policy.groupNames.union(repairerGroups))
    let now = Instant.now()
    do throws(JournalError) {
      let history = try LoginHistory(.machine, since: now - .seconds(days * 86_400))
      var progress = Progress(from: history.since, to: now)
      defer { progress.finish() }
      let summary = try history.read(progress: { progress.reach($0) }) { recorded in
        guard recorded.outcome.verdict != .deny, !recorded.outcome.wouldDeny else { return }
        let user = users[recorded.user]
        let decision = policy.decide(
          Login(
            user: user.name, groups: user.groups, service: recorded.service,
            origin: recorded.origin, time: now, role: recorded.role))
        if case .address = recorded.origin,
          user.name == "root" || !(user.groups ?? []).isDisjoint(with: repairerGroups)
        {
          if decision.isDenial {
            repairers.losing.insert(user.name)
          } else {
            repairers.keeping.insert(user.name)
          }
        }
        guard decision.isDenial else { return }
        let place = Place(
          user: user.name, service: recorded.service, origin: recorded.origin.description,
          reason: decision.reason)
        counts[place, default: 0] += 1
      }
      return lockouts(
        repairers.losing.subtracting(repairers.keeping).filter { !allowance.allows([$0]) })
        + warnings(counts, of: summary.decisions + summary.acceptedBySSH)
    } catch {
      return [
        PAMCheck(
          .warning, "logins", "who would newly be refused is not known: \(error)",
          remedy: "it is known on a machine whose systemd-journald keeps its journal")
      ]
    }
  }

  private static func lockouts(_ users: Set<Name>) -> [PAMCheck] {
    users.sorted().map { user in
      PAMCheck(
        .notOK, "logins",
        "\(user) can repair this machine, and could come in from nowhere any more",
        remedy: "allow one of the addresses below, or, if it is meant: --allow-lockout \(user)")
    }
  }

  private static func warnings(_ counts: [Place: Int], of logins: Int) -> [PAMCheck] {
    guard !counts.isEmpty else {
      let what =
        logins == 0
        ? "none is recorded in the last \(days) days"
        : "none of \(logins) in the last \(days) days would newly be refused"
      return [PAMCheck(.ok, "logins", what)]
    }
    let places = counts.sorted { left, right in
      (right.value, left.key.user, left.key.origin) < (left.value, right.key.user, right.key.origin)
    }
    let named = places.prefix(mostNamed).map { place, count in
      PAMCheck(
        .warning, "logins",
        "\(place.user) from \(place.origin) by \(place.service) would newly be refused: "
          + "\(place.reason.rawValue) (\(count) in the last \(days) days)",
        remedy: remedy(for: place))
    }
    let rest = places.count - named.count
    guard rest > 0 else { return named }
    return named + [
      PAMCheck(
        .warning, "logins", "\(rest) more users and places would newly be refused",
        remedy: "gatehouse replay --policy \(Check.standardPath) lists all of them")
    ]
  }

  /// What to write into the policy, if they are meant to get in.
  private static func remedy(for place: Place) -> String {
    switch (place.reason.rawValue, place.origin) {
    case ("no_address", _):
      "if it serves only this machine: services: {\(place.service): {without_address: local}}"
    case ("user_unknown", _):
      "if its users are not the machine's: services: {\(place.service): {accounts: virtual}}"
    case (_, "self"): "write `self` into a list of that user"
    default: "gatehouse explain \(place.user) --from \(place.origin) says why"
    }
  }
}
