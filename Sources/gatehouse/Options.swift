import ArgumentParser
import GatehouseReport
import GatehouseSystem

/// The option that says how a report is printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false

  /// Prints a finished report and ends the command with its status.
  func print(_ report: some Report) throws -> Never {
    try Terminal.print(report.render(as: Terminal.format(json: json)))
    throw ExitCode(Int32(report.status.rawValue))
  }
}

/// The option that says where the daemon is.
struct DaemonOptions: ParsableArguments {
  static let standardSocket = "/run/gatehouse/gatehouse.sock"

  @Option(
    help: ArgumentHelp("The daemon's socket (default: \(standardSocket)).", valueName: "path"))
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
