import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

// What the serving policy decides of the sessions that are open.

extension Answerer {
  /// How long the directory may take for all of their users.
  private static let sessionTime = Duration.seconds(2)
  /// How many users are read at the same time at first: those of the machine's files are read at once,
  /// and more threads would only be in each other's way.
  private static let fewestReadings = 4
  /// The most that there are after a while, if the directory takes long: the queue is the logins', too.
  private static let mostReadings = 32
  /// How long it takes until there is one more.
  private static let readingPause = Duration.milliseconds(50)
  /// The most denied sessions for which it is said what would let them in.
  private static let mostRemedies = 20

  func sessions(_ request: SessionsRequest, _ connection: ClientConnection) {
    guard let generation = keeper.serving else {
      return reply(
        to: request, SessionVerdicts(verdicts: nil, unjudged: [], problem: nil), connection)
    }
    replies.run { [sessions] in
      Result { () throws(SystemError) in RemoteSession.all(in: try sessions.sessions()) }
    } then: { [unowned self] result in
      switch result {
      case .failure(let error):
        reply(
          to: request, SessionVerdicts(verdicts: [], unjudged: [], problem: "\(error)"), connection)
      case .success(let open):
        judge(open, by: generation, for: request, connection)
      }
    }
  }

  private func judge(
    _ open: [RemoteSession], by generation: Generation, for request: SessionsRequest,
    _ connection: ClientConnection
  ) {
    let users = Set(open.compactMap(\.user)).sorted()
    identities(of: users, for: generation.identityScope) { [unowned self] identities in
      let sessions = open.map { session in
        (
          session: session,
          origin: ZonedAddress(Array(session.host.utf8).span).flatMap {
            own.isOwn($0.address, zone: $0.zone) ? Origin.machine : nil
          } ?? Origin(remoteHost: session.host)
        )
      }
      reply(to: request, connection) { [grants = grants.grants] in
        Self.verdicts(on: sessions, by: generation.policy, identities, grants)
      }
    }
  }

  /// Reads users, some at a time, and calls back with those that were read in time.
  private func identities(
    of users: [Name], for scope: IdentityScope,
    then finish: @escaping ([Name: UserIdentity]) -> Void
  ) {
    let start = Uptime.now
    let end = start + Self.sessionTime
    var rest = users[...]
    var found: [Name: UserIdentity] = [:]
    var inFlight = 0
    // A reading that is kept comes back at once, within the loop below.
    var isAsking = false
    func ask() {
      isAsking = true
      let more = Int((.now - start) / Self.readingPause)
      let most = min(Self.mostReadings, Self.fewestReadings + more)
      while inFlight < most, let user = rest.popFirst() {
        let time = end - .now
        guard time > .zero else { continue }
        inFlight += 1
        identities.find(user, for: scope, within: time) { identity in
          inFlight -= 1
          if let identity { found[user] = identity }
          if !isAsking { ask() }
        }
      }
      isAsking = false
      if rest.isEmpty && inFlight == 0 { finish(found) }
    }
    ask()
  }

  private static func verdicts(
    on sessions: [(session: RemoteSession, origin: Origin)], by policy: Policy,
    _ identities: [Name: UserIdentity], _ grants: [Grant]
  ) -> SessionVerdicts {
    var verdicts: [SessionVerdicts.Verdict] = []
    var unjudged: [SessionVerdicts.Unjudged] = []
    var remedies = 0
    for (session, origin) in sessions {
      guard let name = session.user else {
        unjudged.append(
          .init(session: session.id, user: nil, host: session.host, cause: .userUnknown))
        continue
      }
      guard origin.isListed else {
        unjudged.append(
          .init(session: session.id, user: name, host: session.host, cause: .notAnAddress))
        continue
      }
      let user = ResolvedUser(identities[name], of: name)
      let login = Login(user, service: session.service, origin: origin, time: .now())
      let decision = policy.decide(login, grants: grants)
      var remedy: Explanation.Remedy?
      if decision.isDenial, remedies < mostRemedies {
        remedies += 1
        remedy = policy.explain(login, grants: grants).remedies.first
      }
      verdicts.append(
        .init(
          session: session.id, user: user.name, origin: origin, service: session.service,
          decision: decision, remedy: remedy))
    }
    return SessionVerdicts(verdicts: verdicts, unjudged: unjudged, problem: nil)
  }
}

/// A session that somebody opened from another host, and that is not over.
private struct RemoteSession: Sendable {
  let id: String
  /// Nil if nobody knows the user any more.
  let user: Name?
  let host: String
  let service: Name

  /// Those among all sessions; blocks for as long as the directory takes to say whose they are, if
  /// the login manager does not.
  static func all(in sessions: [LoginSession]) -> [RemoteSession] {
    sessions.filter { !$0.isClosing }.compactMap { session in
      guard let host = session.remoteHost, !host.isEmpty else { return nil }
      let user =
        session.userName.map { Name($0) }
        ?? (try? SystemDirectory.name(ofUser: session.user)).flatMap(\.self)
      return RemoteSession(
        id: session.id, user: user, host: host, service: Name(session.service ?? "sshd"))
    }.prefix(SessionVerdicts.limit).map(\.self)
  }
}
