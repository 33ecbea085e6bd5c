import GatehouseControl
import GatehousePolicy
public import GatehouseState

extension LoginRecord {
  /// The file `logins` in the daemon's state folder.
  public static let kind = StateKind<LoginRecord>(
    "logins", version: 1,
    .record(
      "logins", .instant("since"), .list("admitted", of: visits, atMost: LoginRecord.limit),
      .list("refused", of: visits, atMost: LoginRecord.refusedLimit),
      .list("services", of: service, atMost: LoginRecord.serviceLimit),
      make: { LoginRecord(since: $0, admitted: $1, refused: $2, services: $3) },
      take: {
        (
          $0.since, $0.admitted.visits.map { ($0.key, $0.value) },
          $0.refused.visits.map { ($0.key, $0.value) }, $0.uses.services
        )
      }))

  private static let visits = Layout<(LoginRecord.Place, LoginRecord.Visits)>.record(
    "place", .user, .service, .origin("origin"), .count("network", upTo: 1), .instant("first"),
    .instant("last"), .logins("allowed"), .logins("refused"),
    make: { user, service, origin, network, first, last, allowed, refused in
      (
        LoginRecord.Place(user: user, service: service, origin: origin, isNetwork: network == 1),
        LoginRecord.Visits(first: first, last: last, allowed: allowed, refused: refused)
      )
    },
    take: { place, visits in
      (
        place.user, place.service, place.origin, place.isNetwork ? 1 : 0, visits.first,
        visits.last, visits.allowed, visits.refused
      )
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
}
