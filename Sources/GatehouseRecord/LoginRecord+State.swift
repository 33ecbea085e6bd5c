import GatehouseControl
import GatehousePolicy
public import GatehouseState

extension LoginRecord {
  /// The file `logins` in the daemon's state folder.
  public static let kind = StateKind<LoginRecord>(
    "logins", version: 3,
    version(of: Row.layout), earlier: [1: version1, 2: version(of: Row.version2)])

  /// The layout since the second version; the places of the second do not say which are proven.
  static func version(of row: Layout<Row>) -> Layout<LoginRecord> {
    .record(
      "logins", .instant("since"), .count("history", upTo: 1), .count("missing lists", upTo: 1),
      .list("lists", of: ListUse.layout, atMost: listLimit),
      .list("admitted", of: row, atMost: limit),
      .list("refused", of: row, atMost: refusedLimit),
      .list("services", of: service, atMost: serviceLimit),
      make: { since, history, missing, lists, admitted, refused, services in
        let kept = Kept(
          since: since, hasHistory: history == 1, isMissingLists: missing == 1, lists: lists,
          admitted: admitted, refused: refused, services: services)
        return kept.named().map { LoginRecord($0) }
      },
      take: { record in
        let kept = Kept(record)
        return (
          kept.since, kept.hasHistory ? 1 : 0, kept.isMissingLists ? 1 : 0, kept.lists,
          kept.admitted, kept.refused, kept.services
        )
      })
  }

  /// The first version, without lists; it did not tell which names a directory has confirmed.
  static let version1 = Layout<LoginRecord>.record(
    "logins", .instant("since"), .list("admitted", of: Row.version1, atMost: limit),
    .list("refused", of: Row.version1, atMost: refusedLimit),
    .list("services", of: service, atMost: serviceLimit),
    make: { since, admitted, refused, services in
      LoginRecord(
        Kept(since: since, admitted: admitted, refused: refused, services: services))
    },
    take: { record in
      let kept = Kept(record)
      return (kept.since, kept.admitted, kept.refused, kept.services)
    })

  private static let service = Layout<ServiceUses.Use>.record(
    "service", .service, .instant("first"), .instant("last"), .logins("allowed"),
    .logins("refused"), .logins("from address"), .logins("from self"), .logins("from local"),
    .logins("without address"), .logins("from unknown"),
    make: { service, first, last, allowed, refused, address, own, local, without, unknown in
      var use = ServiceUses.Use(service: service, at: first)
      use.last = last
      use.allowed = allowed
      use.refused = refused
      use.fromAddress = address
      use.fromSelf = own
      use.fromLocal = local
      use.withoutAddress = without
      use.fromUnknown = unknown
      return use
    },
    take: {
      (
        $0.service, $0.first, $0.last, $0.allowed, $0.refused, $0.fromAddress, $0.fromSelf,
        $0.fromLocal, $0.withoutAddress, $0.fromUnknown
      )
    })

  /// The record as it is kept.
  struct Kept {
    var since: Instant
    var hasHistory = false
    var isMissingLists = false
    var lists: [ListUse] = []
    var admitted: [Row]
    var refused: [Row]
    var services: [ServiceUses.Use]
  }

  /// A list and when it has last decided.
  struct ListUse {
    let path: Name
    let last: Instant

    fileprivate static let layout = Layout<ListUse>.record(
      "list", .name("path", atMost: listPathLimit), .instant("last"),
      make: { ListUse(path: $0, last: $1) }, take: { ($0.path, $0.last) })
  }

  /// A place with its visits.
  struct Row {
    let place: Place
    var visits: Visits
    let isKnown: Bool
    /// The number of its list from 1 on; 0 for none.
    var list = 0

    fileprivate static let layout = Layout<Row>.record(
      "place", version2, .optional(.instant("proven")),
      make: { row, proven in
        var row = row
        row.visits.proven = proven
        return row
      },
      take: { ($0, $0.visits.proven) })

    static let version2 = Layout<Row>.record(
      "place", version1, .count("known", upTo: 1), .count("list", upTo: listLimit),
      make: { Row(place: $0.place, visits: $0.visits, isKnown: $1 == 1, list: $2) },
      take: { ($0, $0.isKnown ? 1 : 0, $0.list) })

    fileprivate static let version1 = Layout<Row>.record(
      "place", .user, .service, .origin("origin"), .count("network", upTo: 1), .instant("first"),
      .instant("last"), .logins("allowed"), .logins("refused"),
      make: { user, service, origin, network, first, last, allowed, refused in
        Row(
          place: Place(user: user, service: service, origin: origin, isNetwork: network == 1),
          visits: Visits(first: first, last: last, allowed: allowed, refused: refused),
          isKnown: true)
      },
      take: { row in
        (
          row.place.user, row.place.service, row.place.origin, row.place.isNetwork ? 1 : 0,
          row.visits.first, row.visits.last, row.visits.allowed, row.visits.refused
        )
      })
  }
}

extension LoginRecord.Kept {
  fileprivate init(_ record: LoginRecord) {
    // In order, so that one record is always kept in the same way: its places have the numbers of these.
    lists = record.lists.sorted { $0.key < $1.key }
      .map { LoginRecord.ListUse(path: $0.key, last: $0.value) }
    var numbers: [Name: Int] = [:]
    for (index, list) in lists.enumerated() { numbers[list.path] = index + 1 }
    func rows(_ table: PlaceTable) -> [LoginRecord.Row] {
      table.visits.map { place, visits in
        LoginRecord.Row(
          place: place, visits: visits, isKnown: table.isKnown(place.user),
          list: visits.list.flatMap { numbers[$0] } ?? 0)
      }
    }
    since = record.since
    hasHistory = record.hasHistory
    isMissingLists = record.isMissingLists
    admitted = rows(record.admitted)
    refused = rows(record.refused)
    services = record.uses.services
  }

  /// The same with the paths of the places' lists; nil if there is no list of a number.
  fileprivate func named() -> Self? {
    var named = self
    for index in admitted.indices {
      guard let list = path(of: admitted[index]) else { return nil }
      named.admitted[index].visits.list = list
    }
    for index in refused.indices {
      guard let list = path(of: refused[index]) else { return nil }
      named.refused[index].visits.list = list
    }
    return named
  }

  /// The path of a place's list, nil within if it has none; nil if there is no list of its number.
  private func path(of row: LoginRecord.Row) -> Name?? {
    guard row.list > 0 else { return .some(nil) }
    guard row.list <= lists.count else { return nil }
    return lists[row.list - 1].path
  }
}
