extension Policy {
  /// The users and groups that a rule confines: by an `only_from` or `requires_user_list` of their own, for
  /// one service alone or for all, or of a role that names them.
  ///
  /// If the machine has no such name, somebody whom it was meant for is not confined. None if a
  /// service has users that are not the machine's: the names may be theirs.
  public var confinedNames: (users: Set<Name>, groups: Set<Name>) {
    guard !rules.services.values.contains(where: { $0.virtualAccounts != nil }) else {
      return ([], [])
    }
    var users = Set(
      rules.users.filter { $0.value.allLists.contains(where: \.effect.confines) }.keys)
    var groups = Set(
      rules.groups.filter {
        $0.value.requiresUserList != nil || $0.value.allLists.contains(where: \.effect.confines)
      }.keys)
    for role in rules.roles.values
    where role.requiresUserList != nil || role.allLists.contains(where: \.effect.confines) {
      users.formUnion(role.members.users)
      groups.formUnion(role.members.groups)
    }
    return (users, groups)
  }
}
