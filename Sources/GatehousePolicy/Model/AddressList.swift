/// A list of the policy, with its scope.
final class AddressList: Sendable {
  let scope: Scope
  let key: ListKey
  let effect: ListEffect
  /// The location of its key.
  let location: SourceLocation
  let entries: [ListEntry]
  /// What the entries mean, except those in `named`; none is empty.
  private let own: [TimedSet]
  /// The networks of many parts that it names; it shares their sets.
  private let named: [(window: TimeWindow, timedSets: [TimedSet])]

  /// If the networks that it names have at most this many sets together, they are copied into the
  /// list, which makes look-ups faster.
  private static let maximumCopiedParts = 16

  convenience init(
    scope: Scope, row: ListRow, location: SourceLocation, entries: [ListEntry],
    networks: [Name: Network]
  ) {
    self.init(
      scope: scope, key: row.key, effect: row.effect, location: location, entries: entries,
      networks: networks)
  }

  private init(
    scope: Scope, key: ListKey, effect: ListEffect, location: SourceLocation,
    entries: [ListEntry], networks: [Name: Network]
  ) {
    self.scope = scope
    self.key = key
    self.effect = effect
    self.location = location
    self.entries = entries
    let named = entries.named(networks)
    if named.reduce(0, { $0 + $1.timedSets.count }) <= Self.maximumCopiedParts {
      own = [TimedSet](entries, networks: networks)
      self.named = []
    } else {
      own = [TimedSet](entries.filter { !$0.isWholeNetwork }, networks: networks)
      self.named = named
    }
  }

  /// The same list with other entries.
  func with(_ entries: [ListEntry], networks: [Name: Network]) -> AddressList {
    AddressList(
      scope: scope, key: key, effect: effect, location: location, entries: entries,
      networks: networks)
  }

  /// What the entries mean; none is empty.
  var timedSets: [TimedSet] {
    named.reduce(own) { $0 + $1.timedSets.within($1.window) }
  }

  /// `users.deploy.only_from`.
  var path: String { scope.path(of: key) }

  /// Whether the list holds an origin at a time; never one that is local or unknown.
  func contains(_ origin: Origin, at time: Instant) -> Bool {
    own.contains { $0.contains(origin, at: time) }
      || named.contains { window, timedSets in
        window.contains(time) && timedSets.contains { $0.contains(origin, at: time) }
      }
  }

  /// Whether the list has the word `local`, as only one of `second_factor` can.
  var holdsLocal: Bool {
    entries.contains { if case .local = $0.content { true } else { false } }
  }

  /// Every address that the list holds at a time.
  func addresses(at time: Instant) -> AddressSet {
    timedSets.reduce(.nothing) { $1.window.contains(time) ? $0.union($1.table.set) : $0 }
  }

  /// Whether the list holds nothing at a time.
  func isEmpty(at time: Instant) -> Bool {
    !own.contains { $0.window.contains(time) }
      && !named.contains { window, timedSets in
        window.contains(time) && timedSets.contains { $0.window.contains(time) }
      } && !holdsLocal
  }

  /// Whether the list holds nothing at or after a time; what is got from elsewhere is got again.
  func isEmpty(from time: Instant) -> Bool {
    func isOver(_ timedSet: TimedSet) -> Bool {
      !timedSet.isFetched && timedSet.window.isOver(by: time)
    }
    return own.allSatisfy(isOver)
      && named.allSatisfy { window, timedSets in
        window.isOver(by: time) || timedSets.within(window).allSatisfy(isOver)
      } && !holdsLocal
  }
}

/// A named set of addresses.
struct Network: Sendable {
  var entries: [ListEntry]
  /// What is taken away from what the entries hold.
  let exceptions: [ListEntry]
  let location: SourceLocation
  /// What its entries mean, the networks that it names included.
  var timedSets: [TimedSet] = []
  /// The same where what was got from elsewhere never lapses; nil if nothing of it is from elsewhere.
  var lastingSets: [TimedSet]?
  /// The first entry that does not always count, in it or in a network that it names; nil if all do.
  var passingEntry: SourceLocation?

  /// Every entry that may name another network.
  var namingEntries: [ListEntry] { entries + entries.flatMap(\.exceptions) + exceptions }

  /// The same where what was got from elsewhere never lapses.
  var lasting: Network {
    var lasting = self
    lasting.entries = entries.map(\.lasting)
    return lasting
  }

  /// What it means; `lasting` if what was got from elsewhere is not to lapse.
  func sets(lasting: Bool) -> [TimedSet] { lasting ? lastingSets ?? timedSets : timedSets }

  /// The entry that stands for what is got from elsewhere; nil if nothing is.
  var fetchedEntry: ListEntry? { entries.first { $0.fetched != nil } }
}

/// One entry of a list, as it was written.
struct ListEntry: Sendable {
  enum Content: Sendable {
    case range(AddressRange)
    /// `anywhere`: every address, and the machine itself.
    case anywhere
    /// `self`: the machine itself.
    case machine
    /// `local`: the console, which no set of addresses holds.
    case local
    /// `nowhere`.
    case nowhere
    case network(Name)
    /// What a `file:` holds.
    case file(AddressTable)
  }

  let content: Content
  /// The address, the name of the network, or `file NAME`.
  let text: String
  let location: SourceLocation
  /// Its description, times, `active` and `except`; nil if it is only an address, as most are.
  var details: Details?
  /// Whether what it has from elsewhere never lapses by `max_age`, as in `block`: what was to be kept
  /// out would come in otherwise.
  var lasts = false

  final class Details: Sendable {
    let comment: String?
    /// False if the entry has `active: false`.
    let isActive: Bool
    let window: TimeWindow
    let exceptions: [ListEntry]
    /// What was got from elsewhere, if the entry stands for that.
    let fetched: Fetched?

    init(
      comment: String?, isActive: Bool, window: TimeWindow, exceptions: [ListEntry],
      fetched: Fetched? = nil
    ) {
      self.comment = comment
      self.isActive = isActive
      self.window = window
      self.exceptions = exceptions
      self.fetched = fetched
    }
  }

  var comment: String? { details?.comment }
  var isActive: Bool { details?.isActive ?? true }
  var window: TimeWindow {
    guard let details else { return .always }
    return lasts && details.fetched != nil ? .always : details.window
  }
  /// What was got from elsewhere, if the entry stands for that.
  var fetched: Fetched? { details?.fetched }
  /// When the entry is meant to end.
  var plannedEnd: Instant { fetched == nil ? window.until : .distantFuture }
  /// What is taken away from what the entry holds.
  var exceptions: [ListEntry] { details?.exceptions ?? [] }

  /// Whether it stands for a network of which nothing is taken away.
  var isWholeNetwork: Bool {
    if case .network = content { exceptions.isEmpty } else { false }
  }

  /// The entries of the network that it stands for, as they count by it; none if it stands for none.
  func inner(_ networks: [Name: Network]) -> [ListEntry] {
    guard case .network(let name) = content, let network = networks[name] else { return [] }
    return (lasts ? network.lasting : network).entries
  }

  /// The same where what is got from elsewhere never lapses.
  var lasting: ListEntry {
    var lasting = self
    lasting.lasts = true
    return lasting
  }

  /// The same without what is taken away.
  var whole: ListEntry {
    var whole = self
    whole.details = .init(
      comment: comment, isActive: isActive, window: window, exceptions: [], fetched: fetched)
    return whole
  }
}

extension ListEntry.Content {
  /// Whether it holds an origin by itself; what a network holds is not asked.
  func holds(_ origin: Origin) -> Bool {
    switch (self, origin) {
    case (.range(let range), .address(let address)): range.contains(address)
    case (.range(let range), .machine): range.isLoopback
    case (.anywhere, _): origin.isListed
    case (.machine, _): origin == .machine
    case (.file(let table), _): table.contains(origin)
    case (.range, _), (.local, _), (.nowhere, _), (.network, _): false
    }
  }
}

extension [ListEntry] {
  /// The networks that active entries name as a whole, each with the time in which the entry counts.
  func named(_ networks: [Name: Network]) -> [(window: TimeWindow, timedSets: [TimedSet])] {
    compactMap { entry in
      guard entry.isActive, entry.isWholeNetwork, case .network(let name) = entry.content,
        let timedSets = networks[name]?.sets(lasting: entry.lasts), !timedSets.isEmpty
      else { return nil }
      return (entry.window, timedSets)
    }
  }
}
