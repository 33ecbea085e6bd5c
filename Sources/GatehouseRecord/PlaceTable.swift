import GatehousePolicy

/// Places and the visits of each, bounded for all users and for each one.
public struct PlaceTable: Sendable {
  typealias Place = LoginRecord.Place
  typealias Visits = LoginRecord.Visits

  /// The visits of each place.
  public private(set) var visits: [LoginRecord.Place: LoginRecord.Visits] = [:]
  private var places: [Name: [Place]] = [:]
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The users who have places.
  var users: some Collection<Name> { places.keys }

  /// A user's places with their visits, in no order.
  func places(of user: Name) -> some Collection<(Place, Visits)> {
    (places[user] ?? []).lazy.compactMap { place in visits[place].map { (place, $0) } }
  }

  /// Whether the place is known, by itself or as a part of its /64.
  public func contains(_ place: LoginRecord.Place) -> Bool { known(place) != nil }

  /// Adds visits to a place, for which there may have to be room made among its user's own.
  mutating func add(_ more: Visits, to place: Place) {
    if let known = known(place) {
      visits[known]?.add(more)
      return
    }
    if !hasRoom(for: place.user) { shorten(place.user) }
    // The shortening may have made a network of which the place is a part.
    if let known = known(place) {
      visits[known]?.add(more)
      return
    }
    guard hasRoom(for: place.user) || removeOldest(of: place.user) else { return }
    visits[place] = more
    places[place.user, default: []].append(place)
  }

  /// Takes a place out; nil if it is not there by itself.
  mutating func remove(_ place: Place) -> Visits? {
    guard let removed = visits.removeValue(forKey: place) else { return nil }
    places[place.user]?.removeAll { $0 == place }
    if places[place.user]?.isEmpty == true { places[place.user] = nil }
    return removed
  }

  /// Forgets the places whose last visit was before a time.
  mutating func forget(before time: Instant) {
    for (place, visits) in visits where visits.last < time { _ = remove(place) }
  }

  private func hasRoom(for user: Name) -> Bool {
    visits.count < limit && (places[user]?.count ?? 0) < LoginRecord.limitPerUser
  }

  private func known(_ place: Place) -> Place? {
    if visits[place] != nil { return place }
    guard let network = place.network, visits[network] != nil else { return nil }
    return network
  }

  /// Puts a user's IPv6 addresses of one /64 together.
  private mutating func shorten(_ user: Name) {
    for place in places[user] ?? [] where !place.isNetwork {
      guard let network = place.network, let own = remove(place) else { continue }
      if visits[network] == nil {
        visits[network] = own
        places[user, default: []].append(network)
      } else {
        visits[network]?.add(own)
      }
    }
  }

  /// Makes room by what is the user's own; false if there is nothing.
  private mutating func removeOldest(of user: Name) -> Bool {
    let own = places[user] ?? []
    let oldest = own.min { (visits[$0]?.last ?? .now()) < (visits[$1]?.last ?? .now()) }
    guard let oldest else { return false }
    _ = remove(oldest)
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
