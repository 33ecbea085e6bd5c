extension AddressSet {
  /// Every address of both families, grouped by what is said of it.
  ///
  /// Exact where `outcome` looks at an address through nothing but the sets: it is asked once for
  /// each class of addresses that the same sets hold. About linear in the boundaries of all sets.
  static func grouped<Outcome: Hashable>(
    cutBy sets: [AddressSet], by outcome: (IPAddress) -> Outcome
  ) -> [Outcome: AddressSet] {
    var ipv4 = Cells<UInt32>()
    var ipv6 = Cells<UInt128>()
    for set in sets {
      ipv4.cut(by: set.ipv4)
      ipv6.cut(by: set.ipv6)
    }
    // A class of its own, about which nobody is asked: there are no such addresses.
    ipv6.cut(by: .mappedSpace)

    var groups: [Outcome: Int] = [:]
    func number(_ address: IPAddress) -> Int {
      let said = outcome(address)
      let number = groups[said] ?? groups.count
      groups[said] = number
      return number
    }
    let ipv4Groups = ipv4.representatives.map { number(IPAddress(ipv4: $0)) }
    let ipv6Groups = ipv6.representatives.map { bits in
      let address = IPAddress(ipv6: bits)
      return address.family == .ipv6 ? number(address) : nil
    }
    let ipv4Sets = ipv4.grouped(ipv4Groups, count: groups.count)
    let ipv6Sets = ipv6.grouped(ipv6Groups, count: groups.count)
    return groups.mapValues { AddressSet(ipv4: ipv4Sets[$0], ipv6: ipv6Sets[$0]) }
  }
}
