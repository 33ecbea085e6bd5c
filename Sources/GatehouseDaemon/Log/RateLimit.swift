/// Lets one thing through in a while, and counts what it held back.
struct RateLimit {
  private let pause: Microseconds
  private var last: MonotonicTime?
  private var heldBack = 0

  init(every pause: Microseconds) { self.pause = pause }

  /// How many were held back since the last that went through; nil where this one is held back.
  mutating func take(at now: MonotonicTime) -> Int? {
    if let last, now.since(last) < pause {
      heldBack += 1
      return nil
    }
    defer { heldBack = 0 }
    last = now
    return heldBack
  }
}
