extension Policy {
  /// The warnings: what is valid, but perhaps not meant.
  ///
  /// Only those that the policy alone can give; whether users exist, for example, is checked
  /// elsewhere. Failing tests are errors, and not among these.
  ///
  /// - Parameter now: The time against which entries expire.
  /// - Returns: The warnings, sorted by location.
  public func warnings(now: Instant = .now()) -> [Diagnostic] {
    let check = WarningFinder(rules: rules, now: now)
    let found =
      check.unreachableLists() + check.expiredEntries() + check.expiringEntries()
      + check.expiringLists() + check.missingBreakGlass() + check.openBreakGlass()
      + check.missingLists() + check.unspecifiedAddresses() + check.emptyRoles()
      + check.hiddenAdditions() + check.blockedEntries() + check.blockedEverything()
      + check.privacyAddresses() + check.idleExceptions()
      + check.confinedLists() + check.idleConfinements()
      + check.idleNewPlaces() + check.idleAuthorization() + check.unreachableUsers()
      + check.emptyFeeds() + check.oldFeeds() + check.trustedFeeds()
      + check.rentableFeeds()
    return found.sorted()
  }

  /// The lists that match something now, and nothing in 14 days, unless the policy silences the
  /// warning.
  ///
  /// The daemon logs them daily.
  ///
  /// - Parameter now: The time from which the days count.
  /// - Returns: A warning `empty_soon` for each, sorted by location.
  public func endingLists(now: Instant = .now()) -> [Diagnostic] {
    unsilenced(WarningFinder(rules: rules, now: now).expiringLists()).sorted()
  }
}

/// Finds the warnings of a policy.
struct WarningFinder {
  let rules: Rules
  let now: Instant
  /// How long before an entry ends `check` says so.
  static let noticePeriod = Duration.days(14)

  func warning(
    _ name: WarningName, _ location: SourceLocation?, _ message: String, remedy: String? = nil
  ) -> Diagnostic {
    Diagnostic(warning: name, location: location, message: message, remedy: remedy)
  }

  /// Every entry that the policy has: of its lists and of its networks.
  var entries: [ListEntry] {
    rules.lists.flatMap(\.entries) + rules.networks.values.flatMap(\.entries)
  }

  /// The tables of what an entry means now; none is empty.
  func tables(of entry: ListEntry) -> [AddressTable] {
    guard entry.window.contains(now) else { return [] }
    if let named = [entry].named(rules.networks).first {
      return named.timedSets.filter { $0.window.contains(now) }.map(\.table)
    }
    return [TimedSet]([entry], networks: rules.networks).filter { $0.window.contains(now) }
      .map(\.table)
  }

  /// An entry as a message shows it.
  func shown(_ entry: ListEntry) -> String { "`\(displayText(of: entry.text))`" }
}

extension WarningFinder {
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

  /// `open_break_glass`: whoever has the key of a break-glass user gets in from anywhere.
  func openBreakGlass() -> [Diagnostic] {
    guard rules.mode != .off, let breakGlass = rules.breakGlass, breakGlass.from == nil else {
      return []
    }
    return [
      warning(
        .openBreakGlass, breakGlass.location,
        "break_glass has no `from`: its users may come from every address",
        remedy: "list where help comes from, or write from: [anywhere] if that is meant")
    ]
  }

  /// `no_list`: the policy enforces, and confines nobody.
  func missingLists() -> [Diagnostic] {
    guard rules.mode == .enforce, rules.everyone.requiresRole == nil, rules.local == nil,
      !rules.services.values.contains(where: { $0.local != nil }),
      !rules.groups.values.contains(where: { $0.requiresUserList != nil }),
      !rules.roles.values.contains(where: { $0.requiresUserList != nil }),
      !rules.lists.contains(where: { $0.effect.decidesLogins && $0.effect != .breakGlass })
    else { return [] }
    return [
      warning(
        .noList, nil, "the policy enforces, and has no list: everybody may come from everywhere",
        remedy: "list in everyone.from where people come from")
    ]
  }
}
