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

/// Does something on a thread of its own, and waits for what comes of it.
package func onAnotherThread<Result: Sendable>(
  _ work: @escaping @Sendable () -> Result
) -> Result { concurrently(if: true, work, {}).0 }

/// What `transform` makes of the items, in their order and without the nils; so many are worked on
/// at once.
package func concurrentCompactMap<Item: Sendable, Result: Sendable>(
  _ items: ArraySlice<Item>, atOnce count: Int,
  _ transform: @escaping @Sendable (Item) -> Result?
) -> [Result] {
  guard count > 1, items.count > 8 else { return items.compactMap(transform) }
  let middle = items.startIndex + items.count / 2
  let (left, right) = concurrently(
    if: true, { concurrentCompactMap(items[..<middle], atOnce: count / 2, transform) },
    { concurrentCompactMap(items[middle...], atOnce: count / 2, transform) })
  return left + right
}

private final class Task: Sendable {
  let body: @Sendable () -> Void
  init(body: @escaping @Sendable () -> Void) { self.body = body }
}

private final class Box<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
