import ArgumentParser
import GatehouseControl
import GatehouseFeeds
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// `gatehouse feeds`: the networks that are got from elsewhere.
struct FeedsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feeds",
    abstract: "Show, refresh and accept the networks that are got from elsewhere.",
    discussion: """
      A network of the policy can be got by `name`, `url`, `country` or `asn`: see \
      gatehouse-policy(5). gatehouse-feeds.service gets it ahead, so no login waits for it, as a \
      user of its own. What it got is judged like any change of the policy, and becomes one; if it \
      is refused, or nothing is got, the last good content serves on.
      """,
    subcommands: [
      FeedsList.self, FeedsShow.self, FeedsRefresh.self, FeedsAccept.self, FeedsPlan.self,
      FeedsFetch.self, FeedsTake.self,
    ], defaultSubcommand: FeedsList.self)
}

/// The option that says where what is got is kept.
struct FeedOptions: ParsableArguments {
  @Option(
    name: .customLong("offers"),
    help: ArgumentHelp(
      "Where gatehouse-feeds.service keeps what it got.", valueName: "folder", visibility: .hidden))
  private var offers = FeedFolders.standard.offers

  @OptionGroup private var policy: PolicyLocationOptions

  /// The folders of what is got.
  var folders: FeedFolders { FeedFolders(offers: offers) }

  /// The policy's folder, with its history.
  var location: PolicyLocation { policy.location }

  /// What is known of each network that is got from elsewhere.
  func rows() throws(CommandFailure) -> [FeedRow] {
    FeedRow.all(of: try PolicyFiles.usable(path: location.path), in: folders)
  }

  /// One network that is got from elsewhere.
  func row(_ name: String) throws(CommandFailure) -> FeedRow {
    let rows = try rows()
    if let row = rows.first(where: { $0.network == Name(name) }) { return row }
    let near = nearestName(to: name, among: rows.map { "\($0.network)" })
    throw .refused(
      "no network `\(name)` of the policy is got from elsewhere",
      remedy: near.map { "did you mean `\($0)`?" } ?? "`gatehouse feeds` lists those that are")
  }
}

extension FeedRow {
  /// What is known of each network of a policy that is got from elsewhere.
  static func all(of policy: Policy, in folders: FeedFolders) -> [FeedRow] {
    policy.fetchedNetworks.map { network in
      var row = FeedRow(network)
      if let state = folders.state(network.name).valueIfUsable(),
        state.source == network.source.text
      {
        row.asked = state.asked
        row.next = state.next
        row.problem = state.problem
      }
      if row.problem == nil, Files.exists(folders.offer(network.name)) {
        row.problem =
          "what was got is not taken yet: if it stays so, `journalctl -u gatehouse-feeds` says why"
      }
      row.refused = folders.refusal(network.name, from: network.source)
        .map { .init(reason: $0.reason, since: $0.since) }
      return row
    }
  }
}

/// `gatehouse feeds list`, which is what `gatehouse feeds` does.
struct FeedsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the networks that are got from elsewhere.",
    discussion: "Exit status: 0 if each serves and the last answer could be used, else 1.")

  @OptionGroup var feeds: FeedOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    try output.print(FeedsReport(rows: try feeds.rows(), now: .now()))
  }
}

/// `gatehouse feeds show`: one of them.
struct FeedsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one of them, with all its addresses.",
    discussion: "Exit status: 0 if it serves and the last answer could be used, else 1.")

  @Argument(help: "The network.", completion: .network())
  var network: String

  @OptionGroup var feeds: FeedOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    try output.print(FeedsReport(rows: [try feeds.row(network)], now: .now(), isWhole: true))
  }
}

/// `gatehouse feeds refresh`: gets them now.
struct FeedsRefresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh", abstract: "Get them now.",
    discussion: """
      Has gatehouse-feeds.service get all of them, or those that are named, and waits until what it \
      got is taken or refused. The service does the same by itself whenever one is due.

      Exit status: 0 if each serves and the answer could be used; 1 if not; 3 if the service cannot \
      be started.
      """)

  @Argument(help: "The networks; all if none is named.", completion: .network())
  var networks: [String] = []

  @OptionGroup var feeds: FeedOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    for network in networks { _ = try feeds.row(network) }
    let all = try feeds.rows()
    let wanted = networks.isEmpty ? Set(all.map(\.network)) : Set(networks.map { Name($0) })
    let planning = FeedPlanning(feeds)
    try planning.want(wanted)
    try FeedService.run()
    // It ran already, and had looked what is wanted.
    if planning.isWanting { try FeedService.run() }
    let rows = try feeds.rows().filter { wanted.contains($0.network) }
    try output.print(FeedsReport(rows: rows, now: .now()))
  }
}

/// `gatehouse feeds accept`: takes what was refused.
struct FeedsAccept: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Take what was got for a network and refused.",
    discussion: """
      What was refused because the network shrank too much or somebody would be shut out is taken \
      all the same, as it was got: look at `gatehouse feeds show` first. If a test of the policy \
      fails with it, correct the test before.

      Exit status: 0 if it serves now; 1 if nothing was refused, or it cannot be taken; 3 if the \
      daemon cannot be asked.
      """)

  @Argument(help: "The network.", completion: .network())
  var network: String

  @OptionGroup var feeds: FeedOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let row = try feeds.row(network)
    let name = row.network
    guard let refused = feeds.folders.refusal(name, from: row.source) else {
      throw CommandFailure.refused(
        "nothing that was got for `\(network)` is refused",
        remedy: "`gatehouse feeds show \(network)` says what there is")
    }
    let taking = FeedTaking(feeds, RunningDaemon(daemon), as: "gatehouse feeds accept")
    if let refusal = try taking.take([name: refused.content], allowing: LockoutAllowance(all: true))
    {
      throw CommandFailure.refused("`\(network)` cannot be taken: \(refusal)")
    }
    for file in [feeds.folders.refused(name), feeds.folders.different(name)] {
      try? Files.remove(file.path)
    }
    try output.print(FeedsReport(rows: [try feeds.row(network)], now: .now(), isWhole: true))
  }
}
