import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseJournal
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// `gatehouse notify`: tells somebody what happens, as `notify` of the policy says, and sends the codes of
/// `authorize`.
struct NotifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify",
    abstract: "Tell somebody of denials and the like, and send the codes of authorize.",
    discussion: """
      Follows the journal, and sends a mail or runs a command for what the policy's notify names; \
      and it sends the codes by which the users of authorize authorise a new place, each by the way \
      that the policy says. gatehouse-notify.service runs it, apart from the daemon, so no login \
      waits for it. It ends at once if the policy in effect has neither notify nor authorize; the \
      service is started again when another policy is accepted. After a restart it goes on where it \
      was, for at most a day back.

      With --test it sends one message that says that it is a test, and ends.

      Exit status: 0 if there is nobody to be told, or the test was handed over; 1 if the test was \
      not; 3 if the journal cannot be read.
      """)

  @Flag(help: "Send one message by each way that the policy names, to see whether it arrives.")
  var test = false

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Run sendmail and the command as this user (default: \(NoticeDelivery.standardUser)).",
      valueName: "user"), completion: .user)
  var user = NoticeDelivery.standardUser

  @Option(
    help: ArgumentHelp(
      "Where to keep what was told (default: \(NotifyCommand.standardState)).",
      valueName: "folder"), completion: .directory)
  var state = NotifyCommand.standardState

  @OptionGroup var source: LogSource

  @OptionGroup var locationOptions: PolicyLocationOptions

  @OptionGroup var daemon: DaemonOptions

  static let standardState = "/var/lib/gatehouse-notify"

  func run() throws {
    guard CurrentProcess.isRoot else {
      throw CommandFailure.unreachable(
        "gatehouse notify runs as root, since it asks the daemon and reads the journal",
        remedy: "systemctl start gatehouse-notify")
    }
    let running = RunningDaemon(daemon)
    let delivery = try NoticeDelivery(as: user)
    var policy = NotifyPolicy(running, locationOptions.location)
    policy.read(waitsForLoad: true)
    guard policy.isForSomebody, !test || policy.current != nil else { return try endWithNothing() }
    if test { return try sendTest(policy, delivery) }
    do {
      let file = StateFile(folder: state, name: "notices", NoticeState.kind)
      var loop = try NotifyLoop(source, running, policy, delivery, file)
      try loop.run()
    } catch let error as JournalError {
      throw CommandFailure.unreadable(error, folder: source.folder)
    }
    try endWithNothing()
  }

  /// Nobody is to be told; what was kept would be old if somebody is again.
  private func endWithNothing() throws {
    Terminal.say(
      "gatehouse: nothing to tell: the policy has no notify\(test ? "" : ", and no authorize")\n")
    guard !test else { throw ExitCode(1) }
    try? Files.remove(StateFile(folder: state, name: "notices", NoticeState.kind).path)
  }

  private func sendTest(_ policy: NotifyPolicy, _ delivery: NoticeDelivery) throws {
    guard let settings = policy.current else { return }
    let message = NoticeMessage.test(on: Machine.hostName)
    var hasFailed = false
    for way in NoticeDelivery.Way.allCases where way.isWanted(settings) {
      if let problem = delivery.send(message, by: way, settings) {
        Terminal.say("gatehouse: error: \(problem.escapedForTerminal)\n")
        hasFailed = true
      } else {
        try Terminal.print(text: Array("\(way.inWords(settings)): handed over\n".utf8))
      }
    }
    if hasFailed { throw ExitCode(1) }
  }
}

/// What the policy in effect says in `notify`, and whether it has `authorize`.
struct NotifyPolicy {
  /// What it said in `notify` when it was read last; nil if nothing.
  private(set) var current: NotifySettings?
  /// Whether it had `authorize` then.
  private(set) var hasCodes = false
  private let daemon: RunningDaemon
  private let location: PolicyLocation
  /// The policy that was read last, by its digest.
  private var digest: String?

  init(_ daemon: RunningDaemon, _ location: PolicyLocation) {
    self.daemon = daemon
    self.location = location
  }

  /// Reads it again, if another policy serves than before.
  ///
  /// Only files of root's are read: those of the folder, if they are what serves, else those of the
  /// history. If the daemon cannot be asked, the folder counts at first, and later what was read before.
  ///
  /// - Parameter waitsForLoad: Whether the daemon may be about to serve a policy that was just accepted.
  mutating func read(waitsForLoad: Bool = false) {
    readOnce()
    if !isForSomebody, waitsForLoad {
      SystemClock.sleep(.seconds(2))
      readOnce()
    }
  }

  /// Whether somebody is to be told anything, or sent a code.
  var isForSomebody: Bool { current != nil || hasCodes }

  private mutating func readOnce() {
    let serving = try? daemon.status().serving?.digest
    if let serving, serving == digest { return }
    guard serving != nil || digest == nil else { return }
    let reading = PolicySnapshot.read(path: location.path, insecure: .error)
    let isOfRoot = !reading.diagnostics.contains { $0.severity == .error }
    if isOfRoot, serving == nil || reading.contentDigest == serving {
      digest = serving
      take(reading.snapshot)
    } else if let serving, let entry = (try? location.kept.entry(of: serving)).flatMap(\.self) {
      digest = serving
      take(entry.archive.snapshot)
    }
  }

  private mutating func take(_ snapshot: PolicySnapshot) {
    (current, hasCodes) = NotifySettings.read(from: snapshot)
  }
}
