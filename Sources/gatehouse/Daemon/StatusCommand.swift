import ArgumentParser
import GatehouseControl
import GatehouseReport

/// `gatehouse status`: how the daemon is, and whether logins ask it.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how the daemon is, which policy it serves, and whether logins ask it.",
    discussion: """
      Exit status: 0 where the policy in the daemon's folder serves, 1 where there is none, it was \
      refused and an older one serves on, or a candidate is on trial, 3 where the daemon cannot be \
      asked.
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
