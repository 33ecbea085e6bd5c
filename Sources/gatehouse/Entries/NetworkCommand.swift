import ArgumentParser
import GatehousePolicy

/// `gatehouse network`: changes what a network holds.
struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Add addresses to a network of the policy, or take them out.",
    discussion: """
      Everything else in the file stays as it is, comments too. The new policy comes into force as \
      one of `gatehouse edit` does. What changes in the file is shown.

      Exit status: 0 if the policy is in place and serves, also if the entries were there; 1 if it \
      was refused, or there is no such entry or network; 2 if that is not an address; 3 if it could \
      not be written, or no daemon has loaded it.
      """,
    subcommands: [Add.self, Remove.self])

  /// The network and the addresses.
  struct Arguments: ParsableArguments {
    @Argument(help: "The name of the network.", completion: .network())
    var name: String

    @Argument(
      help: ArgumentHelp(
        "An address, a prefix, a range, or the name of another network; me for your own address.",
        valueName: "address"), completion: .network(or: ["me"]))
    var addresses: [String]

    func validate() throws { try validateNames([name]) }

    /// The arguments as they were typed.
    var text: String { ([name] + addresses).joined(separator: " ") }
  }

  /// `gatehouse network add`.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add addresses to a network; it is made if there is none of that name.")

    @OptionGroup var arguments: Arguments

    @OptionGroup var entry: EntryOptions

    @OptionGroup var options: EntryChangeOptions

    func run() throws {
      try EntryChange(
        command: "network add \(arguments.text)", action: .add,
        entries: try entry.entries(arguments.addresses), list: .network(Name(arguments.name)),
        options: options
      ).run()
    }
  }

  /// `gatehouse network remove`.
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take addresses out of a network; after the last one it holds nowhere.")

    @OptionGroup var arguments: Arguments

    @OptionGroup var options: EntryChangeOptions

    func run() throws {
      try EntryChange(
        command: "network remove \(arguments.text)", action: .remove,
        entries: try typedEntries(arguments.addresses), list: .network(Name(arguments.name)),
        options: options
      ).run()
    }
  }
}
