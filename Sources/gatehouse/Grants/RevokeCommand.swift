import ArgumentParser
import GatehouseWire

/// `gatehouse revoke`: temporary permissions end now.
struct RevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End grants before their time.",
    discussion: """
      Sessions that are open stay open. Exit status: 0 where all of them are over, 1 where one \
      was not there, 3 where the daemon cannot be asked.
      """)

  @Argument(
    help: ArgumentHelp("The grants, by the ids that gatehouse grants shows.", valueName: "id"))
  var ids: [String]

  @Option(help: ArgumentHelp("Why, for the journal.", valueName: "text"))
  var reason = ""

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = RunningDaemon(daemon)
    var status: UInt8 = 0
    for id in ids {
      let answer = try daemon.ask(.revoke, reason: reason, Terminal.format(json: output.json)) {
        frame throws(CommandFailure) in try frame.append(id: id)
      }
      try Terminal.print(answer.text)
      status = max(status, answer.status)
    }
    throw ExitCode(Int32(status))
  }
}
