/// Addresses, and perhaps the machine itself, that count for a time.
struct TimedSet: Sendable {
  let window: TimeWindow
  let table: AddressTable
  /// Whether the window ends only if what was got from elsewhere is not got again: nobody planned it.
  var isFetched = false

  /// The planned times at which it begins and ends.
  var plannedTimes: [Instant] { isFetched ? [window.since] : [window.since, window.until] }

  func contains(_ origin: Origin, at time: Instant) -> Bool {
    window.contains(time) && table.contains(origin)
  }
}

extension [TimedSet] {
  /// Tables with at most this many runs of addresses are merged; larger ones are shared.
  fileprivate static var maximumSmallRuns: Int { 64 }

  /// What the entries of a list mean at any time, in as few sets as is cheap.
  ///
  /// - Parameters:
  ///   - entries: The entries; those that are not active count for nothing.
  ///   - networks: The networks that they may name.
  init(_ entries: [ListEntry], networks: [Name: Network]) {
    var own: [TimeWindow: AddressSetBuilder] = [:]
    var holdsMachine: Set<TimeWindow> = []
    var shared: [TimedSet] = []
    for entry in entries where entry.isActive {
      guard entry.exceptions.isEmpty else {
        shared += [TimedSet]([entry.whole], networks: networks)
          .subtracting(AddressTable(entry.exceptions, networks: networks))
        continue
      }
      switch entry.content {
      case .nowhere, .local: break
      case .range(let range):
        own[entry.window, default: AddressSetBuilder()].insert(range)
        if range.isLoopback { holdsMachine.insert(entry.window) }
      case .machine: shared.append(TimedSet(window: entry.window, table: .machine))
      case .anywhere: shared.append(TimedSet(window: entry.window, table: .anywhere))
      case .file(let table):
        shared.append(
          TimedSet(window: entry.window, table: table, isFetched: entry.fetched != nil))
      case .network(let name):
        shared += (networks[name]?.sets(lasting: entry.lasts) ?? []).within(entry.window)
      }
    }
    let literal = own.map { window, builder in
      var builder = builder
      return TimedSet(
        window: window,
        table: AddressTable(builder.finish(), holdsMachine: holdsMachine.contains(window)))
    }
    self = (literal + shared).compacted()
  }

  /// The same, restricted to a time.
  func within(_ window: TimeWindow) -> [TimedSet] {
    if window == .always { return self }
    return map { timedSet in
      let common = timedSet.window.intersection(window)
      return TimedSet(
        window: common, table: timedSet.table,
        isFetched: timedSet.isFetched && common.until == timedSet.window.until)
    }
    .filter { !$0.window.isEmpty }
  }

  /// The same without some origins.
  func subtracting(_ exceptions: AddressTable) -> [TimedSet] {
    // Unpacked once.
    let set = exceptions.set
    return map { timedSet in
      let table = timedSet.table
      return TimedSet(
        window: timedSet.window,
        table: AddressTable(
          table.set.subtracting(set),
          holdsMachine: table.holdsMachine && !exceptions.holdsMachine),
        isFetched: timedSet.isFetched)
    }.filter { !$0.table.isEmpty }
  }

  /// The same origins at the same times: none twice, and small tables of one window merged.
  private func compacted() -> [TimedSet] {
    let counting = filter { !$0.window.isEmpty && !$0.table.isEmpty }
    guard counting.count > 1 else { return counting }
    var seen: Set<TimedSet.Identity> = []
    let different = counting.filter { timedSet in
      seen.insert(timedSet.identity).inserted
    }
    let isSmall = { (timedSet: TimedSet) in timedSet.table.runCount <= Self.maximumSmallRuns }
    let small = Dictionary(grouping: different.filter(isSmall), by: \.window)
    let merged = small.map { window, timedSets in
      guard timedSets.count > 1 else { return timedSets[0] }
      return TimedSet(
        window: window,
        table: AddressTable(
          AddressSet(timedSets.flatMap(\.table.set.ranges)),
          holdsMachine: timedSets.contains { $0.table.holdsMachine }),
        isFetched: timedSets.allSatisfy(\.isFetched))
    }
    // Small ones are looked through first: that costs least, and offices are short lists.
    return merged + different.filter { !isSmall($0) }
  }
}

extension AddressTable {
  /// What entries hold that always count, as those of an `except` do.
  convenience init(_ entries: [ListEntry], networks: [Name: Network]) {
    let tables = [TimedSet](entries, networks: networks).map(\.table)
    var builder = AddressSetBuilder()
    for table in tables { for range in table.set.ranges { builder.insert(range) } }
    self.init(builder.finish(), holdsMachine: tables.contains(where: \.holdsMachine))
  }
}

extension [ListEntry] {
  /// How many runs of addresses are looked at to take exceptions away from the entries: their own, and
  /// those of the exceptions for each set that they are made of.
  func exceptionRuns(_ exceptions: [ListEntry], _ networks: [Name: Network]) -> Int {
    func tables(_ entry: ListEntry) -> (count: Int, runs: Int) {
      switch entry.content {
      case .range, .anywhere, .machine, .local, .nowhere: return (1, 1)
      case .file(let table): return (1, Swift.max(1, table.runCount))
      case .network(let name):
        let sets = networks[name]?.timedSets ?? []
        return (sets.count, sets.reduce(0) { $0 + Swift.max(1, $1.table.runCount) })
      }
    }
    let taken = exceptions.reduce(0) { $0 + tables($1).runs }
    return reduce(taken) { sum, entry in
      let (count, runs) = tables(entry)
      return sum + runs + count * taken
    }
  }
}

extension TimedSet {
  /// Tells it from those with another time or another table.
  struct Identity: Hashable {
    let window: TimeWindow
    let table: ObjectIdentifier
  }

  var identity: Identity { Identity(window: window, table: ObjectIdentifier(table)) }

  /// What it costs to take it over into another network: the runs of a small table, or one.
  var partCount: Int {
    table.runCount <= [TimedSet].maximumSmallRuns ? max(1, table.runCount) : 1
  }
}
