extension Policy {
  /// What is legal and may yet not be meant.
  ///
  /// Only what the policy itself can tell: users that NSS does not know, for one, are for others to
  /// find. Failing tests are errors, and not among these.
  ///
  /// - Parameter now: The time against which entries expire.
  /// - Returns: The warnings, sorted by place.
  public func warnings(now: Instant = .now()) -> [Diagnostic] {
    let check = PolicyCheck(rules: rules, now: now)
    let found =
      check.unreachableLists() + check.expiredEntries() + check.expiringEntries()
      + check.expiringLists() + check.missingBreakGlass() + check.emptyRoles()
      + check.hiddenAdditions() + check.blockedEntries() + check.blockedEverything()
      + check.privacyAddresses()
      + check.confinedLists() + check.idleConfinements()
    return found.sorted()
  }

  /// The lists that match something now, and nothing any more in 14 days: what has to be said day
  /// by day, unless the policy silences it.
  ///
  /// - Parameter now: The time from which the days count.
  /// - Returns: A warning `empty_soon` for each, sorted by place.
  public func endingLists(now: Instant = .now()) -> [Diagnostic] {
    unsilenced(PolicyCheck(rules: rules, now: now).expiringLists()).sorted()
  }
}

/// Looks through the rules of a policy for what may not be meant.
struct PolicyCheck {
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
      return named.terms.filter { $0.window.contains(now) }.map(\.table)
    }
    return [Term]([entry], networks: [:]).map(\.table)
  }

  /// An entry as a message shows it.
  func shown(_ entry: ListEntry) -> String { "`\(displayText(of: entry.text))`" }
}
