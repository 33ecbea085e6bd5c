import Glibc

/// A thread for work that may block.
public final class BackgroundThread: Sendable {
  private let thread: pthread_t

  /// Starts the thread.
  public init(_ work: @escaping @Sendable () -> Void) throws {
    var started = pthread_t()
    // SAFETY: released by the thread or, if there is none, below.
    let box = unsafe Unmanaged.passRetained(Work(work))
    // SAFETY: the box is retained for the thread, which takes it over and releases it.
    let result = unsafe pthread_create(
      &started, nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, unsafe box.toOpaque())
    guard result == 0 else {
      unsafe box.release()
      throw TestKitError("pthread_create: errno \(result)")
    }
    thread = started
  }

  /// Waits until the work is done; the test must see to it that it ends.
  deinit { pthread_join(thread, nil) }

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// Calls a closure again and again until it returns a value, and returns that; throws after the time.
public func eventually<Value>(
  seconds: Double = 20, _ ask: () throws -> Value?
) throws -> Value {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if let value = try ask() { return value }
    guard ContinuousClock.now < end else { throw TestKitError("not within \(seconds) s") }
    usleep(2000)
  }
}

/// Waits until a condition holds; throws after the time.
public func wait(seconds: Double = 20, until condition: () throws -> Bool) throws {
  _ = try eventually(seconds: seconds) { try condition() ? true : nil as Bool? }
}

/// The current time, in microseconds since the epoch.
public func microsecondsSinceEpoch() -> Int64 {
  var now = timespec()
  // SAFETY: `now` is a timespec of this frame.
  unsafe clock_gettime(CLOCK_REALTIME, &now)
  return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
}
