import GatehousePolicy

/// Addresses that the same rules match.
struct AddressClass {
  /// The indices of these rules in order, up to the first rule that is for everyone.
  let rules: [Int]
  let addresses: AddressSet
}

extension AddressClass {
  /// Splits all addresses into classes.
  static func all(of rules: [Rule]) -> [AddressClass] {
    let starts = IPAddress.Family.allCases.flatMap { boundaries(of: rules, $0) }
    var active: [Int] = []
    var ranges: [[Int]: [AddressRange]] = [:]
    for (index, boundary) in starts.enumerated() {
      for rule in boundary.leaving { active.removeSorted(rule) }
      for rule in boundary.entering { active.insertSorted(rule) }
      let last =
        index + 1 < starts.count && starts[index + 1].family == boundary.family
        ? starts[index + 1].first - 1 : boundary.family.last
      let end = active.firstIndex { rules[$0].users.isEveryone }.map { $0 + 1 } ?? active.count
      ranges[Array(active[..<end]), default: []].append(
        AddressRange(family: boundary.family, first: boundary.first, last: last))
      if last == boundary.family.last { active = [] }
    }
    return ranges.map { AddressClass(rules: $0, addresses: AddressSet($1)) }
      .sorted { $0.rules.lexicographicallyPrecedes($1.rules) }
  }

  /// An address at which rules begin or stop to match.
  private struct Boundary {
    let family: IPAddress.Family
    let first: UInt128
    var entering: [Int] = []
    var leaving: [Int] = []
  }

  /// The boundaries in one family, in order.
  private static func boundaries(
    of rules: [Rule], _ family: IPAddress.Family
  ) -> [Boundary] {
    var points: [UInt128: Boundary] = [0: Boundary(family: family, first: 0)]
    for (index, rule) in rules.enumerated() {
      for range in rule.origins.ranges where range.family == family {
        points[range.first, default: Boundary(family: family, first: range.first)]
          .entering.append(index)
        if range.last < family.last {
          points[range.last + 1, default: Boundary(family: family, first: range.last + 1)]
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
  /// The index of the first element that is not less than `value`.
  private func insertionIndex(of value: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  fileprivate mutating func insertSorted(_ value: Int) {
    insert(value, at: insertionIndex(of: value))
  }

  fileprivate mutating func removeSorted(_ value: Int) {
    let index = insertionIndex(of: value)
    if index < count && self[index] == value { remove(at: index) }
  }
}
