public import GatehouseControl
public import GatehousePolicy

/// Who gains and loses what between two policies, as `gatehouse diff` prints it.
public struct DiffReport: Report {
  /// One of the two policies.
  public struct Side: Sendable {
    /// The file or folder.
    public let path: String
    /// The policy in it.
    public let source: PolicyIdentity

    /// A policy and where it is.
    public init(path: String, source: PolicyIdentity) {
      self.path = path
      self.source = source
    }
  }

  /// What was found for one subject.
  public struct Result: Sendable {
    /// How the policies differ for it.
    public let difference: SubjectDifference
    /// The users of this machine whom it stands for, sorted; empty for a user.
    public let users: [Name]

    /// A subject's difference, and for whom it stands.
    public init(difference: SubjectDifference, users: [Name]) {
      self.difference = difference
      self.users = users
    }
  }

  /// The policy that was.
  public var old: Side
  /// The policy that is to be.
  public var new: Side
  /// The time from which on they were compared.
  public var time: Instant
  /// Every subject, in the order to print.
  public var results: [Result]

  /// A report of a comparison.
  public init(old: Side, new: Side, time: Instant, results: [Result]) {
    self.old = old
    self.new = new
    self.time = time
    self.results = results
  }

  /// The subjects for whom the policies differ.
  var differing: [Result] { results.filter { !$0.difference.parts.isEmpty } }

  /// Yes, where no decision differs.
  public var status: ReportStatus { differing.isEmpty ? .yes : .no }
}
