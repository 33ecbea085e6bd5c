/// Lets one thing through in a while, and counts what it held back.
struct RateLimit {
  private let pause: Duration
  private var last: ContinuousClock.Instant?
  private var heldBack = 0

  init(every pause: Duration) { self.pause = pause }

  /// How many were held back since the last that went through; nil where this one is held back.
  mutating func take(at now: ContinuousClock.Instant) -> Int? {
    if let last, now - last < pause {
      heldBack += 1
      return nil
    }
    defer { heldBack = 0 }
    last = now
    return heldBack
  }
}
