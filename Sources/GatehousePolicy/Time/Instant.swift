internal import Glibc

/// A point in time, in microseconds since 1970-01-01T00:00:00Z, leap seconds apart.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the epoch, UTC.
  public let microseconds: Int64

  /// A point in time by its distance from the epoch.
  public init(microsecondsSinceEpoch microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The present, by the system's clock.
  public static func now() -> Instant {
    var time = timespec()
    // SAFETY: the kernel fills the structure that it is given; CLOCK_REALTIME cannot fail.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Instant(
      microsecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  static let distantPast = Instant(microsecondsSinceEpoch: .min)
  static let distantFuture = Instant(microsecondsSinceEpoch: .max)
}
