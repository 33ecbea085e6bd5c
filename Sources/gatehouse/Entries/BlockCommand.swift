import ArgumentParser
import GatehousePolicy

/// `gatehouse block`: has nobody come from an address.
struct BlockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "block",
    abstract: "Deny an address to everybody, except to break-glass users.",
    discussion: """
      Writes the address into `block` of the policy, and leaves everything else in the file as it is, \
      comments too. The new policy comes into force as one of `gatehouse edit` does: it is checked, \
      judged by the guard, written and loaded, and the history has it. What changes in the file is \
      shown.

      Exit status: 0 if the policy is in place and serves, also if the entry was there; 1 if it was \
      refused; 2 if that is not an address; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp(
      "An address, a prefix, a range, or the name of a network; me for your own address.",
      valueName: "address"), completion: .network(or: ["me"]))
  var addresses: [String]

  @OptionGroup var entry: EntryOptions

  @OptionGroup var options: EntryChangeOptions

  func run() throws {
    try EntryChange(
      command: "block \(addresses.joined(separator: " "))", action: .add,
      entries: try entry.entries(addresses), list: .block,
      options: options
    ).run()
  }
}

/// `gatehouse unblock`: takes an address out of what nobody may come from.
struct UnblockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unblock",
    abstract: "Take an address out of what is denied to everybody.",
    discussion: """
      Takes the entry out of `block` of the policy, in whichever file it is, as `gatehouse block` has \
      put it there. An address that a wider entry or a network blocks has no entry of its own: then \
      you are told which one blocks it. The comments stay.

      Exit status: 0 if the policy is in place and serves; 1 if it was refused, or there is no such \
      entry; 2 if that is not an address; 3 if it could not be written, or no daemon has loaded it.
      """)

  @Argument(
    help: ArgumentHelp("The address, as the entry has it; me for your own.", valueName: "address"),
    completion: .network(or: ["me"]))
  var addresses: [String]

  @OptionGroup var options: EntryChangeOptions

  func run() throws {
    try EntryChange(
      command: "unblock \(addresses.joined(separator: " "))", action: .remove,
      entries: try typedEntries(addresses), list: .block,
      options: options
    ).run()
  }
}
