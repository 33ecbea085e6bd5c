/// What a policy names of the machine that it is for: only the machine knows whether that is there.
extension Policy {
  /// The users that rules name, each with the first place where its name stands.
  public var mentionedUsers: [Name: SourceLocation] { rules.mentions.users }

  /// The groups that rules name, likewise.
  public var mentionedGroups: [Name: SourceLocation] { rules.mentions.groups }

  /// The users whom `break_glass` names.
  public var breakGlassUsers: Set<Name> { rules.breakGlass?.members.users ?? [] }

  /// Where `break_glass` stands; nil where the policy has none.
  public var breakGlassLocation: SourceLocation? { rules.breakGlass?.location }

  /// The entries of lists and networks that are one single address, and are active.
  public var singleAddresses: [(address: IPAddress, location: SourceLocation)] {
    let entries = rules.lists.flatMap(\.entries) + rules.networks.values.flatMap(\.entries)
    return entries.compactMap { entry in
      guard entry.isActive, case .range(let range) = entry.content, range.first == range.last
      else { return nil }
      // The text may also be a prefix, or a range from an address to itself.
      let address =
        range.family == .ipv4
        ? IPAddress(ipv4: UInt32(truncatingIfNeeded: range.first)) : IPAddress(ipv6: range.first)
      return (address, entry.location)
    }
  }
}

/// Where users and groups are named.
struct Mentions: Sendable {
  private(set) var users: [Name: SourceLocation] = [:]
  private(set) var groups: [Name: SourceLocation] = [:]

  mutating func mention(user name: Name, at place: SourceLocation) {
    users[name] = min(users[name] ?? place, place)
  }

  mutating func mention(group name: Name, at place: SourceLocation) {
    groups[name] = min(groups[name] ?? place, place)
  }
}
