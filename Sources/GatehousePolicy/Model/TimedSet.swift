/// Addresses that count for a time.
struct TimedSet: Sendable {
  let window: TimeWindow
  let table: AddressTable

  func contains(_ address: IPAddress, at time: Instant) -> Bool {
    window.contains(time) && table.contains(address)
  }
}

extension [TimedSet] {
  /// Tables with at most this many runs of addresses are merged; larger ones are shared.
  private static var maximumSmallRuns: Int { 64 }

  /// What the entries of a list mean at any time, in as few sets as is cheap.
  ///
  /// - Parameters:
  ///   - entries: The entries; those that are not active count for nothing.
  ///   - networks: The networks that they may name.
  init(_ entries: [ListEntry], networks: [Name: Network]) {
    var own: [TimeWindow: AddressSetBuilder] = [:]
    var shared: [TimedSet] = []
    for entry in entries where entry.isActive {
      switch entry.content {
      case .nowhere: break
      case .range(let range): own[entry.window, default: AddressSetBuilder()].insert(range)
      case .anywhere: shared.append(TimedSet(window: entry.window, table: .anywhere))
      case .file(let table): shared.append(TimedSet(window: entry.window, table: table))
      case .network(let name): shared += (networks[name]?.timedSets ?? []).within(entry.window)
      }
    }
    let literal = own.map { window, builder in
      var builder = builder
      return TimedSet(window: window, table: AddressTable(builder.finish()))
    }
    self = (literal + shared).compacted()
  }

  /// What it costs to take them over into another network: the runs of small tables, and one for each
  /// larger table.
  var partCount: Int {
    reduce(0) { $0 + ($1.table.runCount <= Self.maximumSmallRuns ? $1.table.runCount : 1) }
  }

  /// The same, restricted to a time.
  func within(_ window: TimeWindow) -> [TimedSet] {
    if window == .always { return self }
    return map { TimedSet(window: $0.window.intersection(window), table: $0.table) }
      .filter { !$0.window.isEmpty }
  }

  /// The same addresses at the same times: none twice, and small tables of one window merged.
  private func compacted() -> [TimedSet] {
    let counting = filter { !$0.window.isEmpty && !$0.table.isEmpty }
    guard counting.count > 1 else { return counting }
    var seen: Set<TimedSetIdentity> = []
    let different = counting.filter { timedSet in
      seen.insert(
        TimedSetIdentity(window: timedSet.window, table: ObjectIdentifier(timedSet.table))
      ).inserted
    }
    let isSmall = { (timedSet: TimedSet) in timedSet.table.runCount <= Self.maximumSmallRuns }
    let small = Dictionary(grouping: different.filter(isSmall), by: \.window)
    return different.filter { !isSmall($0) }
      + small.map { window, timedSets in
        guard timedSets.count > 1 else { return timedSets[0] }
        return TimedSet(
          window: window, table: AddressTable(AddressSet(timedSets.flatMap(\.table.set.ranges))))
      }
  }
}

private struct TimedSetIdentity: Hashable {
  let window: TimeWindow
  let table: ObjectIdentifier
}
