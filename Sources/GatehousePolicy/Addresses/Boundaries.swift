/// A set of numbers, as the sorted values at which membership changes.
///
/// A number is in the set when an odd number of boundaries are not above it. An interval is its
/// first number and the one after its last; one that reaches to the greatest number has no second
/// boundary. So ranges, prefixes, holes and the complement are all the same thing, and a set has
/// exactly one such array.
struct Boundaries<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
  private(set) var values: [Number] = []

  init() {}

  /// The set with exactly these boundaries, which must rise.
  init(values: [Number]) {
    self.values = values
  }

  /// Every number.
  static var everything: Self {
    var result = Self()
    result.values = [0]
    return result
  }

  /// The union of intervals, given in any order, as first and last number.
  ///
  /// O(n).
  init(intervals: inout [(first: Number, last: Number)]) {
    RadixSort.sort(&intervals)
    values.reserveCapacity(2 * intervals.count)
    var end: Number?? = .none
    for (first, last) in intervals {
      let next = last == .max ? nil : last + 1
      switch end {
      case .none:
        values.append(first)
        end = .some(next)
      case .some(nil):
        return
      case .some(let current?):
        if first > current {
          values.append(current)
          values.append(first)
          end = .some(next)
        } else if let next {
          end = .some(max(current, next))
        } else {
          end = .some(nil)
        }
      }
    }
    if case .some(let last?) = end { values.append(last) }
  }

  var isEmpty: Bool { values.isEmpty }

  func contains(_ number: Number) -> Bool {
    rank(of: number) & 1 == 1
  }

  /// How many boundaries are not above a number.
  func rank(of number: Number) -> Int {
    values.span.rank(of: number)
  }

  /// Whether every number of this set is in the other: one look-up for each interval.
  func isSubset(of other: Self) -> Bool {
    var index = 0
    while index < values.count {
      let last = index + 1 < values.count ? values[index + 1] - 1 : .max
      let rank = other.rank(of: values[index])
      guard rank & 1 == 1, rank == other.rank(of: last) else { return false }
      index += 2
    }
    return true
  }

  /// The set of what `isMember` says of being in this set and in the other.
  ///
  /// One pass over both; `isMember(false, false)` may be true.
  func combined(with other: Self, isMember: (Bool, Bool) -> Bool) -> Self {
    var result = Self()
    var inside = false
    func note(_ member: Bool, at position: Number) {
      if member != inside {
        result.values.append(position)
        inside = member
      }
    }
    note(isMember(false, false), at: 0)
    var left = 0
    var right = 0
    while left < values.count || right < other.values.count {
      let position: Number
      switch (left < values.count, right < other.values.count) {
      case (true, true): position = min(values[left], other.values[right])
      case (true, false): position = values[left]
      default: position = other.values[right]
      }
      if left < values.count && values[left] == position { left += 1 }
      if right < other.values.count && other.values[right] == position { right += 1 }
      let member = isMember(left & 1 == 1, right & 1 == 1)
      // A boundary at zero replaces what was noted for the time before any boundary.
      if position == 0 {
        result.values.removeAll()
        inside = false
      }
      note(member, at: position)
    }
    return result
  }

  /// The intervals, in order, as first and last number.
  var intervals: [(first: Number, last: Number)] {
    stride(from: 0, to: values.count, by: 2).map { index in
      (values[index], index + 1 < values.count ? values[index + 1] - 1 : .max)
    }
  }
}
