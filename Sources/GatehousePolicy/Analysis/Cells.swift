/// The numbers of a family of addresses, cut into cells at the boundaries of sets.
///
/// Two cells are of one class where the same sets hold them: whoever looks at an address only through
/// those sets cannot tell the addresses of a class apart, so one of them speaks for all.
struct Cells<Number: FixedWidthInteger & UnsignedInteger & Sendable> {
  /// The first number of each cell, rising from zero.
  private var starts: [Number] = [0]
  /// The class of each cell.
  private var classes: [Int] = [0]
  /// The first number of each class.
  private(set) var representatives: [Number] = [0]

  /// Tells the cells inside a set from those outside.
  ///
  /// One pass over the cells and the set.
  mutating func cut(by set: Boundaries<Number>) {
    guard !set.isEmpty else { return }
    let places = set.places
    var cut = Self()
    cut.starts = []
    cut.classes = []
    cut.representatives = []
    cut.starts.reserveCapacity(starts.count + places.count)
    cut.classes.reserveCapacity(starts.count + places.count)
    // What each class is called now, outside the set and inside; nothing until it is met.
    var names = [Int](repeating: -1, count: 2 * representatives.count)
    var cell = 0
    var place = places.first == 0 ? 1 : 0
    var start: Number = 0
    while true {
      let key = 2 * classes[cell] + (place & 1)
      if names[key] < 0 {
        names[key] = cut.representatives.count
        cut.representatives.append(start)
      }
      cut.starts.append(start)
      cut.classes.append(names[key])
      let nextCell = cell + 1 < starts.count ? starts[cell + 1] : nil
      let nextPlace = place < places.count ? places[place] : nil
      switch (nextCell, nextPlace) {
      case (let left?, let right?): start = min(left, right)
      case (let only?, nil), (nil, let only?): start = only
      case (nil, nil):
        self = cut
        return
      }
      if nextCell == start { cell += 1 }
      if nextPlace == start { place += 1 }
    }
  }

  /// Puts the classes of each group together.
  ///
  /// - Parameters:
  ///   - groups: The group of each class, nil where it belongs to none.
  ///   - count: How many groups there are.
  /// - Returns: The numbers of each group.
  func grouped(_ groups: [Int?], count: Int) -> [Boundaries<Number>] {
    var places = [[Number]](repeating: [], count: count)
    var previous: Int?
    for (start, name) in zip(starts, classes) {
      let group = groups[name]
      guard group != previous else { continue }
      if let previous { places[previous].append(start) }
      if let group { places[group].append(start) }
      previous = group
    }
    return places.map { Boundaries(places: $0) }
  }
}
