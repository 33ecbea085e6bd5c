import GatehousePolicy
import GatehouseReport
import Glibc

/// Whether a daemon answers for a policy's folder, and which policy it serves.
enum ServedPolicy {
  /// It reads that folder, and serves the policy of this digest; nil where it has none.
  case digest(String?)
  /// It reads that folder, and instead of its policy it serves a candidate on trial.
  case trial(TrialState)
  /// It reads another folder.
  case elsewhere(String)
  /// It cannot be asked.
  case unreachable(CommandFailure)

  /// Asks the daemon.
  init(_ daemon: RunningDaemon, folder: String) {
    do throws(CommandFailure) {
      let status = try daemon.servingStatus()
      if !Self.isSame(status.folder, folder) {
        self = .elsewhere(status.folder)
      } else {
        self = status.trial.map { .trial($0) } ?? .digest(status.serving?.digest)
      }
    } catch {
      self = .unreachable(error)
    }
  }

  /// Why the policy of that folder is not loaded, as a report says it; nil where the daemon can be
  /// asked to.
  var obstacle: ChangeReport.Daemon? {
    switch self {
    case .digest, .trial: nil
    case .elsewhere(let folder): .elsewhere(folder: folder)
    case .unreachable(let failure): .unreachable(problem: failure.problem, remedy: failure.remedy)
    }
  }

  /// Whether two paths lead to one folder.
  private static func isSame(_ left: String, _ right: String) -> Bool {
    var (one, other) = (stat(), stat())
    // SAFETY: the paths are C strings, and the structures of this frame, for the length of the calls.
    guard unsafe stat(left, &one) == 0, unsafe stat(right, &other) == 0 else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
  }
}
