import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The daemon's own record of denials, kept over restarts but for what the last second brought.
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

  /// Takes up what was kept.
  func start() {
    let kept = file.kept(
      log, .warning, ifLost: "the denials until now cannot be approved any more")
    for denial in kept ?? [] { denials.add(denial) }
  }

  /// The denial of an id, where it is remembered.
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
        log.post(.warning, "the denials are not remembered over a restart: \(error)")
      }
    }
  }
}
