import ArgumentParser
import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import GatehouseReport

/// `gatehouse replay`: decides past logins again by another policy.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Show which past logins another policy would decide differently.",
    discussion: """
      Reads the journal of the last 30 days: the decisions of gatehoused, and the logins that \
      sshd accepted without asking it. Only entries that the journal itself attributes to them \
      are believed. Each login is decided as if it happened now, with the user's groups of today.

      Exit status: 0 if no login is decided differently, 1 if one is, 3 if the journal, the \
      policy or the groups of somebody else cannot be read.
      """)

  /// How many combinations of user and address are counted; all of them take about 50 MB.
  private static let mostPlaces = 100_000

  @Option(
    help: ArgumentHelp("The policy, a file or a folder.", valueName: "path"), completion: .file())
  var policy: String

  @OptionGroup var journal: JournalOptions

  @OptionGroup var when: TimeOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let policy = try PolicyFiles.usable(path: policy)
    let time = when.time ?? .now()
    var users = KnownUsers(among: policy.groupNames)
    var unknownUsers: Set<Name> = []
    var changes = LoginChanges(bound: Self.mostPlaces)
    let (record, since) = try journal.read(last: .seconds(30 * 86_400)) { recorded in
      let user = users[recorded.user]
      if !user.isKnown { unknownUsers.insert(user.name) }
      let login = Login(
        user: user.name, groups: user.groups, isRoot: user.isRoot, service: recorded.service,
        origin: recorded.origin, time: time, role: recorded.role)
      changes.count(login, was: recorded.outcome, is: policy.decide(login), at: recorded.time)
    }
    try output.print(
      ReplayReport(
        path: self.policy, source: .init(policy), time: time, since: since, record: record,
        changes: changes, unknownUsers: unknownUsers))
  }
}
