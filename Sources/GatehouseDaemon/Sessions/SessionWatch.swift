import GatehouseJournal
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
  /// How long it waits before it looks again, if the sessions could not be read.
  private static let retryTime = Duration.seconds(5)

  private let worker: Worker
  private let log: Log
  private let sessions: any LoginSessions
  private let onNew: ([LoginSession]) -> Void
  private let onGap: () -> Void
  private let monitor: (any SessionNews)?
  private var source: EventSource?
  private var timer: EventSource?
  private var isReading = false
  private var isChanged = false
  /// The names of those that were there at the last look; for the worker's thread.
  private let known = KnownSessions()

  /// Why the sessions could not be read at the last look; nil if they could, or there is no logind.
  private(set) var problem: String?

  /// Whether sessions are watched: there is a logind, and it can be read.
  var isWatching: Bool { monitor != nil && problem == nil }

  /// Starts it.
  ///
  /// - Parameters:
  ///   - loop: The loop that it lives on.
  ///   - sessions: Where the sessions are read.
  ///   - monitor: What tells of changes; nil if there is no logind.
  ///   - log: Where it says that it cannot watch.
  ///   - onGap: Called if sessions may have come and gone unseen.
  ///   - onNew: Gets the sessions that were not there at the look before.
  /// - Throws: That there is no thread or timer for it.
  init(
    loop: EventLoop, sessions: any LoginSessions, monitor: (any SessionNews)?, log: Log,
    onGap: @escaping () -> Void, onNew: @escaping ([LoginSession]) -> Void
  ) throws(SystemError) {
    self.sessions = sessions
    self.monitor = monitor
    self.log = log
    self.onGap = onGap
    self.onNew = onNew
    worker = try Worker("sessions", loop: loop)
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
      case .success(let new): see(new)
      case .failure(let error): if monitor != nil { fail(error) }
      }
      if isChanged { timer?.set(after: Self.delay) }
    }
  }

  private func see(_ new: [LoginSession]) {
    if problem != nil {
      problem = nil
      onGap()
      log.post(.notice, .originsKnown, "login sessions are watched again")
    }
    if !new.isEmpty { onNew(new) }
  }

  private func fail(_ error: SystemError) {
    let text = "login sessions cannot be watched: \(error)"
    if problem == nil {
      log.post(
        .warning, .originsUnknown,
        "\(text); what a user leaves running is of unknown origin for origin=session")
    }
    problem = text
    onGap()
    timer?.set(after: Self.retryTime)
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
