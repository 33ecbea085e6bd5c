import ArgumentParser
import GatehouseControl

/// `gatehouse approve`: a denial is turned into a temporary permission.
struct ApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Let in a user who was denied, by the id that they quote.",
    discussion: """
      Without --for it only shows who was denied, from where, when, and with which key. With it, \
      what was denied is allowed for that time: this user, from this address, for this service, \
      and the role that was asked for. Exit status: 0 where that is possible, or done; 1 where it \
      was refused; 3 where the daemon cannot be asked.
      """)

  @Argument(help: "The id that the refused user was told.")
  var id: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long, such as 90m or 2h.", valueName: "duration"))
  var duration: String?

  @Option(help: ArgumentHelp("Why, for the journal.", valueName: "text"))
  var reason = ""

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    var request = ApproveRequest()
    request.id = try ApproveRequest.checked(id, as: .id, option: "the id")
    request.duration = try duration.map(grantDuration)
    request.why = try ApproveRequest.checked(reason: reason)
    try output.print(RunningDaemon(daemon).ask(signed: request))
  }
}
