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
    self.address =
      address.family == .ipv4
      ? IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)) : IPAddress(ipv6: bits)
  }

  /// `192.0.2.0/24`; a single address stands alone.
  public var description: String {
    length == address.family.bitWidth ? "\(address)" : "\(address)/\(length)"
  }
}

extension AddressSet {
  /// The fewest prefixes that hold the same addresses, in order.
  public var prefixes: [AddressPrefix] {
    ranges.flatMap(\.prefixes)
  }
}

extension AddressSet: CustomStringConvertible {
  /// Its prefixes, separated by commas; `nothing` for the empty set.
  public var description: String {
    isEmpty ? "nothing" : prefixes.map(\.description).joined(separator: ", ")
  }
}

extension AddressRange {
  /// The fewest prefixes that make up the range: at each place the longest step that is aligned and
  /// does not pass the end.
  fileprivate var prefixes: [AddressPrefix] {
    var result: [AddressPrefix] = []
    var start = first
    while true {
      let aligned = start == 0 ? family.bitWidth : start.trailingZeroBitCount
      // The number of addresses left, less one, so that all of IPv6 does not overflow.
      let left = last - start
      let fitting = left == .max ? 128 : 127 - (left + 1).leadingZeroBitCount
      let hostBits = min(aligned, fitting, family.bitWidth)
      let address =
        family == .ipv4
        ? IPAddress(ipv4: UInt32(truncatingIfNeeded: start)) : IPAddress(ipv6: start)
      // A set may hold the IPv4-mapped space, where no IPv6 address is; written as a prefix it would
      // mean IPv4.
      if address.family == family {
        result.append(AddressPrefix(address: address, length: family.bitWidth - hostBits))
      }
      let end = hostBits == 128 ? .max : start + ((1 << UInt128(hostBits)) - 1)
      guard end < last else { return result }
      start = end + 1
    }
  }
}
