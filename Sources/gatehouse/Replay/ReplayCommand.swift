import ArgumentParser
import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import GatehouseReport

/// `gatehouse replay`: the logins of the past, decided again by another policy.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which logins of the past would come out differently by another policy.",
    discussion: """
      The record is the journal of the last 30 days: the decisions of gatehoused, and the logins \
      that sshd let in without asking it. Believed are only entries that the journal itself says \
      to be theirs. Each login is decided as if it were now, in the groups that NSS reports now.

      Exit status: 0 where no login comes out differently, 1 where one does, 3 where the journal \
      or the policy cannot be read.
      """)

  /// More users and addresses than anybody reads through; all of them take some 50 MB.
  private static let mostPlaces = 100_000

  @Option(help: ArgumentHelp("The policy, a file or a folder.", valueName: "path"))
  var policy: String

  @OptionGroup var journal: JournalOptions

  @OptionGroup var when: TimeOptions

  @OptionGroup var output: OutputOptions

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
        user: user.name, groups: user.groups, service: recorded.service, origin: recorded.origin,
        time: time, role: recorded.role)
      changes.count(login, was: recorded.outcome, is: policy.decide(login), at: recorded.time)
    }
    try output.print(
      ReplayReport(
        path: self.policy, source: .init(policy), time: time, since: since, record: record,
        changes: changes, unknownUsers: unknownUsers))
  }
}
