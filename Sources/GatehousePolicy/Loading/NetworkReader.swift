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
    var resolver = NetworkResolver(networks: rules.networks)
    resolver.resolve()
    rules.networks = resolver.networks
    findings.add(resolver.diagnostics)
  }

  /// The long form with `addresses`, or the list alone.
  private mutating func network(_ field: Field) -> [ListEntry]? {
    guard case .mapping = field.value.kind else { return entries(field) }
    guard
      let fields = findings.fields(
        of: field.value, path: field.path, at: field.location, NetworkKey.self)
    else { return nil }
    if let description = fields[.description] { _ = findings.scalar(description) }
    guard let addresses = fields[.addresses] else {
      findings.error(
        "missing_key", field.location, "\(field.path) has no `addresses`",
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

  init(networks: [Name: Network]) {
    self.networks = networks
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
          "network_cycle", entry,
          "the network `\(other)` holds itself: "
            + (path[start...] + [other]).map(\.description).joined(separator: " → "),
          remedy: "take one of these entries out")
      } else if path.count >= PolicyLoader.greatestNetworkDepth {
        report(
          "too_deep", entry, "`\(other)`: networks are nested too deeply here",
          remedy: "at most \(PolicyLoader.greatestNetworkDepth) in a row")
      } else {
        resolve(other)
      }
    }
    let terms = [Term](network.entries, networks: networks)
    networks[name]?.terms = terms
  }

  private mutating func report(
    _ name: String, _ entry: ListEntry, _ message: String, remedy: String
  ) {
    diagnostics.append(
      Diagnostic(
        severity: .error, name: name, location: entry.location, message: message, remedy: remedy))
  }
}
