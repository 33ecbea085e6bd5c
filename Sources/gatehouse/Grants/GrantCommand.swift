import ArgumentParser
import GatehouseControl
import GatehousePolicy

/// `gatehouse grant`: gives a temporary permission.
struct GrantCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Allow a user to log in from an address or a network for a limited time.",
    discussion: """
      A grant does not allow an address that the policy blocks. The same again, for the same user, \
      place, service and role, lengthens the one that there is. A network is at most an IPv4 /24 \
      or an IPv6 /56, or as `grants.widest` of the policy says.

      Exit status: 0 if the grant is in effect; 1 if it was refused; 3 if the daemon cannot be \
      asked.
      """)

  @Argument(help: "The user.", completion: .user)
  var user: String

  @Option(
    help: ArgumentHelp(
      "The address or network (198.51.100.0/24) that the user may log in from; or the word self.",
      valueName: "address"), completion: .list(["self"]))
  var from: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long, such as 90min or 1h30m.", valueName: "duration"))
  var duration: String

  @Option(
    help: ArgumentHelp("Only for this PAM service, such as sshd.", valueName: "name"),
    completion: .service)
  var service: String?

  @Option(
    help: ArgumentHelp(
      "Also make this role available; the user must be a member of it.", valueName: "name"),
    completion: .role)
  var role: String?

  @Option(help: ArgumentHelp("Why, for the journal and for `gatehouse grants`.", valueName: "text"))
  var reason: String

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard !reason.isEmpty else { throw CommandFailure.misuse("--reason is empty") }
    let place: GrantPlace
    do throws(GrantPlace.Problem) {
      place = try GrantPlace(written: from)
    } catch {
      throw CommandFailure.misuse(
        "--from \(from) \(error.problem)",
        remedy: error.remedy
          ?? "a grant is for an address such as 198.51.100.7, a network such as 198.51.100.0/24, or "
          + "self")
    }
    var request = GrantRequest()
    request.user = Name(try GrantRequest.checked(user, as: .user, option: "the user"))
    request.address = place.description
    request.duration = try grantDuration(duration)
    request.service = try service.map { text throws(CommandFailure) in
      Name(try GrantRequest.checked(text, as: .service, option: "--service"))
    }
    request.role = try role.map { text throws(CommandFailure) in
      Name(try GrantRequest.checked(text, as: .role, option: "--role"))
    }
    request.why = try GrantRequest.checked(reason: reason) ?? ""
    let verdict = try RunningDaemon(daemon).ask(signed: request)
    NamesHere(policyAt: Check.standardPath).hint(
      (.user, user), (.service, service), (.role, role))
    try output.print(verdict)
  }
}

// What the requests about grants take from the command line.

extension SignedRequest {
  /// Checks a name that goes into a field of the request.
  static func checked(
    _ text: String, as tag: RequestTag, option: String
  ) throws(CommandFailure) -> String {
    guard format(of: tag)?.accepts(Array(text.utf8)) == true else {
      throw .misuse(
        text.isEmpty ? "\(option): the name is empty" : "\(option): \"\(text)\" is not a valid name"
      )
    }
    return text
  }

  /// The reason without NULs; nil if there is none.
  static func checked(reason: String) throws(CommandFailure) -> String? {
    let why = reason.utf8.filter { $0 != 0 }
    if let limit = format(of: .why)?.longest, why.count > limit {
      throw .misuse("--reason: at most \(limit) bytes are kept, and this one has \(why.count)")
    }
    return why.isEmpty ? nil : String(decoding: why, as: UTF8.self)
  }
}

/// Reads the duration of a grant.
func grantDuration(_ text: String) throws(CommandFailure) -> Duration {
  guard let duration = typedDuration(of: text), duration > .zero else {
    throw .misuse(
      "--for \(text): not a duration",
      remedy: "write numbers and s, min, h or d, such as 2h or 1h30m")
  }
  return duration
}
