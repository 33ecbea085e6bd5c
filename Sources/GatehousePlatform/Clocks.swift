internal import CPosix
internal import Glibc

/// A point of time by the clock that nobody can set (CLOCK_BOOTTIME), to the microsecond; it also
/// runs on while the machine sleeps.
///
/// It stands for `ContinuousClock.Instant`. Whoever names that type links the runtime of Swift's
/// tasks, and libdispatch with its threads, into the program, and pays for each copy of it.
public struct Uptime: Comparable, Sendable {
  private let microseconds: Int64

  /// The present time.
  public static var now: Uptime { Uptime(microseconds: SystemClock.microseconds(CLOCK_BOOTTIME)) }

  /// The time that is a duration later; the latest one there is if it is out of range.
  public static func + (time: Uptime, duration: Duration) -> Uptime {
    let (sum, isTooLate) = time.microseconds.addingReportingOverflow(duration.wholeMicroseconds)
    return Uptime(microseconds: isTooLate ? .max : sum)
  }

  /// The duration from the right time to the left one; negative if the left one is earlier.
  public static func - (left: Uptime, right: Uptime) -> Duration {
    .microseconds(left.microseconds) - .microseconds(right.microseconds)
  }

  /// Whether a time is before another.
  public static func < (left: Uptime, right: Uptime) -> Bool {
    left.microseconds < right.microseconds
  }
}

extension Duration {
  /// The duration in whole microseconds, rounded towards zero; the nearest Int64 if it is out of
  /// range.
  public var wholeMicroseconds: Int64 {
    Int64(clamping: attoseconds / 1_000_000_000_000)
  }

  /// The duration in whole seconds, rounded up; the nearest Int64 if it is out of range.
  public var wholeSecondsRoundedUp: Int64 {
    let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000_000_000_000)
    return Int64(clamping: rest > 0 ? whole + 1 : whole)
  }
}

/// The times that the system tells.
public enum SystemClock {
  /// The time since 1970-01-01T00:00:00Z in microseconds, by the clock that can be set.
  public static func microsecondsSinceEpoch() -> Int64 { microseconds(CLOCK_REALTIME) }

  /// The time since the boot, that of sleep included.
  public static func sinceBoot() -> Duration { .microseconds(microseconds(CLOCK_BOOTTIME)) }

  /// The time since the boot, without that of sleep: systemd's clock.
  public static func awakeSinceBoot() -> Duration { .microseconds(microseconds(CLOCK_MONOTONIC)) }

  fileprivate static func microseconds(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    // SAFETY: the kernel fills the structure that it is given; these clocks always exist.
    unsafe clock_gettime(clock, &now)
    return Int64(now.tv_sec) &* 1_000_000 &+ Int64(now.tv_nsec) / 1_000
  }

  /// Makes the calling thread sleep; a negative time does nothing.
  public static func sleep(_ time: Duration) {
    let microseconds = max(0, time.wholeMicroseconds)
    var rest = timespec(
      tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1_000)
    // SAFETY: a value of this frame. After a signal it goes on with what is left of the time.
    _ = try? callSystem("nanosleep") {
      unsafe withUnsafeMutablePointer(to: &rest) { unsafe nanosleep($0, $0) }
    }
  }
}

extension SystemClock {
  /// The kernel's id of this boot of the machine (random(4)); nil if it cannot be read.
  public static func bootID() -> String? {
    let path = "/proc/sys/kernel/random/boot_id"
    guard let bytes = try? Files.content(of: path, atMost: 4096) else { return nil }
    let name = bytes.prefix { $0 > 0x20 && $0 < 0x7F }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}

/// A time by the clock on the wall of this machine (localtime_r(3)).
public struct LocalTime: Sendable, CustomStringConvertible {
  private let year: Int
  /// Month, day and time: `11-26 17:03:21`.
  public let withoutYear: String
  /// The distance of its zone from UTC: `+01:00`.
  public let offset: String

  /// A time, in microseconds since 1970-01-01T00:00:00Z.
  public init(microsecondsSinceEpoch time: Int64) {
    var seconds = time_t(time / 1_000_000)
    var fields = unsafe tm()
    // SAFETY: both are of this frame. The name of the zone in `fields` is not looked at.
    unsafe localtime_r(&seconds, &fields)
    unsafe (year = Int(fields.tm_year) + 1900)
    withoutYear =
      unsafe Self.text([fields.tm_mon + 1, fields.tm_mday], "-") + " "
      + Self.text([fields.tm_hour, fields.tm_min, fields.tm_sec], ":")
    let minutes = unsafe Int32(fields.tm_gmtoff / 60)
    offset = (minutes < 0 ? "-" : "+") + Self.text([abs(minutes) / 60, abs(minutes) % 60], ":")
  }

  /// All of it: `2026-11-26 17:03:21+01:00`.
  public var description: String { "\(year)-\(withoutYear)\(offset)" }

  private static func text(_ numbers: [Int32], _ separator: String) -> String {
    numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: separator)
  }
}

extension LocalTime {
  /// The days of this machine's calendar that a time has a part in, each by its beginning, in order.
  ///
  /// - Parameters:
  ///   - start: The time's first moment, in microseconds since 1970-01-01T00:00:00Z.
  ///   - end: Its end, in the same unit.
  ///   - step: How many days one is after the other, at least 1.
  /// - Returns: Microseconds; the first of them is at most `start`.
  public static func days(from start: Int64, to end: Int64, each step: Int) -> [Int64] {
    var seconds = time_t(start / 1_000_000)
    var fields = unsafe tm()
    // SAFETY: both are of this frame. The name of the zone in `fields` is not looked at.
    unsafe localtime_r(&seconds, &fields)
    unsafe fields.tm_hour = 0
    unsafe fields.tm_min = 0
    unsafe fields.tm_sec = 0
    var days: [Int64] = []
    while true {
      // Whether it is summer time is for the calendar to say.
      unsafe fields.tm_isdst = -1
      let day = Int64(unsafe mktime(&fields)) * 1_000_000
      guard day < end, days.last.map({ $0 < day }) ?? true else { return days }
      days.append(day)
      unsafe fields.tm_mday += Int32(step)
    }
  }

  /// Its day: `2026-11-26`.
  public var day: String { "\(year)-\(withoutYear.prefix(5))" }

  /// Its time of day, to the minute: `17:03`.
  public var minute: String { String(withoutYear.dropFirst(6).prefix(5)) }
}
