/// A temporary permission for a user to come from one place, given on the command line.
///
/// It is not part of a policy: grants are handed over with each login that is decided.
public struct Grant: Hashable, Codable, Sendable {
  /// The id by which it is listed and revoked.
  public let id: String
  /// The user, by the name that NSS returns.
  public let user: Name
  /// Where the user may come from: an address, or the machine itself.
  public let origin: Origin
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

  /// A grant with all its parts.
  public init(
    id: String, user: Name, origin: Origin, service: Name? = nil, role: Name? = nil,
    since: Instant, until: Instant, author: String, why: String
  ) {
    self.id = id
    self.user = user
    self.origin = origin
    self.service = service
    self.role = role
    self.since = since
    self.until = until
    self.author = author
    self.why = why
  }

  /// Whether it is for this login, whatever role was asked for.
  func applies(to login: Login) -> Bool {
    user == login.user && origin == login.origin && origin.isListed
      && (service ?? login.service) == login.service && since <= login.time && login.time < until
  }
}

extension Origin {
  /// Reads where a grant is for: an address, or `self`; nil for anything else.
  ///
  /// A loopback address is the machine itself.
  public init?(ofGrant text: String) {
    if text == "self" {
      self = .machine
    } else if let address = IPAddress(text) {
      self = address.isLoopback ? .machine : .address(address)
    } else {
      return nil
    }
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
    "\(user) from \(origin)" + (service.map { " (\($0))" } ?? "")
      + (role.map { ", role \($0)" } ?? "")
  }
}

/// The limits of grants: `grants` in the policy.
public struct GrantLimits: Hashable, Codable, Sendable {
  /// How long a grant may last at most: `grants.longest`.
  public var longestDuration = Duration.seconds(24 * 3600)
  /// How many grants there may be at once: `grants.most`.
  public var mostGrants = 100

  /// The greatest number that a policy may set `most` to.
  static let maximumMostGrants = 1000

  /// The limits of a policy that sets none.
  public init() {}
}
