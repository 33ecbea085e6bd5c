public import GatehousePolicy

/// Why a login would be allowed or denied, as `gatehouse explain` prints it.
public struct ExplanationReport: Report, Sendable {
  /// The policy that was asked.
  public struct Source: Sendable {
    /// The counter of the serving generation; nil for a policy that was named by its path.
    public var generation: Int?
    /// The hexadecimal SHA-256 of the policy's content.
    public var digest: String
    /// The policy's mode.
    public var mode: Mode

    /// The policy that was asked.
    public init(generation: Int?, digest: String, mode: Mode) {
      self.generation = generation
      self.digest = digest
      self.mode = mode
    }
  }

  /// Where the user's groups are from.
  public enum GroupSource: String, Sendable {
    /// They were named with the question.
    case given
    /// NSS reported them.
    case nss
    /// NSS does not know the user, who is in no group then.
    case unknownUser = "unknown_user"
  }

  /// What was decided, and how.
  public var explanation: Explanation
  /// The remote host as it was given, which says more than an unknown origin does.
  public var remoteHost: String
  /// Where the user's groups are from.
  public var groupSource: GroupSource
  /// The policy that was asked.
  public var source: Source

  /// A report of an explanation.
  public init(
    explanation: Explanation, remoteHost: String, groupSource: GroupSource, source: Source
  ) {
    self.explanation = explanation
    self.remoteHost = remoteHost
    self.groupSource = groupSource
    self.source = source
  }

  /// Yes, where the login is allowed or not checked; no, where it is denied, or would be but for
  /// monitor mode.
  public var status: ReportStatus {
    explanation.decision.isDenial ? .no : .yes
  }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    switch format {
    case .text: picture(coloured: false)
    case .colouredText: picture(coloured: true)
    case .json: json()
    case .batchLine: batchLine()
    }
  }

  private func batchLine() -> [UInt8] {
    var writer = JSONWriter()
    writer.batchLine(explanation.decision)
    return writer.bytes
  }
}

extension JSONWriter {
  /// Writes the line with which `gatehouse explain --batch` answers a question.
  public mutating func batchLine(_ decision: Decision) {
    object { $0.members(of: decision) }
    newline()
  }

  /// Writes the line that stands in the place of an answer.
  public mutating func batchLine(error: String) {
    object { $0.member("error", error) }
    newline()
  }

  /// The members that an answer has in every form.
  mutating func members(of decision: Decision) {
    member("decision", decision.verdict.rawValue)
    member("reason", decision.reason.rawValue)
    member("roles", decision.roles)
    member("rule", decision.rule?.fileAndLine)
    member("would_deny", decision.wouldDeny)
  }
}
