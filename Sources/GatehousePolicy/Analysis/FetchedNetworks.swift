/// A network of a policy that is got from elsewhere.
public struct FetchedNetwork: Sendable {
  /// Its name.
  public let name: Name
  /// Where its addresses are got from.
  public let source: NetworkSource
  /// When they were got last; nil if nothing of this source was got yet.
  public let got: Instant?
  /// When they changed last.
  public let changed: Instant?
  /// When the database was built that it is from; nil if it is from none.
  public let built: Instant?
  /// What was got.
  public let addresses: AddressSet
  /// Where its source stands in the policy.
  public let location: SourceLocation
}

extension Policy {
  /// The networks that are got from elsewhere, sorted by name.
  public var fetchedNetworks: [FetchedNetwork] {
    rules.networks.compactMap { name, network in
      guard let entry = network.fetchedEntry, let fetched = entry.fetched,
        case .file(let table) = entry.content
      else { return nil }
      return FetchedNetwork(
        name: name, source: fetched.source, got: fetched.got, changed: fetched.changed,
        built: fetched.built, addresses: table.set, location: entry.location)
    }.sorted { $0.name < $1.name }
  }
}
