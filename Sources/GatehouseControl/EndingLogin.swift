public import GatehousePolicy

/// A login of the record that the serving policy lets in now, and will not any more in a few days,
/// because an entry ends.
public struct EndingLogin: Hashable, Codable, Sendable {
  /// The user, as the directory spells the name.
  public var user: Name
  /// Where the user came from lately.
  public var origin: Origin
  /// By which PAM service.
  public var service: Name
  /// The first time at which it will be refused.
  public var at: Instant
  /// The rule that lets it in now; nil if none does.
  public var rule: SourceLocation?

  /// A login that will be refused.
  public init(user: Name, origin: Origin, service: Name, at: Instant, rule: SourceLocation?) {
    self.user = user
    self.origin = origin
    self.service = service
    self.at = at
    self.rule = rule
  }
}
