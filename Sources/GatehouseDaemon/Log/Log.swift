import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseWire
import Synchronization

/// What an entry of the log is made of, on the log's thread.
protocol LogDraft: AnyObject, Sendable {
  /// The entry.
  var entry: LogEntry { get }
}

/// A draft whose entry a function composes.
private final class ComposedDraft: LogDraft {
  private let compose: @Sendable () -> LogEntry

  init(_ compose: @escaping @Sendable () -> LogEntry) { self.compose = compose }

  var entry: LogEntry { compose() }
}

/// The daemon's log: entries are left here, and one thread composes and writes them.
///
/// Writing can block, and the thread that answers questions must not. So the queue is bounded. What
/// does not fit is dropped and counted, and the count is logged as soon as there is room again.
/// Entries of priority info, such as allowed logins, are dropped first.
///
/// The thread is not woken for each entry, but a moment after the first one, for all that have come
/// by then. Otherwise it would take a processor from the client that has just got its answer.
final class Log: Sendable {
  /// How long the thread waits after the first entry has come.
  private static let pause = Duration.milliseconds(2)
  /// How long the end of the daemon waits for a log that takes nothing: the next daemon only starts
  /// then, and questions wait for it.
  private static let closingTime = Duration.seconds(1)
  /// Entries that are written together.
  private static let writtenAtOnce = 64

  /// How many entries were lost.
  struct Losses: Equatable, Sendable {
    /// Entries of priority info.
    var info = 0
    /// Denials, warnings and all other entries above info.
    var others = 0

    var all: Int { info + others }

    fileprivate mutating func add(_ priority: LogPriority) {
      if priority == .info { info += 1 } else { others += 1 }
    }
  }

  private struct Waiting {
    /// In the order they came; nil for those that were dropped.
    var drafts: [(any LogDraft)?] = []
    /// The indices of the drafts of priority info, which are dropped first.
    var expendable: [Int] = []
    var dropped = 0
    var losses = Losses()
    var isClosed = false

    var count: Int { drafts.count - dropped }

    /// Adds a draft; if there are `bound` already, drops one of priority info, or this one.
    mutating func add(_ draft: any LogDraft, _ priority: LogPriority, bound: Int) -> Bool {
      guard !isClosed else {
        losses.add(priority)
        return false
      }
      if count >= bound {
        guard priority != .info, let place = expendable.popLast() else {
          losses.add(priority)
          return false
        }
        losses.add(.info)
        drafts[place] = nil
        dropped += 1
      }
      if priority == .info { expendable.append(drafts.count) }
      drafts.append(draft)
      return true
    }

    /// Returns what waits, and keeps the empty array in its place.
    mutating func take(_ taken: inout [(any LogDraft)?]) {
      swap(&drafts, &taken)
      expendable.removeAll(keepingCapacity: true)
      dropped = 0
    }
  }

  private let waiting = Mutex(Waiting())
  private let bound: Int
  private let alarm: AlarmClock
  /// How many times the log has taken entries.
  private let writtenCount = Atomic<Int>(0)
  private let thread = Mutex<Thread?>(nil)

  /// Starts the thread.
  ///
  /// At most `bound` entries wait for it. `write` gets some of them, and returns those that could not
  /// be written.
  init(
    bound: Int = 4096, write: @escaping @Sendable ([LogEntry]) -> [LogEntry]
  ) throws(SystemError) {
    self.bound = bound
    alarm = try AlarmClock()
    let thread = try Thread("log") { [self] in work(write) }
    self.thread.withLock { $0 = thread }
  }

  /// How many entries were lost so far.
  var losses: Losses { waiting.withLock(\.losses) }

  /// Adds an entry of this priority, which the log's thread composes; never blocks.
  func post(_ priority: LogPriority, _ entry: @escaping @Sendable () -> LogEntry) {
    post(priority, ComposedDraft(entry))
  }

  /// The same, with a draft; of its priority too.
  func post(_ priority: LogPriority, _ draft: any LogDraft) {
    let isFirst = waiting.withLock { waiting in
      waiting.add(draft, priority, bound: bound) && waiting.count == 1
    }
    // The thread takes all that there is: one alarm is enough.
    if isFirst { alarm.set(after: Self.pause) }
  }

  /// Adds an entry without fields.
  func post(_ priority: LogPriority, _ kind: EntryKind, _ message: String) {
    post(priority) { LogEntry(priority, kind, message) }
  }

  /// Writes what is waiting, and ends the thread; gives up if the log does not take it.
  func close() {
    waiting.withLock { $0.isClosed = true }
    alarm.set(after: .microseconds(1))
    thread.withLock { thread in
      guard let ending = thread else { return }
      thread = nil
      var seen = -1
      while !ending.join(within: Self.closingTime) {
        let count = writtenCount.load(ordering: .relaxed)
        if count == seen { return ending.detach() }
        seen = count
      }
    }
  }

  // MARK: The thread

  private func work(_ write: ([LogEntry]) -> [LogEntry]) {
    var told = Losses()
    var drafts: [(any LogDraft)?] = []
    var isClosed = false
    while !isClosed {
      alarm.wait()
      isClosed = waiting.withLock { waiting in
        waiting.take(&drafts)
        return waiting.isClosed
      }
      for start in stride(from: 0, to: drafts.count, by: Self.writtenAtOnce) {
        tellLosses(&told, write)
        let some = drafts[start...].prefix(Self.writtenAtOnce)
        let untaken = write(some.compactMap { $0?.entry })
        writtenCount.wrappingAdd(1, ordering: .relaxed)
        if !untaken.isEmpty {
          waiting.withLock { for entry in untaken { $0.losses.add(entry.priority) } }
        }
      }
      drafts.removeAll(keepingCapacity: true)
    }
    tellLosses(&told, write)
  }

  private func tellLosses(_ told: inout Losses, _ write: ([LogEntry]) -> [LogEntry]) {
    let losses = losses
    guard losses != told else { return }
    let others = losses.others - told.others
    let detail = others > 0 ? ", \(others) of them denials, warnings or the like" : ""
    let entry = LogEntry(
      .error, .entriesLost,
      "\(losses.all - told.all) log entries were lost\(detail): the log did not take them in time")
    if write([entry]).isEmpty { told = losses }
  }
}

/// Where entries go.
enum LogSink: Sendable {
  /// The systemd journal, with all fields.
  case journal
  /// syslog(3), facility auth: the fields stand in the line.
  case syslog
  /// Standard error: the fields stand in the line.
  case standardError

  /// The journal if there is one, else syslog.
  static func automatic() -> LogSink { SystemLog.hasJournal ? .journal : .syslog }

  /// Writes entries, and may block; returns those that could not be written.
  func write(_ entries: [LogEntry]) -> [LogEntry] {
    switch self {
    case .journal: return entries.filter { !sendToJournal($0) }
    case .syslog:
      for entry in entries { sendToSyslog(entry) }
      return []
    case .standardError: return writeToStandardError(entries)
    }
  }

  private func sendToJournal(_ entry: LogEntry) -> Bool {
    var entry = entry
    entry.add("PRIORITY", Int(entry.priority.rawValue))
    entry.add("SYSLOG_FACILITY", SystemLog.facility)
    entry.add("SYSLOG_IDENTIFIER", "gatehoused")
    var bytes = entry.bytes
    return SystemLog.writeToJournal(&bytes, parts: entry.parts.map { $0.start..<$0.end })
  }

  private func sendToSyslog(_ entry: LogEntry) {
    var line: [UInt8] = []
    entry.addLine(to: &line)
    SystemLog.writeToSyslog(line, priority: entry.priority.rawValue)
  }

  private func writeToStandardError(_ entries: [LogEntry]) -> [LogEntry] {
    var lines: [UInt8] = []
    var ends: [Int] = []
    for entry in entries {
      lines.append(entry.priority.linePrefix.bytes)
      entry.addLine(to: &lines)
      lines.append(UInt8(ascii: "\n"))
      ends.append(lines.count)
    }
    let written = StandardStream.error.writtenCount(of: lines)
    return zip(entries, ends).filter { $0.1 > written }.map(\.0)
  }
}

/// Lets one event through in each interval, and counts the others.
struct RateLimit {
  private let pause: Duration
  private var last: Uptime?
  private var heldBack = 0

  init(every pause: Duration) { self.pause = pause }

  /// Nil if this event is held back, else how many were held back since the last one.
  mutating func take(at now: Uptime) -> Int? {
    if let last, now - last < pause {
      heldBack += 1
      return nil
    }
    defer { heldBack = 0 }
    last = now
    return heldBack
  }
}
