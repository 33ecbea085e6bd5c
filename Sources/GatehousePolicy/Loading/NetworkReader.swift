// Reads `networks`, and works out what each means with the networks that it names.

extension PolicyLoader {
  /// Networks that name networks that name networks: more than this is a mistake.
  static var greatestNetworkDepth: Int { 32 }

  mutating func readNetworks() {
    for (name, field) in merged(.networks, what: "network", section: .named) {
      rules.networks[name] = Network(entries: network(field) ?? [], location: field.location)
    }
    for network in rules.networks.values {
      for entry in network.entries { checkNetwork(of: entry) }
    }
    var resolver = NetworkResolver(networks: rules.networks, mostParts: mostNetworkParts)
    resolver.resolve()
    rules.networks = resolver.networks
    log.add(resolver.diagnostics)
  }

  /// The long form with `addresses`, or the list alone.
  private mutating func network(_ field: Field) -> [ListEntry]? {
    guard case .mapping = field.value.kind else { return entries(field) }
    guard
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, NetworkKey.self)
    else { return nil }
    if let description = fields[.setting(.description)] { _ = decoder.scalar(description) }
    guard let addresses = fields[.list(.addresses)] else {
      log.error(
        .missingKey, field.location, "\(field.path) has no `addresses`",
        remedy: "list them, or write [nowhere]")
      return nil
    }
    return entries(addresses)
  }
}

/// Puts the networks together that name each other, each after those that it names.
struct NetworkResolver {
  private(set) var networks: [Name: Network]
  private(set) var diagnostics: [Diagnostic] = []
  private var resolved: Set<Name> = []
  /// The networks that led to the one being resolved.
  private var path: [Name] = []
  /// One table for each set of addresses, however many networks come to it.
  private var tables: [AddressSet: AddressTable] = [:]
  /// How many parts have been taken from one network into another, and may be.
  private var parts = 0
  private let mostParts: Int

  init(networks: [Name: Network], mostParts: Int) {
    self.networks = networks
    self.mostParts = mostParts
  }

  mutating func resolve() {
    for name in networks.keys.sorted() { resolve(name) }
  }

  private mutating func resolve(_ name: Name) {
    guard let network = networks[name], !resolved.contains(name) else { return }
    path.append(name)
    defer {
      path.removeLast()
      resolved.insert(name)
    }
    for entry in network.entries {
      guard case .network(let other) = entry.content else { continue }
      if let start = path.firstIndex(of: other) {
        report(
          .networkCycle, entry,
          "the network `\(other)` holds itself: "
            + (path[start...] + [other]).map(\.description).joined(separator: " → "),
          remedy: "take one of these entries out")
      } else if path.count >= PolicyLoader.greatestNetworkDepth {
        report(
          .tooDeep, entry, "`\(other)`: networks are nested too deeply here",
          remedy: "at most \(PolicyLoader.greatestNetworkDepth) in a row")
      } else {
        resolve(other)
      }
    }
    let terms = terms(of: network, called: name)
    networks[name]?.terms = terms
  }

  /// What a network means; nothing if that is too much.
  private mutating func terms(of network: Network, called name: Name) -> [Term] {
    guard parts <= mostParts else { return [] }
    for entry in network.entries {
      let named = [entry].named(networks)
      parts += named.reduce(0) { $0 + $1.terms.partCount }
      guard parts <= mostParts else {
        report(
          .tooManyParts, entry,
          "`\(name)`: the networks that name each other come to more than \(mostParts) parts"
            + " here",
          remedy: "name fewer networks in networks, or fewer levels of them")
        return []
      }
    }
    let terms = [Term](network.entries, networks: networks)
    return terms.map { Term(window: $0.window, table: interned($0.table)) }
  }

  /// The table that an earlier network has for the same addresses.
  private mutating func interned(_ table: AddressTable) -> AddressTable {
    guard let set = table.plainSet else { return table }
    if let known = tables[set] { return known }
    tables[set] = table
    return table
  }

  private mutating func report(
    _ name: ErrorName, _ entry: ListEntry, _ message: String, remedy: String
  ) {
    diagnostics.append(
      Diagnostic(error: name, location: entry.location, message: message, remedy: remedy))
  }
}
