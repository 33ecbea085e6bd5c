internal import Glibc
internal import Synchronization

/// Does two things at once, the first on a thread of its own, and gives what came of both.
///
/// Where that is not worth a thread, which costs some ten microseconds, or none can be had, one is
/// done after the other.
package func concurrently<First: Sendable, Second>(
  if isWorthwhile: Bool, _ first: @escaping @Sendable () -> First, _ second: () -> Second
) -> (First, Second) {
  guard isWorthwhile else { return (first(), second()) }
  let box = Box<First>()
  let task = Task { box.value.withLock { $0 = first() } }
  var thread = pthread_t()
  // SAFETY: the new thread takes the reference over; without a thread it is released below.
  let context = unsafe Unmanaged.passRetained(task)
  let failure = unsafe pthread_create(
    &thread, nil,
    { context in
      guard let context = unsafe context else { return nil }
      unsafe Unmanaged<Task>.fromOpaque(context).takeRetainedValue().body()
      return nil
    }, context.toOpaque())
  if failure != 0 { unsafe context.release() }
  let second = second()
  if failure == 0 { pthread_join(thread, nil) }
  return (box.value.withLock { $0 } ?? first(), second)
}

private final class Task: Sendable {
  let body: @Sendable () -> Void
  init(body: @escaping @Sendable () -> Void) { self.body = body }
}

private final class Box<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
