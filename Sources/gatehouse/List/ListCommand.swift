import ArgumentParser
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse list`: the entries of a policy's lists as a table.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show the rules in force: whose list, which entry, until when, and where it stands.",
    discussion: """
      A line for each entry of the policy's lists and networks that counts now; with --all also those \
      that are over, begin later, or have `active: false`. --user, --group, --role, --service and \
      --network show the lists of these alone: `gatehouse explain` shows all that apply to a login. \
      The policy is read from its files; `gatehouse status` shows whether the daemon serves them.

      Exit status: 0, or 1 if there is no such entry.
      """)

  @Option(help: "The lists of this user.", completion: .user)
  var user: String?

  @Option(help: "The lists of this group.", completion: .group)
  var group: String?

  @Option(help: "The lists of this role.", completion: .role)
  var role: String?

  @Option(
    help: "The lists of this PAM service, also those that a user, group or role has for it.",
    completion: .service)
  var service: String?

  @Option(
    help: "The entries of this network, and of every list that names it.", completion: .network())
  var network: String?

  @Flag(help: "Also entries that do not count now.")
  var all = false

  @OptionGroup var when: TimeOptions

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws { try validateNames([user, group, role, service, network]) }

  func run() throws {
    let loaded = try policy.load()
    NamesHere(loaded).hint(
      (.user, user), (.group, group), (.role, role), (.service, service), (.network, network))
    let time = when.time ?? .now()
    let entries = loaded.listedEntries.filter { (all || $0.counts(at: time)) && isWanted($0) }
    try output.print(
      ListReport(
        entries: entries, time: time, mode: loaded.mode, columns: StandardStream.output.columns))
  }

  private func isWanted(_ entry: ListedEntry) -> Bool {
    func isOf(_ kind: Scope.Kind, _ name: String?) -> Bool {
      entry.scope.kind == kind && name.map { entry.scope.name == Name($0) } ?? false
    }
    guard [user, group, role, service, network].contains(where: { $0 != nil }) else { return true }
    return isOf(.user, user) || isOf(.group, group) || isOf(.role, role) || isOf(.service, service)
      || isOf(.network, network) || service.map { entry.scope.service == Name($0) } ?? false
      || network.map { entry.text == $0 || entry.exceptions.contains($0) } ?? false
  }
}
