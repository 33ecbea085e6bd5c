/// A temporary permission for a user to come from one place, given on the command line.
///
/// It is not part of a policy: grants are handed over with each login that is decided.
public struct Grant: Hashable, Codable, Sendable {
  /// The id by which it is listed and revoked.
  public let id: String
  /// The user, by the name that NSS returns.
  public let user: Name
  /// Where the user may come from.
  public let place: GrantPlace
  /// The one PAM service that it is for; nil for all.
  public let service: Name?
  /// The role that it makes available to a member; nil if none.
  public let role: Name?
  /// When it was given; before that it does not count.
  public let since: Instant
  /// Its end, exclusive.
  public var until: Instant
  /// Who gave it, in words.
  public let author: String
  /// Why, in words.
  public let why: String
  /// The denial after which the user authorised the place by a code; nil if the grant was given.
  public let codeDenial: String?

  /// A grant with all its parts.
  public init(
    id: String, user: Name, place: GrantPlace, service: Name? = nil, role: Name? = nil,
    since: Instant, until: Instant, author: String, why: String, codeDenial: String? = nil
  ) {
    self.id = id
    self.user = user
    self.place = place
    self.service = service
    self.role = role
    self.since = since
    self.until = until
    self.author = author
    self.why = why
    self.codeDenial = codeDenial
  }

  /// Whether it is for this login, whatever role was asked for.
  func applies(to login: Login) -> Bool {
    user == login.user && place.contains(login.origin)
      && (service ?? login.service) == login.service && since <= login.time && login.time < until
  }
}

extension Grant: Comparable {
  /// Orders grants by their ends, the last one first, then by their ids.
  public static func < (left: Grant, right: Grant) -> Bool {
    (right.until, left.id) < (left.until, right.id)
  }
}

extension Grant: CustomStringConvertible {
  /// Whom it lets in: `bob from 198.51.100.7 (sshd), role admin`.
  public var description: String {
    "\(user) from \(place)" + (service.map { " (\($0))" } ?? "")
      + (role.map { ", role \($0)" } ?? "")
  }
}

/// The limits of grants: `grants` in the policy.
public struct GrantLimits: Hashable, Codable, Sendable {
  /// How long a grant may last at most: `grants.longest`.
  public var longestDuration = Duration.seconds(24 * 3600)
  /// The shortest IPv4 prefix that a grant may be for: `grants.widest.ipv4`.
  public var widestIPv4 = 24
  /// The shortest IPv6 prefix that a grant may be for: `grants.widest.ipv6`.
  public var widestIPv6 = 56
  /// How many grants there may be at once: `grants.most`.
  public var mostGrants = 100

  /// The greatest number that a policy may set `most` to.
  static let maximumMostGrants = 1000

  /// The limits of a policy that sets none.
  public init() {}

  /// Whether a grant for this place is too wide.
  public func isTooWide(_ place: GrantPlace) -> Bool {
    switch place {
    case .machine: false
    case .network(let network): network.length < widest(of: network.address.family)
    }
  }

  /// The shortest prefix that a grant may be for.
  public func widest(of family: IPAddress.Family) -> Int {
    switch family {
    case .ipv4: widestIPv4
    case .ipv6: widestIPv6
    }
  }
}
