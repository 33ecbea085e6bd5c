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
    let generation = keeper.serving
    replies.run { [sessions] in
      Result { () throws(SystemError) in PersonSession.all(in: try sessions.sessions()) }
    } then: { [unowned self] result in
      switch result {
      case .failure(let error):
        reply(
          to: request,
          SessionVerdicts(sessions: [], hasPolicy: generation != nil, problem: "\(error)"),
          connection)
      case .success(let open): judge(open, by: generation, for: request, connection)
      }
    }
  }

  private func judge(
    _ open: [PersonSession], by generation: Generation?, for request: SessionsRequest,
    _ connection: ClientConnection
  ) {
    let judge = origins.judge(for: generation?.policy)
    let sessions = open.map { (session: $0, origin: judge.origin(of: $0.session).origin) }
    guard let generation else {
      return reply(to: request, connection) {
        SessionVerdicts(
          sessions: sessions.map { $0.session.told($0.origin, .unjudged(.noPolicy)) },
          hasPolicy: false)
      }
    }
    let users = Set(sessions.filter(\.origin.isListed).compactMap(\.session.user)).sorted()
    identities(of: users, for: generation.identityScope) { [unowned self] identities in
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
    on sessions: [(session: PersonSession, origin: Origin)], by policy: Policy,
    _ identities: [Name: UserIdentity], _ grants: [Grant]
  ) -> SessionVerdicts {
    var remedies = 0
    let told = sessions.map { session, origin in
      guard let name = session.user else {
        return session.told(origin, .unjudged(.userUnknown))
      }
      guard origin.isListed else {
        return session.told(origin, .unjudged(origin == .local ? .local : .originUnknown))
      }
      let user = ResolvedUser(identities[name], of: name)
      let login = Login(user, service: session.service, origin: origin, time: .now())
      let decision = policy.decide(login, grants: grants)
      var remedy: Explanation.Remedy?
      if decision.isDenial, remedies < mostRemedies {
        remedies += 1
        remedy = policy.explain(login, grants: grants).remedies.first
      }
      return session.told(origin, .decided(decision, remedy), as: user.name)
    }
    return SessionVerdicts(sessions: told, hasPolicy: true)
  }
}

/// A session of somebody who is in, and that is not over.
private struct PersonSession: Sendable {
  let session: LoginSession
  /// Nil if nobody knows the user any more.
  let user: Name?

  /// The PAM service that opened it.
  var service: Name { Name(session.service ?? "sshd") }

  /// Those among all sessions; blocks for as long as the directory takes to say whose they are, if
  /// the login manager does not.
  static func all(in sessions: [LoginSession]) -> [PersonSession] {
    sessions.filter { !$0.isClosing && ($0.isRemoteLogin || $0.isOfPerson) }
      .prefix(SessionVerdicts.limit).map { session in
        PersonSession(
          session: session,
          user: session.userName.map { Name($0) }
            ?? (try? SystemDirectory.name(ofUser: session.user)).flatMap(\.self))
      }
  }

  /// What an administrator is told of it; the user is as the directory spells the name.
  func told(
    _ origin: Origin, _ standing: SessionVerdicts.Standing, as spelt: Name? = nil
  ) -> SessionVerdicts.Session {
    SessionVerdicts.Session(
      id: session.id, user: spelt ?? user, origin: origin,
      host: session.remoteHost.flatMap { $0.isEmpty ? nil : $0 }, service: service,
      terminal: session.terminal,
      since: session.openedAt.map { Instant(microsecondsSinceEpoch: $0) }, standing: standing)
  }
}
