import ArgumentParser
import GatehouseControl
import GatehouseReport

/// `gatehouse pam enable`: logins ask the daemon from now on, if that locks nobody out.
struct PAMEnable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Make logins ask the daemon, if that locks nobody out.",
    discussion: """
      First it checks the daemon, its policy, the pam_gatehouse lines in /etc/pam.d, and that \
      this session and every open remote session could be opened again. If a check fails, nothing \
      is changed. If the policy would not let you in from where you are, and you are at a \
      terminal, it offers to add your address.

      Exit status: 0 if the profile is on now, 1 if it was refused, 3 if pam-auth-update could \
      not be run.
      """)

  @Flag(help: "Turn on strict instead of trial; the policy's mode must be enforce.")
  var strict = false

  @OptionGroup var lockout: LockoutOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    let profile: PAMProfile = strict ? .strict : .trial
    let daemon = RunningDaemon(daemon)
    var reached = Readiness.daemon(daemon)
    // A user who may be locked out need not be asked.
    if let own = OwnSession.current(), !lockout.allowed.contains(own.user),
      let status = reached.status,
      let report = try AddressOffer.make(to: own, daemon, folder: status.folder)
    {
      Terminal.say(String(decoding: report.render(as: .text), as: UTF8.self))
      reached = Readiness.daemon(daemon)
    }
    var checks = Readiness.checks(for: profile, allowed: lockout.allowed, daemon, reached)
    if !checks.contains(where: { $0.outcome == .notOK }) {
      let others = PAMProfile.allCases.filter { $0 != profile }
      checks += try PAMAuthUpdate.set(on: profile, off: others)
    }
    let state = PAMState.now()
    try output.print(
      PAMReport(
        action: .enable(profile), profile: state.profile, lines: state.reportLines,
        checks: checks))
  }
}
