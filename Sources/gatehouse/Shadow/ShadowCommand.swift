import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse shadow`: a candidate that is decided beside the serving policy.
struct ShadowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shadow",
    abstract:
      "Decide a candidate policy beside the serving one, and say what comes out differently.",
    discussion: """
      After each answer the daemon decides the login by the candidate, too; nobody is refused by \
      it. Without a subcommand: who came out differently, from where, how often, last when, and by \
      which rule. Where the serving policy is in monitor mode, the same for what it would deny.

      Exit status: 0 where nothing came out differently, 1 where something did, or nothing is \
      watched, 3 where the daemon cannot be asked.
      """,
    subcommands: [ShadowShow.self, ShadowStart.self, ShadowStop.self],
    defaultSubcommand: ShadowShow.self)
}

/// `gatehouse shadow show`: what came out differently.
struct ShadowShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Say what came out differently. (The default.)")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(ShadowRequest()))
  }
}

/// `gatehouse shadow start`: a candidate begins.
struct ShadowStart: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Decide a candidate beside the serving policy from now on.",
    discussion: """
      Also after a restart of the daemon or the machine, until it is stopped. Exit status: 0 where \
      it has begun, 1 where another one runs or a test of this one fails, 3 where the candidate has \
      errors or cannot be read, or the daemon cannot be asked.
      """)

  @Argument(help: ArgumentHelp("The policy, a file or a folder.", valueName: "policy"))
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

/// `gatehouse shadow stop`: the candidate ends.
struct ShadowStop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Decide the candidate no longer, and say what came out differently.",
    discussion: "Exit status: 0 where it has ended, 1 where there was none.")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(StopShadowRequest()))
  }
}
