/// What bounds the grants.
public struct GrantLimits: Hashable, Codable, Sendable {
  /// How long a grant may last, in seconds.
  public var longest = 24 * 3600
  /// How many there may be at once.
  public var most = 100

  /// What a policy may set `most` to, at most.
  static let mostOfAll = 1000

  /// The bounds of a policy that sets none.
  public init() {}
}
