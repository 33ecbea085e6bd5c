/// The limits of grants: `grants` in the policy.
public struct GrantLimits: Hashable, Codable, Sendable {
  /// How long a grant may last at most: `grants.longest`.
  public var longestDuration = Duration.seconds(24 * 3600)
  /// How many grants there may be at once: `grants.most`.
  public var mostGrants = 100

  /// The greatest number that a policy may set `most` to.
  static let greatestMostGrants = 1000

  /// The limits of a policy that sets none.
  public init() {}
}
