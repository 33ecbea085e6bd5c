public import GatehousePolicy

/// A denial as the daemon remembers it, so that it can be turned into a grant.
public struct Denial: Hashable, Codable, Sendable {
  /// The id that the refused user was told to quote.
  public let id: String
  /// The time of the denial.
  public let time: Instant
  /// The user, as NSS spells the name.
  public let user: Name
  /// The PAM service.
  public let service: Name
  /// Where the user came from; nil unless it was an address or the machine itself.
  public let origin: Origin?
  /// The role that was asked for.
  public let role: Name?
  /// The reason.
  public let reason: Reason
  /// The methods and keys that authenticated the user, as sshd writes them
  /// (`SSH_AUTH_INFO_0` in sshd(8)).
  public let authentication: Name?

  /// A denial with all its parts.
  public init(
    id: String, time: Instant, user: Name, service: Name, origin: Origin?, role: Name?,
    reason: Reason, authentication: Name?
  ) {
    self.id = id
    self.time = time
    self.user = user
    self.service = service
    self.origin = origin
    self.role = role
    self.reason = reason
    self.authentication = authentication
  }
}

/// The result of a request about a grant.
public struct GrantVerdict: Codable, Sendable {
  /// The outcome.
  public enum Outcome: Codable, Sendable {
    /// The grant is in effect from now on, and is on the disk.
    case given(Grant)
    /// The grant has ended.
    case revoked(Grant)
    /// The denial can be turned into a grant; the request only asked to show it.
    case approvable
    /// Nothing was done.
    case refused(GrantRefusal)
  }

  /// The outcome.
  public var outcome: Outcome
  /// The denial that was asked about; nil if none was, or it is not known.
  public var denial: Denial?
  /// The daemon's time.
  public var now: Instant

  /// The result of a request.
  public init(_ outcome: Outcome, denial: Denial? = nil, now: Instant = .now()) {
    self.outcome = outcome
    self.denial = denial
    self.now = now
  }
}

/// Why a grant was not given, or not ended.
public enum GrantRefusal: Codable, Sendable {
  /// The text that was given is neither an address, a network nor `self`.
  case notAnAddress(String)
  /// The network is wider than the policy allows.
  case tooWide(GrantPlace, widest: Int)
  /// No denial of this id is remembered; this is how many are remembered of each user.
  case unknownDenial(id: String, remembered: Int)
  /// The denied login came neither from an address nor from the machine itself.
  case originNotAnAddress
  /// There is no grant of this id.
  case unknownGrant(id: String)
  /// It has ended, but that cannot be written to the disk: the system's error.
  case endNotKept(id: String, cause: String)
  /// There is no policy, so there is nothing to make an exception from.
  case noPolicy
  /// There is no such user.
  case unknownUser(Name)
  /// It would last longer than the policy allows.
  case tooLong(longest: Duration)
  /// The largest number of grants is reached.
  case tooMany(limit: Int)
  /// The place is in the policy's `block`, by this rule.
  case blocked(GrantPlace, rule: SourceLocation?)
  /// The user is not a member of the role.
  case notMember(user: Name, role: Name?)
  /// It cannot be found out now whether the user is a member of the role.
  case membershipUnknown(user: Name, role: Name?)
  /// It would have no effect, for this reason and by this rule.
  case ineffective(Reason, rule: SourceLocation?)
  /// It cannot be written to the disk: the system's error.
  case notKept(cause: String)
}

/// Every grant that is in effect.
public struct GrantList: Codable, Sendable {
  /// The grants, in any order.
  public var grants: [Grant]
  /// The daemon's time.
  public var now: Instant

  /// A list of grants.
  public init(grants: [Grant], now: Instant = .now()) {
    self.grants = grants
    self.now = now
  }
}
