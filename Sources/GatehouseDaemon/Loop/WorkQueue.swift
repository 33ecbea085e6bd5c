import CPosix
import Glibc
import Synchronization

/// A bounded queue that threads wait at.
final class WorkQueue<Item: Sendable>: Sendable {
  private struct State {
    var items: [Item] = []
    var taken = 0
    var isClosed = false

    var count: Int { items.count - taken }
  }

  private let state = Mutex(State())
  private let bell: Descriptor
  private let bound: Int

  /// A queue that holds at most so many items.
  init(bound: Int) throws(SystemError) {
    self.bound = bound
    bell = try Descriptor("eventfd", opened: gh_eventfd(1))
  }

  /// Adds an item, without ever blocking; false where the queue is full or closed.
  func push(_ item: Item) -> Bool {
    let isIn = state.withLock { state in
      guard !state.isClosed, state.count < bound else { return false }
      state.items.append(item)
      return true
    }
    if isIn { eventfd_write(bell.number, 1) }
    return isIn
  }

  /// Waits for an item; nil once the queue is closed and empty.
  func pop() -> Item? {
    var ring: eventfd_t = 0
    // SAFETY: `ring` is a value of this frame.
    while unsafe eventfd_read(bell.number, &ring) != 0, errno == EINTR {}
    return state.withLock { state in
      guard state.taken < state.items.count else {
        // Closed. Ring on, for the next thread that waits.
        eventfd_write(bell.number, 1)
        return nil
      }
      let item = state.items[state.taken]
      state.taken += 1
      if state.taken == state.items.count || state.taken > 64 && state.taken * 2 > state.items.count
      {
        state.items.removeFirst(state.taken)
        state.taken = 0
      }
      return item
    }
  }

  /// Lets no more in; what waits is still handed out.
  func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
    if isFirst { eventfd_write(bell.number, 1) }
  }
}
