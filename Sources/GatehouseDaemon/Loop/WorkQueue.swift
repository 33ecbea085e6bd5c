import CPosix
import Glibc
import Synchronization

/// A bounded queue that threads wait at.
final class WorkQueue<Item: Sendable>: Sendable {
  private struct State {
    var items: [Item] = []
    var taken = 0
    var sleepers = 0
    var isClosed = false

    var count: Int { items.count - taken }

    mutating func takeFirst() -> Item? {
      guard taken < items.count else { return nil }
      let item = items[taken]
      taken += 1
      if taken == items.count || taken > 64 && taken * 2 > items.count {
        items.removeFirst(taken)
        taken = 0
      }
      return item
    }
  }

  private enum Turn { case item(Item), sleep, end }

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
    let (isIn, sleeper) = state.withLock { state in
      guard !state.isClosed, state.count < bound else { return (false, 0) }
      state.items.append(item)
      guard state.sleepers > 0 else { return (true, 0) }
      state.sleepers -= 1
      return (true, 1)
    }
    wake(sleeper)
    return isIn
  }

  /// Waits for an item; nil once the queue is closed and empty.
  func pop() -> Item? {
    while true {
      let turn: Turn = state.withLock { state in
        if let item = state.takeFirst() { return .item(item) }
        if state.isClosed { return .end }
        state.sleepers += 1
        return .sleep
      }
      switch turn {
      case .item(let item): return item
      case .end: return nil
      case .sleep: sleep()
      }
    }
  }

  /// Lets no more in; what waits is still handed out.
  func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers = 0 }
      return state.sleepers
    }
    wake(sleepers)
  }

  private func wake(_ sleepers: Int) {
    // The common case, a thread that is busy anyway, costs no system call.
    if sleepers > 0 { eventfd_write(bell.number, eventfd_t(sleepers)) }
  }

  private func sleep() {
    var ring: eventfd_t = 0
    // SAFETY: `ring` is a value of this frame.
    while unsafe eventfd_read(bell.number, &ring) != 0, errno == EINTR {}
  }
}
