import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse refresh`: has the daemon read users anew.
struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh",
    abstract: "Have the daemon read a user and their groups anew.",
    discussion: """
      What the directory says now is believed, also if the user has lost all groups at once or is \
      gone, of which the daemon otherwise keeps what it knew. Without a user, everybody is read \
      anew at their next login.

      Exit status: 0 if everything was read; 1 if something is unknown; 3 if the daemon cannot be \
      asked.
      """)

  @Argument(help: "The one user.", completion: .user)
  var user: String?

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let user, user.isEmpty { throw ValidationError("the user's name is empty") }
  }

  func run() throws {
    NamesHere(policyAt: Check.standardPath).hint((.user, user))
    var request = RefreshRequest()
    request.user = user.map { Name($0) }
    try output.print(RunningDaemon(daemon).ask(request))
  }
}
