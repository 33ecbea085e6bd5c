import ArgumentParser
import GatehousePolicy
import GatehouseReport

/// When a login is decided.
struct TimeOptions: ParsableArguments {
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "Decide for this time instead of now, such as 2026-11-21T12:00:00Z.", valueName: "time"))
  private var text: String?

  /// The time that was named; nil for now.
  var time: Instant? { text.flatMap { Instant(rfc3339: $0) } }

  /// Whether a time was named.
  var isGiven: Bool { text != nil }

  func validate() throws {
    guard let text, time == nil else { return }
    throw ValidationError(
      "--at \(text): not a time as RFC 3339 has it, such as 2026-11-21T12:00:00Z")
  }
}

/// The policy that is analysed.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The policy, a file or a folder (default: \(Check.standardPath)).", valueName: "path"))
  private var policy: String?

  /// Where it is.
  var path: String { policy ?? Check.standardPath }

  /// The policy, ready to be asked.
  func load() throws(CommandFailure) -> Policy { try PolicyFiles.usable(path: path) }
}

/// Refuses what can be nobody's name.
func validateNames(_ names: [String?]) throws {
  for case let name? in names where name.isEmpty {
    throw ValidationError("an empty name is no name")
  }
}
