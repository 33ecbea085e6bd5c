import Glibc

/// Work that a test does on a thread of its own, where it may block.
public final class Background: Sendable {
  private let thread: pthread_t

  /// Starts the work.
  public init(_ work: @escaping @Sendable () -> Void) throws {
    var started = pthread_t()
    // SAFETY: balanced below: by the thread, or where there is none.
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

  /// Waits until the work is done; the test must have seen to it that it ends.
  deinit { pthread_join(thread, nil) }

  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
