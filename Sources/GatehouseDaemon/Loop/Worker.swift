import GatehousePlatform
import Synchronization

/// A thread beside the loop for what can block: one piece of work at a time, in order.
final class Worker {
  private let queue: WorkQueue<@Sendable () -> Void>
  private let bell: Mailbox<Void>
  private var source: EventSource?
  private var thread: Thread?
  /// What is to be done on the loop once each piece of work is done, in the same order.
  private var finishers: [() -> Void] = []

  /// Starts it in the background, under a name of at most 15 bytes.
  init(_ name: String, loop: EventLoop) throws(SystemError) {
    queue = WorkQueue(bound: .max)
    bell = try Mailbox()
    source = try loop.onReadable(bell.descriptor) { [unowned self] in
      for _ in bell.take() { finishers.removeFirst()() }
    }
    thread = try Thread(name, inBackground: true) { [queue] in
      while let work = queue.pop() { work() }
    }
  }

  /// How many pieces of work are not done yet.
  var waiting: Int { finishers.count }

  /// Has the work done on the thread, and then calls `finish` on the loop with what came of it.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable () -> Result, then finish: @escaping (Result) -> Void
  ) {
    let slot = Slot<Result>()
    finishers.append { if let result = slot.result.withLock({ $0 }) { finish(result) } }
    _ = queue.push { [bell] in
      let result = work()
      slot.result.withLock { $0 = result }
      bell.post(())
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
