import CPosix
import Glibc

/// A plain thread for what can block.
struct Thread: Sendable {
  private let handle: pthread_t

  /// Starts it under a name of at most 15 bytes, as `ps -L` and `top` show it.
  ///
  /// Signals are blocked in it, as in the thread that starts it: the loop takes them. One in the
  /// background has less of a busy processor than the others.
  init(
    _ name: String, inBackground: Bool = false, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) {
    // SAFETY: the new thread takes over the reference; without a thread it is released here.
    let task = unsafe Unmanaged.passRetained(
      Task(name: name, inBackground: inBackground, body: body))
    var handle = pthread_t()
    let result = unsafe pthread_create(
      &handle, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let task = unsafe Unmanaged<Task>.fromOpaque(context).takeRetainedValue()
        unsafe gh_name_thread(task.name)
        if task.inBackground { gh_yield_to_others() }
        task.body()
        return nil
      }, task.toOpaque())
    guard result == 0 else {
      unsafe task.release()
      throw SystemError("pthread_create", result)
    }
    self.handle = handle
  }

  /// Waits for its end; once only.
  func join() {
    pthread_join(handle, nil)
  }

  /// Leaves it to itself: nobody will wait for its end, for it may never come.
  func detach() { pthread_detach(handle) }

  private final class Task: Sendable {
    let name: String
    let inBackground: Bool
    let body: @Sendable () -> Void
    init(name: String, inBackground: Bool, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.inBackground = inBackground
      self.body = body
    }
  }
}
