/// A set of addresses of both families.
///
/// Sets that hold the same addresses are equal. A look-up is a binary search; what combines two
/// sets is one pass over both. Each disjoint run of addresses takes 8 bytes for IPv4, 32 for IPv6.
public struct AddressSet: Hashable, Sendable {
  private(set) var ipv4 = Boundaries<UInt32>()
  private(set) var ipv6 = Boundaries<UInt128>()

  /// The empty set.
  public init() {}

  /// The empty set.
  public static var nothing: AddressSet { AddressSet() }

  /// Every address of both families.
  public static var everything: AddressSet {
    var result = AddressSet()
    result.ipv4 = .everything
    result.ipv6 = .everything
    return result
  }

  /// Every address of one family.
  static func everything(of family: IPAddress.Family) -> AddressSet {
    var result = AddressSet()
    switch family {
    case .ipv4: result.ipv4 = .everything
    case .ipv6: result.ipv6 = .everything
    }
    return result
  }

  /// The addresses of any of the ranges.
  ///
  /// O(n).
  package init(_ ranges: some Sequence<AddressRange>) {
    var builder = AddressSetBuilder()
    for range in ranges { builder.insert(range) }
    self = builder.finish()
  }

  init(ipv4: Boundaries<UInt32>, ipv6: Boundaries<UInt128>) {
    self.ipv4 = ipv4
    self.ipv6 = ipv6.normalised()
  }

  /// Whether it holds no address.
  public var isEmpty: Bool { ipv4.isEmpty && ipv6.isEmpty }

  /// Whether it holds an address.
  public func contains(_ address: IPAddress) -> Bool {
    switch address.family {
    case .ipv4: ipv4.contains(UInt32(truncatingIfNeeded: address.bits))
    case .ipv6: ipv6.contains(address.bits)
    }
  }

  /// The addresses of either set.
  public func union(_ other: AddressSet) -> AddressSet {
    combined(with: other) { $0 || $1 }
  }

  /// The addresses that are in both sets.
  public func intersection(_ other: AddressSet) -> AddressSet {
    combined(with: other) { $0 && $1 }
  }

  /// The addresses of this set that are not in the other.
  public func subtracting(_ other: AddressSet) -> AddressSet {
    combined(with: other) { $0 && !$1 }
  }

  /// The addresses of both families that are not in this set.
  public var complement: AddressSet { AddressSet.everything.subtracting(self) }

  /// Whether every address of this set is in the other.
  ///
  /// Fast if this set is small, however large the other is.
  public func isSubset(of other: AddressSet) -> Bool {
    ipv4.isSubset(of: other.ipv4) && ipv6.isSubset(of: other.ipv6)
  }

  private func combined(with other: AddressSet, isMember: (Bool, Bool) -> Bool) -> AddressSet {
    AddressSet(
      ipv4: ipv4.combined(with: other.ipv4, isMember: isMember),
      ipv6: ipv6.combined(with: other.ipv6, isMember: isMember))
  }

  /// How many runs of consecutive addresses it has.
  var runCount: Int { (ipv4.values.count + 1) / 2 + (ipv6.values.count + 1) / 2 }

  /// Its runs of consecutive addresses, in order.
  package var ranges: [AddressRange] {
    ipv4.intervals.map {
      AddressRange(family: .ipv4, first: UInt128($0.first), last: UInt128($0.last))
    } + ipv6.intervals.map { AddressRange(family: .ipv6, first: $0.first, last: $0.last) }
  }
}

extension Boundaries<UInt128> {
  /// The IPv4-mapped space, in which there are no IPv6 addresses.
  static var mappedSpace: Self {
    let first: UInt128 = 0xFFFF << 32
    return Self(values: [first, first + (1 << 32)])
  }

  /// No IPv6 address is IPv4-mapped (`IPAddress` folds them), so it makes no difference whether a set
  /// holds that space.
  ///
  /// To have one form only, a set holds it if it holds the addresses on both sides of it. So `::/0`
  /// stays one prefix.
  fileprivate func normalised() -> Self {
    let first: UInt128 = 0xFFFF << 32
    let last: UInt128 = first | 0xFFFF_FFFF
    let isFilled = contains(first - 1) && contains(last + 1)
    // The common case: no boundary inside, and membership is right already.
    guard rank(of: first) != rank(of: last) || contains(first) != isFilled else { return self }
    return combined(with: .mappedSpace) { $1 ? isFilled : $0 }
  }
}

/// Collects ranges of addresses in any order, cheaply, and makes a set of them at the end.
package struct AddressSetBuilder {
  private var ipv4: [(first: UInt32, last: UInt32)] = []
  private var ipv6: [(first: UInt128, last: UInt128)] = []

  /// A builder with room for `capacity` ranges of each family; unused room costs no memory.
  package init(capacity: Int = 0) {
    ipv4.reserveCapacity(capacity)
    ipv6.reserveCapacity(capacity)
  }

  package mutating func insert(_ range: AddressRange) {
    switch range.family {
    case .ipv4:
      ipv4.append(
        (UInt32(truncatingIfNeeded: range.first), UInt32(truncatingIfNeeded: range.last)))
    case .ipv6:
      ipv6.append((range.first, range.last))
    }
  }

  mutating func insert(_ line: PlainIPv4Line) {
    ipv4.append((line.first, line.last))
  }

  /// The set of all that was collected; the builder is empty then.
  package mutating func finish() -> AddressSet {
    defer { self = AddressSetBuilder() }
    return AddressSet(
      ipv4: Boundaries(intervals: &ipv4), ipv6: Boundaries(intervals: &ipv6))
  }
}

extension AddressSet {
  /// Whether it has an address of a range.
  func meets(_ range: AddressRange) -> Bool {
    switch range.family {
    case .ipv4:
      ipv4.meets(UInt32(truncatingIfNeeded: range.first), UInt32(truncatingIfNeeded: range.last))
    case .ipv6: ipv6.meets(range.first, range.last)
    }
  }
}

extension Boundaries {
  fileprivate func meets(_ first: Number, _ last: Number) -> Bool {
    let rank = rank(of: first)
    return rank & 1 == 1 || self.rank(of: last) != rank
  }
}
