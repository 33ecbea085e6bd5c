import GatehousePolicy

extension Instant {
  /// The beginning of the second: what lies behind it helps nobody who reads.
  var roundedToSeconds: Instant {
    Instant(microsecondsSinceEpoch: microseconds - microseconds % 1_000_000)
  }
}
