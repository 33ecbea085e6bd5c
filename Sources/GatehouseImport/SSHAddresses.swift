import GatehousePolicy
import GatehouseSSHConfig

/// Which clients a list of addresses in sshd_config means, as `addrmatch.c` of OpenSSH reads it: in
/// `Match Address`, and after the `@` of a user.
///
/// The client is an address as sshd writes it, an IPv4-mapped one as IPv4, and a link-local one
/// (fe80::/10) with its zone.
struct SSHAddresses {
  /// How a list is compared with the client.
  enum Comparison {
    /// `Match Address`: addresses and networks, and patterns on the text of the address.
    case address
    /// `Match Host`, whose client is an address too unless UseDNS is on: patterns on its text.
    case host
    /// After the `@` of a user: both.
    case both
  }

  private(set) var addresses = AddressSet.nothing
  /// What cannot be said in a policy; nil if everything can.
  private(set) var unsupported: UnsupportedWord?
  /// What may surprise, to put after the pattern.
  private(set) var surprise: (pattern: [UInt8], text: String)?

  /// Reads a list with commas between its patterns.
  ///
  /// Throws an `SSHStop` if sshd does not start with it.
  init(_ list: [UInt8], as comparison: Comparison, usesDNS: Bool) throws(SSHStop) {
    var excluded = AddressSet.nothing
    for part in list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let isNegated = part.first == UInt8(ascii: "!")
      let pattern = Array(isNegated ? part.dropFirst() : part)
      let set = try read(pattern, comparison, usesDNS)
      if isNegated { excluded = excluded.union(set) } else { addresses = addresses.union(set) }
    }
    addresses = addresses.subtracting(excluded)
  }

  private mutating func read(
    _ pattern: [UInt8], _ comparison: Comparison, _ usesDNS: Bool
  ) throws(SSHStop) -> AddressSet {
    if comparison != .host {
      if pattern.isEmpty { throw SSHStop(text: "there is nothing before or after a comma") }
      if let network = try network(pattern) { return network }
    }
    if comparison != .address, usesDNS, !SSHPattern(pattern).isEverything {
      unsupported = unsupported ?? .sshHostName
      return .nothing
    }
    let text = comparison == .address ? pattern : pattern.lowercased()
    guard let set = ClientText.addresses(matching: text) else {
      unsupported = unsupported ?? .addressText
      return .nothing
    }
    if set.isEmpty {
      surprise = (pattern, "matches no address: sshd looks no names up (UseDNS no)")
    }
    return set
  }

  /// The addresses of `ADDRESS` or `ADDRESS/LENGTH`; nil if it is neither.
  private mutating func network(_ pattern: [UInt8]) throws(SSHStop) -> AddressSet? {
    // OpenSSH copies the text into 64 bytes.
    guard pattern.count < 64 else { return nil }
    let parts = pattern.split(
      separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
    var length: Int?
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].allSatisfy({ (0x30...0x39).contains($0) }) else {
        return nil
      }
      let number = parts[1].reduce(0) { min($0 * 10 + Int($1 - 0x30), 1000) }
      guard number <= 128 else { return nil }
      length = number
    }
    if parts[0].contains(UInt8(ascii: "%")) && parts[0].contains(UInt8(ascii: ":")) {
      unsupported = unsupported ?? .zone
      return .nothing
    }
    guard let address = WrittenAddress(parts[0]) ?? shortened(parts[0]) else { return nil }
    guard length ?? 0 <= address.width else {
      throw SSHStop(text: "\(Name(bytes: pattern)) has more than \(address.width) bits")
    }
    guard !address.isMapped else {
      surprise = (pattern, "matches nothing: sshd writes an IPv4-mapped address as IPv4")
      return .nothing
    }
    let network = address.prefix(length ?? address.width)
    guard network.ranges.first?.first == address.alone.ranges.first?.first else {
      throw SSHStop(text: "\(Name(bytes: pattern)) has bits set after its prefix")
    }
    // The address of a link-local client has a zone, which no network of sshd_config has.
    return network.subtracting(.linkLocal)
  }

  /// An IPv4 address as inet_aton(3) takes it: `10.1` is 10.0.0.1.
  private mutating func shortened(_ text: ArraySlice<UInt8>) -> WrittenAddress? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 4 else { return nil }
    var bits = 0
    for (index, part) in parts.enumerated() {
      guard let first = part.first, (0x30...0x39).contains(first), let number = cInteger(part)
      else { return nil }
      let width = index == parts.count - 1 ? 8 * (5 - parts.count) : 8
      guard number < 1 << width else { return nil }
      bits = bits << width | number
    }
    let address = IPAddress(ipv4: UInt32(bits))
    surprise = (Array(text), "means \(address) to sshd")
    return WrittenAddress(address)
  }
}

/// Why sshd does not start with a value.
struct SSHStop: Error {
  /// In English: `10.0.0.1/8 has bits set after its prefix`.
  let text: String
}

extension UnsupportedWord {
  static let sshHostName = UnsupportedWord(
    name: "host_name",
    reason: "may mean a host name (UseDNS is on), and names are never looked up")
  static let addressText = UnsupportedWord(
    name: "address_text",
    reason: "is compared with the text of addresses, and what it matches is too scattered to list")
}

/// Patterns that OpenSSH compares with the text of the client's address.
enum ClientText {
  /// The most ranges that a pattern may come to.
  private static let mostRanges = 4096

  /// The addresses whose text a pattern matches; nil if they cannot be listed.
  static func addresses(matching bytes: [UInt8]) -> AddressSet? {
    let pattern = SSHPattern(bytes)
    if pattern.isEverything { return .everything }
    let literal = bytes.prefix { !"*?".utf8.contains($0) }
    if literal.contains(UInt8(ascii: ".")) {
      // An address with a dot in its text, before any colon, is IPv4.
      if literal.contains(UInt8(ascii: ":")) { return nil }
      return ipv4(matching: bytes)
    }
    if !pattern.hasWildcard {
      guard let address = IPAddress(bytes: bytes) else { return .nothing }
      let isWritten = Array(address.description.utf8) == bytes
      return isWritten ? address.alone.subtracting(.linkLocal) : .nothing
    }
    return ipv6(beginning: literal, rest: bytes[literal.endIndex...])
  }

  /// `2001:db8:*`: whole parts of an IPv6 address, none of which is 0 and so perhaps left out.
  private static func ipv6(
    beginning literal: ArraySlice<UInt8>, rest: ArraySlice<UInt8>
  ) -> AddressSet? {
    let parts = literal.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard rest.allSatisfy({ $0 == UInt8(ascii: "*") }), (2...8).contains(parts.count),
      parts.last?.isEmpty == true
    else {
      // Only letters that no address has: a host name.
      let isName = literal.contains { !"0123456789abcdef:".utf8.contains($0) }
      return isName ? .nothing : nil
    }
    var bits: UInt128 = 0
    for part in parts.dropLast() {
      guard let number = UInt16(String(decoding: part, as: UTF8.self), radix: 16), number > 0
      else { return part.isEmpty || part == [0x30] ? nil : .nothing }
      // Addresses have small letters and no leading zeros.
      guard Array(String(number, radix: 16).utf8) == Array(part) else { return .nothing }
      bits = bits << 16 | UInt128(number)
    }
    let free = 128 - 16 * UInt128(parts.count - 1)
    return AddressSet([
      AddressRange(family: .ipv6, first: bits << free, last: bits << free | ((1 << free) - 1))
    ])
  }

  private static func ipv4(matching bytes: [UInt8]) -> AddressSet? {
    guard var search = OctetSearch(bytes) else { return nil }
    let start = search.start
    guard let ranges = search.ranges(0, start) else { return nil }
    return AddressSet(
      ranges.map { AddressRange(family: .ipv4, first: UInt128($0.first), last: UInt128($0.last)) })
  }

  /// The octets whose text a pattern matches, one after the other.
  private struct OctetSearch {
    /// The pattern; its places are the bits of a number.
    private let bytes: [UInt8]
    private var known: [Key: [(first: UInt64, last: UInt64)]] = [:]

    private struct Key: Hashable {
      let octet: Int
      let places: UInt64
    }

    init?(_ bytes: [UInt8]) {
      guard bytes.count < 64 else { return nil }
      self.bytes = bytes
    }

    /// The places before the text.
    var start: UInt64 { skippingStars(1) }

    /// The rest of the addresses, as numbers, that match from some places on; nil if it is too many
    /// ranges.
    mutating func ranges(_ octet: Int, _ places: UInt64) -> [(first: UInt64, last: UInt64)]? {
      if places == 0 { return [] }
      if octet == 4 { return places >> UInt64(bytes.count) & 1 == 1 ? [(0, 0)] : [] }
      let key = Key(octet: octet, places: places)
      if let known = known[key] { return known }
      var result: [(first: UInt64, last: UInt64)] = []
      for value in 0...255 as ClosedRange<UInt64> {
        var next = "\(value)".utf8.reduce(places) { after($1, $0) }
        if octet < 3 { next = after(UInt8(ascii: "."), next) }
        guard let rest = ranges(octet + 1, next) else { return nil }
        let offset = value << UInt64(8 * (3 - octet))
        for range in rest {
          if let last = result.last, last.last + 1 == offset + range.first {
            result[result.count - 1].last = offset + range.last
          } else {
            result.append((offset + range.first, offset + range.last))
          }
        }
        if result.count > mostRanges { return nil }
      }
      known[key] = result
      return result
    }

    /// The places after one more byte of the text.
    private func after(_ byte: UInt8, _ places: UInt64) -> UInt64 {
      var result: UInt64 = 0
      for (place, pattern) in bytes.enumerated() where places >> UInt64(place) & 1 == 1 {
        if pattern == UInt8(ascii: "*") {
          result |= 1 << UInt64(place)
        } else if pattern == UInt8(ascii: "?") || pattern == byte {
          result |= 1 << UInt64(place + 1)
        }
      }
      return skippingStars(result)
    }

    private func skippingStars(_ places: UInt64) -> UInt64 {
      var places = places
      for (place, pattern) in bytes.enumerated() where pattern == UInt8(ascii: "*") {
        if places >> UInt64(place) & 1 == 1 { places |= 1 << UInt64(place + 1) }
      }
      return places
    }
  }
}

extension IPAddress {
  fileprivate var alone: AddressSet {
    AddressSet([AddressRange(family: family, first: bits, last: bits)])
  }
}
