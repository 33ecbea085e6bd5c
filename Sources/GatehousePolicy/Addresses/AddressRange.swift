/// The addresses from one to another of the same family, both included.
package struct AddressRange: Hashable, Sendable {
  /// The first address as a number.
  package let first: UInt128
  /// The last address as a number, not below the first.
  package let last: UInt128
  package let family: IPAddress.Family

  package init(family: IPAddress.Family, first: UInt128, last: UInt128) {
    self.family = family
    self.first = first
    self.last = last
  }
}

extension AddressRange {
  init(_ address: IPAddress) {
    family = address.family
    first = address.bits
    last = address.bits
  }

  /// An IPv4 prefix; nil where bits beyond the prefix are set.
  init?(ipv4 bits: UInt32, prefixLength: Int) {
    let hostMask = prefixLength == 0 ? UInt32.max : (1 << UInt32(32 - prefixLength)) - 1
    guard bits & hostMask == 0 else { return nil }
    family = .ipv4
    first = UInt128(bits)
    last = UInt128(bits | hostMask)
  }

  /// An IPv6 prefix; nil where bits beyond the prefix are set.
  ///
  /// It stays IPv6 even where it reaches into the IPv4-mapped space.
  init?(ipv6 bits: UInt128, prefixLength: Int) {
    let hostMask = prefixLength == 0 ? UInt128.max : (1 << UInt128(128 - prefixLength)) - 1
    guard bits & hostMask == 0 else { return nil }
    family = .ipv6
    first = bits
    last = bits | hostMask
  }

  /// Nil unless both are of one family and in order.
  init?(from first: IPAddress, through last: IPAddress) {
    guard first.family == last.family, first <= last else { return nil }
    family = first.family
    self.first = first.bits
    self.last = last.bits
  }

  func contains(_ address: IPAddress) -> Bool {
    address.family == family && first <= address.bits && address.bits <= last
  }

  /// Whether it is one address.
  var isSingle: Bool { first == last }
}
