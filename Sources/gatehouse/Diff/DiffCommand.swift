import ArgumentParser
import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// `gatehouse diff`: what changes for whom between two policies.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show who gains and loses which addresses and roles between two policies.",
    discussion: """
      Every decision is compared, now and at each later time when an entry of either policy \
      begins or ends. It is compared for each user that a policy names; for the members of each \
      group that a policy names, and of no other; for each combination of these groups that a \
      user of this machine has; and for everyone else.

      Exit status: 0 if no decision differs, 1 if one does.
      """)

  @Argument(
    help: ArgumentHelp("The old policy, a file or a folder.", valueName: "old"), completion: .file()
  )
  var old: String

  @Argument(help: ArgumentHelp("The new policy.", valueName: "new"), completion: .file())
  var new: String

  @Option(
    name: .customLong("user"),
    help: ArgumentHelp(
      "Compare for this user too, in the groups that this machine reports; may be repeated.",
      valueName: "user"), completion: .user)
  var users: [String] = []

  @OptionGroup var when: TimeOptions

  @OptionGroup var directory: DirectoryOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    try validateNames(users)
  }

  func run() throws {
    let before = try PolicyFiles.usable(path: old)
    let after = try PolicyFiles.usable(path: new)
    NamesHere(after).hint(users.map { (.user, $0) })
    try output.print(
      DiffReport(
        old: .init(path: old, source: .init(before)), new: .init(path: new, source: .init(after)),
        comparison: PolicyComparison(old: before, new: after, from: when.time ?? .now()),
        users: users.map { Name($0) }, within: directory.time))
  }
}

extension DiffReport {
  /// A report for the users that a policy or `users` names, the members of groups, and everyone
  /// else.
  init(
    old: Side, new: Side, comparison: PolicyComparison, users: [Name],
    within time: Duration? = nil
  ) throws(CommandFailure) {
    let named = comparison.users.union(users)
    let population = try ThisDirectory.population(
      named: named, among: comparison.groups, within: time)
    self.init(
      old: old, new: new, time: comparison.time,
      results: Self.results(of: comparison, naming: named, population.people),
      notes: population.notes)
  }

  private static func results(
    of comparison: PolicyComparison, naming named: Set<Name>, _ people: [UserIdentity]
  ) -> [SubjectResult] {
    // Users that no policy names differ only by their groups.
    var members: [Set<Name>: [Name]] = [[]: []]
    for group in comparison.groups { members[[group]] = [] }
    var subjects: [Subject] = []
    for person in people {
      if named.contains(person.name) {
        subjects.append(.user(person.name, groups: person.groups))
      } else {
        members[person.groups, default: []].append(person.name)
      }
    }
    let scopes = members.keys.sorted { left, right in
      left.count != right.count
        ? left.count < right.count : left.sorted().lexicographicallyPrecedes(right.sorted())
    }
    return scopes.map { groups in
      SubjectResult(
        difference: comparison.difference(for: .members(of: groups)), users: members[groups] ?? [])
    }
      + subjects.map { subject in
        SubjectResult(difference: comparison.difference(for: subject), users: [])
      }
  }
}
