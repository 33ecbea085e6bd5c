import ArgumentParser
import GatehousePolicy
import GatehouseWire

/// `gatehouse grant`: a temporary permission is given.
struct GrantCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Let a user come from an address for a time.",
    discussion: """
      It reaches no address that is in block. Exit status: 0 where it counts now, 1 where it was \
      refused, 3 where the daemon cannot be asked.
      """)

  @Argument(help: "The user.")
  var user: String

  @Option(help: ArgumentHelp("The address that the user may come from.", valueName: "address"))
  var from: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long, such as 90m or 2h.", valueName: "duration"))
  var duration: String

  @Option(help: ArgumentHelp("For this PAM service alone, such as sshd.", valueName: "name"))
  var service: String?

  @Option(
    help: ArgumentHelp(
      "Make this role available, of which the user is a member.", valueName: "name"))
  var role: String?

  @Option(help: ArgumentHelp("Why, for the journal and those who ask later.", valueName: "text"))
  var reason: String

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !reason.isEmpty else { throw CommandFailure.misuse("--reason is empty") }
    guard let address = IPAddress(from) else {
      throw CommandFailure.misuse(
        "--from \(from): no address", remedy: "a grant is for one address, such as 198.51.100.7")
    }
    let answer = try RunningDaemon(daemon).ask(
      .grant, reason: reason, Terminal.format(json: output.json)
    ) { frame throws(CommandFailure) in
      try frame.append(.user, user, option: "the user", 1...WireLimit.user)
      frame.append(.address, address.description.utf8)
      try frame.append(duration: duration)
      if let service {
        try frame.append(.service, service, option: "--service", 1...WireLimit.service)
      }
      if let role {
        try frame.append(
          .role, role, option: "--role", 1...WireLimit.role, where: isOfDeclaredName)
      }
    }
    try answer.print()
  }
}
