import GatehouseControl
import GatehouseGuard
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseReport

/// Who logged in lately, and would be refused once logins ask.
enum NewlyRefused {
  /// The most logins that are named; the rest are counted.
  private static let mostNamed = 20

  /// What the guard says of logins that begin to ask: until now, everybody is let in.
  ///
  /// A policy in monitor mode is judged as if it enforced, and nothing of that stands in the way.
  /// - Parameters:
  ///   - policy: The policy.
  ///   - allowance: What may be lost.
  /// - Returns: A failed check for each user who can repair the machine, and would have none of the
  ///   addresses left that they came from. Then a warning for each user and place that would be
  ///   refused.
  static func checks(by policy: Policy, allowing allowance: LockoutAllowance) -> [PAMCheck] {
    var checks: [PAMCheck] = []
    var record = LoginRecord.kept
    do throws(JournalError) {
      try record.addJournal()
    } catch {
      checks.append(
        PAMCheck(
          .warning, "logins", "who came lately is not fully known: \(error)",
          remedy: "it is known on a machine whose systemd-journald keeps its journal"))
    }
    let verdict = GuardVerdict.here(
      from: nil, to: policy.enforcing(), by: record, allowing: allowance)
    let isRefusing = policy.mode == .enforce
    return checks + lockouts(verdict, isRefusing: isRefusing)
      + warnings(verdict, of: record, isRefusing: isRefusing)
  }

  private static func lockouts(_ verdict: GuardVerdict, isRefusing: Bool) -> [PAMCheck] {
    // `SessionChecks` has the sessions that are open, of everybody.
    verdict.losses.filter { [.lastPlace, .console].contains($0.kind) }.map { loss in
      let names = loss.names.map(\.description).joined(separator: ",")
      let place =
        loss.kind == .console ? "could not log in at its console" : "could come in from nowhere"
      return PAMCheck(
        isRefusing && loss.isObstacle ? .notOK : .warning, "logins",
        "\(names) can repair this machine, and \(place) any more",
        remedy:
          "allow \(loss.kind == .console ? "it" : "one of the addresses below"), or, if it is "
          + "meant: --allow-lockout=\(names)")
    }
  }

  private static func warnings(
    _ verdict: GuardVerdict, of record: LoginRecord, isRefusing: Bool
  ) -> [PAMCheck] {
    guard verdict.losingCount.places > 0 else {
      let isEmpty = record.admitted.visits.isEmpty
      return [
        PAMCheck(
          .ok, "logins",
          isEmpty ? "none is known" : "nobody who came in the last 30 days would be refused")
      ]
    }
    let when = isRefusing ? "would newly be refused" : "would be refused if the policy enforced"
    let named = verdict.losing.prefix(mostNamed).map { row in
      PAMCheck(
        .warning, "logins",
        "\(row.user) from \(row.origin) by \(row.service) \(when): \(row.reason.rawValue)",
        remedy: remedy(for: row))
    }
    let rest = verdict.losingCount.places - named.count
    guard rest > 0 else { return named }
    return named + [
      PAMCheck(
        .warning, "logins", "\(rest) more users and places \(when)",
        remedy: "`gatehouse replay --policy \(Check.standardPath)` lists all of them")
    ]
  }

  /// What to write into the policy, if they are meant to get in.
  private static func remedy(for row: PlanRow) -> String {
    switch (row.reason, row.origin) {
    case (.noAddress, _):
      "if it serves only this machine: services: {\(row.service): {without_address: local}}"
    case (.userUnknown, _):
      "if its users are not the machine's: services: {\(row.service): {accounts: virtual}}"
    case (_, .machine): "write `self` into a list of that user"
    default: "`gatehouse explain \(row.user) --from \(row.origin)` says why"
    }
  }
}

extension LoginRecord {
  /// Adds the logins of the journal that were let in within `Guard.placeAge`.
  fileprivate mutating func addJournal() throws(JournalError) {
    let now = Instant.now()
    var users = KnownUsers(among: [])
    let history = try LoginHistory(.machine, since: now - Guard.placeAge)
    var progress = Progress(from: history.since, to: now)
    defer { progress.finish() }
    _ = try history.read(progress: { progress.reach($0) }) { login in
      guard login.outcome.verdict != .deny, !login.outcome.wouldDeny else { return }
      add(login, by: users[login.user])
    }
  }
}
