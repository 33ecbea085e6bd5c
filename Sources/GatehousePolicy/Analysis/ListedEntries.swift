/// An entry of a list of the policy, to be shown.
public struct ListedEntry: Sendable {
  /// The scope of its list.
  public let scope: Scope
  /// The key of its list.
  public let key: ListKey
  /// The entry as it was written, made safe to show.
  public let text: String
  /// What is taken away from it, as it was written.
  public let exceptions: [String]
  /// Its description; nil if it has none.
  public let comment: String?
  /// False if it has `active: false`.
  public let isActive: Bool
  /// When it begins to count; nil if it always did.
  public let since: Instant?
  /// From when on it no longer counts; nil if it does not end.
  public let until: Instant?
  /// Its location.
  public let location: SourceLocation

  /// Whether it counts at a time.
  public func counts(at time: Instant) -> Bool {
    isActive && since.map { $0 <= time } ?? true && until.map { time < $0 } ?? true
  }
}

extension Policy {
  /// Every entry of every list and network: everyone's first, then by kind of scope, name and place.
  public var listedEntries: [ListedEntry] {
    let lists =
      rules.lists.map { ($0.scope, $0.key, $0.entries, [ListEntry]()) }
      + rules.networks.map { (Scope.network($0), ListKey.addresses, $1.entries, $1.exceptions) }
    let order: [Scope.Kind] = [
      .everyone, .service, .role, .group, .user, .policy, .breakGlass, .secondFactor, .authorize,
      .network,
    ]
    func rank(_ entry: ListedEntry) -> (Int, Name, SourceLocation) {
      (order.firstIndex(of: entry.scope.kind) ?? 0, entry.scope.name ?? "", entry.location)
    }
    return lists.flatMap { scope, key, entries, exceptions in
      entries.map { ListedEntry($0, of: scope, key, exceptions: exceptions) }
    }.sorted { rank($0) < rank($1) }
  }
}

extension ListedEntry {
  fileprivate init(
    _ entry: ListEntry, of scope: Scope, _ key: ListKey, exceptions: [ListEntry]
  ) {
    self.scope = scope
    self.key = key
    text = displayText(of: entry.text)
    self.exceptions = (entry.exceptions + exceptions).map { displayText(of: $0.text) }
    comment = entry.comment.map { displayText(of: $0) }
    isActive = entry.isActive
    since = entry.window.since == .distantPast ? nil : entry.window.since
    until = entry.plannedEnd == .distantFuture ? nil : entry.plannedEnd
    location = entry.location
  }
}
