/// Entries of the journal that are alike, counted together.
protocol TallyGroup: Sendable {
  associatedtype Key: Hashable & Sendable

  /// What is alike in them.
  var key: Key { get }
  /// How many there were.
  var total: Int { get }

  /// Adds others with the same key.
  mutating func add(_ other: Self)
}

/// The groups of a tally, of which only so many are told apart.
struct TallyTable<Group: TallyGroup>: Sendable {
  /// In no order.
  private(set) var groups: [Group] = []
  /// How many entries are in no group, because there were too many groups.
  private(set) var ungrouped = 0
  private let most: Int
  private var places: [Group.Key: Int] = [:]

  /// An empty table for so many groups.
  init(atMost most: Int) { self.most = most }

  /// Adds a group, to the one with its key if there is one.
  mutating func add(_ group: Group) {
    if let place = places[group.key] {
      groups[place].add(group)
    } else if groups.count < most {
      places[group.key] = groups.count
      groups.append(group)
    } else {
      ungrouped += group.total
    }
  }

  /// Adds what another table has.
  mutating func add(_ other: TallyTable) {
    for group in other.groups { add(group) }
    ungrouped += other.ungrouped
  }
}
