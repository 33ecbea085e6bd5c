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
    /// The entry of a list that holds an address.
    public struct Entry: Hashable, Codable, Sendable {
      /// The entry as it was written: an address, a network or `file NAME`.
      public let text: String
      /// Where it stands.
      public let location: SourceLocation
      /// The networks that lead to it, outermost first; empty where it stands in the list itself.
      public let networks: [Name]
      /// Its description, where it has one.
      public let comment: String?
    }

    /// Why an entry does not count at the time of the login.
    public enum Lapse: Hashable, Codable, Sendable {
      /// It has `active: false`.
      case inactive
      /// It begins later.
      case begins(at: Instant)
      /// It is over.
      case ended(at: Instant)
    }

    /// Where the list hangs.
    public let scope: Scope
    /// The key of the list.
    public let key: ListKey
    /// What the list does to a login.
    public let effect: ListEffect
    /// Where its key stands.
    public let location: SourceLocation
    /// Whether it holds the address at the time of the login.
    public let holdsAddress: Bool
    /// The entry that holds the address; if none does, one that would if it counted (`lapse` then
    /// says why it does not).
    public let matched: Entry?
    /// Why `matched` does not count; nil if it does.
    public let lapse: Lapse?

    /// The path of the list in the policy: `users.deploy.only_from`.
    public var path: String { scope.path(of: key) }
  }

  /// The question.
  public let login: Login
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
  /// The grants may be all that there are, or none if there is nobody to give them.
  public func explain(_ login: Login, grants: [Grant] = []) -> Explanation {
    let recorder = ExplanationRecorder()
    let engine = DecisionEngine(rules, login: login, grants: grants, recorder: recorder)
    let decision = engine.decide()
    return Explanation(
      login: login, decision: decision, steps: recorder.steps,
      lists: AppliedLists(rules: rules, login: login).all,
      remedies: RemedyFinder(rules: rules, login: login).remedies(for: decision))
  }
}
