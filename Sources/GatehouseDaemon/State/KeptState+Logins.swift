import GatehousePolicy
import GatehouseRecord
import GatehouseState

extension KeptState {
  /// That the daemon has ended in good order, and who had come in until then.
  static let loginsEnd = StateKind<LoginBook.Ending>(
    "logins end", version: 2,
    .record(
      "logins end", loginsEndVersion1, .list("open", of: open, atMost: OpenLogins.limit),
      make: { end, open in
        LoginBook.Ending(
          boot: end.boot, socket: end.socket, seenSince: end.seenSince, arrivals: end.arrivals,
          selfLogins: end.selfLogins, open: OpenLogins(open))
      },
      take: { ($0, $0.open.times.map { ($0.key, $0.value) }) }),
    earlier: [1: loginsEndVersion1])

  /// The first version, without open logins.
  static let loginsEndVersion1 = Layout<LoginBook.Ending>.record(
    "logins end", .text("boot", atMost: 256), .count("socket", upTo: .max),
    .sinceBoot("seen since"), .optional(.sinceBoot("forgotten")),
    .list("users", of: arrivals, atMost: Arrivals.userLimit),
    .list("self logins", of: selfLogin, atMost: SelfLogin.limit),
    make: { boot, socket, seenSince, forgotten, users, selfLogins in
      LoginBook.Ending(
        boot: boot, socket: socket, seenSince: seenSince,
        arrivals: Arrivals(users: users, forgotten: forgotten), selfLogins: selfLogins,
        open: OpenLogins())
    },
    take: {
      (
        $0.boot, $0.socket, $0.seenSince, $0.arrivals.forgotten,
        $0.arrivals.users.map { (user: $0.key, own: $0.value) }, $0.selfLogins
      )
    })

  private static let open = Layout<(OpenLogin, Instant)>.record(
    "open login", process, .user, .origin("origin"), .service, .instant("time"),
    make: { process, user, origin, service, time in
      let login = OpenLogin(
        process: process.number, start: process.start, user: user, origin: origin,
        service: service)
      return (login, time)
    },
    take: { login, time in
      (
        SelfLogin.Process(number: login.process, start: login.start), login.user, login.origin,
        login.service, time
      )
    })

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
