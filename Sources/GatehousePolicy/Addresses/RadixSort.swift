/// Sorts intervals by their first number in linear time.
///
/// Least significant digit first. Digits that are equal in all numbers are skipped, so the addresses
/// of one provider, or prefixes that all end in zeros, take fewer passes.
enum RadixSort<Number: FixedWidthInteger & UnsignedInteger & Sendable> {
  typealias Interval = (first: Number, last: Number)

  /// The bits of a digit: the counters of one pass then fit into the first cache.
  private static var digitWidth: Int { 11 }

  static func sort(_ intervals: inout [Interval]) {
    guard let varying = varyingBits(intervals) else { return }
    // SAFETY: any bytes are numbers, and a pass writes each before it is read.
    var scratch = unsafe [Interval](unsafeUninitializedCapacity: intervals.count) { _, filled in
      filled = intervals.count
    }
    var shift = varying.trailingZeroBitCount
    while shift < Number.bitWidth {
      scatter(intervals.span, by: shift, into: &scratch)
      swap(&intervals, &scratch)
      shift += digitWidth
      guard shift < Number.bitWidth else { break }
      shift += (varying >> Number(shift)).trailingZeroBitCount
    }
  }

  /// The bits in which the first numbers differ; nil if they are in order already.
  private static func varyingBits(_ intervals: [Interval]) -> Number? {
    guard let start = intervals.first?.first else { return nil }
    var varying: Number = 0
    var previous = start
    var isSorted = true
    for (first, _) in intervals {
      varying |= first ^ start
      if first < previous { isSorted = false }
      previous = first
    }
    return isSorted ? nil : varying
  }

  /// One pass: a stable order by one digit.
  private static func scatter(
    _ intervals: Span<Interval>, by shift: Int, into sorted: inout [Interval]
  ) {
    let shift = Number(shift)
    let mask: Number = (1 << Number(digitWidth)) - 1
    var positions = [Int](repeating: 0, count: 1 << digitWidth)
    for index in intervals.indices {
      positions[Int(truncatingIfNeeded: intervals[index].first >> shift & mask)] += 1
    }
    var next = 0
    for digit in positions.indices {
      let count = positions[digit]
      positions[digit] = next
      next += count
    }
    var target = sorted.mutableSpan
    for index in intervals.indices {
      let digit = Int(truncatingIfNeeded: intervals[index].first >> shift & mask)
      target[positions[digit]] = intervals[index]
      positions[digit] += 1
    }
  }
}
