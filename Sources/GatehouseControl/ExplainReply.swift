public import GatehousePolicy

/// The identity of a policy that a report is about.
public struct PolicyIdentity: Codable, Sendable {
  /// The counter of the serving generation; nil for a policy that does not serve.
  public var generation: Int?
  /// The hexadecimal SHA-256 of the policy's content.
  public var digest: String
  /// The policy's mode.
  public var mode: Mode

  /// An identity with all its parts.
  public init(generation: Int?, digest: String, mode: Mode) {
    self.generation = generation
    self.digest = digest
    self.mode = mode
  }

  /// A policy that does not serve.
  public init(_ policy: Policy) {
    self.init(generation: nil, digest: policy.digest, mode: policy.mode)
  }
}

/// The reply to a request for an explanation.
public enum ExplainReply: Codable, Sendable {
  /// The decision and its explanation.
  case explained(ExplainedLogin)
  /// The daemon has no policy; it should be in this folder.
  case noPolicy(folder: String)
  /// Too many requests are waiting for an explanation already.
  case busy
}

/// Why a login would be allowed or denied, and by which policy.
public struct ExplainedLogin: Codable, Sendable {
  /// The source of the user's groups.
  public enum GroupSource: String, Codable, Sendable {
    /// They were named with the question.
    case given
    /// NSS reported them.
    case nss
    /// NSS does not know the user, who therefore is in no group.
    case unknownUser = "unknown_user"
    /// The service's users are not the machine's (`accounts: virtual`), so nobody was asked.
    case virtualAccounts = "virtual_accounts"
  }

  /// What was decided, and how.
  public var explanation: Explanation
  /// Whether a second factor is needed, and why.
  public var factor: FactorExplanation
  /// The remote host as it was given, which says more than an unknown origin does.
  public var remoteHost: String
  /// The source of the user's groups.
  public var groupSource: GroupSource
  /// The service of nsswitch.conf(5) that said so, such as `files` or `sss`; nil if that is not known.
  public var groupService: String?
  /// When the directory said what is known of the user, the oldest answer that counts; nil if no
  /// directory has.
  public var readAt: Instant?
  /// The policy that was asked.
  public var policy: PolicyIdentity

  /// A login that was explained.
  public init(
    explanation: Explanation, factor: FactorExplanation, remoteHost: String,
    groupSource: GroupSource,
    groupService: String? = nil, readAt: Instant? = nil, policy: PolicyIdentity
  ) {
    self.explanation = explanation
    self.factor = factor
    self.remoteHost = remoteHost
    self.groupSource = groupSource
    self.groupService = groupService
    self.readAt = readAt
    self.policy = policy
  }
}
