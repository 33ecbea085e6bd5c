import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse pam status`: whether logins ask the daemon, and whether that fits the policy.
struct PAMStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show whether logins ask the daemon, and whether that fits the policy's mode.",
    discussion: """
      Exit status: 0 if logins ask and that fits; 1 if not; 3 if the daemon cannot be asked for \
      the mode.
      """)

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let reached = Readiness.daemon(RunningDaemon(daemon))
    var report = Self.report(mode: reached.status?.serving?.mode)
    report.checks += Readiness.lines(for: reached.status.flatMap { Readiness.policy($0).policy })
    if reached.status?.serving == nil { report.checks += reached.checks }
    report.daemonAnswered = reached.status != nil
    try output.print(report)
  }

  /// A report on the profile and the lines, and whether they fit a mode.
  static func report(mode: Mode?) -> PAMReport {
    let state = PAMState.now()
    var checks = state.checks
    if let mode, let isStrict = state.isStrict {
      checks.append(ModeFit.check(mode, isStrict: isStrict))
    }
    return PAMReport(
      action: .status, profile: state.profile, lines: state.reportLines, checks: checks)
  }
}
