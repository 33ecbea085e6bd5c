internal import GatehousePlatform

/// A point in time, in microseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the epoch, UTC.
  public let microseconds: Int64

  /// A point in time by its distance from the epoch.
  public init(microsecondsSinceEpoch microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The present, by the system's clock.
  public static func now() -> Instant {
    Instant(microsecondsSinceEpoch: SystemClock.microsecondsSinceEpoch())
  }

  /// Orders by time.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  static let distantPast = Instant(microsecondsSinceEpoch: .min)
  static let distantFuture = Instant(microsecondsSinceEpoch: .max)
}

extension Instant {
  /// A later time, or with a negative duration an earlier one.
  ///
  /// It ends at the last and the first time that an instant can have.
  public static func + (time: Instant, duration: Duration) -> Instant {
    shifted(time, by: duration.attoseconds / attosecondsInMicrosecond)
  }

  /// An earlier time, or with a negative duration a later one.
  ///
  /// It ends at the first and the last time that an instant can have.
  public static func - (time: Instant, duration: Duration) -> Instant {
    shifted(time, by: -(duration.attoseconds / attosecondsInMicrosecond))
  }

  private static let attosecondsInMicrosecond: Int128 = 1_000_000_000_000

  private static func shifted(_ time: Instant, by microseconds: Int128) -> Instant {
    Instant(microsecondsSinceEpoch: Int64(clamping: Int128(time.microseconds) + microseconds))
  }

  /// How long after the other time it is; negative if it is before.
  public static func - (time: Instant, other: Instant) -> Duration {
    .microseconds(time.microseconds) - .microseconds(other.microseconds)
  }

  /// The beginning of the second.
  public var roundedToSeconds: Instant {
    Instant(microsecondsSinceEpoch: microseconds - microseconds % 1_000_000)
  }
}

/// A span of time: from `since` on, and before `until`.
struct TimeWindow: Hashable, Sendable {
  var since: Instant
  var until: Instant

  /// All of time.
  static let always = TimeWindow(since: .distantPast, until: .distantFuture)

  func contains(_ time: Instant) -> Bool { since <= time && time < until }

  var isEmpty: Bool { until <= since }

  /// Whether nothing of it lies at or after a time.
  func isOver(by time: Instant) -> Bool { isEmpty || until <= time }

  /// The time that lies in both.
  func intersection(_ other: TimeWindow) -> TimeWindow {
    TimeWindow(since: max(since, other.since), until: min(until, other.until))
  }
}
