import ArgumentParser
import GatehousePolicy
import GatehouseReport
import GatehouseSystem

/// The option that says how a report is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false

  /// Prints a finished report and ends the command with its status.
  func print(_ report: some Report) throws -> Never {
    try Terminal.print(report, as: Terminal.format(json: json))
    throw ExitCode(Int32(report.status.rawValue))
  }
}

/// The options that say how the report of a subcommand is printed that changes nothing, and whose exit
/// status is a yes or a no.
struct AnswerOptions: ParsableArguments {
  @OptionGroup private var output: OutputOptions

  @Flag(name: .shortAndLong, help: "Print no report: the exit status is the answer.")
  var quiet = false

  /// The format of what is printed; nil if nothing is.
  var format: ReportFormat? { quiet ? nil : Terminal.format(json: output.json) }

  func validate() throws {
    guard !quiet || !output.json else {
      throw ValidationError("--quiet prints no report, so --json makes no sense with it")
    }
  }

  /// Prints a finished report, unless only its status is wanted, and ends the command with that.
  func print(_ report: some Report) throws -> Never {
    guard !quiet else { throw ExitCode(Int32(report.status.rawValue)) }
    try output.print(report)
  }
}

/// The option that says where the daemon is.
struct DaemonOptions: ParsableArguments {
  static let standardSocket = "/run/gatehouse/gatehouse.sock"

  @Option(
    help: ArgumentHelp("The daemon's socket (default: \(standardSocket)).", valueName: "path"),
    completion: .file())
  var socket: String?

  /// The path of the daemon's socket.
  var path: String { socket ?? Self.standardSocket }

  func validate() throws {
    guard SocketPath(Array(path.utf8).span) != nil else {
      throw ValidationError(
        "--socket \(path): an absolute path of at most \(SocketPath.limit) bytes is expected")
    }
  }
}

/// Where a login comes from: an argument, or `--from`.
struct OriginOptions: ParsableArguments {
  @Argument(help: .hidden, completion: .list(["self", "local"]))
  var address: String?

  @Option(
    help: ArgumentHelp(
      "The remote host as PAM has it: an address; or the word self or local. The word --from may be left out.",
      valueName: "address"), completion: .list(["self", "local"]))
  var from: String?

  /// What was given; nil if nothing was.
  var given: String? { from ?? address }

  func validate() throws {
    if address != nil, from != nil {
      throw ValidationError("one address at a time")
    }
  }
}

/// The option that says for which time to decide.
struct TimeOptions: ParsableArguments {
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "Decide as of this time instead of now, such as 2026-11-21T12:00:00Z.", valueName: "time"))
  private var text: String?

  /// The time that was named; nil for now.
  var time: Instant? { text.flatMap { Instant(rfc3339: $0) } }

  /// Whether a time was named.
  var isGiven: Bool { text != nil }

  func validate() throws {
    guard let text, time == nil else { return }
    throw ValidationError(
      "--at \(text): not an RFC 3339 time, such as 2026-11-21T12:00:00Z")
  }
}

/// The option that says which policy to ask.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The policy, a file or a folder (default: \(Check.standardPath)).", valueName: "path"),
    completion: .file())
  private var policy: String?

  /// Whether another policy than the standard one is asked.
  var isNamed: Bool { policy.map { $0 != Check.standardPath } ?? false }

  /// The path of the policy.
  var path: String { policy ?? Check.standardPath }

  /// Loads the policy; throws if it has errors.
  func load() throws(CommandFailure) -> Policy { try PolicyFiles.usable(path: path) }
}

/// Throws if a name is empty.
func validateNames(_ names: [String?]) throws {
  for case let name? in names where name.isEmpty {
    throw ValidationError("a name is empty")
  }
}
