import ArgumentParser
import GatehouseImport
import GatehouseJournal
import GatehousePolicy
import GatehouseReport

/// `gatehouse learn`: a first policy from the logins of the past.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a first policy from the logins of the past.",
    discussion: """
      The policy goes to standard output: the networks that users came from, with how often and \
      when last, in monitor mode. It allows every login that it was learned from. The record is \
      that of `gatehouse replay`, of the last 90 days.

      Exit status: 0, 1 where there is no login to learn from, 3 where the journal cannot be read.
      """)

  @OptionGroup var journal: JournalOptions

  @Option(
    name: .customLong("ipv4-prefix"),
    help: ArgumentHelp("How wide an IPv4 network is, 8 to 32.", valueName: "length"))
  var ipv4PrefixLength = 24

  @Option(
    name: .customLong("ipv6-prefix"),
    help: ArgumentHelp("How wide an IPv6 network is, 16 to 128.", valueName: "length"))
  var ipv6PrefixLength = 64

  @Flag(help: "Print JSON: the policy, and what it was learned from.")
  var json = false

  func validate() throws {
    guard (8...32).contains(ipv4PrefixLength) else {
      throw ValidationError("--ipv4-prefix \(ipv4PrefixLength): 8 to 32 is expected")
    }
    guard (16...128).contains(ipv6PrefixLength) else {
      throw ValidationError("--ipv6-prefix \(ipv6PrefixLength): 16 to 128 is expected")
    }
  }

  func run() throws {
    var users = KnownUsers(among: [])
    var learned = LearnedLogins(.init(ipv4: ipv4PrefixLength, ipv6: ipv6PrefixLength))
    let (record, _) = try journal.read(days: 90) { login in
      // Where a role was asked for, the session had its own login before.
      guard login.outcome.verdict != .deny, login.role == nil else { return }
      learned.add(users[login.user].name, from: login.origin, at: login.time)
    }
    guard learned.logins > 0 else {
      Terminal.say("gatehouse: no login from an address is in the record\n")
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
