import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// Which policy a daemon serves, and whether it reads a certain folder.
enum ServedPolicy {
  /// It reads that folder, and serves the policy with this digest; nil if it has no policy.
  case digest(String?)
  /// It reads that folder, and serves a candidate on trial instead.
  case trial(TrialState)
  /// It reads another folder.
  case elsewhere(String)
  /// It cannot be asked.
  case unreachable(CommandFailure)

  /// Asks the daemon.
  init(_ daemon: RunningDaemon, folder: String) {
    do throws(CommandFailure) {
      let status = try daemon.status()
      if !Self.isSame(status.folder, folder) {
        self = .elsewhere(status.folder)
      } else {
        self = status.trial.map { .trial($0) } ?? .digest(status.serving?.digest)
      }
    } catch {
      self = .unreachable(error)
    }
  }

  /// Why the daemon cannot load the policy of that folder; nil if it can.
  var obstacle: ChangeReport.DaemonResult? {
    switch self {
    case .digest, .trial: nil
    case .elsewhere(let folder): .elsewhere(folder: folder)
    case .unreachable(let failure): .unreachable(problem: failure.problem, remedy: failure.remedy)
    }
  }

  /// The SHA-256 of each policy that the daemon is known to have accepted: what it serves, unless
  /// that is on trial.
  var accepted: Set<String> {
    if case .digest(let digest?) = self { [digest] } else { [] }
  }

  /// Throws if no daemon reads that folder.
  func requireAnswer(for folder: String) throws(CommandFailure) {
    switch self {
    case .digest, .trial: return
    case .unreachable(let failure): throw failure
    case .elsewhere(let other):
      throw .unreachable(
        "the daemon that answers reads \(other), not \(folder)", remedy: "--socket names another")
    }
  }

  /// Whether two paths lead to one folder.
  private static func isSame(_ left: String, _ right: String) -> Bool {
    guard let one = Files.status(of: left), let other = Files.status(of: right) else {
      return false
    }
    return one.isSameFile(as: other)
  }
}
