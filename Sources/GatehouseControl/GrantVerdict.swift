public import GatehousePolicy

/// A denial as the daemon remembers it, so that it can be turned into a grant.
public struct Denial: Hashable, Codable, Sendable {
  /// What the refused user was told to quote.
  public let id: String
  /// When.
  public let time: Instant
  /// The user, by the name that NSS returns.
  public let user: Name
  /// The PAM service.
  public let service: Name
  /// The address that the user came from; nil where the origin was none.
  public let address: IPAddress?
  /// The role that was asked for.
  public let role: Name?
  /// Why.
  public let reason: Reason
  /// With which methods and keys the user had proved who they are, as sshd says it
  /// (`SSH_AUTH_INFO_0` in sshd(8)).
  public let authentication: Name?

  /// A denial with all its parts.
  public init(
    id: String, time: Instant, user: Name, service: Name, address: IPAddress?, role: Name?,
    reason: Reason, authentication: Name?
  ) {
    self.id = id
    self.time = time
    self.user = user
    self.service = service
    self.address = address
    self.role = role
    self.reason = reason
    self.authentication = authentication
  }
}

/// What came of a request about a grant.
public struct GrantVerdict: Codable, Sendable {
  /// What came of it.
  public enum Outcome: Codable, Sendable {
    /// The grant counts from now on, and is on the disk.
    case given(Grant)
    /// The grant counts no more.
    case revoked(Grant)
    /// The denial can be turned into a grant, which was not asked for.
    case approvable
    /// Nothing was done.
    case refused(GrantRefusal)
  }

  /// What came of it.
  public var outcome: Outcome
  /// The denial that was asked about, if one was and it is known.
  public var denial: Denial?
  /// The daemon's time.
  public var now: Instant

  /// What came of a request.
  public init(_ outcome: Outcome, denial: Denial? = nil, now: Instant = .now()) {
    self.outcome = outcome
    self.denial = denial
    self.now = now
  }
}

/// Why a grant was not given, or not ended.
public enum GrantRefusal: Codable, Sendable {
  /// What it would be for is not an address.
  case notAnAddress(String)
  /// No denial of this id is remembered; so many are of each user.
  case unknownDenial(id: String, remembered: Int)
  /// What was denied did not come from an address.
  case originNotAnAddress
  /// There is no grant of this id.
  case unknownGrant(id: String)
  /// It counts no more, but the disk cannot be told: what the system said.
  case endNotKept(id: String, cause: String)
  /// There is no policy that it would be an exception from.
  case noPolicy
  /// There is no such user.
  case unknownUser(Name)
  /// It would last longer than the policy allows.
  case tooLong(longest: Duration)
  /// There are as many as there may be.
  case tooMany(limit: Int)
  /// The address is in the policy's `block`, by this rule.
  case blocked(IPAddress, rule: SourceLocation?)
  /// The user is not a member of the role.
  case notMember(user: Name, role: Name?)
  /// It cannot be found out now whether the user is a member of the role.
  case membershipUnknown(user: Name, role: Name?)
  /// It would let nobody in, for this reason and by this rule.
  case ineffective(Reason, rule: SourceLocation?)
  /// It cannot be kept on the disk: what the system said.
  case notKept(cause: String)
}

/// Every grant that counts now.
public struct GrantList: Codable, Sendable {
  /// The grants, in any order.
  public var grants: [Grant]
  /// The daemon's time.
  public var now: Instant

  /// The grants that there are.
  public init(grants: [Grant], now: Instant = .now()) {
    self.grants = grants
    self.now = now
  }
}
