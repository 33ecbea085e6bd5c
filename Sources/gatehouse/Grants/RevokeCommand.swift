import ArgumentParser
import GatehouseControl
import GatehouseReport

/// `gatehouse revoke`: ends temporary permissions.
struct RevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End grants before their time.",
    discussion: """
      Sessions that are open stay open.

      Exit status: 0 if all of them are over; 1 if there is no such grant; 3 if the daemon \
      cannot be asked.
      """)

  @Argument(
    help: ArgumentHelp("The ids of the grants, as `gatehouse grants` shows them.", valueName: "id"))
  var ids: [String]

  @Option(help: ArgumentHelp("Why, for the journal.", valueName: "text"))
  var reason = ""

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = RunningDaemon(daemon)
    var request = RevokeRequest()
    request.why = try RevokeRequest.checked(reason: reason)
    var status: UInt8 = 0
    for id in ids {
      request.id = try RevokeRequest.checked(id, as: .id, option: "the id")
      let verdict = try daemon.ask(signed: request)
      try Terminal.print(verdict.render(as: Terminal.format(json: output.json)))
      status = max(status, verdict.status.rawValue)
    }
    throw ExitCode(Int32(status))
  }
}
