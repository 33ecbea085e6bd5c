import ArgumentParser
import GatehouseImport
import GatehouseJournal
import GatehousePolicy
import GatehouseReport

/// `gatehouse learn`: a first policy from past logins.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Write a first policy from past logins.",
    discussion: """
      Writes the policy to standard output, in monitor mode: the networks that users logged in \
      from, with the number of logins and the date of the last. It allows every login that it was \
      learned from. It reads the same record as `gatehouse replay`, for the last 90 days.

      Exit status: 0, 1 if there is no login to learn from, 3 if the journal cannot be read.
      """)

  @OptionGroup var journal: JournalOptions

  @Option(
    name: .customLong("ipv4-prefix"),
    help: ArgumentHelp("The prefix length of IPv4 networks, 8 to 32.", valueName: "length"))
  var ipv4PrefixLength = 24

  @Option(
    name: .customLong("ipv6-prefix"),
    help: ArgumentHelp("The prefix length of IPv6 networks, 16 to 128.", valueName: "length"))
  var ipv6PrefixLength = 64

  @Flag(help: "Print JSON: the policy and how many logins it was learned from.")
  var json = false

  func validate() throws {
    guard (8...32).contains(ipv4PrefixLength) else {
      throw ValidationError("--ipv4-prefix \(ipv4PrefixLength): must be 8 to 32")
    }
    guard (16...128).contains(ipv6PrefixLength) else {
      throw ValidationError("--ipv6-prefix \(ipv6PrefixLength): must be 16 to 128")
    }
  }

  func run() throws {
    var users = KnownUsers(among: [])
    var learned = LearnedLogins(.init(ipv4: ipv4PrefixLength, ipv6: ipv6PrefixLength))
    let (record, _) = try journal.read(last: .seconds(90 * 86_400)) { login in
      // A question with a role comes from a session that had a login of its own before.
      guard login.outcome.verdict != .deny, login.role == nil else { return }
      learned.add(users[login.user].name, from: login.origin, at: login.time)
    }
    guard learned.logins > 0 else {
      Terminal.say("gatehouse: the record has no login from an IP address\n")
      throw ExitCode(1)
    }
    let policy = learned.policy(since: record.since, now: .now())
    try Terminal.print(
      json ? Self.json(policy, learned, since: record.since) : Array(policy.utf8))
  }

  private static func json(
    _ policy: String, _ learned: LearnedLogins, since: Instant
  ) -> [UInt8] {
    JSONWriter.line { writer in
      writer.member("policy") { $0.string(policy.utf8) }
      writer.member("since") { $0.string(since.description.utf8) }
      writer.member("logins") { $0.literal("\(learned.logins)") }
      writer.member("without_address") { $0.literal("\(learned.withoutAddress)") }
    }
  }
}
