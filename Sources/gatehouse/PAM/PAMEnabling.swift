import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// A profile that is to be turned on: what was found before, and the turning on.
struct PAMEnabling {
  private let profile: PAMProfile
  private let allowance: LockoutAllowance
  /// The policy that serves, or is planned; nil if it is not known.
  private let policy: Policy?
  /// How it can be turned on; nil if it cannot.
  private let means: PAMMeans?
  private let checks: [PAMCheck]

  /// Makes all checks; changes nothing.
  ///
  /// - Parameters:
  ///   - profile: The profile.
  ///   - allowance: What may be lost.
  ///   - daemon: The daemon that logins will ask.
  ///   - reached: Its status, and the check of it.
  ///   - planned: The policy that would be written before; nil to judge by the one that serves.
  init(
    _ profile: PAMProfile, allowing allowance: LockoutAllowance, _ daemon: RunningDaemon,
    _ reached: (status: DaemonStatus?, checks: [PAMCheck]), planning planned: Policy? = nil
  ) {
    self.profile = profile
    self.allowance = allowance
    let (readiness, policy) =
      planned.map { (Readiness.checks(for: profile, planning: $0), $0) }
      ?? Readiness.checks(for: profile, allowing: allowance, daemon, reached)
    let (means, sshChecks) = PAMSwitch.means(for: profile, policy: policy)
    self.policy = policy
    self.means = means
    let refused = policy.map { NewlyRefused.checks(by: $0, allowing: allowance) } ?? []
    checks = readiness + sshChecks + refused
  }

  /// Whether a check failed, so that it may not be turned on.
  var isRefused: Bool { means == nil || checks.contains { $0.outcome == .notOK } }

  /// What was found; nothing was changed.
  ///
  /// - Parameter isDryRun: Whether nothing was to be changed.
  /// - Returns: The finished report.
  func plan(isDryRun: Bool) -> PAMReport {
    let state = PAMState.now()
    let how =
      switch means {
      case .profile: "by pam-auth-update, with \(profile.name)"
      case .ownLine: "by a line of its own in \(PAMEdit.file), before all other account lines"
      case nil: "by nothing that it could do"
      }
    return PAMReport(
      action: isDryRun ? .tryEnable(profile) : .enable(profile), profile: state.effective,
      lines: state.reportLines, checks: checks,
      next: isDryRun ? ["nothing was changed; it would be turned on \(how)"] : [],
      columns: StandardStream.output.columns)
  }

  /// Turns it on; nothing may have been refused.
  ///
  /// - Parameter length: After how long it is undone unless somebody confirms it; nil for never.
  /// - Returns: The finished report.
  /// - Throws: If a trial cannot begin, or PAM's files cannot be changed.
  func turnOn(for length: Duration?) throws(CommandFailure) -> PAMReport {
    guard let means else { return plan(isDryRun: false) }
    let trial = try length.map { (length) throws(CommandFailure) in
      try PAMTrial.begin(for: length, allowing: allowance)
    }
    let outcome = try PAMSwitch.enableOrRestore(profile, by: means, policy: policy)
    let state = PAMState.now()
    let isOn = state.effective == profile && outcome.checks.isEmpty
    // If something was changed all the same, its net stays, and so does that of an earlier one.
    if !isOn, let trial, (state.effective?.rawValue ?? "") == trial.subject { try PAMTrial.end() }
    return PAMReport(
      action: .enable(profile), profile: state.effective, lines: state.reportLines,
      checks: checks + outcome.checks, changes: outcome.changes,
      next: isOn ? Self.next(trial) : [], columns: StandardStream.output.columns)
  }

  private static func next(_ trial: TrialRecord?) -> [String] {
    let login = "log in anew in a second session, and keep this one until that has worked"
    guard let trial else {
      return [
        login,
        "`gatehouse doors` shows which logins are judged now; `gatehouse pam disable` undoes this",
      ]
    }
    return [
      login,
      "run `gatehouse confirm` there; unless that is done within "
        + "\(durationInWords(trial.end - trial.start)), this is undone by itself",
    ]
  }
}
