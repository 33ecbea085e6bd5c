public import GatehousePolicy

/// Places and the visits of each, bounded for all users and for each one.
///
/// Strangers are names that no directory has confirmed: anybody may invent them. They have a share of
/// the room at most, give way to everybody else, and push out each other alone.
public struct PlaceTable: Sendable {
  typealias Place = LoginRecord.Place
  typealias Visits = LoginRecord.Visits

  /// The visits of each place.
  public private(set) var visits: [LoginRecord.Place: LoginRecord.Visits] = [:]
  private var owners: [Name: Owner] = [:]
  /// The places that strangers have.
  private var strangePlaces = 0
  private let limit: Int
  private let strangerLimit: Int

  /// A user who has places.
  private struct Owner {
    var places: [Place] = []
    var isKnown: Bool
  }

  /// An empty table for so many places, and so many of strangers.
  init(limit: Int, strangers: Int) {
    self.limit = limit
    strangerLimit = strangers
  }

  /// The users who have places.
  var users: some Collection<Name> { owners.keys }

  /// A user's places with their visits, in no order.
  public func places(
    of user: Name
  ) -> some Collection<(LoginRecord.Place, LoginRecord.Visits)> {
    (owners[user]?.places ?? []).lazy.compactMap { place in visits[place].map { (place, $0) } }
  }

  /// Whether a directory has confirmed a user who has places.
  func isKnown(_ user: Name) -> Bool { owners[user]?.isKnown ?? false }

  /// Whether the place is known, by itself or as a part of its /64.
  public func contains(_ place: LoginRecord.Place) -> Bool { known(place) != nil }

  /// Adds visits to a place, for which there may have to be room made among its user's own.
  ///
  /// - Parameters:
  ///   - more: The visits.
  ///   - place: The place.
  ///   - isKnown: Whether a directory has confirmed the user; once is enough.
  mutating func add(_ more: Visits, to place: Place, isKnown: Bool) {
    if isKnown { confirm(place.user) }
    if let known = known(place) {
      visits[known]?.add(more)
      return
    }
    let isKnown = isKnown || self.isKnown(place.user)
    if !hasRoom(for: place.user, isKnown) { shorten(place.user) }
    // The shortening may have made a network of which the place is a part.
    if let known = known(place) {
      visits[known]?.add(more)
      return
    }
    guard hasRoom(for: place.user, isKnown) || makeRoom(for: place.user, isKnown) else { return }
    insert(place, more, isKnown)
  }

  /// Takes a place out; nil if it is not there by itself.
  mutating func remove(_ place: Place) -> Visits? {
    guard let removed = visits.removeValue(forKey: place) else { return nil }
    owners[place.user]?.places.removeAll { $0 == place }
    if owners[place.user]?.isKnown == false { strangePlaces -= 1 }
    if owners[place.user]?.places.isEmpty == true { owners[place.user] = nil }
    return removed
  }

  /// Forgets the places whose last visit was before a time.
  mutating func forget(before time: Instant) {
    for (place, visits) in visits where visits.last < time { _ = remove(place) }
  }

  private mutating func insert(_ place: Place, _ new: Visits, _ isKnown: Bool) {
    visits[place] = new
    owners[place.user, default: Owner(isKnown: isKnown)].places.append(place)
    if !isKnown { strangePlaces += 1 }
  }

  private mutating func confirm(_ user: Name) {
    guard owners[user]?.isKnown == false else { return }
    owners[user]?.isKnown = true
    strangePlaces -= owners[user]?.places.count ?? 0
  }

  private func hasRoom(for user: Name, _ isKnown: Bool) -> Bool {
    visits.count < limit && (isKnown || strangePlaces < strangerLimit)
      && (owners[user]?.places.count ?? 0) < LoginRecord.limitPerUser
  }

  private func known(_ place: Place) -> Place? {
    if visits[place] != nil { return place }
    guard let network = place.network, visits[network] != nil else { return nil }
    return network
  }

  /// Puts a user's IPv6 addresses of one /64 together.
  private mutating func shorten(_ user: Name) {
    guard let owner = owners[user] else { return }
    for place in owner.places where !place.isNetwork {
      guard let network = place.network, let own = remove(place) else { continue }
      if visits[network] == nil {
        insert(network, own, owner.isKnown)
      } else {
        visits[network]?.add(own)
      }
    }
  }

  /// Makes room for a place of a user; false if that is impossible without taking another's.
  private mutating func makeRoom(for user: Name, _ isKnown: Bool) -> Bool {
    let count = owners[user]?.places.count ?? 0
    if isKnown, count < LoginRecord.limitPerUser, removeOldestOfStrangers() { return true }
    return removeOldest(of: user) || removeOldestOfStrangers()
  }

  /// Makes room by what is the user's own; false if there is nothing.
  private mutating func removeOldest(of user: Name) -> Bool {
    let own = owners[user]?.places ?? []
    let oldest = own.min { (visits[$0]?.last ?? .now()) < (visits[$1]?.last ?? .now()) }
    guard let oldest else { return false }
    _ = remove(oldest)
    return true
  }

  /// Makes room by the oldest eighth of what strangers have, so that a flood of names does not cost a
  /// search for each of them; false if there is nothing.
  private mutating func removeOldestOfStrangers() -> Bool {
    guard strangePlaces > 0 else { return false }
    let strange = visits.filter { !isKnown($0.key.user) }.sorted { $0.value.last < $1.value.last }
    for (place, _) in strange.prefix(strange.count / 8 + 1) { _ = remove(place) }
    return true
  }
}

extension LoginRecord.Place {
  /// The /64 of an IPv6 address, as a place; nil if the origin is not one.
  var network: Self? {
    if isNetwork { return self }
    guard case .address(let address) = origin, address.family == .ipv6 else { return nil }
    var place = self
    place.origin = .address(IPAddress(ipv6: (address.bits >> 64) << 64))
    place.isNetwork = true
    return place
  }
}
