import GatehousePlatform
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
  private let bell = Semaphore()
  private let bound: Int

  /// A queue that holds at most so many items.
  init(bound: Int) { self.bound = bound }

  /// Adds an item, without ever blocking; false where the queue is full or closed.
  func push(_ item: Item) -> Bool {
    let (isIn, isToWake) = state.withLock { state in
      guard !state.isClosed, state.count < bound else { return (false, false) }
      state.items.append(item)
      guard state.sleepers > 0 else { return (true, false) }
      state.sleepers -= 1
      return (true, true)
    }
    // The common case, a thread that is busy anyway, costs no system call.
    if isToWake { bell.wake() }
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
      case .sleep: bell.wait()
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
    for _ in 0..<sleepers { bell.wake() }
  }
}
