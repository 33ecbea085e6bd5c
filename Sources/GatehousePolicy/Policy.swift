/// A policy that loaded without error: a value that never changes, safe to ask from any thread.
public final class Policy: Sendable {
  /// The text that a refused user reads.
  public let message: MessageTemplate
  /// Every group that a rule names.
  public let groupNames: Set<Name>
  /// The SHA-256 of all files' names and content, in lowercase hexadecimal.
  public let digest: String
  /// How long an earlier good reading of a user's groups may be used: `identity.max_age`.
  public let identityMaxAge: Duration
  /// What bounds the grants.
  public let grantLimits: GrantLimits
  /// Who is told what; nil if nobody is told anything.
  public let notify: NotifySettings?

  let rules: Rules
  let tests: [PolicyTest]
  /// The warnings that the policy silences.
  let silenced: Set<WarningName>

  init(
    rules: Rules, tests: [PolicyTest], message: MessageTemplate, silenced: Set<WarningName>,
    identityMaxAge: Duration, grantLimits: GrantLimits, notify: NotifySettings?, digest: String
  ) {
    self.rules = rules
    self.tests = tests
    self.message = message
    self.silenced = silenced
    self.identityMaxAge = identityMaxAge
    self.grantLimits = grantLimits
    self.notify = notify
    self.digest = digest
    groupNames = rules.groupNames
  }

  /// What happens with its decisions.
  public var mode: Mode { rules.mode }

  /// The same policy in mode `enforce`: what it would do if it refused.
  public func enforcing() -> Policy {
    var rules = rules
    rules.mode = .enforce
    return Policy(
      rules: rules, tests: tests, message: message, silenced: silenced,
      identityMaxAge: identityMaxAge, grantLimits: grantLimits, notify: notify,
      digest: digest)
  }

  /// Decides a login.
  ///
  /// The grants may be all that there are, or none if it is the policy alone that is judged.
  public func decide(_ login: Login, grants: [Grant] = []) -> Decision {
    ruling(on: login, grants: grants).decision
  }

  /// Decides a login that is judged by several origins, such as a process that a user's earlier
  /// logins may have left.
  ///
  /// A denial by one origin is the answer: the first in the order of the steps, and of the newest
  /// origin if several are alike. An allow has the roles that all origins give.
  ///
  /// - Parameters:
  ///   - login: The login; its own origin does not matter.
  ///   - origins: The origins, newest first; without any, the session does not tell the origin.
  ///   - grants: The grants that may apply.
  /// - Returns: The decision.
  public func decide(
    _ login: Login, from origins: [Origin], grants: [Grant] = []
  ) -> Decision {
    ruling(on: login, from: origins, grants: grants).decision
  }

  private func ruling(on login: Login, grants: [Grant]) -> Ruling {
    DecisionEngine(
      rules, login: login.counted(by: rules), grants: grants, recorder: NoRecorder()
    ).ruling()
  }

  /// What is decided of several origins; see `decide`.
  func ruling(on login: consuming Login, from origins: [Origin], grants: [Grant]) -> Ruling {
    login.origin = origins.first ?? .unknown(.session)
    return ruling(on: login, andFrom: Array(origins.dropFirst()), grants: grants)
  }

  /// What is decided of the login's own origin, which is the newest, and of older ones.
  ///
  /// An allow has the last of the steps that allowed, for every origin had to be.
  package func ruling(
    on login: consuming Login, andFrom older: [Origin], grants: [Grant]
  ) -> Ruling {
    var result = ruling(on: login, grants: grants)
    for origin in older {
      login.origin = origin
      let ruling = ruling(on: login, grants: grants)
      switch (result.decision.isDenial, ruling.decision.isDenial) {
      case (false, true): result = ruling
      // Of those that are alike the first stays, so the newest.
      case (true, true): if ruling.step < result.step { result = ruling }
      case (true, false): break
      case (false, false):
        var decision = result.decision
        decision.roles.removeAll { !ruling.decision.roles.contains($0) }
        result = Ruling(
          decision, step: max(result.step, ruling.step), origin: result.origin, list: result.list)
      }
    }
    return result
  }
}

extension Policy {
  /// Whether a login by this service that gives no address counts as local: `without_address: local`.
  public func isLocalWithoutAddress(_ service: Name) -> Bool {
    rules.services[service]?.localWithoutAddress != nil
  }

  /// Whether the users of this service are not the machine's, so that no directory is asked about
  /// them: `accounts: virtual`.
  public func hasVirtualAccounts(_ service: Name) -> Bool {
    rules.services[service]?.virtualAccounts != nil
  }

  /// Whether processes of a user that are in no session count as local for sudo and su:
  /// `service_accounts`.
  ///
  /// - Parameters:
  ///   - user: The user.
  ///   - groups: The groups that the user is certainly in; nil if nothing is known of any.
  /// - Returns: False if it is not certain.
  public func isServiceAccount(user: Name, groups: Set<Name>?) -> Bool {
    rules.serviceAccounts.hold(user, in: groups)
  }
}

/// What happens with the policy's decisions.
public enum Mode: String, CaseIterable, Codable, Sendable {
  /// Nothing is checked.
  case off
  /// Logins are decided and logged; denied ones are let in.
  case monitor
  /// Logins are decided, and denied ones are refused.
  case enforce
}

extension Policy {
  /// Whether an origin is in a network at a time, whatever else the policy says.
  ///
  /// - Returns: Nil if there is no such network. `anywhere` holds every address and the machine itself,
  ///   `self` the machine itself, `local` an origin that is local, `nowhere` none.
  public func network(_ name: Name, holds origin: Origin, at time: Instant) -> Bool? {
    switch name {
    case "anywhere": origin.isListed
    case "self": origin == .machine
    case "local": origin == .local
    case "nowhere": false
    default: rules.networks[name]?.timedSets.contains { $0.contains(origin, at: time) }
    }
  }

  /// Whether an answer about this network can be a yes or a no: it is declared, or built in.
  public func hasNetwork(_ name: Name) -> Bool {
    ["anywhere", "nowhere", "self", "local"].contains(name) || rules.networks[name] != nil
  }

  /// The networks that are declared.
  public var networkNames: [Name] { rules.networks.keys.sorted() }

  /// The roles that are declared.
  public var roleNames: [Name] { rules.roles.keys.sorted() }

  /// Whether this role is declared.
  public func hasRole(_ name: Name) -> Bool { rules.roles[name] != nil }
}

extension Policy {
  /// The users and then the groups that `break_glass` can let in at a time from some address, each
  /// sorted; none if the policy is off.
  public func breakGlassMembers(at time: Instant) -> [Name] {
    guard mode != .off, let breakGlass = rules.breakGlass,
      !(breakGlass.from?.isEmpty(at: time) ?? false)
    else { return [] }
    return breakGlass.members.users.sorted() + breakGlass.members.groups.sorted()
  }
}

// What a policy names that the machine may or may not have: users, groups and addresses.

extension Policy {
  /// The users that rules name, each with the first location of its name.
  public var mentionedUsers: [Name: SourceLocation] { rules.mentions.users }

  /// The groups that rules name, each with the first location of its name.
  public var mentionedGroups: [Name: SourceLocation] { rules.mentions.groups }

  /// The users whom `break_glass` names.
  public var breakGlassUsers: Set<Name> { rules.breakGlass?.members.users ?? [] }

  /// The location of the first `local`; nil if the policy has none.
  public var localLocation: SourceLocation? {
    ([rules.local] + rules.services.values.map(\.local)).compactMap { $0?.location }.min()
  }

  /// The groups that `service_accounts` names; nil if it names nobody.
  public var serviceAccountGroups: Set<Name>? {
    let accounts = rules.serviceAccounts
    return accounts.users.isEmpty && accounts.groups.isEmpty ? nil : accounts.groups
  }

  /// The location of `break_glass`; nil if the policy has none.
  public var breakGlassLocation: SourceLocation? { rules.breakGlass?.location }

  /// The services that the policy has rules for, each with the location of its first rule.
  public var namedServices: [Name: SourceLocation] {
    var locations = rules.services.compactMapValues { service in
      let single = [
        service.unchecked, service.localWithoutAddress, service.virtualAccounts,
        service.local?.location,
      ]
      return (service.lists.map(\.location) + single.compactMap(\.self)).min()
    }
    for list in rules.lists {
      guard let service = list.scope.service else { continue }
      locations[service] = min(locations[service] ?? list.location, list.location)
    }
    return locations
  }

  /// An entry that holds one of some addresses.
  public struct HoldingEntry: Sendable {
    /// The entry as it was written.
    public let text: String
    /// The first of the addresses that it holds.
    public let address: IPAddress
    /// Whether it holds nothing else.
    public let isSingle: Bool
    /// Its location.
    public let location: SourceLocation
  }

  /// The active entries that hold one of some addresses, in lists and networks without `self`.
  public func entries(holding addresses: [IPAddress]) -> [HoldingEntry] {
    func isExcepted(_ address: IPAddress, _ exceptions: [ListEntry]) -> Bool {
      [TimedSet](exceptions, networks: rules.networks).contains {
        $0.table.contains(.address(address))
      }
    }
    let lists =
      rules.lists.map { ($0.entries, [ListEntry]()) }
      + rules.networks.values.map { ($0.entries, $0.exceptions) }
    return lists.filter { !$0.0.contains { $0.isActive && $0.content.holds(.machine) } }
      .flatMap { entries, exceptions in entries.map { ($0, $0.exceptions + exceptions) } }
      .compactMap { entry, exceptions in
        guard entry.isActive,
          let address = addresses.first(where: {
            entry.content.holds(.address($0)) && !isExcepted($0, exceptions)
          })
        else { return nil }
        var isSingle = false
        if case .range(let range) = entry.content { isSingle = range.isSingle }
        return HoldingEntry(
          text: displayText(of: entry.text), address: address, isSingle: isSingle,
          location: entry.location)
      }
  }
}

/// The users and groups that rules name, each with the first location of its name.
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
