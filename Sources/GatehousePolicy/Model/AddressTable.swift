/// A set of addresses that several lists share.
///
/// A long one is packed, for most of its life it is only looked up.
final class AddressTable: Sendable {
  private enum Content {
    case plain(AddressSet)
    indirect case packed(PackedBoundaries<UInt32>, PackedBoundaries<UInt128>)
  }

  private let content: Content
  /// How many runs of consecutive addresses it has.
  let runCount: Int

  /// A set with more runs than this is packed.
  private static var longestPlain: Int { 1024 }

  init(_ set: AddressSet) {
    runCount = set.runCount
    content =
      runCount > Self.longestPlain
      ? .packed(PackedBoundaries(set.ipv4), PackedBoundaries(set.ipv6)) : .plain(set)
  }

  /// The set, for what combines it with others; a long one is made for each who asks.
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

/// Addresses that count for a time.
struct Term: Sendable {
  let window: TimeWindow
  let table: AddressTable

  func contains(_ address: IPAddress, at time: Instant) -> Bool {
    window.contains(time) && table.contains(address)
  }
}

extension [Term] {
  /// Tables with at most so many runs of addresses are put together; larger ones are shared.
  private static var smallTable: Int { 64 }

  /// What the entries of a list mean at any time, as few terms as is cheap.
  ///
  /// - Parameters:
  ///   - entries: The entries; those that are not active count for nothing.
  ///   - networks: The networks that they may name.
  init(_ entries: [ListEntry], networks: [Name: Network]) {
    var own: [TimeWindow: AddressSetBuilder] = [:]
    var shared: [Term] = []
    for entry in entries where entry.isActive {
      switch entry.content {
      case .nowhere: break
      case .range(let range): own[entry.window, default: AddressSetBuilder()].insert(range)
      case .anywhere: shared.append(Term(window: entry.window, table: .anywhere))
      case .file(let table): shared.append(Term(window: entry.window, table: table))
      case .network(let name): shared += (networks[name]?.terms ?? []).within(entry.window)
      }
    }
    let literal = own.map { window, builder in
      var builder = builder
      return Term(window: window, table: AddressTable(builder.finish()))
    }
    self = (literal + shared).compacted()
  }

  /// What it costs to put them into another network: the runs of small tables, and one for each
  /// larger one.
  var partCount: Int {
    reduce(0) { $0 + ($1.table.runCount <= Self.smallTable ? $1.table.runCount : 1) }
  }

  /// Those that count within a time as well; a list that counts always shares them.
  func within(_ window: TimeWindow) -> [Term] {
    if window == .always { return self }
    return map { Term(window: $0.window.intersection(window), table: $0.table) }
      .filter { !$0.window.isEmpty }
  }

  /// The same addresses at the same times: nothing twice, and small tables of one window as one.
  private func compacted() -> [Term] {
    let counting = filter { !$0.window.isEmpty && !$0.table.isEmpty }
    guard counting.count > 1 else { return counting }
    var seen: Set<TermIdentity> = []
    let different = counting.filter { term in
      seen.insert(TermIdentity(window: term.window, table: ObjectIdentifier(term.table))).inserted
    }
    let isSmall = { (term: Term) in term.table.runCount <= Self.smallTable }
    let small = Dictionary(grouping: different.filter(isSmall), by: \.window)
    return different.filter { !isSmall($0) }
      + small.map { window, terms in
        guard terms.count > 1 else { return terms[0] }
        return Term(
          window: window, table: AddressTable(AddressSet(terms.flatMap(\.table.set.ranges))))
      }
  }
}

private struct TermIdentity: Hashable {
  let window: TimeWindow
  let table: ObjectIdentifier
}

extension AddressTable {
  /// Every address.
  static let anywhere = AddressTable(.everything)
}
