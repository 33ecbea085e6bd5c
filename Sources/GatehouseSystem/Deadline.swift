internal import CPosix

/// A moment on the monotonic clock by which everything must be done.
public struct Deadline: Sendable {
  /// Nanoseconds of CLOCK_MONOTONIC.
  private let end: Int64

  /// The moment this many milliseconds from now.
  public init(milliseconds: UInt32) {
    end = Deadline.now() &+ Int64(milliseconds) &* 1_000_000
  }

  /// Nanoseconds left, zero once it is over.
  public var nanosecondsLeft: Int64 { max(0, end &- Deadline.now()) }

  /// Milliseconds left, rounded down; zero once it is over.
  public var millisecondsLeft: UInt32 { UInt32(truncatingIfNeeded: nanosecondsLeft / 1_000_000) }

  /// Sleeps, but not beyond the deadline; a signal does not cut it short.
  ///
  /// - Returns: False if the deadline is over.
  public func pause(milliseconds: UInt32) -> Bool {
    let wake = Deadline(milliseconds: milliseconds)
    var left = min(wake.nanosecondsLeft, nanosecondsLeft)
    while left > 0 {
      var time = timespec(nanoseconds: left)
      // SAFETY: the pointer is to a variable of this frame, and is not kept.
      _ = unsafe nanosleep(&time, nil)
      left = min(wake.nanosecondsLeft, nanosecondsLeft)
    }
    return nanosecondsLeft > 0
  }

  private static func now() -> Int64 {
    var time = timespec()
    // SAFETY: the pointer is to a variable of this frame, and is not kept.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension timespec {
  /// A time of this many nanoseconds, which must not be negative.
  init(nanoseconds: Int64) {
    self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }
}
