// What the guard asks of a policy beside its decisions.

extension Policy {
  /// The times at which the decision on a login may change, sorted.
  ///
  /// Between two of them, and between now and the first, it stays the same.
  ///
  /// - Parameters:
  ///   - login: The login; its time is the present.
  ///   - end: The last time that is of interest.
  /// - Returns: Times after that of the login: each begins something, or is the first after an end.
  public func changeTimes(of login: Login, until end: Instant) -> [Instant] {
    var times: [Instant] = []
    for list in lists(for: login) {
      for timedSet in list.timedSets {
        let ends = timedSet.plannedTimes.filter { login.time < $0 && $0 <= end }
        // Most entries count always: those are not asked about the origin.
        if !ends.isEmpty, timedSet.table.contains(login.origin) { times += ends }
      }
    }
    times.sort()
    var last: Instant?
    return times.filter { time in
      defer { last = time }
      return time != last
    }
  }

  /// Whether an entry of any list begins or ends after a time, and not after another.
  public func changes(after time: Instant, until end: Instant) -> Bool {
    let entries = rules.lists.lazy.map(\.entries) + rules.networks.values.lazy.map(\.entries)
    return entries.contains { entries in
      entries.contains { entry in
        guard entry.isActive else { return false }
        return [entry.window.since, entry.plannedEnd].contains { time < $0 && $0 <= end }
      }
    }
  }

  /// Whether a user's own `only_from` is `[nowhere]`: whoever wrote it meant to shut the user out.
  public func shutsOut(_ user: Name) -> Bool {
    guard let list = rules.users[user]?.lists[.onlyFrom] else { return false }
    return list.entries.allSatisfy { entry in
      if case .nowhere = entry.content { true } else { false }
    }
  }
}

/// Who can log in by `break_glass`, and from where.
public struct BreakGlassReach: Sendable {
  /// The users whom it names.
  public let users: Set<Name>
  /// The groups that it names.
  public let groups: Set<Name>
  /// The addresses of its `from`, or all addresses without one.
  public let addresses: AddressSet
}

extension Policy {
  /// Who can log in by `break_glass` from some address at a time; nil if nobody can.
  public func breakGlassReach(at time: Instant) -> BreakGlassReach? {
    guard mode != .off, let breakGlass = rules.breakGlass else { return nil }
    let addresses = breakGlass.from.map { $0.addresses(at: time) } ?? .everything
    guard !addresses.isEmpty else { return nil }
    return BreakGlassReach(
      users: breakGlass.members.users, groups: breakGlass.members.groups, addresses: addresses)
  }

  /// The groups that `break_glass` names.
  public var breakGlassGroups: Set<Name> { rules.breakGlass?.members.groups ?? [] }

  /// The times after a time at which `break_glass` may begin or cease to reach an address, sorted.
  public func breakGlassChangeTimes(after time: Instant, until end: Instant) -> [Instant] {
    let times = (rules.breakGlass?.from?.timedSets ?? []).flatMap(\.plannedTimes)
    let ends = times.filter { time < $0 && $0 <= end }
    return Set(ends).sorted()
  }
}
