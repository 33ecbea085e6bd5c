import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

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

/// `gatehouse revoke`: ends temporary permissions.
struct RevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "End grants before their time.",
    discussion: """
      Sessions that are open stay open. The case of an id does not matter.

      Exit status: 0 if all of them are over; 1 if there is no such grant; 3 if the daemon \
      cannot be asked.
      """)

  @Argument(
    help: ArgumentHelp(
      "The ids of grants, as `gatehouse grants` shows them, or users: all that they have.",
      valueName: "id|user"), completion: .grant)
  var names: [String] = []

  @Flag(help: "End every grant.")
  var all = false

  @Option(help: ArgumentHelp("Why, for the journal.", valueName: "text"))
  var reason = ""

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard names.isEmpty == all else {
      throw ValidationError("either ids of grants, users or --all is expected")
    }
    try validateNames(names)
  }

  func run() throws {
    let daemon = RunningDaemon(daemon)
    var request = RevokeRequest()
    request.why = try RevokeRequest.checked(reason: reason)
    let grants = try daemon.ask(GrantsRequest()).grants
    let ids = all ? grants.map(\.id) : names.flatMap { Self.ids($0, among: grants) }
    guard !ids.isEmpty else { throw CommandFailure.refused("there is no grant") }
    var verdicts: [GrantVerdict] = []
    for id in ids {
      request.id = try RevokeRequest.checked(id, as: .id, option: "the id")
      do throws(CommandFailure) {
        verdicts.append(try daemon.ask(signed: request))
      } catch {
        let before =
          verdicts.isEmpty ? "" : "; \(verdicts.count) of \(ids.count) were asked for before"
        throw CommandFailure(
          status: error.status, problem: error.problem + before, remedy: error.remedy)
      }
    }
    try output.print(RevocationReport(verdicts))
  }

  /// The grants that a name stands for: one by its id, or all of a user; else the name, as an id.
  private static func ids(_ name: String, among grants: [Grant]) -> [String] {
    let id = quotedID(name)
    if grants.contains(where: { $0.id == id }) { return [id] }
    let ofUser = grants.filter { $0.user == Name(name) }.map(\.id)
    return ofUser.isEmpty ? [id] : ofUser
  }
}

/// `gatehouse approve`: turns a denial into a temporary permission.
struct ApproveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve",
    abstract: "Allow a login that was denied, by the id that the user quotes.",
    discussion: """
      Without --for it only shows who was denied, from where, when, and with which key. With \
      --for, the same login is allowed for that time: this user, from this address, for this \
      service, with the role that was asked for.

      Exit status: 0 if the login can be allowed, or now is; 1 if that was refused; 3 if the \
      daemon cannot be asked.
      """)

  @Argument(help: "The id that the denied user was shown.", completion: .denial)
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
    request.id = try ApproveRequest.checked(quotedID(id), as: .id, option: "the id")
    request.duration = try duration.map(grantDuration)
    request.why = try ApproveRequest.checked(reason: reason)
    try output.print(RunningDaemon(daemon).ask(signed: request))
  }
}
