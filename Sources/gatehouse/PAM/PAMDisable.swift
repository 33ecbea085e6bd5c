import ArgumentParser
import GatehouseReport

/// `gatehouse pam disable`: logins no longer ask the daemon.
struct PAMDisable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Turn off that logins ask the daemon.",
    discussion: """
      Both profiles are turned off. Lines that were written by hand stay.

      Exit status: 0 if no profile is on now, 1 if one is, 3 if pam-auth-update could not be run.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    var checks = try PAMAuthUpdate.set(on: nil, off: PAMProfile.allCases)
    let state = PAMState.now()
    if state.profile == nil && !state.lines.isEmpty {
      checks.append(
        PAMCheck(
          .warning, "lines", "the lines below were written by hand, and logins ask by them",
          remedy: "take them out with an editor"))
    }
    try output.print(
      PAMReport(
        action: .disable, profile: state.profile, lines: state.reportLines, checks: checks))
  }
}
