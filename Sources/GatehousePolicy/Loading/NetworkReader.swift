// Reads `networks`, and works out what each means with the networks that it names.

extension PolicyLoader {
  /// Networks that name networks that name networks: more than this is a mistake.
  static var maximumNetworkDepth: Int { 32 }

  mutating func readNetworks() {
    for (name, field) in merged(.networks, what: "network", section: .named) {
      rules.networks[name] = network(field, called: name)
    }
    for network in rules.networks.values {
      for entry in network.namingEntries { checkNetwork(of: entry) }
    }
    var resolver = NetworkResolver(
      networks: rules.networks, maximumParts: maximumNetworkParts,
      maximumExceptionRuns: maximumExceptionRuns)
    resolver.resolve()
    rules.networks = resolver.networks
    log.add(resolver.diagnostics)
    for network in resolver.networks.values {
      let exceptions = network.entries.flatMap(\.exceptions) + network.exceptions
      for exception in exceptions { checkPermanence(of: exception, resolver.networks) }
    }
  }

  /// The long form with `addresses` or a source, or the list alone.
  private mutating func network(_ field: PolicyField, called name: Name) -> Network {
    var exceptions: [ListEntry] = []
    let entries = entries(ofNetwork: field, called: name, exceptions: &exceptions) ?? []
    return Network(entries: entries, exceptions: exceptions, location: field.location)
  }

  private mutating func entries(
    ofNetwork field: PolicyField, called name: Name, exceptions: inout [ListEntry]
  ) -> [ListEntry]? {
    guard case .mapping = field.value.kind else { return entries(field) }
    guard
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, NetworkKey.self)
    else { return nil }
    exceptions =
      fields[.setting(.exceptions)].flatMap {
        self.exceptions($0, called: "an entry of \($0.path)")
      } ?? []
    if let description = fields[.setting(.description)] { _ = decoder.scalar(description) }
    let sourceField = NetworkSetting.sources.compactMap { fields[.setting($0)] }.first
    let source = source(fields, path: field.path)
    guard fields[.list(.addresses)] != nil || sourceField != nil else {
      log.error(
        .missingKey, field.location, "\(field.path) has no `addresses`",
        remedy: "list them, or write [nowhere]")
      return nil
    }
    var all = fields[.list(.addresses)].flatMap { entries($0) } ?? []
    if let source, let sourceField,
      let entry = entry(ofSource: source, of: name, at: sourceField.location)
    {
      all.append(entry)
    }
    return all
  }
}

/// Works out what each network means, after the networks that it names.
///
/// Nothing here is recursive: a policy may have a row of networks as long as its files allow.
struct NetworkResolver {
  private(set) var networks: [Name: Network]
  private(set) var diagnostics: [Diagnostic] = []
  private var resolved: Set<Name> = []
  /// How many networks the longest row has that begins with a network; nil if it leads to a cycle.
  private var depths: [Name: Int] = [:]
  /// One table for what networks hold, however many of them come to the same.
  private var tables: [TableContent: AddressTable] = [:]
  /// How many parts have been taken from one network into another.
  private var parts = 0
  /// How many runs of addresses had something taken away, and were taken away.
  private var exceptionRuns = 0
  private let maximumParts: Int
  private let maximumExceptionRuns: Int

  private struct TableContent: Hashable {
    let addresses: AddressSet
    let holdsMachine: Bool
  }

  /// A network whose entries are being looked at.
  private struct Visit {
    let name: Name
    let network: Network
    /// Its entries that may name others.
    let entries: [ListEntry]
    var nextEntry = 0
    var leadsToCycle = false

    init(_ name: Name, _ network: Network) {
      self.name = name
      self.network = network
      entries = network.namingEntries
    }
  }

  init(networks: [Name: Network], maximumParts: Int, maximumExceptionRuns: Int) {
    self.networks = networks
    self.maximumParts = maximumParts
    self.maximumExceptionRuns = maximumExceptionRuns
  }

  mutating func resolve() {
    for name in networks.keys.sorted() { resolve(name) }
  }

  /// Resolves a network, and before it every network that it leads to.
  private mutating func resolve(_ first: Name) {
    guard !resolved.contains(first), let network = networks[first] else { return }
    var path = [Visit(first, network)]
    var positions = [first: 0]
    while let visit = path.last {
      let last = path.count - 1
      guard visit.nextEntry < visit.entries.count else {
        finish(visit)
        positions[visit.name] = nil
        path.removeLast()
        continue
      }
      let entry = visit.entries[visit.nextEntry]
      guard case .network(let other) = entry.content, let network = networks[other] else {
        path[last].nextEntry += 1
        continue
      }
      if let start = positions[other] {
        reportCycle(path[start...].map(\.name), entry)
        path[last].leadsToCycle = true
        path[last].nextEntry += 1
      } else if resolved.contains(other) {
        if depths[other] == nil { path[last].leadsToCycle = true }
        path[last].nextEntry += 1
      } else {
        positions[other] = path.count
        path.append(Visit(other, network))
      }
    }
  }

  /// Says what a network means, once all that it names are resolved.
  private mutating func finish(_ visit: Visit) {
    resolved.insert(visit.name)
    if !visit.leadsToCycle { measure(visit.network, called: visit.name) }
    let timedSets = timedSets(of: visit.network, called: visit.name)
    networks[visit.name]?.timedSets = timedSets
    if isFetched(visit.network) {
      let lastingSets = self.timedSets(of: visit.network.lasting, called: visit.name)
      networks[visit.name]?.lastingSets = lastingSets
    }
    let passingEntry = passingEntry(visit.network)
    networks[visit.name]?.passingEntry = passingEntry
  }

  /// Whether something that the network holds was got from elsewhere.
  private func isFetched(_ network: Network) -> Bool {
    network.entries.contains { entry in
      if case .network(let other) = entry.content { return networks[other]?.lastingSets != nil }
      return entry.fetched != nil
    }
  }

  /// The first entry that does not always count; what is got from elsewhere does, where it has to.
  private func passingEntry(_ network: Network) -> SourceLocation? {
    for entry in network.entries {
      if !entry.isActive || entry.lasting.window != .always { return entry.location }
      if case .network(let other) = entry.content, let passing = networks[other]?.passingEntry {
        return passing
      }
    }
    return nil
  }

  /// Notes the depth of a network, and reports the entries that make it the first that is too deep.
  private mutating func measure(_ network: Network, called name: Name) {
    let limit = PolicyLoader.maximumNetworkDepth
    let named = network.namingEntries.compactMap {
      entry -> (entry: ListEntry, name: Name, depth: Int)? in
      guard case .network(let other) = entry.content, let depth = depths[other] else { return nil }
      return (entry, other, depth)
    }
    let depth = 1 + (named.map(\.depth).max() ?? 0)
    depths[name] = depth
    // A network that leads to one that is too deep has no mistake of its own.
    guard depth == limit + 1 else { return }
    for (entry, other, depth) in named where depth == limit {
      report(
        .tooDeep, entry, "`\(other)`: networks are nested too deeply here",
        remedy: "at most \(limit) in a row")
    }
  }

  private mutating func reportCycle(_ cycle: [Name], _ entry: ListEntry) {
    // A long cycle is shown by its first names.
    let shown = cycle.prefix(PolicyLoader.maximumNetworkDepth).map(\.description)
    let row = shown + (cycle.count > shown.count ? ["…"] : []) + shown.prefix(1)
    report(
      .networkCycle, entry,
      "the network `\(shown.first ?? "")` holds itself: " + row.joined(separator: " → "),
      remedy: "take one of these entries out")
  }

  /// What a network means; nothing if that is too much.
  private mutating func timedSets(of network: Network, called name: Name) -> [TimedSet] {
    guard parts <= maximumParts else { return [] }
    var taken: Set<TimedSet.Identity> = []
    for entry in network.entries {
      for (window, timedSets) in [entry].named(networks) {
        for timedSet in timedSets.within(window) {
          // What another entry brought already is only recognised.
          parts += taken.insert(timedSet.identity).inserted ? timedSet.partCount : 1
        }
      }
      guard parts <= maximumParts else {
        report(
          .tooManyParts, entry,
          "`\(name)`: the networks that name each other come to more than \(maximumParts) parts"
            + " here",
          remedy: "name fewer networks in networks, or fewer levels of them")
        return []
      }
    }
    guard isShortEnough(network, called: name) else { return [] }
    var timedSets = [TimedSet](network.entries, networks: networks)
    if !network.exceptions.isEmpty {
      timedSets = timedSets.subtracting(AddressTable(network.exceptions, networks: networks))
    }
    return timedSets.map {
      TimedSet(window: $0.window, table: interned($0.table), isFetched: $0.isFetched)
    }
  }

  /// Whether it does not take too long to take the exceptions away; reports it otherwise.
  private mutating func isShortEnough(_ network: Network, called name: Name) -> Bool {
    let limit = maximumExceptionRuns
    let excepting = network.entries.filter { !$0.exceptions.isEmpty }
    guard let first = excepting.first ?? (network.exceptions.isEmpty ? nil : network.entries.first)
    else { return true }
    // Reported already.
    guard exceptionRuns <= limit else { return false }
    for entry in excepting {
      exceptionRuns += [entry].exceptionRuns(entry.exceptions, networks)
    }
    if !network.exceptions.isEmpty {
      exceptionRuns += network.entries.exceptionRuns(network.exceptions, networks)
    }
    guard exceptionRuns > limit else { return true }
    report(
      .tooManyParts, first,
      "`\(name)`: the networks that have an `except` come to more than \(limit) addresses here",
      remedy: "have fewer networks with an `except`")
    return false
  }

  /// The table that an earlier network has for the same origins.
  private mutating func interned(_ table: AddressTable) -> AddressTable {
    guard let set = table.plainSet else { return table }
    let content = TableContent(addresses: set, holdsMachine: table.holdsMachine)
    if let known = tables[content] { return known }
    tables[content] = table
    return table
  }

  private mutating func report(
    _ name: ErrorName, _ entry: ListEntry, _ message: String, remedy: String
  ) {
    diagnostics.append(
      Diagnostic(error: name, location: entry.location, message: message, remedy: remedy))
  }
}
