public import GatehousePolicy

/// Who changed a policy, when and why.
public struct ChangeRecord: Hashable, Sendable {
  /// By what a policy came to stand in its folder.
  public enum Means: String, CaseIterable, Sendable {
    /// `gatehouse apply`.
    case apply
    /// `gatehouse edit`.
    case edit
    /// `gatehouse rollback`.
    case rollback
    /// `gatehouse confirm`.
    case confirm
    /// `gatehouse pam enable`, which added an address.
    case pamEnable = "pam enable"
    /// Nothing of these: the files were found changed.
    case hand
  }

  /// Whoever changes something.
  public struct Author: Hashable, Sendable, CustomStringConvertible {
    /// The name that they logged in by.
    public var user: Name
    /// The address that they are connected from; nil on the machine itself.
    public var address: IPAddress?

    /// Somebody with a name.
    public init(user: Name, address: IPAddress?) {
      self.user = user
      self.address = address
    }

    /// In words: `alice from 192.0.2.1`.
    public var description: String { "\(user)" + (address.map { " from \($0)" } ?? "") }
  }

  /// When.
  public var time: Instant
  /// Who; nil where nobody can tell.
  public var author: Author?
  /// How.
  public var means: Means
  /// Why, in the words of whoever did it.
  public var reason: String?

  /// A record of a change.
  public init(time: Instant = .now(), author: Author?, means: Means, reason: String?) {
    self.time = time
    self.author = author
    self.means = means
    self.reason = reason
  }
}

/// One change in the history, with the policy that it left.
public struct HistoryEntry: Sendable {
  /// The number of the change; it stays the same as long as the entry is kept.
  public let number: Int
  /// Who, when and why.
  public let record: ChangeRecord
  /// The policy.
  public let archive: SnapshotArchive
}
