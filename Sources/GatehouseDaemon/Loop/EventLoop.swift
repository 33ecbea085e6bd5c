import CSystemd
import GatehousePlatform
import GatehousePolicy
import SystemPackage

/// The daemon's one loop: sockets, signals, timers and the watchdog, in one thread.
///
/// A thin owner of libsystemd's sd-event. Everything that is not `Sendable` in the daemon lives on
/// it and is touched by its thread alone; other threads reach it through a `Mailbox`.
@safe final class EventLoop {
  private let loop: OpaquePointer
  private var status: Int32?
  /// The calls of other threads, and what wakes the loop for them; nil if there never were any.
  private var calls: (mailbox: Mailbox<Int>, source: EventSource)?
  /// What is called, by number.
  private var callees: [Int: () -> Void] = [:]
  private var lastCallee = 0

  /// Makes the loop; it answers systemd's watchdog if WATCHDOG_USEC asks for that.
  init() throws(SystemError) {
    var made: OpaquePointer?
    // SAFETY: `made` is filled in for the length of the call; the reference is given up in deinit.
    _ = try SystemError.check("sd_event_new", unsafe sd_event_new(&made))
    guard let made = unsafe made else { throw SystemError("sd_event_new", .noMemory) }
    unsafe loop = made
    _ = try SystemError.check("sd_event_set_watchdog", unsafe sd_event_set_watchdog(loop, 1))
  }

  /// Runs until `exit`, and returns the status given there.
  ///
  /// It may then be run again.
  func run() throws(SystemError) -> Int32 {
    status = nil
    while true {
      // SAFETY: the loop lives as long as this object; all ones is "without a time limit".
      _ = try SystemError.check("sd_event_run", unsafe sd_event_run(loop, .max))
      if let status { return status }
    }
  }

  /// Ends `run` after what is being handled now.
  func exit(_ status: Int32) { self.status = status }

  /// Calls the handler each time there is something to read, as long as the source lives.
  ///
  /// - Parameters:
  ///   - descriptor: What is to be read.
  ///   - goesFirst: Whether it is handled before everything else that the loop finds in the same look,
  ///     or finds later.
  ///   - handler: Called on the loop.
  /// - Returns: What keeps it going.
  /// - Throws: That the loop cannot wait for it.
  func onReadable(
    _ descriptor: Int32, goesFirst: Bool = false, _ handler: @escaping () -> Void
  ) throws(SystemError) -> EventSource {
    let source = EventSource(handler)
    var made: OpaquePointer?
    // SAFETY: the source is passed unretained: it disables itself before it is gone.
    let result = unsafe sd_event_add_io(
      loop, &made, descriptor, gh_readable,
      { _, _, _, context in unsafe EventSource.fire(context) }, source.context)
    _ = try SystemError.check("sd_event_add_io", result)
    unsafe source.attach(made)
    if goesFirst {
      // SAFETY: the source is held by the object above.
      let result = unsafe sd_event_source_set_priority(made, Int64(SD_EVENT_PRIORITY_IMPORTANT))
      _ = try SystemError.check("sd_event_source_set_priority", result)
    }
    return source
  }

  /// Calls the handler once for each call of another thread, in the order of all such calls.
  ///
  /// However many handlers there are, the loop has one descriptor for them.
  func onCall(_ handler: @escaping () -> Void) throws(SystemError) -> LoopCall {
    let mailbox = try callMailbox()
    lastCallee += 1
    let number = lastCallee
    callees[number] = handler
    return LoopCall {
      mailbox.post(number)
    } forget: { [self] in
      callees[number] = nil
    }
  }

  private func callMailbox() throws(SystemError) -> Mailbox<Int> {
    if let calls { return calls.mailbox }
    let mailbox = try Mailbox<Int>()
    let source = try onReadable(mailbox.descriptor) { [unowned self] in
      for number in mailbox.take() { callees[number]?() }
    }
    calls = (mailbox, source)
    return mailbox
  }

  /// A timer that fires once at each time it is set to; it starts unset.
  func timer(
    accuracy: Duration = .milliseconds(1), _ handler: @escaping () -> Void
  ) throws(SystemError) -> EventSource {
    try timer(CLOCK_MONOTONIC, accuracy: accuracy, handler)
  }

  /// The same, by the clock that runs on while the machine sleeps.
  func bootTimer(_ handler: @escaping () -> Void) throws(SystemError) -> EventSource {
    try timer(CLOCK_BOOTTIME, accuracy: .milliseconds(1), handler)
  }

  /// The same, by the system's clock: it is set to a time, and also fires if the clock is set
  /// past that.
  func alarm(_ handler: @escaping () -> Void) throws(SystemError) -> EventSource {
    try timer(CLOCK_REALTIME, accuracy: .milliseconds(1), handler)
  }

  private func timer(
    _ clock: Int32, accuracy: Duration, _ handler: @escaping () -> Void
  ) throws(SystemError) -> EventSource {
    let source = EventSource(handler)
    var made: OpaquePointer?
    // SAFETY: as in `onReadable`.
    let result = unsafe sd_event_add_time(
      loop, &made, clock, UInt64.max, UInt64(clamping: accuracy.wholeMicroseconds),
      { _, _, context in unsafe EventSource.fire(context) }, source.context)
    _ = try SystemError.check("sd_event_add_time", result)
    unsafe source.attach(made)
    return source
  }

  /// Calls the handler at each of these signals; they are blocked in every thread.
  func onSignal(
    _ signal: TakenSignal, _ handler: @escaping () -> Void
  ) throws(SystemError) -> EventSource {
    let source = EventSource(handler)
    var made: OpaquePointer?
    // SAFETY: as in `onReadable`.
    let result = unsafe sd_event_add_signal(
      loop, &made, signal.number, { _, _, context in unsafe EventSource.fire(context) },
      source.context)
    _ = try SystemError.check("sd_event_add_signal", result)
    unsafe source.attach(made)
    return source
  }

  deinit {
    // SAFETY: the last use; sources hold references of their own to the loop.
    unsafe sd_event_unref(loop)
  }
}

/// How other threads have something called on the loop, as long as this lives.
final class LoopCall {
  /// Has it called, from any thread; nothing happens once this is gone.
  let post: @Sendable () -> Void
  private let forget: () -> Void

  fileprivate init(_ post: @escaping @Sendable () -> Void, forget: @escaping () -> Void) {
    self.post = post
    self.forget = forget
  }

  deinit { forget() }
}

/// Something that the loop waits for, as long as this lives.
@safe final class EventSource {
  private var source: OpaquePointer?
  private let handler: () -> Void

  fileprivate init(_ handler: @escaping () -> Void) { self.handler = handler }

  fileprivate var context: UnsafeMutableRawPointer {
    unsafe Unmanaged.passUnretained(self).toOpaque()
  }

  fileprivate func attach(_ source: OpaquePointer?) { unsafe self.source = source }

  /// Called from C.
  ///
  /// A handler may release its own source, because it is held here.
  fileprivate static func fire(_ context: UnsafeMutableRawPointer?) -> Int32 {
    guard let context = unsafe context else { return 0 }
    // SAFETY: `context` is the source that was registered, alive because it disables itself first.
    let source = unsafe Unmanaged<EventSource>.fromOpaque(context).takeUnretainedValue()
    source.handler()
    return 0
  }

  /// Pauses and resumes it.
  func setEnabled(_ enabled: Bool) {
    // SAFETY: the source is held until deinit.
    unsafe sd_event_source_set_enabled(source, enabled ? 1 : 0)
  }

  /// Sets a timer to fire once, this long from now.
  func set(after time: Duration) {
    // SAFETY: the source is held until deinit; -1 is SD_EVENT_ONESHOT.
    unsafe sd_event_source_set_time_relative(
      source, UInt64(clamping: time.wholeMicroseconds))
    unsafe sd_event_source_set_enabled(source, -1)
  }

  /// Sets an alarm to fire once, at a time.
  func set(at time: Instant) {
    // SAFETY: the source is held until deinit; -1 is SD_EVENT_ONESHOT.
    unsafe sd_event_source_set_time(source, UInt64(clamping: time.microseconds))
    unsafe sd_event_source_set_enabled(source, -1)
  }

  deinit {
    // SAFETY: the one reference, given up here; no callback comes after this.
    unsafe sd_event_source_disable_unref(source)
  }
}
