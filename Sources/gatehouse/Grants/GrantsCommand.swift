import ArgumentParser
import GatehouseControl

/// `gatehouse grants`: lists the temporary permissions.
struct GrantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grants",
    abstract: "List the grants that are in effect.",
    discussion: "Exit status: 0, also if there is none; 3 if the daemon cannot be asked.")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(GrantsRequest()))
  }
}
