extension Policy {
  /// Those whom `break_glass` can let in at a time from some address: users, then groups, each
  /// sorted; none where the policy is off.
  public func breakGlassMembers(at time: Instant) -> [Name] {
    guard mode != .off, let breakGlass = rules.breakGlass,
      !(breakGlass.from?.isEmpty(at: time) ?? false)
    else { return [] }
    return breakGlass.members.users.sorted() + breakGlass.members.groups.sorted()
  }
}
