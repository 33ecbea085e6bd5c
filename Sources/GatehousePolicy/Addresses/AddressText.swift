// The texts that stand for addresses in a policy (gatehouse-policy(5), LISTS), but for names of networks.

extension AddressRange {
  /// Reads an address, a prefix, a network with its mask, a range or an IPv4 wildcard.
  ///
  /// Works on bytes and makes no text unless something is wrong: lists may have a million lines.
  init(_ text: Span<UInt8>) throws(AddressProblem) {
    guard text.count > 0 else { throw AddressProblem("is no address: it is empty") }
    if let dash = text.firstIndex(of: UInt8(ascii: "-")) {
      self = try Self.range(text, dash: dash)
    } else if text.firstIndex(of: UInt8(ascii: "*")) != nil {
      self = try Self.wildcard(text)
    } else if let slash = text.firstIndex(of: UInt8(ascii: "/")) {
      self = try Self.prefix(text, slash: slash)
    } else {
      self.init(try Self.literal(text).address)
    }
  }

  /// A single address; what people write around one is told apart.
  private static func literal(_ text: Span<UInt8>) throws(AddressProblem) -> AddressLiteral {
    if let zone = text.firstIndex(of: UInt8(ascii: "%")) {
      throw AddressProblem(
        "has a zone id, which means nothing in a policy",
        remedy: "write \(text.extracting(0..<zone).text)")
    }
    if text.count > 2 && text[0] == UInt8(ascii: "[") && text[text.count - 1] == UInt8(ascii: "]") {
      throw AddressProblem(
        "has brackets", remedy: "write \(text.extracting(1..<text.count - 1).text)")
    }
    if text.firstIndex(of: UInt8(ascii: " ")) != nil || text.firstIndex(of: 0x09) != nil {
      throw AddressProblem("is no address: it has a space in it", remedy: "one address per entry")
    }
    return try AddressLiteral(text)
  }

  /// `a-b`, both included.
  private static func range(_ text: Span<UInt8>, dash: Int) throws(AddressProblem) -> AddressRange {
    let left = text.extracting(0..<dash)
    let right = text.extracting(dash + 1..<text.count)
    let spaces = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == 0x09 }
    if (left.count > 0 && spaces(left[left.count - 1])) || (right.count > 0 && spaces(right[0])) {
      throw AddressProblem("has spaces around its `-`", remedy: "a range has none: FIRST-LAST")
    }
    guard left.count > 0, right.count > 0 else {
      throw AddressProblem("is no range: an end is missing", remedy: "write FIRST-LAST")
    }
    let first = try literal(left).address
    if first.family == .ipv4 && right.firstIndex(of: .dot) == nil
      && right.firstIndex(of: .colon) == nil
    {
      let network = left.text.utf8.lastIndex(of: .dot).map { left.text[...$0] } ?? ""
      throw AddressProblem(
        "is no range: its end is no address",
        remedy: "write both in full: \(left.text)-\(network)\(right.text)")
    }
    let last = try literal(right).address
    guard first.family == last.family else {
      throw AddressProblem(
        "mixes IPv4 and IPv6", remedy: "both ends of a range are of one family")
    }
    guard let range = AddressRange(from: first, through: last) else {
      throw AddressProblem("runs backwards", remedy: "write \(last)-\(first)")
    }
    return range
  }

  /// `10.15.*.*`: stars only, and only at the end.
  private static func wildcard(_ text: Span<UInt8>) throws(AddressProblem) -> AddressRange {
    if text.count == 1 {
      throw AddressProblem(
        "is no address", remedy: "write anywhere, or \"*.*.*.*\" for all of IPv4")
    }
    var bits: UInt32 = 0
    var fixedOctets = 0
    var stars = 0
    var start = 0
    for index in 0..<4 {
      let end = text.firstIndex(of: .dot, from: start) ?? text.count
      guard (index == 3) == (end == text.count) else {
        throw AddressProblem(
          "is no address", remedy: "a wildcard has four parts, as in 10.15.1.* or 10.15.*.*")
      }
      let part = text.extracting(start..<end)
      if part.count == 1 && part[0] == UInt8(ascii: "*") {
        stars += 1
        bits <<= 8
      } else {
        guard part.firstIndex(of: UInt8(ascii: "*")) == nil else {
          throw AddressProblem("is no address", remedy: "a star stands for a whole number")
        }
        guard stars == 0 else {
          throw AddressProblem(
            "has a star before a number", remedy: "stars stand only at the end: 10.15.*.*")
        }
        bits = bits << 8 | UInt32(try AddressLiteral.octet(part))
        fixedOctets += 1
      }
      start = end + 1
    }
    // Never nil: the octets of the stars are zero.
    return try checked(AddressRange(ipv4: bits, prefixLength: 8 * fixedOctets), text)
  }

  /// `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `2001:db8::/32`, `::ffff:10.0.0.0/104`.
  private static func prefix(_ text: Span<UInt8>, slash: Int) throws(AddressProblem)
    -> AddressRange
  {
    let literal = try literal(text.extracting(0..<slash))
    let suffix = text.extracting(slash + 1..<text.count)
    switch literal {
    case .ipv4(let bits):
      let length =
        suffix.firstIndex(of: .dot) == nil
        ? try prefixLength(suffix, longest: 32) : try maskLength(suffix)
      guard let range = AddressRange(ipv4: bits, prefixLength: length) else {
        let network = length == 0 ? 0 : bits & ~((1 << UInt32(32 - length)) - 1)
        throw hostBits(IPAddress(ipv4: network).description, suffix, literal.address)
      }
      return range
    case .ipv6(let bits):
      if suffix.firstIndex(of: .dot) != nil {
        throw AddressProblem("has a mask, which only IPv4 has", remedy: "write a prefix length")
      }
      let length = try prefixLength(suffix, longest: 128)
      guard let range = AddressRange(ipv6: bits, prefixLength: length) else {
        let network = length == 0 ? 0 : bits & ~((1 << UInt128(128 - length)) - 1)
        throw hostBits(writtenIPv6(network), suffix, literal.address)
      }
      // All of it is IPv4-mapped: the IPv4 prefix is meant.
      if bits >> 32 == 0xFFFF && length >= 96 {
        let mapped = UInt32(truncatingIfNeeded: bits)
        return try checked(AddressRange(ipv4: mapped, prefixLength: length - 96), text)
      }
      return range
    }
  }

  /// A network part that may lie in the mapped space, where `IPAddress` would fold it.
  private static func writtenIPv6(_ bits: UInt128) -> String {
    bits >> 32 == 0xFFFF
      ? "::ffff:\(IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)))"
      : IPAddress(ipv6: bits).description
  }

  private static func hostBits(_ network: String, _ suffix: Span<UInt8>, _ address: IPAddress)
    -> AddressProblem
  {
    AddressProblem("has host bits set", remedy: "write \(network)/\(suffix.text) or \(address)")
  }

  private static func checked(_ range: AddressRange?, _ text: Span<UInt8>) throws(AddressProblem)
    -> AddressRange
  {
    guard let range else { throw AddressProblem("is no address") }
    return range
  }

  /// A decimal number without sign or leading zero.
  private static func prefixLength(_ digits: Span<UInt8>, longest: Int) throws(AddressProblem)
    -> Int
  {
    guard digits.count > 0 else {
      throw AddressProblem(
        "has no prefix length after its `/`", remedy: "write a number from 0 to \(longest)")
    }
    var length = 0
    for index in digits.indices {
      guard let digit = digits[index].decimalDigit, length <= longest else {
        throw AddressProblem(
          "has no valid prefix length", remedy: "write a number from 0 to \(longest)")
      }
      length = length * 10 + digit
    }
    guard length <= longest else {
      throw AddressProblem(
        "has too long a prefix", remedy: "the length is a number from 0 to \(longest)")
    }
    if digits.count > 1 && digits[0] == UInt8(ascii: "0") {
      throw AddressProblem("has a leading zero in its prefix length", remedy: "write /\(length)")
    }
    return length
  }

  /// The length of the prefix that a contiguous mask means.
  private static func maskLength(_ text: Span<UInt8>) throws(AddressProblem) -> Int {
    let mask = try AddressLiteral.ipv4(text)
    let length = (~mask).leadingZeroBitCount
    guard length == 32 || mask << UInt32(length) == 0 else {
      if (mask &+ 1) & mask == 0 {
        throw AddressProblem(
          "has an inverted mask", remedy: "write \(IPAddress(ipv4: ~mask)) after the `/`")
      }
      throw AddressProblem(
        "has a mask that is not contiguous", remedy: "a mask is ones, then zeros: 255.255.255.0")
    }
    return length
  }
}
