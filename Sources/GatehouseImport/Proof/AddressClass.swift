import GatehousePolicy

/// Addresses for which the same rules decide.
struct AddressClass {
  /// The rules that hold them, in order, up to the first that is for everyone.
  let rules: [Int]
  let addresses: AddressSet
}

extension AddressClass {
  /// All addresses, by the rules that decide for them.
  static func all(of rules: [Rule]) -> [AddressClass] {
    let places = IPAddress.Family.allCases.flatMap { turningPoints(of: rules, $0) }
    var active: [Int] = []
    var ranges: [[Int]: [AddressRange]] = [:]
    for (index, place) in places.enumerated() {
      for rule in place.leaving { active.removeSorted(rule) }
      for rule in place.entering { active.insertSorted(rule) }
      let last =
        index + 1 < places.count && places[index + 1].family == place.family
        ? places[index + 1].first - 1 : place.family.last
      let end = active.firstIndex { rules[$0].users.isEveryone }.map { $0 + 1 } ?? active.count
      ranges[Array(active[..<end]), default: []].append(
        AddressRange(family: place.family, first: place.first, last: last))
      if last == place.family.last { active = [] }
    }
    return ranges.map { AddressClass(rules: $0, addresses: AddressSet($1)) }
      .sorted { $0.rules.lexicographicallyPrecedes($1.rules) }
  }

  /// A place where rules begin or cease to hold.
  private struct TurningPoint {
    let family: IPAddress.Family
    let first: UInt128
    var entering: [Int] = []
    var leaving: [Int] = []
  }

  private static func turningPoints(
    of rules: [Rule], _ family: IPAddress.Family
  ) -> [TurningPoint] {
    var points: [UInt128: TurningPoint] = [0: TurningPoint(family: family, first: 0)]
    for (index, rule) in rules.enumerated() {
      for range in rule.origins.ranges where range.family == family {
        points[range.first, default: TurningPoint(family: family, first: range.first)]
          .entering.append(index)
        if range.last < family.last {
          points[range.last + 1, default: TurningPoint(family: family, first: range.last + 1)]
            .leaving.append(index)
        }
      }
    }
    return points.values.sorted { $0.first < $1.first }
  }
}

extension IPAddress.Family {
  static let allCases: [IPAddress.Family] = [.ipv4, .ipv6]

  /// The last address as a number.
  fileprivate var last: UInt128 { .max >> UInt128(128 - bitWidth) }
}

extension [Int] {
  /// The first place that does not hold less than `value`.
  private func place(of value: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  fileprivate mutating func insertSorted(_ value: Int) {
    insert(value, at: place(of: value))
  }

  fileprivate mutating func removeSorted(_ value: Int) {
    let place = place(of: value)
    if place < count && self[place] == value { remove(at: place) }
  }
}
