/// What lists hold, and share: a set of addresses and, apart from that, the machine itself or not.
///
/// A long set is packed, since it is mostly looked up.
final class AddressTable: Sendable {
  private enum Content {
    case plain(AddressSet)
    indirect case packed(PackedBoundaries<UInt32>, PackedBoundaries<UInt128>)
  }

  private let content: Content
  /// How many runs of consecutive addresses it has.
  let runCount: Int
  /// Whether it holds the origin `self`.
  let holdsMachine: Bool

  /// A set with more runs than this is packed.
  private static var maximumPlainRuns: Int { 1024 }

  init(_ set: AddressSet, holdsMachine: Bool = false) {
    runCount = set.runCount
    self.holdsMachine = holdsMachine
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

  var isEmpty: Bool { runCount == 0 && !holdsMachine }

  /// Whether it holds an origin; never one that is local or unknown.
  func contains(_ origin: Origin) -> Bool {
    switch origin {
    case .address(let address): contains(address)
    case .machine: holdsMachine
    case .local, .unknown: false
    }
  }

  private func contains(_ address: IPAddress) -> Bool {
    switch (content, address.family) {
    case (.plain(let set), _): set.contains(address)
    case (.packed(let ipv4, _), .ipv4): ipv4.contains(UInt32(truncatingIfNeeded: address.bits))
    case (.packed(_, let ipv6), .ipv6): ipv6.contains(address.bits)
    }
  }
}

extension AddressTable {
  /// Every address, and the machine itself.
  static let anywhere = AddressTable(.everything, holdsMachine: true)
  /// The machine itself, and no address.
  static let machine = AddressTable(.nothing, holdsMachine: true)
}
