public import GatehousePolicy

/// The ids of a group, in every source that has one of the name; or why they could not be read.
///
/// None if there is no such group.
public typealias GroupAnswer = Result<Set<UInt32>, DirectoryError>

/// Asks for a group; blocks for as long as the directory takes.
public typealias GroupReader = @Sendable (Name) -> GroupAnswer

/// What one look at an account found of its groups.
public struct Memberships: Hashable, Sendable {
  /// The ids of its groups, the primary one's among them.
  public var ids: Set<UInt32>
  /// Whether there are no others.
  public var isComplete: Bool
  /// Groups that it is in besides, by the name of one of its ids or by the group's own entry.
  public var named: Set<Name>
  /// Groups that it is not in, though the list is not complete: their own entries do not list it.
  public var lacking: Set<Name>
  /// Groups of which it is unknown, though the list is complete.
  public var unknown: Set<Name>
  /// Why not everything is known; nil if it is.
  public var problem: String?
  /// How old it is: more than nothing if a service answered from what it had, because it is away from
  /// its server, and says so.
  public var age: Duration
  /// The service that said so, as nsswitch.conf(5) names it; nil if nobody was asked.
  public var source: String?

  /// What was found.
  public init(
    ids: Set<UInt32>, isComplete: Bool = true, named: Set<Name> = [], lacking: Set<Name> = [],
    unknown: Set<Name> = [], problem: String? = nil, age: Duration = .zero, source: String? = nil
  ) {
    self.ids = ids
    self.isComplete = isComplete
    self.named = named
    self.lacking = lacking
    self.unknown = unknown
    self.problem = problem
    self.age = age
    self.source = source
  }

  /// Whether it is in a group that has these ids; nil if that is unknown.
  func isIn(_ group: Name, _ groupIDs: Set<UInt32>) -> Bool? {
    if !ids.isDisjoint(with: groupIDs) || named.contains(group) { return true }
    return isComplete && !unknown.contains(group) || lacking.contains(group) ? false : nil
  }
}
