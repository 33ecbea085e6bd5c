extension PolicyCheck {
  /// `unreachable_list`: a list that holds no address from now on, and does not say so by `nowhere`.
  func unreachableLists() -> [Diagnostic] {
    rules.lists.filter { list in
      list.isEmpty(from: now) && !list.entries.allSatisfy(\.isNowhere)
    }.map { list in
      warning(
        .unreachableList, list.location,
        "\(list.path) can never match: every entry is inactive, over or empty",
        remedy: "write [nowhere] if that is meant")
    }
  }

  /// `empty_role`: a role that nobody can be a member of.
  func emptyRoles() -> [Diagnostic] {
    rules.roles.filter { $0.value.members.users.isEmpty && $0.value.members.groups.isEmpty }
      .map { name, role in
        warning(
          .emptyRole, role.location, "the role `\(name)` has no members",
          remedy: "give it members: {groups: […], users: […]}")
      }
  }
}

extension ListEntry {
  fileprivate var isNowhere: Bool {
    if case .nowhere = content { true } else { false }
  }
}
