import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseGuard
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse pam`: makes logins ask the daemon, or not.
struct PAMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pam",
    abstract: "Turn on or off that logins ask the daemon, and show whether they do.",
    discussion: """
      The package libpam-gatehouse has two profiles for pam-auth-update; at most one is on. With \
      trial, logins go on if the daemon gives no answer. With strict, they are refused.
      """,
    subcommands: [
      PAMEnable.self, PAMDisable.self, PAMStatus.self, PAMTest.self, PAMUndo.self, PAMRunStack.self,
    ])
}

/// `gatehouse pam enable`: logins ask the daemon from now on, if that locks nobody out.
struct PAMEnable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Make logins ask the daemon, if that locks nobody out.",
    discussion: """
      First it checks the daemon, its policy, the pam_gatehouse lines in /etc/pam.d, and that \
      this session and every open remote session could be opened again; and that sshd's logins \
      would be judged then. It names who came within the last 30 days and would be refused; that \
      fails if somebody who can repair this machine would keep no way in. If a check fails, \
      nothing is changed. If the policy would not let you in from where you are, and you are at a \
      terminal, it offers to add your address.

      Exit status: 0 if the profile is on now, 1 if it was refused, 3 if pam-auth-update could \
      not be run.
      """)

  @Flag(help: "Turn on strict instead of trial; the policy's mode must be enforce.")
  var strict = false

  @Flag(help: "Say what would happen, and who would newly be refused; change nothing.")
  var dryRun = false

  @OptionGroup var trialOptions: TrialOptions

  @OptionGroup var lockout: LockoutOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  private var profile: PAMProfile { strict ? .strict : .trial }

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    let daemon = RunningDaemon(daemon)
    var reached = Readiness.daemon(daemon)
    // A user who may be locked out need not be asked.
    if !dryRun, let own = OwnSession.current(), !lockout.allowance.allows([own.user]),
      let status = reached.status,
      let report = try AddressOffer.make(to: own, daemon, folder: status.folder)
    {
      Terminal.say(String(decoding: report.render(as: .text), as: UTF8.self))
      reached = Readiness.daemon(daemon)
    }
    let enabling = PAMEnabling(profile, allowing: lockout.allowance, daemon, reached)
    guard !dryRun, !enabling.isRefused else {
      try output.print(enabling.plan(isDryRun: dryRun))
    }
    try output.print(enabling.turnOn(for: trialOptions.duration))
  }
}

/// The offer to add the address that this session comes from, if the policy would deny it.
enum AddressOffer {
  /// Asks on a terminal; if the answer is yes, applies the policy with the address.
  ///
  /// - Parameters:
  ///   - own: The session of the user who is asked.
  ///   - daemon: The daemon that is to load the policy.
  ///   - folder: The policy's folder, as the daemon says.
  /// - Returns: The result; nil if there was nothing to offer, nobody to ask, or the answer
  ///   was no.
  /// - Throws: If the policy could not be changed.
  static func make(
    to own: OwnSession, _ daemon: RunningDaemon, folder: String
  ) throws(CommandFailure) -> ChangeReport? {
    guard StandardStream.input.isTerminal, folder == Check.standardPath else { return nil }
    let location = PolicyLocation.standard
    let present = PolicySnapshot.read(path: folder, insecure: .error).snapshot
    guard let policy = Policy.load(present).policy,
      let addition = present.adding(originOf: own.login(under: policy)),
      let answer = Terminal.ask(
        "You come from \(own.origin), and the policy would deny you from there. "
          + "Shall it be added: \(addition.amendments.text)? (y)es or (n)o:"),
      ["y", "yes"].contains(answer.lowercased())
    else { return nil }
    let change = try location.change(as: "gatehouse pam enable")
    guard change.present.snapshot == present else {
      throw .refused("the policy was changed meanwhile", remedy: "run it again")
    }
    let update = PolicyUpdate(making: change, in: location.path, daemon)
    return try update.put(
      Candidate(addition.snapshot.inside, listsIn: location.path), source: "the policy with it",
      base: location.path,
      for: .init(means: .pamEnable, reason: addition.amendments.text))
  }
}

/// `gatehouse pam disable`: logins no longer ask the daemon.
struct PAMDisable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Turn off that logins ask the daemon.",
    discussion: """
      Both profiles are turned off, and a line that `pam enable` wrote by itself is taken out. \
      Lines that were written by hand stay.

      Exit status: 0 if no profile is on now, 1 if one is, 3 if pam-auth-update could not be run.
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    try PAMAuthUpdate.requireRoot()
    let outcome = try PAMSwitch.disable()
    try PAMTrial.end()
    var checks = outcome.checks
    let state = PAMState.now()
    if state.effective == nil && !state.lines.isEmpty {
      checks.append(
        PAMCheck(
          .warning, "lines", "the lines below were written by hand, and logins ask by them",
          remedy: "take them out with an editor"))
    }
    try output.print(
      PAMReport(
        action: .disable, profile: state.effective, lines: state.reportLines, checks: checks,
        changes: outcome.changes))
  }
}

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

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let reached = Readiness.daemon(RunningDaemon(daemon))
    var report = Self.report(mode: reached.status?.serving?.mode)
    let policy = reached.status.flatMap { Readiness.policy($0).policy }
    report.checks += Readiness.lines(for: policy)
    if !report.lines.isEmpty { report.checks += DoorChecks.all(MachineDoors.now(for: policy)) }
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
      action: .status, profile: state.effective, lines: state.reportLines, checks: checks,
      trial: CurrentProcess.isRoot ? PAMTrial.state : nil)
  }
}
