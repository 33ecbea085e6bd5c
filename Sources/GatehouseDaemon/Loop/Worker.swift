import GatehousePlatform
import Synchronization

/// A thread beside the loop for work that can block: one piece at a time, in order.
///
/// What waits is bounded by those who ask: each has at most one or two pieces of work of its own at
/// a time, or one for each connection of an administrator, and connections have a limit.
final class Worker {
  private let queue: WorkQueue<@Sendable () -> Void>
  private var isDone: LoopCall?
  private var thread: Thread?
  /// What is to be done on the loop once each piece of work is done, in the same order.
  private var finishers: [() -> Void] = []

  /// Starts it in the background, under a name of at most 15 bytes.
  init(_ name: String, loop: EventLoop) throws(SystemError) {
    queue = WorkQueue(bound: .max)
    isDone = try loop.onCall { [unowned self] in finishers.removeFirst()() }
    thread = try Thread(name, inBackground: true) { [queue] in
      while let work = queue.pop() { work() }
    }
  }

  /// The number of pieces of work that are not done yet.
  var waiting: Int { finishers.count }

  /// Does the work on the thread, and then calls `finish` with its result on the loop.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result, then finish: @escaping (Result) -> Void
  ) {
    let slot = Slot<Result>()
    finishers.append { if let result = slot.result.withLock({ $0 }) { finish(result) } }
    _ = queue.push { [post = isDone?.post] in
      let result = work()
      slot.result.withLock { $0 = result }
      post?()
    }
  }

  /// Waits until the work that was asked for is done; once the loop has ended.
  func close() {
    queue.close()
    thread?.join()
    thread = nil
  }

  private final class Slot<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
  }
}

/// Messages from other threads to the loop, and a descriptor that wakes it.
final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  private let bell: Bell

  init() throws(SystemError) {
    bell = try Bell()
  }

  /// Readable while there are messages.
  var descriptor: Int32 { bell.descriptor }

  /// Adds a message; from any thread.
  func post(_ message: Message) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(message)
      return waiting.count == 1
    }
    // The loop takes all messages at once: one ring is enough.
    if isFirst { bell.ring() }
  }

  /// Takes every message, oldest first.
  func take() -> [Message] {
    bell.silence()
    return waiting.withLock { waiting in
      let messages = waiting
      waiting = []
      return messages
    }
  }
}

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

  /// A queue that holds at most this many items.
  init(bound: Int) { self.bound = bound }

  /// Adds an item, without ever blocking; false if the queue is full or closed.
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

  /// Takes no more items; those that wait are still handed out.
  func close() {
    let sleepers = state.withLock { state in
      state.isClosed = true
      defer { state.sleepers = 0 }
      return state.sleepers
    }
    for _ in 0..<sleepers { bell.wake() }
  }
}
