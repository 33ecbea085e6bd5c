import ArgumentParser
import GatehouseControl
import GatehouseReport

/// `gatehouse pam enable`: logins ask from now on, if nobody is locked out by it.
struct PAMEnable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Make logins ask the daemon, after checking that nobody is locked out.",
    discussion: """
      Checked are the daemon, its policy, the pam_gatehouse lines in /etc/pam.d, and that this \
      session and every remote session that is open now could be opened again. If anything is in \
      the way, nothing is changed. Where the policy would not let you in from where you are, and \
      there is a terminal to ask at, you are offered to have that address added.

      Exit status: 0 where the profile is on now, 1 where it was refused, 3 where \
      pam-auth-update could not be run.
      """)

  @Flag(help: "Turn on strict instead of trial; wants a policy that enforces.")
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
        request: .enable(profile), profile: state.profile, lines: state.reportLines,
        checks: checks))
  }
}
