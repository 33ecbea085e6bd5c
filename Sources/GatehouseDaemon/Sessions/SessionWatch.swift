import GatehousePlatform
import GatehousePolicy
import Synchronization
import SystemPackage

/// What tells that login sessions have come or gone.
protocol SessionNews: AnyObject {
  /// Readable once something has changed.
  var descriptor: CInt { get }
  /// Takes every change until now.
  func flush()
}

extension SessionMonitor: SessionNews {}

/// Watches logind's sessions, so that the daemon knows who has come in also by what does not ask.
///
/// Lives on the loop; the sessions are read beside it, since there may be many.
final class SessionWatch {
  /// How long it waits after a change, for there are often several at once.
  private static let delay = Duration.milliseconds(20)

  private let worker: Worker
  private let log: Log
  private let sessions: any LoginSessions
  private let onNew: ([LoginSession]) -> Void
  private let monitor: (any SessionNews)?
  private var source: EventSource?
  private var timer: EventSource?
  private var isReading = false
  private var isChanged = false
  /// The names of those that were there at the last look; for the worker's thread.
  private let known = KnownSessions()

  /// Whether sessions are watched: there is a logind, and it can be read.
  private(set) var isWatching: Bool

  /// Starts it; `onNew` gets the sessions that were not there at the look before.
  init(
    loop: EventLoop, sessions: any LoginSessions, monitor: (any SessionNews)?, log: Log,
    onNew: @escaping ([LoginSession]) -> Void
  ) throws(SystemError) {
    self.sessions = sessions
    self.monitor = monitor
    self.log = log
    self.onNew = onNew
    worker = try Worker("sessions", loop: loop)
    isWatching = monitor != nil
    timer = try loop.timer { [unowned self] in look() }
    if let monitor {
      source = try loop.onReadable(monitor.descriptor) { [unowned self] in
        monitor.flush()
        change()
      }
    }
    look()
  }

  /// Ends it, once the loop has ended.
  func close() { worker.close() }

  private func change() {
    isChanged = true
    if !isReading { timer?.set(after: Self.delay) }
  }

  private func look() {
    isReading = true
    isChanged = false
    worker.run { [sessions, known] () -> Result<[LoginSession], SystemError> in
      Result { () throws(SystemError) in known.new(among: try sessions.sessions()) }
    } then: { [unowned self] result in
      isReading = false
      switch result {
      case .success(let new): if !new.isEmpty { onNew(new) }
      case .failure(let error):
        if isWatching { log.post(.warning, "login sessions cannot be watched: \(error)") }
        isWatching = false
      }
      if isChanged { timer?.set(after: Self.delay) }
    }
  }
}

/// The sessions that were there at the last look.
private final class KnownSessions: Sendable {
  private let ids = Mutex<Set<String>>([])

  /// Those that were not there.
  func new(among sessions: [LoginSession]) -> [LoginSession] {
    ids.withLock { ids in
      let before = ids
      ids = Set(sessions.map(\.id))
      return sessions.filter { !before.contains($0.id) }
    }
  }
}
