/// A set of addresses that several lists share.
///
/// A long one is packed, since it is mostly looked up.
final class AddressTable: Sendable {
  private enum Content {
    case plain(AddressSet)
    indirect case packed(PackedBoundaries<UInt32>, PackedBoundaries<UInt128>)
  }

  private let content: Content
  /// How many runs of consecutive addresses it has.
  let runCount: Int

  /// A set with more runs than this is packed.
  private static var maximumPlainRuns: Int { 1024 }

  init(_ set: AddressSet) {
    runCount = set.runCount
    content =
      runCount > Self.maximumPlainRuns
      ? .packed(PackedBoundaries(set.ipv4), PackedBoundaries(set.ipv6)) : .plain(set)
  }

  /// The set, to combine it with others.
  ///
  /// A long one is unpacked at each call.
  var set: AddressSet {
    switch content {
    case .plain(let set): set
    case .packed(let ipv4, let ipv6):
      AddressSet(ipv4: ipv4.boundaries, ipv6: ipv6.boundaries)
    }
  }

  /// The set, if it is kept as one.
  var plainSet: AddressSet? {
    switch content {
    case .plain(let set): set
    case .packed: nil
    }
  }

  var isEmpty: Bool { runCount == 0 }

  /// Whether it holds an address.
  func contains(_ address: IPAddress) -> Bool {
    switch (content, address.family) {
    case (.plain(let set), _): set.contains(address)
    case (.packed(let ipv4, _), .ipv4): ipv4.contains(UInt32(truncatingIfNeeded: address.bits))
    case (.packed(_, let ipv6), .ipv6): ipv6.contains(address.bits)
    }
  }
}

extension AddressTable {
  /// Every address.
  static let anywhere = AddressTable(.everything)
}
