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
    func decision(of user: Name, in groups: Set<Name>) -> Decision {
      policy.decide(
        Login(
          user: user, groups: groups, service: service, origin: origin, time: time),
        grants: granted.grants)
    }
    let users = Set(policy.mentionedUsers.keys)
    let population = try ThisDirectory.population(
      named: users, among: policy.groupNames, within: directory.time)
    let people = population.people.map { identity in
      WhoReport.Person(
        user: identity.name, groups: identity.groups, isKnown: identity.isKnown,
        decision: decision(of: identity.name, in: identity.groups))
    }
    try output.print(
      WhoReport(
        origin: origin, service: service, time: time, source: .init(policy), people: people,
        everyoneElse: decision(of: .unnamed(among: users), in: []),
        notes: population.notes + granted.notes))
  }
}
