import ArgumentParser
import GatehouseControl

/// `gatehouse grants`: the temporary permissions that there are.
struct GrantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grants",
    abstract: "List the grants that count now.",
    discussion: "Exit status: 0, also where there is none; 3 where the daemon cannot be asked.")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.print(RunningDaemon(daemon).ask(GrantsRequest()))
  }
}
