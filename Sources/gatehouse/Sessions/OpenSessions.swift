import GatehouseChange
import GatehouseClient
import GatehousePolicy

/// The login sessions that are open, as the lockout guard wants them.
enum OpenSessions {
  /// This session first, then all others; and, for each that cannot be judged, why.
  static func all() -> (sessions: [OpenSession], unjudged: [Diagnostic]) {
    var sessions: [OpenSession] = []
    var unjudged: [Diagnostic] = []
    let own = OwnSession.current()
    guard let found = LoginSession.all() else {
      unjudged.append(finding("the login sessions that are open cannot be read"))
      return (own.map { [OpenSession($0)] } ?? [], unjudged)
    }
    for session in found {
      guard let user = session.user else {
        unjudged.append(finding("session \(session.id): its user is not known any more"))
        continue
      }
      let origin = session.remoteHost.map { Origin(remoteHost: $0) } ?? .local
      if origin == .unknown, let host = session.remoteHost {
        // With `UseDNS yes` only the name is kept. A new login would be judged by its address.
        unjudged.append(
          finding("session \(session.id): \(user) came from \(host), which is no address"))
      }
      sessions.append(
        OpenSession(
          id: session.id, user: user, origin: origin, service: Name(session.service),
          isOwn: own.map { $0.user == user && origin == .address($0.address) } ?? false))
    }
    if let own, !sessions.contains(where: \.isOwn) { sessions.append(OpenSession(own)) }
    return (sessions.filter(\.isOwn) + sessions.filter { !$0.isOwn }, unjudged)
  }

  private static func finding(_ message: String) -> Diagnostic {
    Diagnostic(
      warning: .sessionNotJudged, location: nil, message: message,
      remedy: "`gatehouse explain USER --from ADDRESS` says what a login would get")
  }
}

extension OpenSession {
  /// The session that this command runs in, where the system does not know it.
  fileprivate init(_ own: OwnSession) {
    self.init(
      id: nil, user: own.user, origin: .address(own.address), service: "sshd", isOwn: true)
  }
}

extension RoleLine {
  /// The lines by which sudo asks for a role.
  static func ofSudo() -> [RoleLine] {
    ModuleLine.all(matching: "sudo*").compactMap { line in
      guard line.rule.type == "account", let role = line.role else { return nil }
      return RoleLine(
        service: line.service ?? Name(line.path.split(separator: "/").last ?? ""), role: role,
        usesSession: line.options.origin == .session, asksLocally: line.options.local == .ask)
    }
  }
}
