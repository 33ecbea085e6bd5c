public import GatehousePolicy

/// The answers of a time about the second factor, counted.
///
/// They are asked before anything is proved, so users and places are not told apart: anybody can type any
/// name.
public struct FactorTally: Sendable {
  /// What was answered.
  public enum Outcome: String, CaseIterable, Sendable {
    /// A second factor was needed.
    case needed
    /// The policy spared it, and monitor mode asked for it.
    case wouldSpare = "would_spare"
    /// It was not needed.
    case notNeeded = "not_needed"

    init(_ verdict: FactorVerdict) {
      switch verdict {
      case .needed: self = .needed
      case .notNeeded: self = .notNeeded
      }
    }
  }

  /// What tells answers from each other.
  public struct Answer: Hashable, Sendable {
    /// What was answered.
    public let outcome: Outcome
    /// Why, in one word of gatehouse-policy(5).
    public let reason: String
    /// The rule that decided, `file:line`; nil if none did.
    public let rule: String?
    /// The PAM service.
    public let service: Name
  }

  /// Answers that are alike.
  public struct Group: TallyGroup {
    /// What is alike in them.
    public let answer: Answer
    /// How many there were.
    public fileprivate(set) var count: Int
    /// When the oldest was.
    public fileprivate(set) var first: Instant
    /// When the newest was.
    public fileprivate(set) var last: Instant

    var key: Answer { answer }
    var total: Int { count }

    mutating func add(_ other: Group) {
      count += other.count
      first = min(first, other.first)
      last = max(last, other.last)
    }
  }

  /// The most groups that are told apart.
  static let mostGroups = 1000

  private var table = TallyTable<Group>(atMost: mostGroups)

  /// Answers that are alike, in no order.
  public var groups: [Group] { table.groups }
  /// Answers that are in no group, because there were too many groups.
  public var ungrouped: Int { table.ungrouped }

  /// No answer yet.
  public init() {}

  /// How many had this outcome, of those in groups.
  public subscript(outcome: Outcome) -> Int {
    groups.reduce(0) { $0 + ($1.answer.outcome == outcome ? $1.count : 0) }
  }

  /// Counts an answer.
  mutating func count(_ answer: Answer, at time: Instant) {
    table.add(Group(answer: answer, count: 1, first: time, last: time))
  }

  /// Adds what another part of the journal has.
  mutating func add(_ other: FactorTally) { table.add(other.table) }
}
