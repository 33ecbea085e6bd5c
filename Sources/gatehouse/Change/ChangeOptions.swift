import ArgumentParser
import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// The option that a change is undone by itself unless it is confirmed.
struct TrialOptions: ParsableArguments {
  @Option(
    name: .customLong("confirm-within"),
    help: ArgumentHelp(
      "Undo it after this long, such as 10m, and at a boot before that, unless it was confirmed: a "
        + "number and one of s, m, h, d.", valueName: "length"))
  private var length: String?

  func validate() throws {
    guard let length, duration == nil else { return }
    throw ValidationError("--confirm-within \(length): not a duration from 1s to 7d, such as 10m")
  }

  /// How long it may take to confirm; nil if it need not be.
  var duration: Duration? {
    guard let duration = length.flatMap({ GatehousePolicy.duration(of: $0) }), duration > .zero,
      duration <= TrialRequest.longest
    else { return nil }
    return duration
  }
}

/// The options that say where the policy and its history are.
struct PolicyLocationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The policy's folder (default: \(Check.standardPath)); another one needs --history.",
      valueName: "path"), completion: .directory)
  private var folder: String?

  @Option(
    help: ArgumentHelp(
      "The folder of earlier policies (default: \(History.standardPath)).", valueName: "path"),
    completion: .directory)
  private var history: String?

  func validate() throws {
    if folder != nil && history == nil {
      throw ValidationError("--folder: another folder than \(Check.standardPath) needs --history")
    }
  }

  /// The policy's folder, with its history.
  var location: PolicyLocation {
    PolicyLocation(
      path: folder ?? Check.standardPath,
      kept: PolicyLocation.history(history ?? History.standardPath)
    )
  }
}

/// A policy's folder with its history.
struct PolicyLocation {
  /// The machine's policy and history.
  static let standard = PolicyLocation(
    path: Check.standardPath, kept: history(History.standardPath))

  /// A history that warns of damaged entries on standard error.
  static func history(_ path: String) -> History {
    History(path: path) { problem in
      Terminal.say("warning: a change of the history is damaged and left out: \(problem)\n")
    }
  }

  /// The policy's folder.
  let path: String
  /// Its history.
  let kept: History

  /// Begins a change of the policy.
  ///
  /// - Parameters:
  ///   - command: What other processes are told that makes it.
  ///   - patience: How long to wait for another change to end.
  /// - Returns: The change, which holds the lock.
  /// - Throws: If the policy cannot be changed, or somebody else changes it.
  func change(
    as command: String, patience: Duration = .zero
  ) throws(CommandFailure) -> PolicyChange {
    try PolicyFiles.requireFolder(path)
    let end = Uptime.now + patience
    while true {
      do throws(PolicyChange.Obstacle) {
        return try PolicyChange(of: path, history: kept, author: .own(), command: command)
      } catch {
        guard case .busy = error, Uptime.now < end else { throw failure(error) }
        SystemClock.sleep(.milliseconds(100))
      }
    }
  }

  private func failure(_ error: PolicyChange.Obstacle) -> CommandFailure {
    switch error {
    case .busy(let holder):
      .refused(
        "the policy is being changed by \(holder.isEmpty ? "another process" : holder)",
        remedy: "wait for it, or stop it")
    case .disk(let error): .unwritten(error)
    }
  }
}

/// The option that says who may be locked out.
struct LockoutOptions: ParsableArguments {
  @Option(
    name: .customLong("allow-lockout"),
    help: ArgumentHelp(
      "Users who may lose what they have now, separated by commas; all; or unjudged: nobody could be "
        + "judged.", valueName: "user,…|all|unjudged"), completion: .users(or: ["all", "unjudged"]))
  private var allowLockout: [String] = []

  func validate() throws { try validateNames(words(in: allowLockout)) }

  /// What may be lost.
  var allowance: LockoutAllowance {
    LockoutAllowance(Name(words(in: allowLockout).joined(separator: ","))) ?? .nothing
  }
}

/// The words of an option that takes several, separated by commas, and may be given again.
private func words(in values: [String]) -> [String] {
  values.flatMap { value in
    value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// The options of a command that replaces the policy.
struct ChangeOptions: ParsableArguments {
  @OptionGroup var lockout: LockoutOptions

  @Option(
    name: .customLong("allow-unknown"),
    help: ArgumentHelp(
      "Users and groups that a rule may confine though this machine does not have them, separated "
        + "by commas.", valueName: "name,…"), completion: .usersAndGroups)
  private var allowUnknown: [String] = []

  @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
  var reason: String?

  @OptionGroup private var locationOptions: PolicyLocationOptions

  @OptionGroup private var daemonOptions: DaemonOptions

  @OptionGroup var output: OutputOptions

  /// The policy's folder, with its history.
  var location: PolicyLocation { locationOptions.location }

  /// The daemon that is to load the policy.
  var daemon: RunningDaemon { RunningDaemon(daemonOptions) }

  /// Begins the change.
  ///
  /// - Parameters:
  ///   - command: What other processes are told that makes it.
  ///   - isDone: Whether anything is written; if not, no lock is taken.
  ///   - patience: How long to wait for another change to end.
  /// - Returns: The change.
  /// - Throws: If the policy cannot be changed, or somebody else changes it.
  func update(
    as command: String, isDone: Bool = true, patience: Duration = .zero
  ) throws(CommandFailure) -> PolicyUpdate {
    let leave = PolicyUpdate.Leave(
      lockout: lockout.allowance, unknown: Set(words(in: allowUnknown).map { Name($0) }))
    guard isDone else {
      try PolicyFiles.requireFolder(location.path)
      return PolicyUpdate(tryingIn: location.path, daemon, leave: leave)
    }
    return PolicyUpdate(
      making: try location.change(as: command, patience: patience), in: location.path, daemon,
      leave: leave)
  }

  func validate() throws { try validateNames(words(in: allowUnknown)) }
}

/// The option that nothing is written.
struct DryRunOptions: ParsableArguments {
  @Flag(
    name: .customLong("dry-run"),
    help: "Write nothing: check it, judge it, and say what would be done.")
  var isDryRun = false
}

extension ChangeRecord.Author {
  /// Who runs this command: the user that logged in, also after sudo or su, and where that login
  /// session came from; nil if that is unknown.
  static func own() -> Self? {
    guard let user = OwnSession.loginUser() else { return nil }
    return Self(user: user, address: OwnSession.loggedIn()?.remoteHost.flatMap { IPAddress($0) })
  }
}

extension CommandFailure {
  /// The failure of a file operation after which everything is as it was.
  static func unwritten(_ error: SystemError) -> Self {
    .unreachable("\(error): nothing was changed", remedy: error.remedy)
  }
}
