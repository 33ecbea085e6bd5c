import GatehousePolicy

/// An address as a word of access.conf has it: of the family that it is written in, since pam_access
/// compares an IPv4-mapped address with no IPv4 one.
struct WrittenAddress {
  private let address: IPAddress
  /// Written with colons, and IPv4-mapped.
  let isMapped: Bool

  init?(_ text: ArraySlice<UInt8>) {
    guard let address = IPAddress(bytes: Array(text)) else { return nil }
    self.address = address
    isMapped = address.family == .ipv4 && text.contains(UInt8(ascii: ":"))
  }

  var isIPv4: Bool { address.family == .ipv4 && !isMapped }

  /// The length of the address in bits.
  var width: Int { isIPv4 ? 32 : 128 }

  /// The address alone; nothing where it is IPv4-mapped, because sshd writes none.
  var alone: AddressSet { isMapped ? .nothing : prefix(width) }

  /// The addresses with the same leading bits, 0 to `width` of them; not for an IPv4-mapped one.
  func prefix(_ length: Int) -> AddressSet {
    AddressSet([AddressRange(around: address, prefixLength: length)])
  }

  /// The length of a mask; nil where it has gaps.
  var maskLength: Int? {
    guard !isMapped else { return nil }
    let bits = address.bits << UInt128(128 - width)
    let length = (~bits).leadingZeroBitCount
    return length == 128 || bits << UInt128(length) == 0 ? min(length, width) : nil
  }
}

extension AddressRange {
  /// The addresses that share so many leading bits with one.
  fileprivate init(around address: IPAddress, prefixLength length: Int) {
    let width = address.family.bitWidth
    let hostMask: UInt128 = width == length ? 0 : .max >> UInt128(128 - width + length)
    self.init(
      family: address.family, first: address.bits & ~hostMask, last: address.bits | hostMask)
  }
}
