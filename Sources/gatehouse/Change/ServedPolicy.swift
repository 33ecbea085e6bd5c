import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseState

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

  /// Why the policy of that folder is not loaded, as a report says it; nil where the daemon can be
  /// asked to.
  var obstacle: ChangeReport.Daemon? {
    switch self {
    case .digest, .trial: nil
    case .elsewhere(let folder): .elsewhere(folder: folder)
    case .unreachable(let failure): .unreachable(problem: failure.problem, remedy: failure.remedy)
    }
  }

  /// Throws where no daemon answers for that folder.
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

extension ServedPolicy {
  /// What the daemon keeps of the policy that it serves, for a start with broken files
  /// (gatehoused(8)).
  private static let keptCopy = StateFile(
    folder: "/var/lib/gatehouse", name: "last-good-policy", StateKinds.acceptedPolicy)

  /// The policy of a digest that a daemon serves; nil where neither the history nor the daemon's
  /// state has it.
  static func policy(of digest: String) -> Policy? {
    let history = PolicyPlace.standard.kept
    for number in (try? history.numbers().reversed()) ?? [] {
      guard let entry = try? history.entry(number), entry.archive.digest == digest else { continue }
      return Policy.load(entry.archive.snapshot).policy
    }
    // Before the first change there is no history. The digest says that it is the one.
    guard let kept = keptCopy.valueIfUsable()?.archive, kept.digest == digest else { return nil }
    return Policy.load(kept.snapshot).policy
  }
}
