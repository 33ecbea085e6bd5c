// Which entries of a policy somebody has needed, and which end.

/// An entry of a list, as a report names it.
public struct EntryPlace: Hashable, Sendable {
  /// The path of its list: `users.bob.also_from`, `networks.office`.
  public let list: String
  /// The entry as it was written, made safe to show.
  public let text: String
  /// Its description; nil if it has none.
  public let comment: String?
  /// Its location.
  public let location: SourceLocation
  /// The time from which on it no longer counts; nil if it does not end.
  public let until: Instant?
}

/// From where a user came.
public struct VisitedPlace: Hashable, Sendable {
  /// Who came.
  public let user: Name
  /// From where.
  public let origin: Origin
  /// Whether the origin stands for its whole /64.
  public let isNetwork: Bool

  /// A place.
  public init(user: Name, origin: Origin, isNetwork: Bool) {
    self.user = user
    self.origin = origin
    self.isNetwork = isNetwork
  }
}

extension Policy {
  /// The entries that count now and hold none of some places; sorted by location.
  ///
  /// An entry of a user's list is asked about that user's places alone, any other about everybody's: who
  /// was in a group or a role is not known of the past. Left out are those that are meant to be seldom
  /// used: of `block`, and of `break_glass`.
  public func entries(holdingNoneOf places: [VisitedPlace], at time: Instant) -> [EntryPlace] {
    let everybody = Places(places)
    let byUser = Dictionary(grouping: places, by: \.user).mapValues(Places.init)
    var found: [EntryPlace] = []
    func look(at entries: [ListEntry], of path: String, _ places: Places) {
      found += entries.filter {
        $0.counts(at: time) && !places.meet($0, in: rules.networks, at: time)
      }.map { EntryPlace($0, of: path) }
    }
    for list in lists {
      var places = everybody
      if case .user(let name, _) = list.scope { places = byUser[name] ?? Places([]) }
      look(at: list.entries, of: list.path, places)
    }
    for (name, network) in rules.networks {
      look(at: network.entries, of: Scope.network(name).path(of: .addresses), everybody)
    }
    return found.sorted { $0.location < $1.location }
  }

  /// The paths of the lists by which logins are decided every day, sorted: all but `block` and
  /// `break_glass`.
  public var everydayLists: [Name] { lists.map { Name($0.path) }.sorted() }

  private var lists: [AddressList] {
    rules.lists.filter {
      $0.effect.decidesLogins && $0.effect != .blocks && $0.effect != .breakGlass
    }
  }

  /// The entries that count at a time and end within a duration; sorted by their ends.
  public func entries(endingWithin duration: Duration, from time: Instant) -> [EntryPlace] {
    let lists =
      rules.lists.map { ($0.path, $0.entries) }
      + rules.networks.map { (Scope.network($0).path(of: .addresses), $1.entries) }
    return lists.flatMap { path, entries in
      entries.filter { $0.counts(at: time) && $0.plannedEnd <= time + duration }
        .map { EntryPlace($0, of: path) }
    }.sorted { ($0.until ?? time, $0.location) < ($1.until ?? time, $1.location) }
  }

  /// The smallest network of the policy that holds each of some addresses at a time; none for those
  /// that are in none.
  public func networks(holding addresses: Set<IPAddress>, at time: Instant) -> [IPAddress: Name] {
    let networks = rules.networks.map { name, network in
      (
        name: name, timedSets: network.timedSets,
        size: network.timedSets.reduce(0.0) { $0 + $1.table.set.ranges.size }
      )
    }.sorted { ($0.size, $0.name) < ($1.size, $1.name) }
    var names: [IPAddress: Name] = [:]
    for address in addresses {
      names[address] =
        networks.first { $0.timedSets.contains { $0.contains(.address(address), at: time) } }?.name
    }
    return names
  }
}

extension EntryPlace {
  fileprivate init(_ entry: ListEntry, of path: String) {
    list = displayText(of: path)
    text = displayText(of: entry.text)
    comment = entry.comment.map { displayText(of: $0) }
    location = entry.location
    until = entry.plannedEnd == .distantFuture ? nil : entry.plannedEnd
  }
}

extension ListEntry {
  fileprivate func counts(at time: Instant) -> Bool {
    if case .nowhere = content { return false }
    return isActive && window.contains(time)
  }
}

/// Places, to look for one that an entry holds.
private final class Places {
  private let addresses: AddressSet
  private let ranges: [AddressRange]
  private let hasMachine: Bool
  private var answers: [Name: Bool] = [:]

  init(_ places: [VisitedPlace]) {
    addresses = AddressSet(
      places.compactMap { place in
        guard case .address(let address) = place.origin else { return nil }
        guard place.isNetwork else { return AddressRange(address) }
        let rest = (UInt128(1) << 64) - 1
        return AddressRange(
          family: address.family, first: address.bits & ~rest, last: address.bits | rest)
      })
    ranges = addresses.ranges
    hasMachine = places.contains { $0.origin == .machine }
  }

  func meet(_ entry: ListEntry, in networks: [Name: Network], at time: Instant) -> Bool {
    guard entry.exceptions.isEmpty else {
      return [TimedSet]([entry], networks: networks).contains {
        $0.window.contains(time) && meet($0.table)
      }
    }
    switch entry.content {
    case .range(let range): return addresses.meets(range) || hasMachine && range.isLoopback
    case .anywhere: return !addresses.isEmpty || hasMachine
    case .machine: return hasMachine
    case .nowhere, .local: return false
    case .file(let table): return meet(table)
    case .network(let name):
      // Many entries may name one network, which may be long.
      if let answer = answers[name] { return answer }
      let answer =
        networks[name]?.timedSets.contains { $0.window.contains(time) && meet($0.table) } ?? false
      answers[name] = answer
      return answer
    }
  }

  private func meet(_ table: AddressTable) -> Bool {
    hasMachine && table.holdsMachine
      || ranges.contains { range in
        table.contains(.address(range.firstAddress)) || !range.isSingle && table.set.meets(range)
      }
  }
}
