import ArgumentParser
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
    let state = PAMState.now()
    let reached = Readiness.daemon(RunningDaemon(daemon))
    let policy = reached.status.flatMap { Readiness.policy($0).policy }
    var checks = state.checks + Readiness.lines(for: policy)
    if let mode = reached.status?.serving?.mode {
      if let isStrict = state.isStrict {
        checks.append(ModeFit.check(mode, isStrict: isStrict))
      }
    } else {
      checks += reached.checks
    }
    try output.print(
      PAMReport(
        request: .status, profile: state.profile, lines: state.reportLines, checks: checks,
        daemonAnswered: reached.status != nil))
  }
}
