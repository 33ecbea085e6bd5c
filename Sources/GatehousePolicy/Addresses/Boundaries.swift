/// A set of numbers as the sorted places where membership changes.
///
/// A number is in the set when an odd number of boundaries are not above it. An interval is its
/// first number and the one after its last; one that reaches to the greatest number has no second
/// boundary. So ranges, prefixes, holes and the complement are all the same thing, and a set has
/// exactly one such array.
struct Boundaries<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Hashable, Sendable {
  private(set) var places: [Number] = []

  init() {}

  /// The set with exactly these boundaries, which must rise.
  init(places: [Number]) {
    self.places = places
  }

  /// Every number.
  static var everything: Self {
    var result = Self()
    result.places = [0]
    return result
  }

  /// The union of intervals, given in any order, as first and last number.
  ///
  /// O(n).
  init(intervals: inout [(first: Number, last: Number)]) {
    RadixSort.sort(&intervals)
    places.reserveCapacity(2 * intervals.count)
    var end: Number?? = .none
    for (first, last) in intervals {
      let next = last == .max ? nil : last + 1
      switch end {
      case .none:
        places.append(first)
        end = .some(next)
      case .some(nil):
        return
      case .some(let current?):
        if first > current {
          places.append(current)
          places.append(first)
          end = .some(next)
        } else if let next {
          end = .some(max(current, next))
        } else {
          end = .some(nil)
        }
      }
    }
    if case .some(let last?) = end { places.append(last) }
  }

  var isEmpty: Bool { places.isEmpty }

  func contains(_ number: Number) -> Bool {
    rank(of: number) & 1 == 1
  }

  /// How many boundaries are not above a number.
  func rank(of number: Number) -> Int {
    places.span.rank(of: number)
  }

  /// Whether every number of this set is in the other: one look-up for each interval.
  func isSubset(of other: Self) -> Bool {
    var index = 0
    while index < places.count {
      let last = index + 1 < places.count ? places[index + 1] - 1 : .max
      let rank = other.rank(of: places[index])
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
    func note(_ member: Bool, at place: Number) {
      if member != inside {
        result.places.append(place)
        inside = member
      }
    }
    note(isMember(false, false), at: 0)
    var left = 0
    var right = 0
    while left < places.count || right < other.places.count {
      let place: Number
      switch (left < places.count, right < other.places.count) {
      case (true, true): place = min(places[left], other.places[right])
      case (true, false): place = places[left]
      default: place = other.places[right]
      }
      if left < places.count && places[left] == place { left += 1 }
      if right < other.places.count && other.places[right] == place { right += 1 }
      let member = isMember(left & 1 == 1, right & 1 == 1)
      // A boundary at zero replaces what was noted for the time before any boundary.
      if place == 0 {
        result.places.removeAll()
        inside = false
      }
      note(member, at: place)
    }
    return result
  }

  /// The intervals, in order, as first and last number.
  var intervals: [(first: Number, last: Number)] {
    stride(from: 0, to: places.count, by: 2).map { index in
      (places[index], index + 1 < places.count ? places[index + 1] - 1 : .max)
    }
  }
}
