internal import GatehousePolicy

/// What addresses of others may be.
enum ForeignAddresses {
  /// Addresses that are no place from which somebody comes over a network.
  ///
  /// Where a server or database names them, it is wrong or lies.
  private static let impossible: [(addresses: AddressSet, what: String)] = [
    (set("127.0.0.0/8", "::1"), "loopback addresses"),
    (set("0.0.0.0", "::"), "unspecified addresses"),
    (set("169.254.0.0/16", "fe80::/10"), "link-local addresses"),
    (set("224.0.0.0/4", "ff00::/8"), "multicast addresses"),
  ]

  /// Addresses that are not of the public network (RFC 6890 and its successors), or are of none.
  private static let notGlobal = set(
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/3", "2001:db8::/32", "3fff::/20")
  /// The IPv6 addresses of the public network, and those that a gateway translates to IPv4.
  private static let publicIPv6 = set("2000::/3", "64:ff9b::/96")

  private static func set(_ texts: String...) -> AddressSet {
    // Never nil: they are written above.
    AddressSet(texts.compactMap { try? AddressRange(reading: $0.utf8.span) })
  }

  /// Whether an address is one of the public network.
  ///
  /// Where an IPv6 address has an IPv4 address in it to which a gateway would send (64:ff9b::/96, 6to4),
  /// that one must be, too.
  static func isGlobal(_ address: IPAddress) -> Bool {
    guard !notGlobal.contains(address) else { return false }
    guard address.family == .ipv6 else { return true }
    guard publicIPv6.contains(address) else { return false }
    let bits = address.bits
    if bits >> 32 == 0x64_FF9B << 64 {
      return isGlobal(IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)))
    }
    if bits >> 112 == 0x2002 {
      return isGlobal(IPAddress(ipv4: UInt32(truncatingIfNeeded: bits >> 80)))
    }
    return true
  }

  /// What is wrong with addresses of others, to follow what they are of; nil if nothing is.
  static func impossibility(in addresses: AddressSet) -> String? {
    for (others, what) in impossible {
      let both = addresses.intersection(others)
      guard !both.isEmpty, let first = both.ranges.first?.prefixes.first else { continue }
      return "has \(first), and \(what) are nowhere to log in from"
    }
    return nil
  }

  /// The prefixes of a server may be no wider than this.
  private static func shortest(_ family: IPAddress.Family) -> Int { family == .ipv4 ? 8 : 16 }

  /// A prefix that no file of a server may have, as it would open the world; nil if there is none.
  ///
  /// Prefixes side by side are one here: the whole in pieces is the whole.
  static func widePrefix(in addresses: AddressSet) -> String? {
    for range in addresses.ranges {
      for prefix in range.prefixes where prefix.length < shortest(prefix.address.family) {
        return """
          has \(prefix), which is wider than a server may open: /\(shortest(prefix.address.family)) \
          is the widest
          """
      }
    }
    return nil
  }
}
