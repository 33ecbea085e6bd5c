public import GatehousePolicy

/// A denial as the daemon remembers it, so that it can be turned into a grant.
public struct Denial: Hashable, Sendable {
  /// What the refused user was told to quote.
  public let id: String
  /// When.
  public let time: Instant
  /// The user, by the name that NSS returns.
  public let user: Name
  /// The PAM service.
  public let service: Name
  /// The address that the user came from; nil where the origin was none.
  public let address: IPAddress?
  /// The role that was asked for.
  public let role: Name?
  /// Why.
  public let reason: Reason
  /// With which methods and keys the user had proved who they are, as sshd says it
  /// (`SSH_AUTH_INFO_0` in sshd(8)).
  public let authentication: Name?

  /// A denial with all its parts.
  public init(
    id: String, time: Instant, user: Name, service: Name, address: IPAddress?, role: Name?,
    reason: Reason, authentication: Name?
  ) {
    self.id = id
    self.time = time
    self.user = user
    self.service = service
    self.address = address
    self.role = role
    self.reason = reason
    self.authentication = authentication
  }
}
