import ArgumentParser
import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// `gatehouse diff`: who gains and loses what between two policies.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say who gains and loses which addresses and roles between two policies.",
    discussion: """
      Compared is every decision, now and at each later time at which an entry of either policy \
      begins or ends: for each user that either names; for the members of each group that either \
      names and of no other; for each combination of those groups in which a user is whom NSS \
      enumerates; and for everyone else.

      Exit status: 0 where no decision differs, 1 where one does.
      """)

  @Argument(help: ArgumentHelp("The policy that was, a file or a folder.", valueName: "old"))
  var old: String

  @Argument(help: ArgumentHelp("The policy that is to be.", valueName: "new"))
  var new: String

  @Option(
    name: .customLong("user"),
    help: ArgumentHelp(
      "Compare for this user too, in the groups that NSS reports; may be repeated.",
      valueName: "user"))
  var users: [String] = []

  @OptionGroup var when: TimeOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try validateNames(users)
  }

  func run() throws {
    let before = try PolicyFiles.usable(path: old)
    let after = try PolicyFiles.usable(path: new)
    try output.print(
      DiffReport(
        old: .init(path: old, source: .init(before)), new: .init(path: new, source: .init(after)),
        comparison: PolicyComparison(old: before, new: after, from: when.time ?? .now()),
        users: users.map { Name($0) }))
  }
}

extension DiffReport {
  /// A report for everyone whom the machine knows: users that a policy or `users` names, the scopes
  /// of groups, and everyone else.
  init(
    old: Side, new: Side, comparison: PolicyComparison, users: [Name]
  ) throws(CommandFailure) {
    self.init(
      old: old, new: new, time: comparison.time,
      results: try Self.results(of: comparison, users: users))
  }

  private static func results(
    of comparison: PolicyComparison, users: [Name]
  ) throws(CommandFailure) -> [Result] {
    let named = comparison.users.union(users)
    let people = try Population.all(named: named, among: comparison.groups)
    // Those whom nobody names are alike where their groups are.
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
      Result(
        difference: comparison.difference(for: .members(of: groups)), users: members[groups] ?? [])
    }
      + subjects.map { subject in
        Result(difference: comparison.difference(for: subject), users: [])
      }
  }
}
