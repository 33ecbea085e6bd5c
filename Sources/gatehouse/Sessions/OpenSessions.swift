import GatehouseChange
import GatehouseClient
import GatehousePlatform
import GatehousePolicy

/// The login sessions that are open.
struct OpenSessions {
  /// A session that cannot be judged.
  struct Unjudged {
    /// Its id; nil if this is about all sessions.
    let id: String?
    /// Why it cannot be judged.
    let problem: String
    /// What to do about it.
    var remedy: String?
  }

  /// The sessions whose user is known, this one first.
  let sessions: [OpenSession]
  /// The sessions that cannot be judged.
  let unjudged: [Unjudged]

  /// Reads the open sessions.
  static func now() -> OpenSessions {
    var sessions: [OpenSession] = []
    var unjudged: [Unjudged] = []
    let own = OwnSession.current()
    guard let all = try? LoginManager().sessions() else {
      return OpenSessions(
        sessions: own.map { [OpenSession($0)] } ?? [],
        unjudged: [
          Unjudged(id: nil, problem: "the login sessions that are open cannot be read")
        ])
    }
    for session in all
    where (session.hasRemoteHost || session.isOfPerson) && !session.isClosing {
      guard let user = OwnSession.name(of: session.user) else {
        unjudged.append(Unjudged(id: session.id, problem: "its user is not known any more"))
        continue
      }
      let host = session.hasRemoteHost ? session.remoteHost : nil
      let origin = host.map { Origin(remoteHost: $0) } ?? .local
      if origin == .unknown, let host {
        // With `UseDNS yes`, the session has the host's name only; a login is judged by the address.
        unjudged.append(
          Unjudged(
            id: session.id, problem: "\(user) came from \(host), which is not an IP address",
            remedy: "gatehouse explain \(user) --from ADDRESS says what a login would get"))
      }
      sessions.append(
        OpenSession(
          id: session.id, user: user, origin: origin,
          service: Name(session.service ?? (host == nil ? "login" : "sshd")),
          isOwn: own.map { $0.user == user && origin == .address($0.address) } ?? false))
    }
    if let own, !sessions.contains(where: \.isOwn) { sessions.append(OpenSession(own)) }
    return OpenSessions(
      sessions: sessions.filter(\.isOwn) + sessions.filter { !$0.isOwn }, unjudged: unjudged)
  }
}

extension OpenSession {
  /// The session that this command runs in, if the system does not know it.
  fileprivate init(_ own: OwnSession) {
    self.init(
      id: nil, user: own.user, origin: .address(own.address), service: "sshd", isOwn: true)
  }
}

extension LoginSession {
  /// Whether it has a remote host, by address or name.
  fileprivate var hasRemoteHost: Bool { remoteHost.map { !$0.isEmpty } ?? false }
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
