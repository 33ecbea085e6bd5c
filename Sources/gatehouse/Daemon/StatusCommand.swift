import ArgumentParser
import GatehouseControl
import GatehouseReport

/// `gatehouse status`: the state of the daemon, and whether logins ask it.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the daemon's state, which policy it serves, and whether logins ask it.",
    discussion: """
      Exit status: 0 if the policy in the daemon's folder serves; 1 if there is none, if it was \
      refused and an older one still serves, or if a policy is on trial; 3 if the daemon cannot \
      be asked.
      """)

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let running = RunningDaemon(daemon)
    let status = try running.status()
    try output.print(
      StatusReport(
        daemon: status, pam: PAMStatus.report(mode: status.serving?.mode),
        refusedSessions: status.serving == nil ? [] : SessionChecks.refused(running)))
  }
}
