import GatehouseControl
import GatehousePolicy
import GatehouseState

extension KeptState {
  /// Who came from where.
  static let logins = StateKind<LoginRecord>(
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

  /// That the daemon has ended in good order, and who had come in until then.
  static let loginsEnd = StateKind<LoginBook.Ending>(
    "logins end", version: 1,
    .record(
      "logins end", .text("boot", atMost: 256), .count("socket", upTo: .max),
      .sinceBoot("seen since"), .optional(.sinceBoot("forgotten")),
      .list("users", of: arrivals, atMost: Arrivals.userLimit),
      .list("self logins", of: selfLogin, atMost: SelfLogin.limit),
      make: { boot, socket, seenSince, forgotten, users, selfLogins in
        LoginBook.Ending(
          boot: boot, socket: socket, seenSince: seenSince,
          arrivals: Arrivals(users: users, forgotten: forgotten), selfLogins: selfLogins)
      },
      take: {
        (
          $0.boot, $0.socket, $0.seenSince, $0.arrivals.forgotten,
          $0.arrivals.users.map { (user: $0.key, own: $0.value) }, $0.selfLogins
        )
      }))

  private static let arrivals = Layout<(user: Name, own: Arrivals.OfUser)>.record(
    "arrivals", .user, .optional(.sinceBoot("forgotten")),
    .list("arrivals", of: arrival, atMost: Arrivals.limitPerUser),
    make: { (user: $0, own: Arrivals.OfUser(kept: $2, forgotten: $1)) },
    take: { ($0.user, $0.own.forgotten, $0.own.arrivals) })

  private static let arrival = Layout<Arrivals.Arrival>.record(
    "arrival", .origin("origin"), .sinceBoot("last"),
    make: { Arrivals.Arrival(origin: $0, last: $1) }, take: { ($0.origin, $0.last) })

  private static let selfLogin = Layout<SelfLogin>.record(
    "self login", .user, .list("processes", of: process, atMost: 2),
    make: { SelfLogin(user: $0, processes: $1) }, take: { ($0.user, $0.processes) })

  private static let process = Layout<SelfLogin.Process>.record(
    "process", .count("number", upTo: Int(Int32.max)), .count("start", upTo: .max),
    make: { SelfLogin.Process(number: Int32($0), start: UInt64($1)) },
    take: { (Int($0.number), Int(clamping: $0.start)) })
}
