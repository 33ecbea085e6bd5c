/// A decision with everything that led to it.
///
/// It is data; the command puts it into words.
public struct Explanation: Hashable, Codable, Sendable {
  /// One step of the decision, in order (gatehouse-policy(5), HOW A LOGIN IS DECIDED).
  public struct Step: Hashable, Codable, Sendable {
    /// What became of a step.
    public enum Outcome: String, Codable, Sendable {
      /// Its condition did not hold.
      case passed
      /// Its condition held, so it decided.
      case decided
      /// An earlier step had decided.
      case notReached = "not_reached"
    }

    /// Which step it is; its raw value is its number.
    public let step: DecisionStep
    /// What became of it.
    public let outcome: Outcome
    /// What was found; nil if the step was not reached.
    public let fact: DecisionFact?
  }

  /// A list that applied to the login.
  public struct AppliedList: Hashable, Codable, Sendable {
    /// The entry of a list that holds an origin.
    public struct Entry: Hashable, Codable, Sendable {
      /// The entry as it was written: an address, a network or `file NAME`.
      public let text: String
      /// Its location.
      public let location: SourceLocation
      /// The networks that lead to it, outermost first; empty if it is in the list itself.
      public let networks: [Name]
      /// Its description; nil if it has none.
      public let comment: String?
      /// When it was got from elsewhere; nil if it stands in the policy itself.
      public let got: Instant?
    }

    /// Why an entry does not count at the time of the login.
    public enum Lapse: Hashable, Codable, Sendable {
      /// It has `active: false`.
      case inactive
      /// It begins later.
      case begins(at: Instant)
      /// It is over.
      case ended(at: Instant)
      /// An entry of an `except`, at this location, takes the origin away.
      case excepted(by: SourceLocation)
    }

    /// The scope of the list.
    public let scope: Scope
    /// The key of the list.
    public let key: ListKey
    /// What the list does to a login.
    public let effect: ListEffect
    /// The location of its key.
    public let location: SourceLocation
    /// Whether it holds the origin at the time of the login.
    public let holdsOrigin: Bool
    /// The entry that holds the origin; if none does, one that would if it counted (`lapse` then
    /// says why it does not).
    public let matched: Entry?
    /// Why `matched` does not count; nil if it does.
    public let lapse: Lapse?

    /// The path of the list in the policy: `users.deploy.only_from`.
    public var path: String { scope.path(of: key) }
  }

  /// The question, as the policy counts it, with the origin that decided.
  public let login: Login
  /// The origins by which it was judged, newest first; one, unless the login has several.
  public let origins: [Origin]
  /// The answer.
  public let decision: Decision
  /// Every step, in order, with its outcome.
  public let steps: [Step]
  /// The lists that applied, most specific first.
  public let lists: [AppliedList]
  /// What to change to allow the login: each on its own is enough.
  ///
  /// Empty if it is allowed.
  public let remedies: [Remedy]
  /// The code that the denied user would be sent; nil if none would be.
  public let code: CodeOffer?
}

extension Explanation {
  /// What to do so that a login which is denied is allowed.
  public enum Remedy: Hashable, Codable, Sendable {
    /// All of these changes of the policy together.
    case amend(amendments: [Amendment])
    /// Something else, if no change of the lists helps.
    case advice(advice: Advice)
  }

  /// What to do if no change of the lists helps.
  public enum Advice: Hashable, Codable, Sendable {
    /// See that sshd gives addresses as remote hosts.
    case giveAddresses
    /// See that the program gives addresses, or say that it serves the machine itself.
    case giveAddressesOrSayLocal(service: Name)
    /// Log in again, so that the session tells where the user is.
    case logInAgain
    /// See who that is, or say that the service's users are not the machine's.
    case checkUser(user: Name, service: Name)
    /// See that the directory answers about the user's groups.
    case checkDirectory(user: Name)
    /// Declare the role.
    case declareRole(role: Name)
    /// Declare a role with the user as a member.
    case declareRoleFor(user: Name)
    /// No single change of the lists is enough.
    case noSingleChange
  }
}

extension Policy {
  /// Decides a login and says why, with every step, every list that applied, and what to change.
  ///
  /// - Parameters:
  ///   - login: The login.
  ///   - grants: The grants that may apply.
  /// - Returns: The decision and its explanation.
  public func explain(_ login: Login, grants: [Grant] = []) -> Explanation {
    explain(login, from: [login.origin], grants: grants)
  }

  /// Decides a login by several origins, and says why the one that decided did so; see
  /// `decide(_:from:grants:)`.
  public func explain(
    _ login: Login, from origins: [Origin], grants: [Grant] = []
  ) -> Explanation {
    let ruling = ruling(on: login, from: origins, grants: grants)
    var login = login
    login.origin = ruling.origin
    login = login.counted(by: rules)
    let recorder = ExplanationRecorder()
    _ = DecisionEngine(rules, login: login, grants: grants, recorder: recorder).ruling()
    return Explanation(
      login: login, origins: origins, decision: ruling.decision, steps: recorder.steps,
      lists: ApplicableLists(rules: rules, login: login).all,
      remedies: RemedyFinder(rules: rules, login: login).remedies(for: ruling.decision),
      code: code(for: login, from: origins, after: ruling.decision))
  }
}

/// Finds the lists that apply to a login, and the entries in them that hold its origin.
struct ApplicableLists {
  let rules: Rules
  /// The login as the rules count it.
  let login: Login

  /// The lists that apply, most specific first; none if no list is asked about the origin.
  var all: [Explanation.AppliedList] {
    guard login.origin.isListed else { return [] }
    return lists.map { list in
      let holdsOrigin = list.contains(login.origin, at: login.time)
      var searched: Set<Name> = []
      let match = match(
        in: list.entries, networks: [], isHeld: holdsOrigin, searched: &searched)
      return Explanation.AppliedList(
        scope: list.scope, key: list.key, effect: list.effect, location: list.location,
        holdsOrigin: holdsOrigin, matched: match?.entry, lapse: match?.lapse)
    }
  }

  /// Every list that the engine may look at for this login, whatever its origin.
  ///
  /// First those that apply, most specific first; then those of groups that the user may be in.
  var consulted: [AddressList] {
    guard !login.isUserSure else { return lists }
    var unsure = login
    unsure.groups = rules.unsureGroups(of: login)
    unsure.unsureGroups = []
    return lists + ApplicableRules(rules, to: unsure).all
  }

  /// Every list that applies to this login, whatever its origin; most specific first.
  private var lists: [AddressList] { ApplicableRules(rules, to: login).all }

  private struct Match {
    let entry: Explanation.AppliedList.Entry
    /// Why the entry does not count; nil if it does.
    let lapse: Explanation.AppliedList.Lapse?
  }

  /// The first entry that holds the origin.
  ///
  /// If the list does not hold it, an entry that would if it counted.
  ///
  /// Networks in `searched` have none, so each is searched once, however many ways lead to it.
  private func match(
    in entries: [ListEntry], networks: [Name], isHeld: Bool,
    searched: inout Set<Name>
  ) -> Match? {
    for entry in entries {
      let lapse = lapse(of: entry) ?? exception(in: entry.exceptions)
      if isHeld && lapse != nil { continue }
      switch entry.content {
      case .network(let name):
        let exception = exception(in: rules.networks[name]?.exceptions ?? [])
        if isHeld && exception != nil { continue }
        guard searched.insert(name).inserted,
          let inner = match(
            in: entry.inner(rules.networks), networks: networks + [name],
            isHeld: isHeld, searched: &searched)
        else { continue }
        return Match(entry: inner.entry, lapse: lapse ?? exception ?? inner.lapse)
      case .range, .file, .anywhere, .machine, .local, .nowhere:
        guard entry.content.holds(login.origin) else { continue }
        return Match(entry: shown(entry, networks), lapse: lapse)
      }
    }
    return nil
  }

  /// What takes the origin away, at whatever time; nil if nothing does.
  private func exception(in exceptions: [ListEntry]) -> Explanation.AppliedList.Lapse? {
    exceptions.first {
      AddressTable([$0], networks: rules.networks).contains(login.origin)
    }.map { .excepted(by: $0.location) }
  }

  private func shown(_ entry: ListEntry, _ networks: [Name]) -> Explanation.AppliedList.Entry {
    Explanation.AppliedList.Entry(
      text: displayText(of: entry.text), location: entry.location, networks: networks,
      comment: entry.comment.map { displayText(of: $0) }, got: entry.fetched?.got)
  }

  /// Why an entry does not count at the time of the login; nil if it does.
  private func lapse(of entry: ListEntry) -> Explanation.AppliedList.Lapse? {
    if !entry.isActive { return .inactive }
    if login.time < entry.window.since { return .begins(at: entry.window.since) }
    if entry.window.until <= login.time { return .ended(at: entry.window.until) }
    return nil
  }
}
