extension PolicyCheck {
  /// `no_break_glass`: nobody could log in by `break_glass` while the directory is away.
  func missingBreakGlass() -> [Diagnostic] {
    let remedy = "name a local user: break_glass: {users: [rescue], from: […]}"
    guard rules.mode != .off else { return [] }
    guard let breakGlass = rules.breakGlass else {
      return [
        warning(.noBreakGlass, nil, "the policy has no break_glass user", remedy: remedy)
      ]
    }
    if breakGlass.members.users.isEmpty {
      return [
        warning(
          .noBreakGlass, breakGlass.location,
          "break_glass names no user, and groups are unknown while the directory is away",
          remedy: remedy)
      ]
    }
    if let from = breakGlass.from, from.isEmpty(at: now) {
      return [
        warning(
          .noBreakGlass, from.location, "break_glass.from holds no address now",
          remedy: "list an address that you can reach, or leave `from` out")
      ]
    }
    return []
  }
}
