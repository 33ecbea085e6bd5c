public import GatehousePolicy

/// What is known of a user, as far as one policy asks.
public struct Identity: Hashable, Sendable {
  /// The name that the directory has for the user, or the one given where it knows none.
  public let name: Name
  /// Whether the directory knows the user.
  public let isKnown: Bool
  /// Those of the groups asked about that the user belongs to.
  public let groups: Set<Name>
  /// The groups that were asked about; of any other nothing is known.
  public let askedGroups: Set<Name>

  /// An identity.
  public init(name: Name, isKnown: Bool, groups: Set<Name>, askedGroups: Set<Name>) {
    self.name = name
    self.isKnown = isKnown
    self.groups = groups
    self.askedGroups = askedGroups
  }
}

extension Directory {
  /// Reads who a user is and which of these groups the user belongs to, in one pass.
  ///
  /// The reading is good only if the user was found or reported absent, and so was every group:
  /// while a directory is away, the list of a user's groups comes back short without an error, and
  /// it is the look-up of the groups that tells. A good reading is returned, a bad one thrown.
  ///
  /// Blocks for as long as the directory takes.
  public func reading(of user: Name, among groups: Set<Name>) throws(DirectoryError) -> Identity {
    let account = try account(of: user)
    var memberships: Set<UInt32> = []
    if let account, !groups.isEmpty { memberships = Set(try groupIDs(of: account)) }
    var held: Set<Name> = []
    for group in groups.sorted() {
      // Asked also for an unknown user: only then is it sure that the directory is there.
      if let id = try groupID(of: group), memberships.contains(id) { held.insert(group) }
    }
    return Identity(
      name: account?.name ?? user, isKnown: account != nil, groups: held, askedGroups: groups)
  }
}
