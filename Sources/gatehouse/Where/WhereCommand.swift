import ArgumentParser
import GatehouseControl
import GatehousePolicy
import GatehouseReport

/// `gatehouse where`: every address that a user may log in from.
struct Where: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "where",
    abstract: "Show exactly from which addresses a user may log in.",
    discussion: """
      The addresses are shown as the fewest prefixes, each with the reason, the rule and the \
      roles that are available from there. The policy is read from its files; `gatehouse status` \
      shows whether the daemon serves them. The daemon's grants are added, unless --policy names \
      another policy and --socket no daemon.

      Exit status: 0, or 1 if there is no address that the user may log in from (also if monitor \
      mode lets the user in).

      With --factor it shows from where the user needs a second factor. Exit status: 0, or 1 if \
      it is needed from everywhere.
      """)

  @Argument(help: ArgumentHelp("The user who logs in.", valueName: "user"), completion: .user)
  var user: String

  @Option(
    name: .customLong("group"),
    help: ArgumentHelp(
      "A group of the user, instead of the groups that this machine reports; may be repeated.",
      valueName: "group"), completion: .group)
  var groups: [String] = []

  @Option(help: "The PAM service (default: sshd).", completion: .service)
  var service: String?

  @Option(help: "Only addresses from which this role is available.", completion: .role)
  var role: String?

  @Flag(help: "Show from where the user needs a second factor.")
  var factor = false

  @OptionGroup var when: TimeOptions

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    try validateNames([user, service, role] + groups)
    guard !factor || role == nil else {
      throw ValidationError(
        "a role spares no second factor, so --role makes no sense with --factor")
    }
  }

  func run() throws {
    let granted = GrantsInEffect(beside: policy, daemon)
    let policy = try policy.load()
    NamesHere(policy).hint(
      [(.user, groups.isEmpty ? user : nil), (.service, service), (.role, role)]
        + groups.map { (.group, $0) })
    var answers = PolicyAnswers(policy)
    let question = ExplainQuestion(
      user: Name(user), from: "", service: service.map { Name($0) },
      groups: groups.isEmpty ? nil : Set(groups.map { Name($0) }), time: when.time,
      role: role.map { Name($0) })
    let (login, source) = answers.login(question)
    if factor {
      try output.print(
        FactorMapReport(
          login: login, groupSource: source, source: .init(policy),
          factors: policy.factors(of: login)))
    }
    let localService = service.map { Name($0) } ?? Name.assumedService(from: .local)
    let decisions = policy.decisions(of: login, localService: localService)
    try output.print(
      WhereReport(
        login: login, groupSource: source, source: .init(policy),
        decisions: decisions, localService: localService,
        grants: granted.helping(login, beside: decisions, under: policy),
        notes: granted.notes))
  }
}
