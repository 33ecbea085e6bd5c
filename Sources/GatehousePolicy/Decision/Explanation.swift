/// A decision with everything that led to it.
public struct Explanation: Sendable {
  /// One step of the decision, in order (gatehouse-policy(5), HOW A LOGIN IS DECIDED).
  public struct Step: Sendable {
    /// What became of a step.
    public enum Outcome: String, Sendable {
      /// Its condition did not hold.
      case passed
      /// Its condition held, so it decided.
      case decided
      /// An earlier step had decided.
      case notReached = "not_reached"
    }

    /// The number of the step.
    public let number: Int
    /// Its condition, in words.
    public let condition: String
    /// What became of it.
    public let outcome: Outcome
    /// What was found; empty where the step was not reached.
    public let detail: String
  }

  /// A list that applied to the login.
  public struct AppliedList: Sendable {
    /// The entry of a list that holds an address.
    public struct Entry: Sendable {
      /// The entry as it was written: an address, a network or `file NAME`.
      public let text: String
      /// Where it stands.
      public let location: SourceLocation
      /// The networks that lead to it, outermost first; empty where it stands in the list itself.
      public let networks: [Name]
      /// Its description, where it has one.
      public let comment: String?
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
    /// The entry that holds the address; where none does, one that would if its time had come, were
    /// not over, or if it were active (`note` then says so).
    public let matched: Entry?
    /// Why `matched` does not count, where it does not: `ended 2026-12-31T00:00:00Z`.
    public let note: String?

    /// The path of the list in the policy: `users.deploy.only_from`.
    public var path: String { listPath(scope, key) }
  }

  /// The question.
  public let login: Login
  /// The answer.
  public let decision: Decision
  /// Every step, in order, with its outcome.
  public let steps: [Step]
  /// The lists that applied, most specific first.
  public let lists: [AppliedList]
  /// What to change to allow the login: each line on its own is enough.
  ///
  /// Empty where it is allowed.
  public let remedies: [String]
}
