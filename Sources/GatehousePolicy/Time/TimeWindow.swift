/// A span of time: from `since`, up to but without `until`.
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
