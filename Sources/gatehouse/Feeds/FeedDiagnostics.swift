import GatehousePlatform
import GatehousePolicy

/// Whether the databases that networks of a policy are from are there, and not too old.
enum FeedDiagnostics {
  /// How old a database may be.
  private static let longestAge = Duration.seconds(60 * 86_400)

  /// A warning for each database that is missing or old.
  static func all(of policy: Policy, now: Instant = .now()) -> [Diagnostic] {
    policy.fetchedNetworks.compactMap { network in
      guard let database = network.source.database else { return nil }
      guard Files.exists(database) else {
        return Diagnostic(
          warning: .databaseMissing, location: network.location,
          message: "`\(network.name)`: there is no database \(displayText(of: database))",
          remedy: "install the package that brings it, or correct the path")
      }
      guard let built = network.built, built + longestAge <= now else { return nil }
      return Diagnostic(
        warning: .databaseIsOld, location: network.location,
        message: "`\(network.name)`: the database \(displayText(of: database)) was built on "
          + "\("\(built)".prefix(10)), more than 60 days ago",
        remedy: "have the package or program that brings it run")
    }
  }
}

extension NetworkSource {
  /// The database that it is from; nil if it is from none.
  fileprivate var database: String? {
    switch origin {
    case .names, .url: nil
    case .countries(_, let database), .systems(_, let database): database
    }
  }
}
