import ArgumentParser
import GatehouseChange
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Where the policy is, and its history.
struct PolicyPlaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The policy's folder (default: \(Check.standardPath)); another one wants --history.",
      valueName: "path"))
  private var folder: String?

  @Option(
    help: ArgumentHelp(
      "Where the last policies are kept (default: \(History.standardPath)).", valueName: "path"))
  private var history: String?

  func validate() throws {
    if folder != nil && history == nil {
      throw ValidationError("--folder: another folder than \(Check.standardPath) wants --history")
    }
  }

  /// Where they are.
  var place: PolicyPlace {
    PolicyPlace(
      path: folder ?? Check.standardPath, kept: PolicyPlace.history(history ?? History.standardPath)
    )
  }
}

/// A policy's folder with its history.
struct PolicyPlace {
  /// Those of the machine.
  static let standard = PolicyPlace(
    path: Check.standardPath, kept: history(History.standardPath))

  /// A history that says which of its entries are damaged.
  static func history(_ path: String) -> History {
    History(path: path) { problem in
      Terminal.say("warning: a change of the history is damaged and left out: \(problem)\n")
    }
  }

  /// The policy's folder.
  let path: String
  /// Its history.
  let kept: History

  /// Begins a change of it.
  func change(as command: String) throws(CommandFailure) -> PolicyChange {
    try PolicyFiles.requireFolder(path)
    do throws(PolicyChange.Obstacle) {
      return try PolicyChange(of: path, history: kept, author: .own(), command: command)
    } catch {
      switch error {
      case .busy(let holder):
        throw .refused(
          "the policy is being changed by \(holder.isEmpty ? "another process" : holder)",
          remedy: "wait for it, or end it")
      case .disk(let error): throw .unwritten(error)
      }
    }
  }
}

/// Who may be locked out.
struct LockoutOptions: ParsableArguments {
  @Option(
    name: .customLong("allow-lockout"),
    help: ArgumentHelp(
      "Users who may lose what they have now, separated by commas.", valueName: "user,…"))
  private var allowLockout: [String] = []

  func validate() throws { try validateNames(names) }

  private var names: [String] {
    allowLockout.flatMap { list in
      list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Who may be locked out.
  var allowed: Set<Name> { Set(names.map { Name($0) }) }
}

/// What a command is told that puts another policy in place of the one that stands.
struct ChangeOptions: ParsableArguments {
  @OptionGroup var lockout: LockoutOptions

  @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
  var reason: String?

  @OptionGroup private var placeOptions: PolicyPlaceOptions

  @OptionGroup private var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  /// The policy's folder, with its history.
  var place: PolicyPlace { placeOptions.place }

  /// Begins the change; `command` is what others are told of it.
  func update(as command: String) throws(CommandFailure) -> PolicyUpdate {
    PolicyUpdate(
      change: try place.change(as: command), folder: place.path, daemon: RunningDaemon(daemon),
      allowed: lockout.allowed)
  }
}

extension ChangeRecord.Author {
  /// Who runs this command: the user that logged in, not the one that they became.
  static func own() -> Self? {
    guard let user = OwnSession.loginUser() else { return nil }
    return Self(user: user, address: OwnSession.current()?.address)
  }
}

extension CommandFailure {
  /// A file could not be read or written, and nothing was changed.
  static func unwritten(_ error: SystemError) -> Self {
    .unreachable("\(error): nothing was changed", remedy: error.remedy)
  }
}
