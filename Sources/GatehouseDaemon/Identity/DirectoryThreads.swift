import GatehousePlatform

/// Threads that ask a directory, which may hold each of them up for as long as it likes.
///
/// As many are started as are needed, up to a limit, so that one that is stuck stands in nobody's way. A few
/// stay when there is nothing to do. Its methods are called on the loop.
final class DirectoryThreads<Job: Sendable> {
  /// How many threads stay when there is nothing to do.
  private static var idleLimit: Int { 4 }

  private let limit: Int
  /// What the threads do next; nil for one that shall end.
  private let queue = WorkQueue<Job?>(bound: .max)
  private let perform: @Sendable (Job) -> Void
  private var count = 0
  private var busy = 0

  /// At most `limit` threads, at least one.
  ///
  /// After each job, `finish` must be called.
  init(atMost limit: Int, _ perform: @escaping @Sendable (Job) -> Void) {
    self.limit = max(1, limit)
    self.perform = perform
  }

  /// Has a job done by a thread that is idle or new; false if all that there may be are busy.
  func start(_ job: Job) -> Bool {
    if busy == count {
      guard count < limit else { return false }
      let thread = try? Thread("nss") { [queue, perform] in
        while let job = queue.pop().flatMap(\.self) { perform(job) }
      }
      guard let thread else { return false }
      // Not joined: a directory may block it for ever.
      thread.detach()
      count += 1
    }
    busy += 1
    return queue.push(job)
  }

  /// A job is done: its thread is idle, or ends if enough of them are.
  func finish() {
    busy -= 1
    guard count - busy > Self.idleLimit else { return }
    count -= 1
    _ = queue.push(nil)
  }

  /// Tells the threads to end after their present work; does not wait for them.
  func close() { queue.close() }
}
