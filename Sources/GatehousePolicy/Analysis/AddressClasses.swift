/// The numbers of a family of addresses, cut into cells at the boundaries of sets.
///
/// Two cells are of one class if the same sets hold them. What depends on an address only through
/// those sets is the same for all addresses of a class, so one of them stands for all.
struct AddressCells<Number: FixedWidthInteger & UnsignedInteger & Sendable> {
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
    let values = set.values
    var cut = Self()
    cut.starts = []
    cut.classes = []
    cut.representatives = []
    cut.starts.reserveCapacity(starts.count + values.count)
    cut.classes.reserveCapacity(starts.count + values.count)
    // What each class is called now, outside the set and inside; nothing until it is met.
    var names = [Int](repeating: -1, count: 2 * representatives.count)
    var cell = 0
    var position = values.first == 0 ? 1 : 0
    var start: Number = 0
    while true {
      let key = 2 * classes[cell] + (position & 1)
      if names[key] < 0 {
        names[key] = cut.representatives.count
        cut.representatives.append(start)
      }
      cut.starts.append(start)
      cut.classes.append(names[key])
      let nextCell = cell + 1 < starts.count ? starts[cell + 1] : nil
      let nextValue = position < values.count ? values[position] : nil
      switch (nextCell, nextValue) {
      case (let left?, let right?): start = min(left, right)
      case (let only?, nil), (nil, let only?): start = only
      case (nil, nil):
        self = cut
        return
      }
      if nextCell == start { cell += 1 }
      if nextValue == start { position += 1 }
    }
  }

  /// Puts the classes of each group together.
  ///
  /// - Parameters:
  ///   - groups: The group of each class; nil if it belongs to none.
  ///   - count: How many groups there are.
  /// - Returns: The numbers of each group.
  func grouped(_ groups: [Int?], count: Int) -> [Boundaries<Number>] {
    var values = [[Number]](repeating: [], count: count)
    var previous: Int?
    for (start, name) in zip(starts, classes) {
      let group = groups[name]
      guard group != previous else { continue }
      if let previous { values[previous].append(start) }
      if let group { values[group].append(start) }
      previous = group
    }
    return values.map { Boundaries(values: $0) }
  }
}

extension AddressSet {
  /// Every address of both families, grouped by what is said of it.
  ///
  /// Exact if `outcome` depends on an address only through the sets: it is called once for each class
  /// of addresses that the same sets hold. About linear in the boundaries of all sets.
  static func grouped<Outcome: Hashable>(
    cutBy sets: [AddressSet], by outcome: (IPAddress) -> Outcome
  ) -> [Outcome: AddressSet] {
    var ipv4 = AddressCells<UInt32>()
    var ipv6 = AddressCells<UInt128>()
    for set in sets {
      ipv4.cut(by: set.ipv4)
      ipv6.cut(by: set.ipv6)
    }
    // A class of its own, for which `outcome` is not called: there are no such addresses.
    ipv6.cut(by: .mappedSpace)

    var groups: [Outcome: Int] = [:]
    func number(_ address: IPAddress) -> Int {
      let said = outcome(address)
      let number = groups[said] ?? groups.count
      groups[said] = number
      return number
    }
    let ipv4Groups = ipv4.representatives.map { number(IPAddress(ipv4: $0)) }
    let ipv6Groups = ipv6.representatives.map { bits in
      let address = IPAddress(ipv6: bits)
      return address.family == .ipv6 ? number(address) : nil
    }
    let ipv4Sets = ipv4.grouped(ipv4Groups, count: groups.count)
    let ipv6Sets = ipv6.grouped(ipv6Groups, count: groups.count)
    return groups.mapValues { AddressSet(ipv4: ipv4Sets[$0], ipv6: ipv6Sets[$0]) }
  }
}

extension Policy {
  /// Every list that can matter to a login, whatever its origin.
  func lists(for login: Login) -> [AddressList] {
    ApplicableLists(rules: rules, login: login.counted(by: rules)).consulted
  }
}

extension [AddressList] {
  /// The sets of addresses that make up the lists, each once.
  ///
  /// - Parameter counts: Whether entries of that time are of interest.
  /// - Returns: The sets, in no order.
  func sets(where counts: (TimeWindow) -> Bool) -> [AddressSet] {
    var seen: Set<ObjectIdentifier> = []
    return flatMap(\.timedSets).compactMap { timedSet in
      counts(timedSet.window) && seen.insert(ObjectIdentifier(timedSet.table)).inserted
        ? timedSet.table.set : nil
    }
  }

  /// The times after a time at which one of the lists may begin or cease to hold an origin, sorted.
  func changes(of origin: Origin, after time: Instant) -> [Instant] {
    let timedSets = flatMap(\.timedSets).filter { $0.table.contains(origin) }
    let ends = timedSets.flatMap { [$0.window.since, $0.window.until] }
    return Set(ends.filter { time < $0 && $0 < .distantFuture }).sorted()
  }
}
