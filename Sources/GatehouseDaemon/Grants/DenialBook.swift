import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The daemon's own record of denials, kept over restarts, except for the last second.
///
/// Lives on the loop.
final class DenialBook {
  private var denials = Denials()
  private let file: StateFile<[Denial]>
  private let log: Log
  private var saved: SavedState<[Denial]>?
  private var timer: EventSource?
  private var isUnsaved = false

  /// A record without denials, until `start` takes up those that were kept.
  init(loop: EventLoop, state: String, worker: Worker, log: Log) throws(SystemError) {
    file = StateFile(folder: state, name: "denials", KeptState.denials)
    self.log = log
    saved = SavedState(file, worker: worker) { [unowned self] in
      isUnsaved = false
      return denials.all
    }
    timer = try loop.timer { [unowned self] in save() }
  }

  /// Reads what was kept.
  func start() {
    let kept = file.value(
      reportingTo: log, .warning, ifLost: "the denials until now cannot be approved any more")
    for denial in kept ?? [] { denials.add(denial) }
  }

  /// The denial with this id; nil if it is not remembered.
  func denial(_ id: String, at now: Instant) -> Denial? { denials.denial(id, at: now) }

  /// Remembers one more; a flood of them is written once a second.
  func add(_ denial: Denial) {
    denials.add(denial)
    guard !isUnsaved else { return }
    isUnsaved = true
    timer?.set(after: .seconds(1))
  }

  /// Writes what was not written yet; once the loop and the worker have ended.
  func close() {
    if isUnsaved { try? file.write(denials.all) }
  }

  private func save() {
    saved?.save { [unowned self] error in
      if let error {
        log.post(.warning, .stateNotKept, "the denials are not remembered over a restart: \(error)")
      }
    }
  }
}

/// The newest denials, bounded in all and for each user: one user's flood cannot push out another's.
struct Denials {
  /// The most denials that are remembered.
  static let limit = 512
  /// The most denials of one user.
  static let limitPerUser = 16
  /// How long a denial is remembered.
  static let maximumAge = Duration.seconds(86_400)

  /// Oldest first.
  private(set) var all: [Denial] = []

  /// The denial with this id; nil if it is not remembered.
  func denial(_ id: String, at now: Instant) -> Denial? {
    all.first { $0.id == id && Self.isFresh($0, at: now) }
  }

  /// Remembers one more.
  mutating func add(_ denial: Denial) {
    all.removeAll { !Self.isFresh($0, at: denial.time) }
    let own = all.indices.filter { all[$0].user == denial.user }
    if own.count >= Self.limitPerUser, let oldest = own.first {
      all.remove(at: oldest)
    } else if all.count >= Self.limit {
      all.removeFirst()
    }
    all.append(denial)
  }

  /// False for a denial from the future, too: the clock was set back since.
  private static func isFresh(_ denial: Denial, at now: Instant) -> Bool {
    let age = now - denial.time
    return age >= .zero && age < maximumAge
  }
}
