/// One address as it was written: an IPv4-mapped address is still IPv6 here, because what a prefix
/// length beside it means depends on that.
enum AddressLiteral {
  case ipv4(UInt32)
  case ipv6(UInt128)

  /// The address that it means.
  var address: IPAddress {
    switch self {
    case .ipv4(let bits): IPAddress(ipv4: bits)
    case .ipv6(let bits): IPAddress(ipv6: bits)
    }
  }

  /// Reads one address.
  ///
  /// A text with a colon is IPv6, any other IPv4.
  init(_ text: Span<UInt8>) throws(AddressProblem) {
    if text.firstIndex(of: .colon) == nil {
      self = .ipv4(try Self.ipv4(text))
    } else {
      self = .ipv6(try Self.ipv6(text))
    }
  }

  /// Four decimal octets without leading zeros.
  static func ipv4(_ text: Span<UInt8>) throws(AddressProblem) -> UInt32 {
    var bits: UInt32 = 0
    var start = 0
    for index in 0..<4 {
      let end = text.firstIndex(of: .dot, from: start) ?? text.count
      guard (index == 3) == (end == text.count) else {
        throw AddressProblem("is not an IP address", remedy: "an IPv4 address has four numbers")
      }
      bits = bits << 8 | UInt32(try octet(text.extracting(start..<end)))
      start = end + 1
    }
    return bits
  }

  /// A decimal number from 0 to 255 without leading zeros.
  static func octet(_ digits: Span<UInt8>) throws(AddressProblem) -> UInt8 {
    guard digits.count > 0 else {
      throw AddressProblem("is not an IP address: a number is missing")
    }
    var value = 0
    for index in digits.indices {
      guard let digit = digits[index].decimalDigit else {
        throw AddressProblem(
          "is not an IP address",
          remedy: "write the address in numbers; host names are never looked up")
      }
      value = value * 10 + digit
      guard value <= 255 else {
        throw AddressProblem("is not an IP address: each number is at most 255")
      }
    }
    if digits.count > 1 && digits[0] == UInt8(ascii: "0") {
      throw AddressProblem("has a leading zero, which some programs read as octal")
    }
    return UInt8(truncatingIfNeeded: value)
  }

  /// RFC 4291 section 2.2: eight groups of one to four hexadecimal digits, one `::` for one or more
  /// groups of zeros, and possibly an IPv4 address in place of the last two groups.
  static func ipv6(_ text: Span<UInt8>) throws(AddressProblem) -> UInt128 {
    var head = GroupRun()
    var tail = GroupRun()
    var compressed = false
    var position = 0
    if text.hasDoubleColon(at: 0) {
      compressed = true
      position = 2
    }
    while position < text.count {
      let end = text.firstIndex(of: .colon, from: position) ?? text.count
      let word = text.extracting(position..<end)
      if end == text.count && word.firstIndex(of: .dot) != nil {
        let bits = try ipv4(word)
        if compressed { try tail.append(ipv4: bits) } else { try head.append(ipv4: bits) }
        position = end
        break
      }
      let group = try hexadecimalGroup(word)
      if compressed { try tail.append(group) } else { try head.append(group) }
      position = end
      if position == text.count { break }
      if text.hasDoubleColon(at: position) {
        guard !compressed else {
          throw AddressProblem("is not an IP address: `::` may stand only once")
        }
        compressed = true
        position += 2
      } else {
        position += 1
        guard position < text.count else {
          throw AddressProblem("is not an IP address: it ends in a single colon")
        }
      }
    }
    let count = head.count + tail.count
    guard compressed ? count <= 7 : count == 8 else {
      throw AddressProblem(
        count > 8 || compressed
          ? "is not an IP address: it has too many groups"
          : "is not an IP address: it has too few groups")
    }
    // A run of eight groups has no `::`, so the shift below is never of a full run.
    return compressed ? head.leftAligned | tail.bits : head.bits
  }

  private static func hexadecimalGroup(_ digits: Span<UInt8>) throws(AddressProblem) -> UInt16 {
    guard digits.count > 0 else { throw AddressProblem("is not an IP address: misplaced colon") }
    guard digits.count <= 4 else {
      throw AddressProblem("is not an IP address: a group has at most four digits")
    }
    var value: UInt16 = 0
    for index in digits.indices {
      guard let digit = digits[index].hexadecimalDigit else {
        throw AddressProblem("is not an IP address")
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }

  /// Consecutive groups of an IPv6 address.
  private struct GroupRun {
    var bits: UInt128 = 0
    var count = 0

    mutating func append(_ group: UInt16) throws(AddressProblem) {
      guard count < 8 else { throw AddressProblem("is not an IP address: it has too many groups") }
      bits = bits << 16 | UInt128(group)
      count += 1
    }

    mutating func append(ipv4 address: UInt32) throws(AddressProblem) {
      try append(UInt16(truncatingIfNeeded: address >> 16))
      try append(UInt16(truncatingIfNeeded: address))
    }

    var leftAligned: UInt128 { count == 0 ? 0 : bits << UInt128(128 - 16 * count) }
  }
}

/// Why a text is not an IP address, and what to write instead.
package struct AddressProblem: Error, Equatable {
  /// What is wrong, to follow the offending text: "has host bits set".
  package let message: String
  /// What to do: "write 192.0.2.0/24 or 192.0.2.1".
  package let remedy: String?

  init(_ message: String, remedy: String? = nil) {
    self.message = message
    self.remedy = remedy
  }
}
