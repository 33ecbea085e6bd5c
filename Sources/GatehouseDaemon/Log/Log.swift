import Synchronization

/// The daemon's log: entries are left here, and one thread writes them.
///
/// Writing can block; whoever answers questions must not. So the queue is bounded, and what does
/// not fit is dropped, counted, and told as soon as there is room again.
final class Log: Sendable {
  private let queue: WorkQueue<@Sendable () -> LogEntry>
  private let losses = Atomic<Int>(0)
  private let told = Atomic<Int>(0)
  private let thread = Mutex<Thread?>(nil)

  /// Starts the thread.
  init(
    bound: Int = 4096, write: @escaping @Sendable (LogEntry) -> Bool
  ) throws(SystemError) {
    queue = try WorkQueue(bound: bound)
    let thread = try Thread("log") { [self] in
      while let entry = queue.pop() {
        tellLosses(write)
        if !write(entry()) { losses.add(1, ordering: .relaxed) }
      }
      tellLosses(write)
    }
    self.thread.withLock { $0 = thread }
  }

  /// How many entries were lost so far.
  var lost: Int { losses.load(ordering: .relaxed) }

  /// Leaves an entry, which the thread of the log composes; never blocks.
  func post(_ entry: @escaping @Sendable () -> LogEntry) {
    if !queue.push(entry) { losses.add(1, ordering: .relaxed) }
  }

  /// Leaves an entry without fields.
  func post(_ priority: LogPriority, _ message: String) {
    post { LogEntry(priority, message) }
  }

  /// Writes what is waiting, and ends the thread.
  func close() {
    queue.close()
    thread.withLock { thread in
      thread?.join()
      thread = nil
    }
  }

  private func tellLosses(_ write: (LogEntry) -> Bool) {
    let lost = losses.load(ordering: .relaxed)
    let new = lost - told.load(ordering: .relaxed)
    guard new > 0 else { return }
    let entry = LogEntry(
      .error, "\(new) log entries were lost: the log did not take them in time", fields: [])
    if write(entry) { told.store(lost, ordering: .relaxed) }
  }
}
