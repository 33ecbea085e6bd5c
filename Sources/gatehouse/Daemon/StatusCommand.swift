import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehouseFeeds
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

/// `gatehouse status`: the state of the daemon, and whether logins ask it.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the daemon's state, which policy it serves, and whether logins ask it.",
    discussion: """
      It begins with what needs attention, each with what to do. What programs say of the doors \
      (sshd -T) is kept for a minute, as long as no file of theirs changes.

      Exit status: 0 if nothing needs attention; 1 if anything does; 3 if the daemon cannot be \
      asked.
      """)

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let running = RunningDaemon(daemon)
    let status = try running.status()
    // The daemon reads the users of the sessions while the doors are looked at here.
    let pending = status.serving.map { _ in Pending { SessionChecks(running, allowing: nil) } }
    let memory = ProgramMemory()
    let (policy, checks) = Readiness.policy(status)
    let doors = MachineDoors.now(for: policy, memory: memory)
    memory.save()
    let sessions = pending?.value()
    try output.print(
      StatusReport(
        daemon: status, pam: PAMStatus.report(mode: status.serving?.mode), doors: doors,
        refusedSessions: sessions?.judged.filter { $0.outcome != .ok } ?? [],
        unjudgedSessions: sessions?.unjudged ?? [],
        isUnknownPolicy: policy == nil && Self.isUnknown(status),
        // If the daemon knows of it, it says so itself.
        difference: policy == nil && status.isCurrent ? checks.first : nil,
        notify: policy?.notify.map { .now($0) },
        feeds: policy.map { FeedRow.all(of: $0, in: .standard) } ?? []))
  }

  /// Whether the policy that serves is neither the one in the folder nor one of root's history.
  ///
  /// A candidate on trial is neither, and said anyway. The history is that of the standard folder.
  private static func isUnknown(_ status: DaemonStatus) -> Bool {
    guard let serving = status.serving, status.trial == nil, status.folder == Check.standardPath
    else { return false }
    return !PolicyLocation.standard.kept.has(serving.digest)
  }
}

extension NotifyStanding {
  /// How those are told, by what gatehouse-notify.service keeps.
  fileprivate static func now(_ settings: NotifySettings) -> Self {
    let file = StateFile(
      folder: NotifyCommand.standardState, name: "notices", NoticeState.kind)
    let state = file.valueIfUsable() ?? NoticeState()
    let ways = NoticeDelivery.Way.allCases.filter { $0.isWanted(settings) }
    return Self(
      isRunning: NotifyDiagnostics.isActive("gatehouse-notify.service"),
      ways: ways.map { .init($0.rawValue, state[$0]) })
  }
}

/// `gatehouse reload`: has the daemon read its policy again.
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the daemon read its policy again, if it locks nobody out.",
    discussion: """
      The daemon keeps serving the previous policy if the new one has an error or a failing \
      test, or if its guard refuses it: see `gatehouse apply`. `systemctl reload gatehoused` does \
      the same.

      Exit status: 0 if the policy serves now; 1 if it was refused, or a policy is on trial; 3 \
      if the daemon cannot be asked.
      """)

  @OptionGroup var lockout: LockoutOptions

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = RunningDaemon(daemon)
    let status = try daemon.status()
    // Finishes an interrupted change. If somebody else is making one, the files are read as they are.
    // The history of another folder than the standard one is somewhere else.
    let location = PolicyLocation.standard
    let change = status.folder == location.path ? try? location.change(as: "gatehouse reload") : nil
    var allowance = lockout.allowance
    var verdict = try daemon.reload(nil, allowing: allowance)
    if case .refusedByGuard = verdict.outcome, let found = verdict.guardVerdict, found.isUnjudged,
      !found.isObstacle, Terminal.hasPerson
    {
      // A person at a terminal reads that nobody could be judged, and can put it right.
      allowance.unjudged = true
      verdict = try daemon.reload(nil, allowing: allowance)
    }
    if case .loaded(_, let digest, _) = verdict.outcome {
      try? change?.recordPresent(accepted: [digest])
    }
    try output.print(verdict)
  }
}
