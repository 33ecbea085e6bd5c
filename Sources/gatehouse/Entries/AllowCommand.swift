import ArgumentParser
import GatehousePolicy

/// A user, with the one service for which their lists are changed.
struct UserEntryArguments: ParsableArguments {
  @Argument(help: "The user.", completion: .user)
  var user: String

  @Argument(
    help: ArgumentHelp(
      "An address, a prefix, a range, the name of a network, or self; me for your own address.",
      valueName: "address"), completion: .network(or: ["self", "me"]))
  var addresses: [String]

  @Option(
    help: ArgumentHelp(
      "For this PAM service alone, such as sshd: the lists of the user for it.", valueName: "name"),
    completion: .service)
  var service: String?

  func validate() throws { try validateNames([user, service]) }

  var list: EditedList { .user(Name(user), service: service.map { Name($0) }) }

  /// The arguments as they were typed.
  var text: String {
    ([user] + addresses).joined(separator: " ") + (service.map { " --service \($0)" } ?? "")
  }
}

/// `gatehouse allow`: lets a user come from an address.
struct AllowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow",
    abstract: "Let a user log in from an address.",
    discussion: """
      Writes the address into the user's own list: `only_from` if there is one, else `also_from`, \
      which is made if it is missing and adds to what everybody may. Everything else in the file \
      stays as it is, comments too. The new policy comes into force as one of `gatehouse edit` does. \
      What changes in the file is shown, and how that login is decided before and after.

      If the user would still be denied from there, nothing is changed, and you are told what else \
      denies it. For some hours, `gatehouse grant` is enough and leaves the policy as it is.

      Exit status: 0 if the policy is in place and serves, also if the entry was there; 1 if it was \
      refused; 2 if that is not an address; 3 if it could not be written, or no daemon has loaded it.
      """)

  @OptionGroup var arguments: UserEntryArguments

  @OptionGroup var entry: EntryOptions

  @OptionGroup var options: EntryChangeOptions

  func run() throws {
    try EntryChange(
      command: "allow \(arguments.text)", action: .add,
      entries: try entry.entries(arguments.addresses), list: arguments.list,
      options: options
    ).run()
  }
}

/// `gatehouse disallow`: takes an address out of a user's own lists.
struct DisallowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disallow",
    abstract: "Take an address out of a user's own lists.",
    discussion: """
      Takes the entry out of the user's `also_from` and `only_from`. If it was the last of \
      `also_from`, that key goes too; in `only_from`, `nowhere` takes its place, since without the \
      key the user could come from more places. If another list still admits the address, you are \
      told which. An address that only another list admits has no entry here: you are told what to \
      change. The comments stay.

      Exit status: 0 if the policy is in place and serves; 1 if it was refused, or there is no such \
      entry; 2 if that is not an address; 3 if it could not be written, or no daemon has loaded it.
      """)

  @OptionGroup var arguments: UserEntryArguments

  @OptionGroup var options: EntryChangeOptions

  func run() throws {
    try EntryChange(
      command: "disallow \(arguments.text)", action: .remove,
      entries: try typedEntries(arguments.addresses), list: arguments.list,
      options: options
    ).run()
  }
}
