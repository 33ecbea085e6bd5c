import ArgumentParser
import GatehouseControl
import GatehouseFeeds
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

// The three steps of gatehouse-feeds.service. Root plans and takes, and looks into nothing that was
// got; in between a user without rights gets and checks it.

/// What is to be got.
struct FeedPlanning {
  private let folders: FeedFolders
  private let policy: String

  /// The user who gets it.
  static let user = "gatehouse-feeds"

  init(_ options: FeedOptions) {
    folders = options.folders
    policy = options.location.path
  }

  /// Has some networks be got at the next run, whether they are due or not.
  func want(_ networks: Set<Name>) throws(CommandFailure) {
    do throws(SystemError) {
      let text = networks.sorted().map { "\($0)\n" }.joined()
      try Files.replace(folders.wish, with: [Array(text.utf8)], .init(mode: 0o600))
    } catch {
      throw .unwritten(error)
    }
  }

  /// Whether what was wanted is still to be planned.
  var isWanting: Bool { Files.exists(folders.wish) }

  /// Writes down what is to be got, for the user who gets it.
  ///
  /// - Returns: Whether there is anything.
  func write() throws(CommandFailure) -> Bool {
    // A policy that does not load does not serve either: what served before is still got.
    guard let sources = NetworkSource.all(ofPolicyIn: policy) else {
      return Files.exists(folders.plan)
    }
    do throws(SystemError) {
      let wanted = try Files.contentIfPresent(of: folders.wish, atMost: 1 << 20) ?? []
      let names = Set(wanted.split(separator: 0x0A).map { Name(bytes: $0) })
      guard !sources.isEmpty else {
        try Files.remove(folders.plan)
        try Files.remove(folders.wish)
        return false
      }
      let plan = FeedPlan(
        sources.sorted { $0.key < $1.key }.map { name, source in
          FeedPlan.Item(name, source, isWanted: names.contains(name))
        })
      let account = try? SystemDirectory().account(of: Name(Self.user))
      let group = account.flatMap(\.self)?.primaryGroupID
      try Files.replace(
        folders.plan, with: [plan.encoded], .init(mode: 0o640, group: group))
      try Files.remove(folders.wish)
      return true
    } catch {
      throw .unwritten(error)
    }
  }
}

/// `gatehouse feeds plan`, the first step, by root.
struct FeedsPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Write down what is to be got (a step of gatehouse-feeds.service).",
    discussion: """
      Exit status: 0; 1 if no network is got from elsewhere; 255 if that is not known, or cannot be \
      written down.
      """, shouldDisplay: false)

  @OptionGroup var feeds: FeedOptions

  func run() throws {
    let hasPlan: Bool
    do throws(CommandFailure) {
      hasPlan = try FeedPlanning(feeds).write()
    } catch {
      // For systemd, any other status of a condition says that there is nothing to do.
      Terminal.report(error)
      throw ExitCode(255)
    }
    FeedService.keepTimer(hasPlan)
    if !hasPlan { throw ExitCode(1) }
  }
}

/// `gatehouse feeds fetch`, the second step, by a user without rights.
struct FeedsFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Get what is due, and check it (a step of gatehouse-feeds.service).",
    shouldDisplay: false)

  @OptionGroup var feeds: FeedOptions

  func run() throws {
    let folders = feeds.folders
    let plan: FeedPlan
    do {
      plan = try FeedPlan(
        decoding: try Files.contentIfPresent(of: folders.plan, atMost: FeedPlan.mostBytes) ?? [])
    } catch let error as SystemError {
      throw CommandFailure.unreadable(folders.plan, error)
    } catch {
      throw CommandFailure.unreachable("\(folders.plan) cannot be used: \(error)")
    }
    // Each waits for a server of its own.
    let rounds = plan.items.map { round(of: $0, folders) }.filter(\.isDue)
    var failure: CommandFailure?
    for group in stride(from: 0, to: rounds.count, by: Self.mostAtOnce) {
      let replies = rounds[group..<min(group + Self.mostAtOnce, rounds.count)].map { round in
        (round, Pending { Self.reply(to: round.request) })
      }
      for (round, pending) in replies {
        do throws(CommandFailure) {
          try keep(round, pending.value(), folders)
        } catch {
          // What is too long for a full disk does not keep the others from being got.
          failure = failure ?? error
        }
      }
    }
    if let failure { throw failure }
  }

  private static let mostAtOnce = 8

  private func round(of item: FeedPlan.Item, _ folders: FeedFolders) -> FeedRound {
    // What is offered and not taken yet counts like what serves.
    let paths = [folders.offer(item.name), FeedContent.fileName(of: item.name)]
    let contents = paths.lazy.compactMap { path in
      (try? Files.contentIfPresent(of: path, atMost: FeedContent.longest)).flatMap(\.self)
        .flatMap { try? FeedContent($0) }
    }
    return FeedRound(
      item, present: contents.first, before: folders.state(item.name).valueIfUsable(), now: .now())
  }

  /// What the program says that gets it; it is killed if it takes too long.
  private static func reply(to request: FeedRequest) -> FeedReply {
    let program = FeedProgram.path
    do throws(SystemError) {
      let result = try Programs.result(
        of: program, [program], within: FeedRequest.longestFetch + .seconds(10),
        atMost: FeedReply.mostBytes,
        takesErrors: false, input: SealedMemoryFile(request.encoded))
      switch result.ending {
      case .exited(0): break
      case .exited(let status): return .failure("gatehouse-fetch ended with status \(status)")
      case .signalled(let signal): return .failure("gatehouse-fetch was killed by signal \(signal)")
      case .timedOut: return .failure("it took too long, and was given up")
      }
      do throws(FeedMessageError) {
        return try FeedReply(decoding: result.output)
      } catch {
        return .failure("what gatehouse-fetch said cannot be used: \(error)")
      }
    } catch {
      return .failure("\(program) cannot be run: \(error.reason)")
    }
  }

  private func keep(
    _ round: FeedRound, _ reply: FeedReply, _ folders: FeedFolders
  ) throws(CommandFailure) {
    let name = round.item.name
    var (outcome, state) = round.result(of: reply)
    do throws(SystemError) {
      try keep(outcome, of: round, folders)
    } catch {
      state = round.result(of: .failure("what was got cannot be kept: \(error)")).state
    }
    if let problem = state.problem {
      Terminal.say("gatehouse: \(name): \(problem.escapedForTerminal)\n")
    }
    do throws(SystemError) {
      // After the content: without it, the same is got again.
      try folders.state(name).write(state)
    } catch {
      throw .unwritten(error)
    }
  }

  private func keep(
    _ outcome: FeedRound.Outcome, of round: FeedRound, _ folders: FeedFolders
  ) throws(SystemError) {
    let name = round.item.name
    switch outcome {
    case .nothing: break
    case .offer(let content):
      try Files.replace(folders.offer(name), with: [content.bytes], .init(mode: 0o644))
      try Files.remove(folders.different(name).path)
    case .different(let content, let reason):
      let before = folders.different(name).valueIfUsable()
      try folders.different(name).write(
        RefusedContent(
          reason: reason, since: before?.since ?? round.now, content: content.bytes))
      Terminal.say("gatehouse: \(name): \(reason)\n")
    }
  }
}

/// `gatehouse feeds take`, the third step, by root.
struct FeedsTake: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "take",
    abstract:
      "Have the daemon judge what was got, and take it (a step of gatehouse-feeds.service).",
    shouldDisplay: false)

  @OptionGroup var feeds: FeedOptions

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    let folders = feeds.folders
    guard let sources = NetworkSource.all(ofPolicyIn: feeds.location.path) else { return }
    var offers: [Name: [UInt8]] = [:]
    for name in sources.keys {
      // The folder is another user's: no link is followed, nothing but a file is read.
      let content = try? Files.content(
        of: folders.offer(name), atMost: FeedContent.longest, followingLinks: false)
      if let content { offers[name] = content }
    }
    guard !offers.isEmpty else { return }
    do throws(CommandFailure) {
      try take(offers, folders)
    } catch {
      // Somebody changes the policy, or tries one: it waits for the next run.
      guard error.status == 1 else { throw error }
      Terminal.say("gatehouse: \(error.problem.escapedForTerminal)\n")
    }
  }

  private func take(
    _ offers: [Name: [UInt8]], _ folders: FeedFolders
  ) throws(CommandFailure) {
    let taking = FeedTaking(feeds, RunningDaemon(daemon), as: "gatehouse feeds take")
    var refusals: [Name: String] = [:]
    if try taking.take(offers, allowing: .nothing) != nil {
      // One of them may be at fault: each by itself.
      for (name, content) in offers.sorted(by: { $0.key < $1.key }) {
        refusals[name] = try taking.take(
          [name: content], allowing: .nothing)
      }
    }
    for (name, content) in offers {
      let file = folders.refused(name)
      if let reason = refusals[name] {
        let before = file.valueIfUsable()
        Terminal.say("gatehouse: \(name): refused: \(reason.escapedForTerminal)\n")
        do throws(SystemError) {
          try file.write(
            RefusedContent(reason: reason, since: before?.since ?? .now(), content: content))
        } catch {
          // It stays an offer, and is judged again at the next run.
          throw .unwritten(error)
        }
      } else {
        try? Files.remove(file.path)
      }
      try? Files.remove(folders.offer(name))
    }
  }
}

/// gatehouse-feeds.service, and the timer that runs it again.
enum FeedService {
  private static let service = "gatehouse-feeds.service"
  private static let timer = "gatehouse-feeds.timer"

  /// Runs it, and waits for its end.
  static func run() throws(CommandFailure) {
    guard CurrentProcess.isRoot else {
      throw .unreachable("only root can start \(service)", remedy: "`sudo gatehouse feeds refresh`")
    }
    guard succeeds(["start", service]) else {
      throw .unreachable(
        "\(service) cannot be started, or failed",
        remedy: "`journalctl -u \(service)` says why")
    }
  }

  /// Has the timer run as long as there is something to be got.
  static func keepTimer(_ isWanted: Bool) {
    _ = succeeds([isWanted ? "start" : "stop", timer], waits: false)
  }

  private static func succeeds(_ words: [String], waits: Bool = true) -> Bool {
    Files.isFolder("/run/systemd/system")
      && (try? Systemctl.status(of: words, waits: waits)).flatMap(\.self) == 0
  }
}
