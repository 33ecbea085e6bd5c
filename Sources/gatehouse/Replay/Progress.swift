import GatehousePlatform
import GatehousePolicy

/// Shows on standard error how much of the journal has been read.
///
/// On a terminal that is one line, removed at the end; elsewhere a line every ten seconds. Nothing is
/// shown for what takes less than a second.
struct Progress {
  private static let isTerminal = StandardStream.error.isTerminal
  private static let patience: Duration = isTerminal ? .seconds(1) : .seconds(10)
  private static let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(10)
  /// The number of entries between two looks at the clock.
  private static let stride = 1024

  private let start: Instant
  private let end: Instant
  private var count = 0
  private var next = ContinuousClock.now + patience
  private var isShown = false

  init(from start: Instant, to end: Instant) {
    self.start = start
    self.end = end
  }

  /// Counts one more entry.
  ///
  /// - Parameter time: The time of the entry.
  mutating func reach(_ time: Instant) {
    count += 1
    guard count % Self.stride == 0 else { return }
    let now = ContinuousClock.now
    guard now >= next else { return }
    next = now + Self.pause
    isShown = true
    let whole = max(1, end.microseconds - start.microseconds)
    let percent = min(100, max(0, (time.microseconds - start.microseconds) * 100 / whole))
    let text = "gatehouse: \(percent)% of the journal, \(count) entries"
    Terminal.say(Self.isTerminal ? "\r\(text)" : "\(text)\n")
  }

  /// Removes the line.
  func finish() {
    if isShown && Self.isTerminal { Terminal.say("\r\u{1B}[K") }
  }
}
