public import GatehouseFeeds
internal import GatehousePlatform
internal import GatehousePolicy

/// Gets what a source has, and checks it.
public enum Fetcher {
  /// How long servers and resolvers may take together: a little less than the program has.
  private static let patience = FeedRequest.longestFetch - .seconds(10)

  /// What a source has, or why it has nothing.
  public static func reply(to request: FeedRequest) -> FeedReply {
    var known: [FeedMark: String] = [:]
    for (name, value) in request.marks {
      if let mark = FeedMark(rawValue: name) { known[mark] = value }
    }
    do throws(FetchProblem) {
      switch request.origin {
      case .names(let names):
        return .names(HostNames.lookUp(names, ipv6Prefix: request.ipv6Prefix, within: patience))
      case .url(let download):
        let sent = known.filter { $0.key == .etag || $0.key == .lastModified }
        let got = try Downloader(end: .now + patience).addresses(of: download, known: sent)
        return try found(got, in: download.url)
      case .countries(let countries, let path):
        let wanted = countries.map { NetworkDatabase.Holder.country($0) }
        return try found(NetworkDatabase.addresses(of: wanted, in: path, known: known), in: path)
      case .systems(let systems, let path):
        let wanted = systems.map { NetworkDatabase.Holder.system($0) }
        return try found(NetworkDatabase.addresses(of: wanted, in: path, known: known), in: path)
      }
    } catch {
      return .failure(error.description)
    }
  }

  private static func found(
    _ got: (AddressSet, marks: [FeedMark: String])?, in place: String
  ) throws(FetchProblem) -> FeedReply {
    guard let (addresses, marks) = got else { return .unchanged }
    guard !addresses.isEmpty else { throw FetchProblem("\(place) has no addresses") }
    if let problem = ForeignAddresses.impossibility(in: addresses) {
      throw FetchProblem("\(place) \(problem)")
    }
    let named = marks.map { ($0.key.rawValue, $0.value) }
    return .found(addresses, marks: Dictionary(uniqueKeysWithValues: named))
  }
}
