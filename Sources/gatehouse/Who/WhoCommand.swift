import ArgumentParser
import GatehouseControl
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// `gatehouse who`: everyone who may log in from an address.
struct Who: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "who",
    abstract: "Show which users may log in from an address, from the machine itself, or locally.",
    discussion: """
      Covers the users that `getent passwd` lists, every user that the policy names, the members \
      that `getent group` lists of its groups, and everyone else: a user that the policy does not \
      name, in no group that it names. Whom the directory did not list is said. The policy is \
      read from its files; `gatehouse status` shows whether the daemon serves them. The daemon's \
      grants count, unless --policy names another policy and --socket no daemon.

      Exit status: 0, or 1 if nobody may log in from there.
      """)

  @OptionGroup var place: OriginOptions

  @Option(help: "The PAM service (default: sshd; login with --from local).", completion: .service)
  var service: String?

  @OptionGroup var when: TimeOptions

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var directory: DirectoryOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func validate() throws {
    try validateNames([service])
    _ = try origin()
  }

  private func origin() throws -> Origin {
    guard let from = place.given else {
      throw ValidationError("from where? An address, or the word self or local")
    }
    let origin = Origin(written: from)
    guard origin.kind != .unknown else {
      throw ValidationError(
        "\(from): not an address, such as 192.0.2.7 or 2001:db8::7, nor self or local")
    }
    return origin
  }

  func run() throws {
    let origin = try origin()
    let granted = GrantsInEffect(beside: policy, daemon)
    let policy = try policy.load()
    NamesHere(policy).hint((.service, service))
    let service = service.map { Name($0) } ?? .assumedService(from: origin)
    let time = when.time ?? .now()
    let population = try ThisDirectory.population(
      named: Set(policy.mentionedUsers.keys), among: policy.groupNames, within: directory.time)
    let users = population.people.map { identity in
      Admissions.User(
        name: identity.name, groups: identity.groups, unsureGroups: identity.unsureGroups,
        isRoot: identity.isRoot)
    }
    let admissions = Admissions(
      by: policy, of: users, from: origin, service: service, at: time, grants: granted.grants)
    try output.print(
      WhoReport(
        admissions, from: origin, service: service, at: time, source: .init(policy),
        notes: population.notes + granted.notes))
  }
}
