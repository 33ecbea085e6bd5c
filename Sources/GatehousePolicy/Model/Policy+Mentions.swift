/// What a policy names of the machine that it is for: only the machine knows whether that is there.
extension Policy {
  /// The users that rules name, each with the first place of those where it is named.
  public var mentionedUsers: [Name: SourceLocation] {
    var places: [Name: SourceLocation] = [:]
    for (name, user) in rules.users {
      places.mention(name, at: user.alsoFrom?.location, user.onlyFrom?.location)
    }
    for role in rules.roles.values {
      for name in role.members.users { places.mention(name, at: role.location) }
    }
    for name in rules.breakGlass?.members.users ?? [] {
      places.mention(name, at: rules.breakGlass?.location)
    }
    return places
  }

  /// The groups that rules name, likewise.
  public var mentionedGroups: [Name: SourceLocation] {
    var places: [Name: SourceLocation] = [:]
    for (name, group) in rules.groups {
      places.mention(
        name, at: group.alsoFrom?.location, group.onlyFrom?.location, group.requiresUserList)
    }
    for role in rules.roles.values {
      for name in role.members.groups { places.mention(name, at: role.location) }
    }
    for name in rules.breakGlass?.members.groups ?? [] {
      places.mention(name, at: rules.breakGlass?.location)
    }
    return places
  }

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

extension [Name: SourceLocation] {
  /// Keeps the first of the places.
  fileprivate mutating func mention(_ name: Name, at places: SourceLocation?...) {
    guard let first = (places + [self[name]]).compactMap(\.self).min() else { return }
    self[name] = first
  }
}
