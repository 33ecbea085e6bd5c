import GatehousePolicy

/// Which policy serves: `generation 4 (0123456789ab)`, with the beginning of its digest.
func generationText(_ number: Int, _ digest: String) -> String {
  "generation \(number) (\(digest.prefix(12)))"
}

extension Instant {
  /// This time with its distance from now: `2026-11-21T12:00:00Z (3 minutes ago)`.
  func ago(from now: Instant) -> String { "\(roundedToSeconds) (\(distance(from: now)))" }

  /// Its distance from now: `3 minutes ago`.
  func distance(from now: Instant) -> String {
    let seconds = Int(max(0, (now - self).wholeSeconds))
    let distance =
      switch seconds {
      case 0..<60: counted(seconds, "second")
      case 60..<3600: counted(seconds / 60, "minute")
      case 3600..<172_800: counted(seconds / 3600, "hour")
      default: counted(seconds / 86_400, "day")
      }
    return seconds == 0 ? "just now" : "\(distance) ago"
  }
}

/// A number with its noun: `no errors`, `1 error`, `2 errors`.
func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  switch number {
  case 0: "no \(plural ?? "\(noun)s")"
  case 1: "1 \(noun)"
  default: "\(number) \(plural ?? "\(noun)s")"
  }
}
