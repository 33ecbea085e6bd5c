import ArgumentParser
import GatehouseControl
import GatehouseImport
import GatehouseJournal
import GatehousePolicy
import GatehouseRecord
import GatehouseReport

/// `gatehouse learn`: a first policy from past logins.
struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Write a first policy from past logins.",
    discussion: """
      Writes the policy to standard output, in monitor mode: the networks that users logged in \
      from, with the number of logins and the date of the last. It allows every login that it was \
      learned from. It reads the same journal as `gatehouse replay`, for the last 90 days, and what \
      the daemon's record of logins has from before the journal begins.

      Exit status: 0, 1 if there is no login to learn from, 3 if neither can be read.
      """)

  @OptionGroup var journal: JournalOptions
  @OptionGroup var daemon: DaemonOptions

  @Option(
    name: .customLong("ipv4-prefix"),
    help: ArgumentHelp("The prefix length of IPv4 networks, 8 to 32.", valueName: "length"))
  var ipv4PrefixLength = 24

  @Option(
    name: .customLong("ipv6-prefix"),
    help: ArgumentHelp("The prefix length of IPv6 networks, 16 to 128.", valueName: "length"))
  var ipv6PrefixLength = 64

  @Flag(
    help: """
      Write no policy, but give the daemon's record of logins what the journal has from before it; \
      only the first time counts. The package does this when it is installed.
      """)
  var remember = false

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
    if remember { return try remind() }
    let past = try PastLogins(
      journal, RunningDaemon(daemon), .init(ipv4: ipv4PrefixLength, ipv6: ipv6PrefixLength))
    guard past.learned.logins > 0 else {
      throw CommandFailure.refused("the record has no login from an IP address")
    }
    let policy = past.learned.policy(since: past.since, now: .now())
    try Terminal.print(
      json ? Self.json(policy, past.learned, since: past.since) : Array(policy.utf8))
  }

  /// Gives the daemon's record what the journal has from before it.
  private func remind() throws {
    let daemon = RunningDaemon(daemon)
    let present = try daemon.places(of: "root")
    var verdict = HistoryVerdict.present
    if !present.hasHistory {
      var users = KnownUsers(among: [])
      var history = LoginRecord(since: .now())
      _ = try journal.read(last: LoginRecord.maximumAge) { login in
        guard login.teaches, login.time < present.since else { return }
        history.add(login, by: users[login.user])
      }
      verdict = try daemon.take(history: history)
    }
    switch verdict {
    case .taken(let count):
      try say(
        count, "the record of logins has taken up \(count == 1 ? "1 place" : "\(count) places")")
    case .present: try say(0, "the record of logins already has what the journal knew")
    case .unreadable: throw CommandFailure.unreachable("the daemon could not read the history")
    }
  }

  private func say(_ count: Int, _ text: String) throws {
    guard json else { return try Terminal.print(text: Array("\(text)\n".utf8)) }
    try Terminal.print(
      JSONWriter.report(outcome: "yes") {
        $0.member("places") { $0.literal("\(count)") }
      })
  }

  private static func json(
    _ policy: String, _ learned: LearnedLogins, since: Instant
  ) -> [UInt8] {
    JSONWriter.report(outcome: "yes") { writer in
      writer.member("text") { $0.string(policy.utf8) }
      writer.member("since") { $0.string(since.description.utf8) }
      writer.member("logins") { $0.literal("\(learned.logins)") }
      writer.member("without_address") { $0.literal("\(learned.withoutAddress)") }
    }
  }
}
