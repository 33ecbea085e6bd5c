import GatehousePolicy

extension Instant {
  /// The beginning of the second: what lies behind it helps nobody who reads.
  var roundedToSeconds: Instant {
    Instant(microsecondsSinceEpoch: microseconds - microseconds % 1_000_000)
  }

  /// This time with its distance from now: `2026-11-21T12:00:00Z (3 minutes ago)`.
  func ago(from now: Instant) -> String {
    let seconds = Int(max(0, now.microseconds - microseconds) / 1_000_000)
    let distance =
      switch seconds {
      case 0..<60: counted(seconds, "second")
      case 60..<3600: counted(seconds / 60, "minute")
      case 3600..<172_800: counted(seconds / 3600, "hour")
      default: counted(seconds / 86_400, "day")
      }
    return "\(roundedToSeconds) (\(seconds == 0 ? "just now" : "\(distance) ago"))"
  }
}

/// A length of time in its two greatest units: `1 hour 5 minutes`.
func durationInWords(_ seconds: Int) -> String {
  let counts = [seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
  guard let first = counts.firstIndex(where: { $0 > 0 }) else { return "0 seconds" }
  let words = zip(counts, ["day", "hour", "minute", "second"]).dropFirst(first).prefix(2)
  return words.filter { $0.0 > 0 }.map { counted($0.0, $0.1) }.joined(separator: " ")
}
