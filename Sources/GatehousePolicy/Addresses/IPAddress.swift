/// An IPv4 or IPv6 address.
///
/// An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) is the IPv4 address, so one client has one
/// address however it connected. There is no zone: it names an interface, not a place.
public struct IPAddress: Hashable, Sendable {
  /// The two kinds of address.
  ///
  /// IPv4 comes before IPv6.
  public enum Family: UInt8, Comparable, Sendable {
    case ipv4, ipv6

    /// The length of an address in bits.
    public var bitWidth: Int { self == .ipv4 ? 32 : 128 }

    /// IPv4 comes before IPv6.
    public static func < (left: Family, right: Family) -> Bool { left.rawValue < right.rawValue }
  }

  /// What kind of address it is.
  public let family: Family

  // Two words: a number of 128 bits would align everything that has an address at 16 bytes, for which
  // `malloc` has only a slow way.
  private let high: UInt64
  private let low: UInt64

  /// The address as a number; below 2³² for IPv4.
  package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

  private init(family: Family, bits: UInt128) {
    self.family = family
    high = UInt64(truncatingIfNeeded: bits >> 64)
    low = UInt64(truncatingIfNeeded: bits)
  }

  /// The IPv4 address of a number.
  package init(ipv4 bits: UInt32) {
    self.init(family: .ipv4, bits: UInt128(bits))
  }

  /// The IPv6 address of a number; an IPv4-mapped address becomes the IPv4 address.
  package init(ipv6 bits: UInt128) {
    if bits >> 32 == 0xFFFF {
      self.init(ipv4: UInt32(truncatingIfNeeded: bits))
    } else {
      self.init(family: .ipv6, bits: bits)
    }
  }

  /// The address of a number in a family; an IPv4-mapped address becomes the IPv4 address.
  init(_ bits: UInt128, in family: Family) {
    switch family {
    case .ipv4: self.init(ipv4: UInt32(truncatingIfNeeded: bits))
    case .ipv6: self.init(ipv6: bits)
    }
  }

  /// Reads an address, strictly (RFC 4291 section 2.2; IPv4 as four decimal octets without leading
  /// zeros).
  ///
  /// Nil for anything else: no zone, brackets, port, prefix or space.
  public init?(_ text: String) {
    self.init(bytes: Array(text.utf8))
  }

  /// Reads an address from bytes; see `init(_:)`.
  public init?(bytes: [UInt8]) {
    guard let literal = try? AddressLiteral(bytes.span) else { return nil }
    self = literal.address
  }
}

extension IPAddress {
  /// Whether it is in 127.0.0.0/8, or ::1.
  public var isLoopback: Bool { AddressRange(self).isLoopback }
}

extension IPAddress: Comparable {
  /// IPv4 comes before IPv6, then by number.
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.family, left.bits) < (right.family, right.bits)
  }
}

extension IPAddress: CustomStringConvertible {
  /// The canonical text (RFC 5952).
  public var description: String {
    switch family {
    case .ipv4:
      var bytes: [UInt8] = []
      writeDottedQuad(to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    case .ipv6: return colonHexadecimal
    }
  }

  /// Adds the description.
  func write(to bytes: inout [UInt8]) {
    switch family {
    case .ipv4: writeDottedQuad(to: &bytes)
    case .ipv6: bytes += colonHexadecimal.utf8
    }
  }

  private func writeDottedQuad(to bytes: inout [UInt8]) {
    let bits = UInt32(truncatingIfNeeded: bits)
    var shift: UInt32 = 32
    while shift > 0 {
      if shift < 32 { bytes.append(.dot) }
      shift -= 8
      bytes.append(decimal: Int(bits >> shift & 0xFF))
    }
  }

  private var colonHexadecimal: String {
    let groups = stride(from: 112, through: 0, by: -16).map { (bits >> UInt128($0)) & 0xFFFF }
    let text = { (part: ArraySlice<UInt128>) in
      part.map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard let zeros = longestZeroRun(in: groups) else { return text(groups[...]) }
    return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
  }

  /// The run of zero groups that `::` replaces: the longest of two or more, the first of equals.
  private func longestZeroRun(in groups: [UInt128]) -> Range<Int>? {
    var longest = 0..<0
    var start = 0
    for (index, group) in groups.enumerated() {
      if group != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<(index + 1)
      }
    }
    return longest.count >= 2 ? longest : nil
  }
}

extension IPAddress: Codable {
  /// Reads an address as text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let address = IPAddress(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an IP address")
    }
    self = address
  }

  /// Writes the canonical text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
