/// A question: whether this user may log in.
public struct Login: Hashable, Codable, Sendable {
  /// The user, by the name that NSS returns, or as given if NSS does not know it.
  public var user: Name
  /// The groups that the user is certainly in, primary and supplementary; nil if nothing is known of
  /// any group.
  public var groups: Set<Name>?
  /// The groups of which it is unknown whether the user is in them, beside what `groups` says.
  public var unsureGroups: Set<Name>
  /// Whether `user` is how the directory spells the name; false if no directory could say so.
  public var isNameSure: Bool
  /// Whether the user has uid 0; the name `root` tells it if no directory is asked.
  public var isRoot: Bool
  /// False only if it is certain that there is no such user.
  public var exists: Bool
  /// The PAM service, such as `sshd`.
  public var service: Name
  /// Where the login comes from.
  public var origin: Origin
  /// When it is decided.
  public var time: Instant
  /// The role that was asked for (`role=NAME`), if one was.
  public var role: Name?
}

// In an extension, so that the compiler makes an initialiser of all parts, which copies nothing.
extension Login {
  /// A question with all its parts; `isRoot` is nil if no directory was asked.
  public init(
    user: Name, groups: Set<Name>?, unsureGroups: Set<Name> = [], isNameSure: Bool = true,
    isRoot: Bool? = nil, exists: Bool = true, service: Name, origin: Origin, time: Instant,
    role: Name? = nil
  ) {
    let isRoot = isRoot ?? (user == "root")
    self.init(
      user: user, groups: groups, unsureGroups: unsureGroups, isNameSure: isNameSure,
      isRoot: isRoot, exists: exists, service: service, origin: origin, time: time, role: role)
  }

  /// Whether everything is known of the user that a directory has to say.
  public var isUserSure: Bool { groups != nil && unsureGroups.isEmpty && isNameSure }
}
