import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse pam status`: whether logins ask, and whether that fits the policy.
struct PAMStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Say whether logins ask the daemon, and whether that fits the policy's mode.",
    discussion: """
      Exit status: 0 where logins ask and that fits, 1 where they do not or it does not, 3 where \
      the daemon cannot be asked for the mode.
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

  /// The profile and the lines as they are, and whether they fit a mode.
  static func report(mode: Mode?) -> PAMReport {
    let state = PAMState.now()
    var checks = state.checks
    if let mode, let isStrict = state.isStrict {
      checks.append(ModeFit.check(mode, isStrict: isStrict))
    }
    return PAMReport(
      request: .status, profile: state.profile, lines: state.reportLines, checks: checks)
  }
}
