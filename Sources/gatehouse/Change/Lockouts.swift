import GatehouseChange
import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// What the lockout guard finds on this machine.
struct Lockouts {
  /// What somebody would lose.
  let found: [SessionLoss]
  /// A warning for each session that cannot be judged.
  let unjudged: [Diagnostic]
  private let old: Policy?
  private let new: Policy
  private let allowed: Set<Name>
  private let guardian: LockoutGuard

  /// Tries a new policy on the sessions that are open now.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if it is not known.
  ///   - new: The new policy.
  ///   - allowed: The users who may be locked out.
  init(old: Policy?, new: Policy, allowed: Set<Name>) {
    self.old = old
    self.new = new
    self.allowed = allowed
    let open = OpenSessions.now()
    guardian = LockoutGuard(
      old: old, new: new, sessions: open.sessions, directory: SystemDirectory())
    found = guardian.lockouts(roleLines: RoleLine.ofSudo())
    unjudged = open.unjudged.map { one in
      Diagnostic(
        warning: .sessionNotJudged, location: nil,
        message: (one.id.map { "session \($0): " } ?? "") + one.problem, remedy: one.remedy)
    }
  }

  /// Whether somebody would be locked out who may not be.
  var isObstacle: Bool { found.contains { $0.isObstacle && !$0.isAllowed(for: allowed) } }

  /// All differences for the users who would lose something; nil if nobody would, or the old policy
  /// is not known.
  func difference(from oldPath: String, to newPath: String) -> DiffReport? {
    let users = Set(found.filter { $0.session != nil }.flatMap(\.names)).sorted()
    guard let old, !users.isEmpty else { return nil }
    let time = Instant.now()
    let comparison = PolicyComparison(old: old, new: new, from: time)
    return DiffReport(
      old: .init(path: oldPath, source: .init(old)), new: .init(path: newPath, source: .init(new)),
      time: time,
      results: users.map { user in
        let groups = guardian.identity(of: user)?.groups ?? []
        return DiffReport.SubjectResult(
          difference: comparison.difference(for: .user(user, groups: groups)), users: [])
      })
  }
}
