internal import Synchronization

/// A few threads for calls that may block for as long as somebody else likes, such as those of a
/// directory.
///
/// Nobody waits for such a call past a deadline. A call that hangs keeps its thread; there are never
/// more threads than the limit, and what is asked while all of them hang is not done.
public final class BlockingCalls: Sendable {
  private struct State {
    /// Threads that are there, those that hang included.
    var threads = 0
    /// What is to be done, oldest first.
    var jobs: [any CallJob] = []
  }

  private let threadLimit: Int
  private let state = Mutex(State())

  /// - Parameter threadLimit: The most threads at a time, at least one.
  public init(atMost threadLimit: Int) { self.threadLimit = threadLimit }

  /// The results of a call for each item, in the order of the items; nil for those that were not done
  /// in time.
  ///
  /// - Parameters:
  ///   - items: What to call for.
  ///   - time: How long to wait for all of them together.
  ///   - progress: Told now and then, on the thread that waits, how many are done.
  ///   - call: The call; from several threads at once.
  /// - Returns: One result for each item.
  public func results<Item: Sendable, Result: Sendable>(
    of items: [Item], within time: Duration, progress: (Int) -> Void = { _ in },
    _ call: @escaping @Sendable (Item) -> Result
  ) -> [Result?] {
    guard !items.isEmpty else { return [] }
    let job = Job(items, call)
    _ = start(job, of: items.count)
    let end = Uptime.now + time
    var pause = Duration.microseconds(50)
    while !job.isDone, Uptime.now < end {
      SystemClock.sleep(min(pause, end - .now))
      pause = min(pause * 2, .milliseconds(20))
      progress(job.doneCount)
    }
    state.withLock { state in state.jobs.removeAll { $0 === job } }
    return job.end()
  }

  /// The result of one call; nil if it was not done in time.
  public func result<Result: Sendable>(
    within time: Duration, _ call: @escaping @Sendable () -> Result
  ) -> Result? {
    results(of: [()], within: time) { _ in call() }[0]
  }

  /// Has a call made for each item, and does not wait.
  ///
  /// If the threads there may be all hang, that is when one of them goes on.
  ///
  /// - Returns: False if there is no thread, and can be none: then nothing is called.
  public func begin<Item: Sendable>(
    _ items: [Item], _ call: @escaping @Sendable (Item) -> Void
  ) -> Bool {
    let job = Job(items, call)
    if start(job, of: items.count) { return true }
    state.withLock { state in state.jobs.removeAll { $0 === job } }
    return false
  }

  /// Starts as many threads as a job needs; false if there is none.
  private func start(_ job: some CallJob, of count: Int) -> Bool {
    let started = state.withLock { state in
      state.jobs.append(job)
      let started = min(threadLimit - state.threads, count)
      state.threads += started
      return started
    }
    for _ in 0..<started {
      let thread = try? Thread("calls") { [self] in work() }
      if let thread { thread.detach() } else { state.withLock { $0.threads -= 1 } }
    }
    // Those that there are take it up before they end; so may one that has ended meanwhile.
    return state.withLock { $0.threads > 0 } || !job.hasMore
  }

  /// Does what there is to do, and ends.
  private func work() {
    while true {
      let job = state.withLock { state -> (any CallJob)? in
        // Nobody may wait for these.
        state.jobs.removeAll { !$0.hasMore }
        if let job = state.jobs.first { return job }
        state.threads -= 1
        return nil
      }
      guard let job else { return }
      job.step()
    }
  }
}

/// Calls that belong together.
private protocol CallJob: AnyObject, Sendable {
  /// Whether a call is left that nobody has begun.
  var hasMore: Bool { get }
  /// Makes the next call, if there is one.
  func step()
}

private final class Job<Item: Sendable, Result: Sendable>: CallJob {
  private struct State {
    var next = 0
    var done = 0
    var results: [Result?]
    var isOver = false
  }

  private let items: [Item]
  private let call: @Sendable (Item) -> Result
  private let state: Mutex<State>

  init(_ items: [Item], _ call: @escaping @Sendable (Item) -> Result) {
    self.items = items
    self.call = call
    state = Mutex(State(results: Array(repeating: nil, count: items.count)))
  }

  var hasMore: Bool { state.withLock { !$0.isOver && $0.next < items.count } }
  var isDone: Bool { state.withLock { $0.done == items.count } }
  var doneCount: Int { state.withLock { $0.done } }

  func step() {
    let index = state.withLock { state -> Int? in
      guard !state.isOver, state.next < items.count else { return nil }
      state.next += 1
      return state.next - 1
    }
    guard let index else { return }
    let result = call(items[index])
    state.withLock { state in
      guard !state.isOver else { return }
      state.results[index] = result
      state.done += 1
    }
  }

  /// What was done; nothing is begun any more.
  func end() -> [Result?] {
    state.withLock { state in
      state.isOver = true
      return state.results
    }
  }
}
