/// The answer to a question.
public enum Verdict: String, Codable, Sendable {
  /// Let the user in.
  case allow
  /// Refuse the user.
  case deny
  /// The policy has nothing to say.
  case ignore
}

/// Why a question was answered as it was.
public enum Reason: String, CaseIterable, Codable, Sendable {
  /// `mode: off`, or the service has `check: false`.
  case notChecked = "not_checked"
  /// The role that was asked for is not the user's, or not available from here.
  case roleUnavailable = "role_unavailable"
  /// The answer depends on what is unknown of the user: a group, or how the directory spells the name.
  case identityUnavailable = "identity_unavailable"
  /// The user is in `break_glass`.
  case breakGlass = "break_glass"
  /// The login is local, and the user may be there.
  case local
  /// The login is local, and `local` does not name the user.
  case localNotListed = "local_not_listed"
  /// The program gave no address, and serves the network.
  case noAddress = "no_address"
  /// The remote host is not an address.
  case originUnknown = "origin_unknown"
  /// The login session does not tell where its user came from.
  case sessionUnclear = "session_unclear"
  /// The origin is in `block`.
  case blocked
  /// It is certain that there is no such user.
  case userUnknown = "user_unknown"
  /// The user has a grant for the origin.
  case granted
  /// A group or role requires a list of the user's own.
  case userListRequired = "user_list_required"
  /// An `only_from` that applies does not hold the address.
  case confined
  /// No list that applies holds the address.
  case notListed = "not_listed"
  /// A role is required, and none is available from here.
  case noRole = "no_role"
  /// A list that applies holds the address.
  case listed
  /// No list concerns the user.
  case unrestricted
}

/// What was decided, and why.
public struct Decision: Hashable, Codable, Sendable {
  /// The answer that is given; allow where monitor mode answers a denial.
  public var verdict: Verdict
  /// Why; in monitor mode the denial's own reason.
  public var reason: Reason
  /// The roles that are available, sorted; empty on a denial, also on one that monitor mode answers
  /// with allow.
  public var roles: [Name]
  /// The key of the most specific list that decided, or of the requirement; nil if no rule did.
  public var rule: SourceLocation?
  /// A denial that monitor mode answers with allow.
  public var wouldDeny: Bool
  /// The id of the grant that decided.
  public var grant: String?

  /// Whether the user is denied, or would be without monitor mode.
  public var isDenial: Bool { verdict == .deny || wouldDeny }

  /// A decision with all its parts.
  public init(
    verdict: Verdict, reason: Reason, roles: [Name] = [], rule: SourceLocation? = nil,
    wouldDeny: Bool = false, grant: String? = nil
  ) {
    self.verdict = verdict
    self.reason = reason
    self.roles = roles
    self.rule = rule
    self.wouldDeny = wouldDeny
    self.grant = grant
  }
}
