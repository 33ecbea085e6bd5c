public import GatehouseControl
public import GatehousePolicy

/// The report of `gatehouse diff`: what changes for whom between two policies.
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

  /// The differences for one subject.
  public struct SubjectResult: Sendable {
    /// How the policies differ for the subject.
    public let difference: SubjectDifference
    /// The users of this machine in that scope, sorted; empty if the subject is a user.
    public let users: [Name]

    /// A subject's differences, and its users.
    public init(difference: SubjectDifference, users: [Name]) {
      self.difference = difference
      self.users = users
    }
  }

  /// The old policy.
  public var old: Side
  /// The new policy.
  public var new: Side
  /// The time from which on the policies were compared.
  public var time: Instant
  /// Every subject, in the order to print.
  public var results: [SubjectResult]

  /// A report of a comparison.
  public init(old: Side, new: Side, time: Instant, results: [SubjectResult]) {
    self.old = old
    self.new = new
    self.time = time
    self.results = results
  }

  /// The subjects for which the policies differ.
  var differing: [SubjectResult] { results.filter { !$0.difference.parts.isEmpty } }

  /// Yes if no decision differs.
  public var status: ReportStatus { differing.isEmpty ? .yes : .no }
}
