/// A question: whether this user may log in.
public struct Login: Hashable, Codable, Sendable {
  /// The user, by the name that NSS returns, or as given where NSS does not know it.
  public var user: Name
  /// The user's groups, primary and supplementary; nil where they could not be read.
  public var groups: Set<Name>?
  /// The PAM service, such as `sshd`.
  public var service: Name
  /// Where the login comes from.
  public var origin: Origin
  /// When it is decided.
  public var time: Instant
  /// The role that was asked for (`role=NAME`), if one was.
  public var role: Name?

  /// A question with all its parts.
  public init(
    user: Name, groups: Set<Name>?, service: Name, origin: Origin, time: Instant, role: Name? = nil
  ) {
    self.user = user
    self.groups = groups
    self.service = service
    self.origin = origin
    self.time = time
    self.role = role
  }
}
