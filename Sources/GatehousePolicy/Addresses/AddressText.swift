// Reads the texts that stand for addresses in a policy (gatehouse-policy(5), LISTS), except the names
// of networks.

extension AddressRange {
  /// Reads an address, a prefix, a network with its mask, a range or an IPv4 wildcard; says only what
  /// is wrong where it stopped.
  ///
  /// It works on bytes, and makes texts only if something is wrong: lists may have a million lines.
  package init(reading text: Span<UInt8>) throws(AddressProblem) {
    guard text.count > 0 else { throw AddressProblem("is not an IP address: it is empty") }
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

  /// A single address; zones, brackets, ports and spaces have messages of their own.
  private static func literal(_ text: Span<UInt8>) throws(AddressProblem) -> AddressLiteral {
    if text.firstIndex(of: UInt8(ascii: "%")) != nil {
      throw AddressProblem("has a zone id, which means nothing in a policy")
    }
    if text.count > 0 && text[0] == UInt8(ascii: "[") { throw AddressProblem("has brackets") }
    if let colon = text.firstIndex(of: .colon), text.firstIndex(of: .colon, from: colon + 1) == nil,
      (try? AddressLiteral.ipv4(text.extracting(0..<colon))) != nil
    {
      throw AddressProblem("has a port, and an entry is for every port")
    }
    if text.firstIndex(of: UInt8(ascii: " ")) != nil || text.firstIndex(of: 0x09) != nil {
      throw AddressProblem(
        "is not an IP address: it has a space in it", remedy: "one address per entry")
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
      throw AddressProblem("is not a range: an end is missing", remedy: "write FIRST-LAST")
    }
    let first = try literal(left).address
    if first.family == .ipv4 && right.firstIndex(of: .dot) == nil
      && right.firstIndex(of: .colon) == nil
    {
      let network = left.text.utf8.lastIndex(of: .dot).map { left.text[...$0] } ?? ""
      let end = "\(network)\(right.text)"
      throw AddressProblem(
        "is not a range: its end is not an IP address",
        remedy: (try? AddressLiteral(end.utf8.span)) == nil ? nil : "write \(left.text)-\(end)")
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
        "is not an IP address", remedy: "write anywhere, or \"*.*.*.*\" for all of IPv4")
    }
    var bits: UInt32 = 0
    var fixedOctets = 0
    var stars = 0
    var start = 0
    for index in 0..<4 {
      let end = text.firstIndex(of: .dot, from: start) ?? text.count
      guard (index == 3) == (end == text.count) else {
        throw AddressProblem(
          "is not an IP address", remedy: "a wildcard has four parts, as in 10.15.1.* or 10.15.*.*")
      }
      let part = text.extracting(start..<end)
      if part.count == 1 && part[0] == UInt8(ascii: "*") {
        stars += 1
        bits <<= 8
      } else {
        guard part.firstIndex(of: UInt8(ascii: "*")) == nil else {
          throw AddressProblem("is not an IP address", remedy: "a star stands for a whole number")
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

  /// The text of a network part.
  ///
  /// It may lie in the mapped space, which `IPAddress` would fold.
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
    guard let range else { throw AddressProblem("is not an IP address") }
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
      throw AddressProblem("has a leading zero in its prefix length")
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

/// The kind of line that most long lists consist of: an IPv4 address or prefix, and nothing else.
///
/// It is only a fast path: `AddressRange(_:)` reads these lines the same way, and says what is wrong
/// with others.
struct PlainIPv4Line {
  let first: UInt32
  let last: UInt32
  /// The index of the line feed, or of the end of the text.
  let end: Int

  /// Nil if the line that begins at `start` is anything else.
  init?(_ text: Span<UInt8>, at start: Int) {
    var place = start
    var bits: UInt32 = 0
    for octet in 0..<4 {
      if octet > 0 {
        guard place < text.count, text[place] == .dot else { return nil }
        place += 1
      }
      guard let number = Self.number(text, &place) else { return nil }
      bits = bits << 8 | number
    }
    var hostMask: UInt32 = 0
    if place < text.count, text[place] == UInt8(ascii: "/") {
      place += 1
      guard let length = Self.number(text, &place), length <= 32 else { return nil }
      hostMask = .max >> length
    }
    guard bits & hostMask == 0,
      place == text.count || text[place] == UInt8(ascii: "\n")
    else { return nil }
    first = bits
    last = bits | hostMask
    end = place
  }

  /// A decimal number from 0 to 255; after a leading zero it reads no further digit.
  private static func number(_ text: Span<UInt8>, _ place: inout Int) -> UInt32? {
    var value: UInt32 = 0
    let start = place
    while place < text.count {
      let digit = UInt32(text[place] &- UInt8(ascii: "0"))
      guard digit <= 9 else { break }
      value = value * 10 + digit
      place += 1
      guard value <= 255 else { return nil }
      if value == 0 { break }
    }
    return place > start ? value : nil
  }
}
