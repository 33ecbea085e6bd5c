import ArgumentParser
import GatehouseControl
import GatehousePolicy

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
    var request = GrantRequest()
    request.user = Name(try GrantRequest.checked(user, as: .user, option: "the user"))
    request.address = address.description
    request.duration = try grantDuration(duration)
    request.service = try service.map { text throws(CommandFailure) in
      Name(try GrantRequest.checked(text, as: .service, option: "--service"))
    }
    request.role = try role.map { text throws(CommandFailure) in
      Name(try GrantRequest.checked(text, as: .role, option: "--role"))
    }
    request.why = try GrantRequest.checked(reason: reason) ?? ""
    try output.print(RunningDaemon(daemon).ask(signed: request))
  }
}

// What the requests about grants take from the command line.

extension SignedRequest {
  /// A name that a field of the request can have.
  static func checked(
    _ text: String, as tag: RequestTag, option: String
  ) throws(CommandFailure) -> String {
    guard format(of: tag)?.accepts(Array(text.utf8)) == true else {
      throw .misuse(
        text.isEmpty ? "\(option): an empty name is no name" : "\(option): \"\(text)\" is no name")
    }
    return text
  }

  /// Why it is asked for; nil if nothing was said.
  static func checked(reason: String) throws(CommandFailure) -> String? {
    let why = reason.utf8.filter { $0 != 0 }
    if let limit = format(of: .why)?.longest, why.count > limit {
      throw .misuse("--reason: at most \(limit) bytes are kept, and this has \(why.count)")
    }
    return why.isEmpty ? nil : String(decoding: why, as: UTF8.self)
  }
}

/// How long a grant is to last.
func grantDuration(_ text: String) throws(CommandFailure) -> Duration {
  guard let duration = duration(of: text), duration > .zero else {
    throw .misuse(
      "--for \(text): not a duration", remedy: "write a number and s, m, h or d, such as 2h")
  }
  return duration
}
