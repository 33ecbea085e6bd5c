import CPosix
import Glibc

/// A length of time.
struct Microseconds: Comparable, ExpressibleByIntegerLiteral {
  let count: UInt64

  init(_ count: UInt64) { self.count = count }
  init(integerLiteral count: UInt64) { self.count = count }
  init(seconds: UInt64) { count = seconds &* 1_000_000 }
  init(milliseconds: UInt64) { count = milliseconds &* 1_000 }

  static func < (a: Self, b: Self) -> Bool { a.count < b.count }
}

/// A point on the monotonic clock, which also runs on while the machine sleeps.
///
/// Time passed in as an argument is what makes the cache and the deadlines testable.
struct MonotonicTime: Comparable, Sendable {
  /// Microseconds since some moment of the past.
  let microseconds: UInt64

  init(microseconds: UInt64) { self.microseconds = microseconds }

  static func now() -> MonotonicTime {
    var now = timespec()
    // SAFETY: `now` is a timespec of this frame; CLOCK_BOOTTIME always exists.
    unsafe clock_gettime(CLOCK_BOOTTIME, &now)
    return MonotonicTime(
      microseconds: UInt64(now.tv_sec) &* 1_000_000 &+ UInt64(now.tv_nsec) / 1_000)
  }

  /// How long ago `earlier` was; nothing where it lies ahead.
  func since(_ earlier: MonotonicTime) -> Microseconds {
    Microseconds(microseconds > earlier.microseconds ? microseconds - earlier.microseconds : 0)
  }

  static func + (time: Self, length: Microseconds) -> Self {
    let (sum, isBeyond) = time.microseconds.addingReportingOverflow(length.count)
    return MonotonicTime(microseconds: isBeyond ? .max : sum)
  }

  static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
}
