import ArgumentParser
import GatehousePolicy

/// The options that say what an entry has beside its address.
struct EntryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The last day on which it counts, such as 2027-01-31, or the time at which it ends.",
      valueName: "time"))
  private var until: String?

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("End it after this long, such as 90min, 8h or 14d.", valueName: "duration"))
  private var duration: String?

  @Option(help: ArgumentHelp("What it is, for whoever reads the policy.", valueName: "text"))
  private var description: String?

  @Flag(help: "Write it down without effect (`active: false`).")
  private var inactive = false

  func validate() throws {
    guard until == nil || duration == nil else {
      throw ValidationError("--until or --for, not both")
    }
  }

  /// Entries with these options, from what was typed.
  ///
  /// - Throws: If one of them cannot be an entry.
  func entries(_ addresses: [String]) throws(CommandFailure) -> [TypedEntry] {
    var end = until
    if let duration {
      guard let length = typedDuration(of: duration), length > .zero else {
        throw .misuse(
          "--for \(duration): not a duration",
          remedy: "write numbers and s, min, h or d, such as 2h or 14d")
      }
      end = "\((Instant.now() + length).roundedToSeconds)"
    }
    var entries: [TypedEntry] = []
    for var entry in try typedEntries(addresses) {
      do throws(EntryProblem) {
        if let description { try entry.describe(description) }
        if let end { try entry.end(end) }
      } catch {
        throw .misuse(error.message, remedy: error.remedy)
      }
      if inactive { entry.deactivate() }
      entries.append(entry)
    }
    return entries
  }
}

/// The options of every change of single entries.
struct EntryChangeOptions: ParsableArguments {
  @OptionGroup var trial: TrialOptions

  @OptionGroup var dryRun: DryRunOptions

  @OptionGroup var change: ChangeOptions
}

/// The entries that arguments name; `me` is the address of this session.
///
/// - Throws: If one of them cannot be an entry, or this session has no address.
func typedEntries(_ addresses: [String]) throws(CommandFailure) -> [TypedEntry] {
  var entries: [TypedEntry] = []
  for address in addresses {
    var text = address
    if address == "me" {
      guard let own = OwnSession.current()?.address else {
        throw .misuse(
          "me: this session came from no address by ssh", remedy: "write the address itself")
      }
      text = "\(own)"
    }
    do throws(EntryProblem) {
      entries.append(try TypedEntry(text))
    } catch {
      throw .misuse(error.message, remedy: error.remedy)
    }
  }
  return entries
}
