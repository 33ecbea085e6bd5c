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

  /// An IPv4 prefix; nil if bits beyond the prefix are set.
  init?(ipv4 bits: UInt32, prefixLength: Int) {
    let hostMask = prefixLength == 0 ? UInt32.max : (1 << UInt32(32 - prefixLength)) - 1
    guard bits & hostMask == 0 else { return nil }
    family = .ipv4
    first = UInt128(bits)
    last = UInt128(bits | hostMask)
  }

  /// An IPv6 prefix; nil if bits beyond the prefix are set.
  ///
  /// It stays IPv6 even if it reaches into the IPv4-mapped space.
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

  /// Whether it lies in 127.0.0.0/8, or is ::1.
  var isLoopback: Bool {
    switch family {
    case .ipv4: first >> 24 == 127 && last >> 24 == 127
    case .ipv6: first == 1 && last == 1
    }
  }

  /// Whether it is one address.
  var isSingle: Bool { first == last }

  /// Its first address.
  var firstAddress: IPAddress { IPAddress(first, in: family) }
}

/// A prefix: an address and the number of its bits that count.
public struct AddressPrefix: Hashable, Sendable, CustomStringConvertible {
  /// The first address of the prefix.
  public let address: IPAddress
  /// How many leading bits are fixed: 0 to 32, or 0 to 128.
  public let length: Int

  init(address: IPAddress, length: Int) {
    self.address = address
    self.length = length
  }

  /// The prefix of this length that an address lies in.
  ///
  /// - Parameters:
  ///   - address: The address.
  ///   - length: How many bits are fixed; at most as many as the address has.
  public init(of address: IPAddress, length: Int) {
    let width = address.family.bitWidth
    self.length = min(max(0, length), width)
    let hostBits = UInt128(width - self.length)
    let bits = hostBits == 128 ? 0 : (address.bits >> hostBits) << hostBits
    self.address = IPAddress(bits, in: address.family)
  }

  /// Whether it is one address.
  public var isSingle: Bool { length == address.family.bitWidth }

  /// Its last address.
  public var lastAddress: IPAddress { IPAddress(range.last, in: range.family) }

  /// Whether it holds an address.
  public func contains(_ address: IPAddress) -> Bool { range.contains(address) }

  /// The same addresses.
  package var range: AddressRange {
    let hostBits = UInt128(address.family.bitWidth - length)
    let rest = hostBits == 128 ? UInt128.max : (1 << hostBits) - 1
    return AddressRange(family: address.family, first: address.bits, last: address.bits | rest)
  }

  /// `192.0.2.0/24`; a single address stands alone.
  public var description: String {
    isSingle ? "\(address)" : "\(address)/\(length)"
  }
}

extension AddressSet {
  /// The fewest prefixes that hold the same addresses, in order.
  public var prefixes: [AddressPrefix] {
    ranges.flatMap(\.prefixes)
  }

  /// The fewest prefixes of its addresses, sorted, one in each line.
  public var lines: [UInt8] {
    var bytes: [UInt8] = []
    for range in ranges {
      for prefix in range.prefixes {
        bytes += prefix.description.utf8
        bytes.append(0x0A)
      }
    }
    return bytes
  }

  /// About how many addresses of a family it has.
  public func size(of family: IPAddress.Family) -> Double {
    ranges.filter { $0.family == family }.size
  }
}

extension [AddressRange] {
  /// About how many addresses they have, if none has one of another.
  var size: Double { reduce(0) { $0 + Double($1.last - $1.first) + 1 } }
}

extension AddressSet: CustomStringConvertible {
  /// Its prefixes, separated by commas; `nothing` for the empty set.
  public var description: String {
    isEmpty ? "nothing" : prefixes.map(\.description).joined(separator: ", ")
  }
}

extension AddressRange {
  /// The same addresses as one prefix; nil if there is no such prefix.
  var prefix: AddressPrefix? {
    let all = prefixes
    return all.count == 1 ? all[0] : nil
  }

  /// The fewest prefixes that make up the range: at each position the longest step that is aligned and
  /// does not pass the end.
  package var prefixes: [AddressPrefix] {
    var result: [AddressPrefix] = []
    var start = first
    while true {
      let aligned = start == 0 ? family.bitWidth : start.trailingZeroBitCount
      // The number of addresses left, less one, so that all of IPv6 does not overflow.
      let left = last - start
      let fitting = left == .max ? 128 : 127 - (left + 1).leadingZeroBitCount
      let hostBits = min(aligned, fitting, family.bitWidth)
      let address = IPAddress(start, in: family)
      // A set may hold the IPv4-mapped space, in which there are no IPv6 addresses. Written as a
      // prefix it would mean IPv4.
      if address.family == family {
        result.append(AddressPrefix(address: address, length: family.bitWidth - hostBits))
      }
      let end = hostBits == 128 ? .max : start + ((1 << UInt128(hostBits)) - 1)
      guard end < last else { return result }
      start = end + 1
    }
  }
}
