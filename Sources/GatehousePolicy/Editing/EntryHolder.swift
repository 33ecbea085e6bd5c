/// An entry by which a list holds an address that is not written there itself.
public struct EntryHolder: Hashable, Sendable {
  /// The list, and the networks that lead to the entry: `everyone.from`, `office`.
  public let path: [String]
  /// The network that has the entry; nil if the list itself has it.
  public let network: Name?
  /// The entry as it was written, safe to show.
  public let text: String
  /// Its location.
  public let location: SourceLocation
  /// Whether it is for the same addresses, and no more.
  public let isExact: Bool
  /// Whether it is what was got for the network from elsewhere.
  public let isFetched: Bool

  /// In words: `everyone.from by office, which has 203.0.113.0/24 (policy.yaml:9)`.
  public var description: String {
    let list = path.first ?? ""
    let entry = "\(text) (\(location.fileAndLine))"
    let networks = path.dropFirst()
    return networks.isEmpty
      ? "\(list) by \(entry)" : "\(list) by \(networks.joined(separator: ", ")), which has \(entry)"
  }

  /// What takes the address out of it.
  public func remedy(for address: String) -> String {
    if isExact, let network { return "`gatehouse network remove \(network) \(address)`" }
    let subject = isFetched ? "that network" : "that entry"
    let change = isExact ? "take that entry out" : "give \(subject) `except: [\(address)]`"
    return "\(change): `gatehouse edit \(displayText(of: location.file))`"
  }
}

extension Policy {
  /// What holds the addresses of an entry for whoever a list concerns: for a user what admits them,
  /// for `block` what blocks them, for a network what it has.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - list: The list.
  ///   - login: A login of the user; its service counts.
  ///   - time: The time at which the entries count.
  /// - Returns: One holder for each list that holds all of them now.
  public func holders(
    of entry: TypedEntry, for list: EditedList, _ login: Login?, at time: Instant = .now()
  ) -> [EntryHolder] {
    let lists: [(path: String, entries: [ListEntry])] =
      switch list {
      case .user:
        login.map { ApplicableRules(rules, to: $0.counted(by: rules)).admitting.map(\.held) } ?? []
      case .block: rules.block.map(\.held)
      case .network(let name):
        rules.networks[name].map { [("networks.\(name)", $0.entries)] } ?? []
      }
    return lists.compactMap { holder(of: entry, in: $0.entries, at: time, path: [$0.path], nil) }
  }

  /// Why an entry cannot be taken out of a list that does not have it: what holds the address instead.
  func absence(
    of entry: TypedEntry, from list: EditedList, for login: Login?
  ) -> EntryProblem {
    let address = displayText(of: entry.text)
    if case .network(let name) = list, rules.networks[name] == nil {
      return EntryProblem(
        "there is no network `\(name)`",
        remedy: nearestName(to: name.description, among: rules.networks.keys.map(\.description))
          .map { "did you mean `\($0)`?" })
    }
    let problem = "\(list.words) has no entry \(address)"
    if case .user(let user, let service) = list,
      let found = absence(problem, of: user, service, entry, login)
    {
      return found
    }
    let holders = holders(of: entry, for: list, login)
    if let holder = holders.first {
      return EntryProblem(
        "\(problem); \(list.verb) \(holders.map(\.description).joined(separator: "; "))",
        remedy: holder.remedy(for: address))
    }
    switch list {
    case .block: return EntryProblem("\(problem), and nothing blocks it")
    case .user:
      return EntryProblem(problem, remedy: "`gatehouse block \(address)` denies it to everybody")
    case .network:
      let others = rules.networks.filter { $0.value.entries.contains { entry.isSubject(of: $0) } }
      guard let other = others.keys.min() else { return EntryProblem(problem) }
      return EntryProblem(
        "\(problem); networks.\(other) has it",
        remedy: "`gatehouse network remove \(other) \(address)`")
    }
  }

  /// Whether another list of the user has the entry, or the user is denied from there; else nil.
  private func absence(
    _ problem: String, of user: Name, _ service: Name?, _ entry: TypedEntry, _ login: Login?
  ) -> EntryProblem? {
    let own = (rules.users[user]?.allLists ?? []).filter { list in
      list.scope.service != service && list.entries.contains { entry.isSubject(of: $0) }
    }
    if let other = own.min(by: { $0.path < $1.path }) {
      let option = other.scope.service.map { " --service \($0)" } ?? ""
      return EntryProblem(
        "\(problem); \(other.path) has it",
        remedy: "`gatehouse disallow \(user) \(displayText(of: entry.text))\(option)`")
    }
    guard var login, let origin = entry.origin, entry.isOneOrigin else { return nil }
    login.origin = origin
    let decision = decide(login)
    guard decision.isDenial else { return nil }
    let rule = decision.rule.map { ", \($0.fileAndLine)" } ?? ""
    return EntryProblem(
      "\(problem), and \(user) may not log in from there: \(decision.reason.rawValue)\(rule)")
  }

  /// The first of some entries that holds all addresses of another.
  private func holder(
    of entry: TypedEntry, in entries: [ListEntry], at time: Instant, path: [String],
    _ network: Name?
  ) -> EntryHolder? {
    func found(_ other: ListEntry, isExact: Bool) -> EntryHolder {
      EntryHolder(
        path: path, network: network, text: displayText(of: other.text), location: other.location,
        isExact: isExact, isFetched: other.fetched != nil)
    }
    for other in entries where other.isActive && other.window.contains(time) {
      if entry.isSubject(of: other), other.exceptions.isEmpty { return found(other, isExact: true) }
    }
    for other in entries where holds(other, all: entry, at: time) {
      if case .network(let name) = other.content,
        let holder = holder(
          of: entry, in: other.inner(rules.networks), at: time, path: path + [name.description],
          name)
      {
        return holder
      }
      return found(other, isExact: false)
    }
    return nil
  }

  /// Whether an entry holds all that another does.
  private func holds(_ entry: ListEntry, all other: TypedEntry, at time: Instant) -> Bool {
    let sets = [TimedSet]([entry], networks: rules.networks).filter { $0.window.contains(time) }
    let wanted: AddressSet
    switch other.subject {
    case .name("self"): return sets.contains { $0.contains(.machine, at: time) }
    case .name(let name):
      guard let network = rules.networks[name] else { return false }
      wanted = network.timedSets.reduce(.nothing) { $0.union($1.table.set) }
    case .range(let range): wanted = AddressSet([range])
    }
    return !wanted.isEmpty
      && wanted.isSubset(of: sets.reduce(.nothing) { $0.union($1.table.set) })
  }
}

extension EditedList {
  /// How it is said that something else holds an address.
  fileprivate var verb: String {
    switch self {
    case .user: "it is admitted from"
    case .block: "it is blocked by"
    case .network: "it is in"
    }
  }
}

extension AddressList {
  fileprivate var held: (path: String, entries: [ListEntry]) { (path, entries) }
}
