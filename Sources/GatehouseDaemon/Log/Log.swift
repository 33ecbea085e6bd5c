import CPosix
import Glibc
import Synchronization

/// The daemon's log: entries are left here, and one thread composes and writes them.
///
/// Writing can block; whoever answers questions must not. So the queue is bounded, and what does
/// not fit is dropped, counted, and told as soon as there is room again.
///
/// The thread is not woken for each entry, but a moment after the first, for all that have come by
/// then: it would take a processor from the asker who has just got an answer.
final class Log: Sendable {
  /// How long the thread sleeps on after the first entry has come.
  private static let pause = Microseconds(milliseconds: 2)
  /// Entries that are written together.
  private static let writtenAtOnce = 64

  private struct Waiting {
    var drafts: [@Sendable () -> LogEntry] = []
    var isClosed = false
  }

  private let waiting = Mutex(Waiting())
  private let bound: Int
  private let alarm: Descriptor
  private let losses = Atomic<Int>(0)
  private let thread = Mutex<Thread?>(nil)

  /// Starts the thread.
  ///
  /// At most `bound` entries wait for it. `write` is given some, and returns how many of them were
  /// not taken.
  init(
    bound: Int = 4096, write: @escaping @Sendable ([LogEntry]) -> Int
  ) throws(SystemError) {
    self.bound = bound
    alarm = try Descriptor("timerfd_create", opened: gh_timer())
    let thread = try Thread("log") { [self] in work(write) }
    self.thread.withLock { $0 = thread }
  }

  /// How many entries were lost so far.
  var lost: Int { losses.load(ordering: .relaxed) }

  /// Leaves an entry, which the thread of the log composes; never blocks.
  func post(_ entry: @escaping @Sendable () -> LogEntry) {
    let (isIn, isFirst) = waiting.withLock { waiting in
      guard !waiting.isClosed, waiting.drafts.count < bound else { return (false, false) }
      waiting.drafts.append(entry)
      return (true, waiting.drafts.count == 1)
    }
    if !isIn { losses.add(1, ordering: .relaxed) }
    // Whoever is woken takes all: one alarm is enough.
    if isFirst { wake(after: Self.pause) }
  }

  /// Leaves an entry without fields.
  func post(_ priority: LogPriority, _ message: String) {
    post { LogEntry(priority, message) }
  }

  /// Writes what is waiting, and ends the thread.
  func close() {
    waiting.withLock { $0.isClosed = true }
    wake(after: 1)
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
  }

  private func wake(after time: Microseconds) {
    // Cannot fail: the descriptor is a timer's, and the time one that it takes.
    _ = gh_set_timer(alarm.number, Int(time.count))
  }

  // MARK: The thread

  private func work(_ write: ([LogEntry]) -> Int) {
    var told = 0
    var drafts: [@Sendable () -> LogEntry] = []
    var isClosed = false
    while !isClosed {
      sleep()
      isClosed = waiting.withLock { waiting in
        swap(&waiting.drafts, &drafts)
        return waiting.isClosed
      }
      for start in stride(from: 0, to: drafts.count, by: Self.writtenAtOnce) {
        tellLosses(&told, write)
        let some = drafts[start...].prefix(Self.writtenAtOnce)
        losses.add(write(some.map { $0() }), ordering: .relaxed)
      }
      drafts.removeAll(keepingCapacity: true)
    }
    tellLosses(&told, write)
  }

  private func sleep() {
    var alarms: UInt64 = 0
    // SAFETY: the eight bytes are those of a value of this frame.
    while unsafe read(alarm.number, &alarms, MemoryLayout<UInt64>.size) < 0, errno == EINTR {}
  }

  private func tellLosses(_ told: inout Int, _ write: ([LogEntry]) -> Int) {
    let lost = lost
    guard lost > told else { return }
    let entry = LogEntry(
      .error, "\(lost - told) log entries were lost: the log did not take them in time")
    if write([entry]) == 0 { told = lost }
  }
}
