import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse where`: every address that a user may come from.
struct Where: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say from which addresses a user may come, exactly.",
    discussion: """
      The addresses are given as the fewest prefixes, each with the reason, the rule and the roles \
      that are available from there. The policy is read from its files; the daemon is not asked, \
      and `gatehouse status` says whether it serves them.

      Exit status: 0, or 1 where there is no address that the user may come from (also where \
      monitor mode lets them in).
      """)

  @Argument(help: ArgumentHelp("The user who logs in.", valueName: "user"))
  var user: String

  @Option(
    name: .customLong("group"),
    help: ArgumentHelp(
      "A group of the user; may be repeated. Without it NSS is asked.", valueName: "group"))
  var groups: [String] = []

  @Option(help: "The PAM service (default: sshd).")
  var service: String?

  @Option(help: "Only where this role is available.")
  var role: String?

  @OptionGroup var when: TimeOptions

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try validateNames([user, service, role] + groups)
  }

  func run() throws {
    let policy = try policy.load()
    var answers = PolicyAnswers(policy)
    let question = ExplainQuestion(
      user: Name(user), from: "", service: service.map { Name($0) },
      groups: groups.isEmpty ? nil : Set(groups.map { Name($0) }), time: when.time,
      role: role.map { Name($0) })
    let (login, source) = answers.login(question)
    try output.print(
      WhereReport(
        login: login, groupSource: source, source: .init(policy),
        decisions: policy.decisions(of: login)))
  }
}
