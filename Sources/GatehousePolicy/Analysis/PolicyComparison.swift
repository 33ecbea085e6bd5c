internal import GatehouseWire

/// Finds where two policies decide differently, from a time on.
///
/// The result is exact: it comes from the engine that decides logins, for each class of addresses
/// that the lists of both policies treat alike, at the time itself and at each later time at which an
/// entry that holds them begins or ends. Between those times no decision changes.
public struct PolicyComparison: Sendable {
  /// The policy that was.
  public let old: Policy
  /// The policy that is to be.
  public let new: Policy
  /// The time from which on they are compared.
  public let time: Instant
  /// The groups that either policy names.
  public let groups: Set<Name>
  /// The users that either policy names.
  public let users: Set<Name>
  /// The services that either policy names.
  public let services: Set<Name>

  /// A comparison from a time on.
  public init(old: Policy, new: Policy, from time: Instant) {
    self.old = old
    self.new = new
    self.time = time
    groups = old.groupNames.union(new.groupNames)
    users = Set(old.mentionedUsers.keys).union(new.mentionedUsers.keys)
    services = old.rules.serviceNames.union(new.rules.serviceNames)
  }

  /// How the policies differ for a subject, for every service.
  public func difference(for subject: Subject) -> SubjectDifference {
    var kinds: [(differences: [Difference], services: [ComparedService])] = []
    func note(_ found: [Difference], for service: ComparedService) {
      if found.isEmpty { return }
      if let index = kinds.firstIndex(where: { $0.differences == found }) {
        kinds[index].services.append(service)
      } else {
        kinds.append((found, [service]))
      }
    }
    for service in services.sorted() {
      note(differences(for: subject, service: service), for: .named(service))
    }
    let others = differences(for: subject, service: .unnamed(among: services))
    note(others, for: .others)
    // Without a `local` they are decided as every other service is.
    let hasLocal = old.rules.local != nil || new.rules.local != nil
    if let console, hasLocal {
      note(differences(for: subject, service: console), for: .consoles)
    } else {
      note(others, for: .consoles)
    }
    let parts = kinds.map { kind in
      let named = kind.services.compactMap(\.name)
      return SubjectDifference.Part(
        services: ServiceScope(
          named: named, excluded: services.subtracting(named).sorted(),
          includesConsoles: kind.services.contains(.consoles),
          includesOthers: kind.services.contains(.others)),
        differences: kind.differences)
    }
    return SubjectDifference(subject: subject, parts: parts)
  }

  /// A service by which people sit at the machine and that neither policy names; nil if both name all.
  private var console: Name? {
    [LocalService.console, .display, .locker].lazy
      .flatMap { $0.names.description.split(separator: " ") }
      .map { Name(String($0)) }.first { !services.contains($0) }
  }

  /// For which services differences were looked for.
  private enum ComparedService: Equatable {
    case named(Name)
    /// Those by which people sit at the machine, and that no policy names.
    case consoles
    /// Every other one that no policy names.
    case others

    var name: Name? {
      if case .named(let name) = self { name } else { nil }
    }
  }

  private func differences(for subject: Subject, service: Name) -> [Difference] {
    let user =
      switch subject {
      case .user(let name, _): name
      case .members: Name.unnamed(among: users)
      }
    let login = Login(
      user: user, groups: subject.groups, service: service, origin: .machine, time: time)
    var lists = old.lists(for: login) + new.lists(for: login)
    if comparesFactor { lists += old.factorLists(for: login) + new.factorLists(for: login) }
    lists += old.codeLists + new.codeLists
    let sets = lists.sets { time < $0.until }
    func changes(from origin: Origin) -> [DecisionChange] {
      let times = [time] + lists.changes(of: origin, after: time)
      return self.changes(for: login, from: origin, at: times)
    }
    let groups = AddressSet.grouped(cutBy: sets) { changes(from: .address($0)) }
    let machine = changes(from: .machine)
    let local = changes(from: .local)
    let withoutAddress = changes(from: .unknown(.noAddress))
    let unknown = changes(from: .unknown(.notAnAddress))
    var kinds = Set(groups.keys)
    kinds.formUnion([machine, local, withoutAddress, unknown])
    kinds.remove([])
    let found = kinds.map { changes in
      Difference(
        addresses: groups[changes] ?? .nothing, isMachine: changes == machine,
        isLocal: changes == local, lacksAddress: changes == withoutAddress,
        isUnknown: changes == unknown, changes: changes)
    }
    return found.sorted()
  }

  /// How the decisions differ over the times; each decision holds until the next time.
  private func changes(for login: Login, from origin: Origin, at times: [Instant])
    -> [DecisionChange]
  {
    var login = login
    login.origin = origin
    var changes: [DecisionChange] = []
    var isOpen = false
    for time in times {
      login.time = time
      let outcomes = (
        old: outcome(of: login, by: old), new: outcome(of: login, by: new)
      )
      if isOpen, let last = changes.last {
        if (last.old, last.new) == outcomes { continue }
        changes[changes.count - 1].until = time
      }
      isOpen = outcomes.old != outcomes.new
      if isOpen {
        let since = time == self.time ? nil : time
        changes.append(
          DecisionChange(since: since, until: nil, old: outcomes.old, new: outcomes.new))
      }
    }
    return changes
  }

  private func outcome(of login: Login, by policy: Policy) -> DecisionOutcome {
    let decision = policy.decide(login)
    return DecisionOutcome(
      decision, factor: comparesFactor ? policy.factorReach(of: login) : nil,
      code: policy.codeReach(for: login, after: decision))
  }

  /// Whether a policy says who needs a second factor.
  private var comparesFactor: Bool { old.hasSecondFactor || new.hasSecondFactor }
}
