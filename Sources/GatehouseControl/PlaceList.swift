public import GatehousePolicy

/// What the login record has of the places from which users came.
public struct PlaceList: Codable, Sendable {
  /// A user, and where and by what they came.
  public struct Place: Codable, Sendable {
    /// Who came.
    public let user: Name
    /// The PAM service, as it was judged.
    public let service: Name
    /// Where the user came from.
    public let origin: Origin
    /// Whether the origin stands for its whole /64.
    public let isNetwork: Bool
    /// The first login from there.
    public let first: Instant
    /// The last one.
    public let last: Instant
    /// How many were let in.
    public let allowed: Int
    /// How many were refused.
    public let refused: Int
    /// The list that last decided one of them, by its path in the policy; nil if none did.
    public let list: Name?
    /// Whether somebody was ever let in from there; false if all were refused.
    public let isAdmitted: Bool

    /// A place with its visits.
    public init(
      user: Name, service: Name, origin: Origin, isNetwork: Bool, first: Instant, last: Instant,
      allowed: Int, refused: Int, list: Name?, isAdmitted: Bool
    ) {
      self.user = user
      self.service = service
      self.origin = origin
      self.isNetwork = isNetwork
      self.first = first
      self.last = last
      self.allowed = allowed
      self.refused = refused
      self.list = list
      self.isAdmitted = isAdmitted
    }
  }

  /// A list of the policy, and when it has last decided a login.
  public struct ListUse: Codable, Sendable {
    /// Its path in the policy: `users.bob.also_from`.
    public let path: Name
    /// When it has last decided.
    public let last: Instant

    /// The last use of a list.
    public init(path: Name, last: Instant) {
      self.path = path
      self.last = last
    }
  }

  /// When the record began.
  public let since: Instant
  /// Whether it has what the machine's journal knew of the time before.
  public let hasHistory: Bool
  /// The places, in no order; of one user if the request named one.
  public let places: [Place]
  /// The lists that have decided, in no order.
  public let lists: [ListUse]
  /// Whether there were more lists than are recorded.
  public let isMissingLists: Bool

  /// What the record has.
  public init(
    since: Instant, hasHistory: Bool, places: [Place], lists: [ListUse], isMissingLists: Bool
  ) {
    self.since = since
    self.hasHistory = hasHistory
    self.places = places
    self.lists = lists
    self.isMissingLists = isMissingLists
  }
}

/// What became of the journal's history that the record was given.
public enum HistoryVerdict: Codable, Hashable, Sendable {
  /// It was taken up: so many places that were not too new or too many.
  case taken(places: Int)
  /// The record has had a history before, and nothing was changed.
  case present
  /// What was given is not a login record.
  case unreadable
}
