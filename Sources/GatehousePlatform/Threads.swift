internal import CPosix
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A plain thread, for what can block or takes long.
public struct Thread: Sendable {
  private let handle: pthread_t

  /// Starts it.
  ///
  /// Signals are blocked in it if they are in the thread that starts it.
  ///
  /// - Parameters:
  ///   - name: As `ps -L` and `top` show it, at most 15 bytes; nil for the name of the process.
  ///   - inBackground: Whether it gets less time on a busy processor than others.
  ///   - body: What it does.
  /// - Throws: That there is no thread for it.
  public init(
    _ name: String?, inBackground: Bool = false, _ body: @escaping @Sendable () -> Void
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
        if let name = task.name { unsafe gh_name_thread(name) }
        if task.inBackground { gh_lower_priority() }
        task.body()
        return nil
      }, task.toOpaque())
    guard result == 0 else {
      unsafe task.release()
      throw SystemError("pthread_create", Errno(rawValue: result))
    }
    self.handle = handle
  }

  /// Waits for its end; once only.
  public func join() { pthread_join(handle, nil) }

  /// Waits for its end, but no longer than this.
  ///
  /// - Returns: Whether it has ended; then nobody may wait for it again.
  public func join(within time: Duration) -> Bool {
    gh_join_within(handle, Int(time.wholeMicroseconds)) == 0
  }

  /// Detaches the thread: nobody will wait for its end, which may never come.
  public func detach() { pthread_detach(handle) }

  private final class Task: Sendable {
    let name: String?
    let inBackground: Bool
    let body: @Sendable () -> Void
    init(name: String?, inBackground: Bool, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.inBackground = inBackground
      self.body = body
    }
  }
}

/// What a thread of its own works out while whoever wants it does something else.
public final class Pending<Value: Sendable>: Sendable {
  private let work: @Sendable () -> Value
  private let found = Found()
  /// Whether there is a thread for it.
  private let isBegun: Bool

  private final class Found: Sendable {
    let value = Mutex<Value?>(nil)
    let bell = Semaphore()
  }

  /// Begins to work it out.
  public init(_ work: @escaping @Sendable () -> Value) {
    self.work = work
    let thread = try? Thread(nil) { [found] in
      let value = work()
      found.value.withLock { $0 = value }
      found.bell.wake()
    }
    thread?.detach()
    isBegun = thread != nil
  }

  /// What it is; nil as long as the thread works.
  ///
  /// Without a thread it is worked out here.
  public var ready: Value? { isBegun ? found.value.withLock { $0 } : work() }

  /// Waits until it is there; to be called once.
  ///
  /// Without a thread it is worked out here.
  public func value() -> Value {
    if isBegun { found.bell.wait() }
    return found.value.withLock { $0 } ?? work()
  }
}

/// A semaphore: threads sleep at it until others wake them (sem_overview(7)).
///
/// Each `wake` wakes one of them; reading from an eventfd would wake all to let one go on.
@safe public final class Semaphore: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  /// One that nobody sleeps at.
  public init() {
    // SAFETY: room for one, at an address that stays until deinit.
    unsafe sem_init(semaphore, 0, 0)
  }

  /// Lets one thread go on, now or once it comes.
  public func wake() {
    // SAFETY: made in init.
    unsafe sem_post(semaphore)
  }

  /// Sleeps until there is a `wake` that no other thread took.
  public func wait() {
    // SAFETY: made in init. The only other error is of a semaphore that is none.
    _ = try? callSystem("sem_wait") { unsafe sem_wait(semaphore) }
  }

  deinit {
    // SAFETY: nobody sleeps at it any more, for whoever does holds it.
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }
}

/// A descriptor by which threads wake an event loop (eventfd(2)).
public struct Bell: ~Copyable, Sendable {
  private let counter: OwnedDescriptor

  /// One that has not been rung.
  public init() throws(SystemError) {
    counter = try OwnedDescriptor("eventfd", opened: gh_eventfd())
  }

  /// Readable while it has been rung.
  public var descriptor: CInt { counter.rawValue }

  /// Rings; from any thread.
  public func ring() { eventfd_write(counter.rawValue, 1) }

  /// Takes every ring there was.
  public func silence() {
    var rings: eventfd_t = 0
    // SAFETY: `rings` is a value of this frame.
    unsafe eventfd_read(counter.rawValue, &rings)
  }
}

/// A thread's alarm clock, which other threads set (timerfd_create(2)).
public struct AlarmClock: ~Copyable, Sendable {
  private let timer: OwnedDescriptor

  /// One that is not set.
  public init() throws(SystemError) {
    timer = try OwnedDescriptor("timerfd_create", opened: gh_timer())
  }

  /// Sets it to go off once, this long from now; from any thread.
  ///
  /// At least a microsecond, less than a second.
  public func set(after time: Duration) {
    // Cannot fail: the descriptor is a timer's, and the time one that it takes.
    _ = gh_set_timer(timer.rawValue, Int(time.wholeMicroseconds))
  }

  /// Sleeps until it has gone off.
  public func wait() {
    var alarms: UInt64 = 0
    // SAFETY: the eight bytes are those of a value of this frame. There is no other error.
    _ = try? callSystem("read") {
      unsafe read(timer.rawValue, &alarms, MemoryLayout<UInt64>.size)
    }
  }
}

/// Does two things at once, the first on a thread of its own, and returns both results.
///
/// If that is not worth a thread, which costs some ten microseconds, or none can be had, one is
/// done after the other.
public func concurrently<First: Sendable, Second>(
  if isWorthwhile: Bool, _ first: @escaping @Sendable () -> First, _ second: () -> Second
) -> (First, Second) {
  guard isWorthwhile else { return (first(), second()) }
  let box = ResultBox<First>()
  let thread = try? Thread(nil) { box.value.withLock { $0 = first() } }
  let second = second()
  thread?.join()
  return (box.value.withLock { $0 } ?? first(), second)
}

/// Does something on a thread of its own, waits for it, and returns the result.
public func onAnotherThread<Result: Sendable>(
  _ work: @escaping @Sendable () -> Result
) -> Result { concurrently(if: true, work, {}).0 }

private final class ResultBox<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}

/// Freed memory that the C library keeps.
public enum FreedMemory {
  /// Makes it go back to the system: long arrays at once, and short pieces as soon as all around them
  /// is free.
  public static func giveBack() { gh_give_memory_back() }

  /// Gives back what was freed in small pieces.
  public static func trim() { gh_return_freed_memory() }
}
