import GatehousePolicy

/// What came out differently by one policy since a time, as it is kept over a restart of the daemon.
struct ShadowCounts: Sendable {
  /// The policy's SHA-256 in hexadecimal.
  let digest: String
  /// Since when logins are counted.
  let since: Instant
  var changes: LoginChanges

  /// The most places that are counted apart.
  static let mostPlaces = 1000

  init(digest: String, since: Instant) {
    self.init(digest: digest, since: since, changes: LoginChanges(bound: Self.mostPlaces))
  }

  init(digest: String, since: Instant, changes: LoginChanges) {
    self.digest = digest
    self.since = since
    self.changes = changes
  }
}
