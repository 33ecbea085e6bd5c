import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse shadow`: tries a candidate on real logins, beside the serving policy.
struct ShadowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow",
    abstract:
      "Try a new policy on real logins, beside the serving one, and show what it decides differently.",
    discussion: """
      After each answer the daemon also decides the login by the candidate; the candidate refuses \
      nobody. Without a subcommand it shows what was decided differently: for whom, from where, \
      how often, when last, and by which rule. If the serving policy is in monitor mode, it shows \
      the same for what that policy would deny.

      Exit status: 0 if nothing was decided differently; 1 if something was, or nothing is \
      watched; 3 if the daemon cannot be asked.
      """,
    subcommands: [ShadowShow.self, ShadowStart.self, ShadowStop.self],
    defaultSubcommand: ShadowShow.self)
}

/// `gatehouse shadow show`: shows what was decided differently.
struct ShadowShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what was decided differently. (The default.)")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(ShadowRequest()))
  }
}

/// `gatehouse shadow start`: starts with a candidate.
struct ShadowStart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start to decide each login by a candidate too.",
    discussion: """
      It goes on after a restart of the daemon or the machine, until it is stopped.

      Exit status: 0 if it was started; 1 if another candidate runs, or a test of this one fails; \
      3 if the candidate has errors or cannot be read, or the daemon cannot be asked.
      """)

  @Argument(
    help: ArgumentHelp("The policy, a file or a folder.", valueName: "policy"), completion: .file())
  var policy: String

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    _ = try PolicyFiles.usable(path: policy)
    let reading = PolicySnapshot.read(path: policy, insecure: .warning)
    guard let archive = SnapshotArchive(reading.snapshot) else {
      throw CommandFailure.unreachable("a file of the policy \(policy) cannot be read")
    }
    try output.print(
      RunningDaemon(daemon).ask(
        StartShadowRequest(), attaching: archive, patience: RunningDaemon.loadingPatience))
  }
}

/// `gatehouse shadow stop`: stops with the candidate.
struct ShadowStop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop with the candidate, and show what it decided differently.",
    discussion: "Exit status: 0 if it was stopped, 1 if there was none.")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(StopShadowRequest()))
  }
}
