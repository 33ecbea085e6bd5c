import GatehouseChange
import GatehouseClient
import GatehouseDoors
import GatehouseIdentity
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
      if origin.kind == .unknown, let host {
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
          isOwn: own.map { $0.user == user && origin == $0.origin } ?? false))
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
      id: nil, user: own.user, origin: own.origin, service: "sshd", isOwn: true)
  }
}

extension LoginSession {
  /// Whether it has a remote host, by address or name.
  fileprivate var hasRemoteHost: Bool { remoteHost.map { !$0.isEmpty } ?? false }
}

extension RoleLine {
  /// The lines by which sudo asks for a role.
  static func ofSudo() -> [RoleLine] {
    let machine = ThisMachine()
    return ["sudo", "sudo-i"].flatMap { service in
      PAMServices.lines(of: service, by: machine.libpam.dialect, from: machine.pamFiles).compactMap
      { line in
        guard line.isOurs, let role = line.role else { return nil }
        return RoleLine(
          service: Name(line.service ?? service), role: Name(role),
          usesSession: line.usesSession, asksLocally: line.local == .ask)
      }
    }
  }
}

/// The ssh session that this command runs in.
struct OwnSession {
  /// The user who logged in.
  let user: Name
  /// Where the user came from: an address, or the machine itself.
  let origin: Origin

  /// The address that the user came from; nil if that is the machine itself.
  var address: IPAddress? {
    if case .address(let address) = origin { address } else { nil }
  }

  /// The session of this process; nil if it did not come by ssh.
  ///
  /// sshd sets `SSH_CONNECTION` and `SSH_CLIENT`, which begin with the client's address. sudo removes
  /// them, and sets `SUDO_USER`; a parent process then still has them.
  static func current() -> OwnSession? {
    guard let connection = connection(), let text = connection.split(separator: " ").first,
      case let origin = Origin(remoteHost: String(text)), origin.isListed,
      let user = loginUser()
    else { return nil }
    return OwnSession(user: user, origin: origin)
  }

  /// The user who logged in; nil if that cannot be found out.
  ///
  /// The kernel keeps who it was from the login on. SUDO_USER, which root may set to anything, counts
  /// only if no login has started this process.
  static func loginUser() -> Name? {
    if let number = (try? LoginManager().ownLoginUser()).flatMap(\.self) {
      return name(of: number) ?? loggedIn()?.userName.map { Name($0) }
    }
    if let user = Environment["SUDO_USER"], !user.isEmpty { return Name(user) }
    return name(of: CurrentProcess.realUser)
  }

  /// The login session that started this process, as logind knows it; nil if there is none.
  static func loggedIn() -> LoginSession? {
    let manager = LoginManager()
    let user = (try? manager.ownLoginUser()).flatMap(\.self)
    let session =
      (try? manager.session(ofProcess: CurrentProcess.id)).flatMap(\.self)
      // A process that has left its session's control group, such as one of a user's own systemd.
      ?? (try? manager.ownAuditSession()).flatMap(\.self).flatMap { try? manager.session($0) }
    return session.flatMap { user == nil || $0.user == user ? $0 : nil }
  }

  /// The login that would open this session again, under a policy.
  func login(under policy: Policy) -> Login {
    let reading = try? ThisDirectory.reading(of: user, among: policy.groupNames)
    return Login(
      user: reading?.name ?? user, groups: reading?.groups, service: "sshd",
      origin: origin, time: .now())
  }

  /// A warning if a policy would not let this session log in again, else nil.
  func diagnostic(under policy: Policy) -> Diagnostic? {
    let decision = policy.decide(login(under: policy))
    guard decision.isDenial else { return nil }
    return Diagnostic(
      warning: .youAreNotListed, location: decision.rule,
      message: "you, \(user), are connected from \(origin), "
        + "and would be denied from there: \(decision.reason.rawValue)",
      remedy: "`gatehouse explain \(user) --from \(origin) --policy PATH` says why")
  }

  /// The variable of this process, or else of the nearest parent that has it; nil if none has.
  private static func connection() -> String? {
    if let own = Environment["SSH_CONNECTION"] ?? Environment["SSH_CLIENT"] { return own }
    var process = CurrentProcess.parent
    while process > 1 {
      let environment = contentOfProcess(process, "environ") ?? []
      for entry in environment.split(separator: 0) {
        let text = String(decoding: entry, as: UTF8.self)
        if text.hasPrefix("SSH_CONNECTION=") { return String(text.dropFirst(15)) }
      }
      guard let parent = parent(of: process) else { return nil }
      process = parent
    }
    return nil
  }

  /// The parent of a process: the fourth field of proc_pid_stat(5), after the name in parentheses,
  /// which may contain anything.
  private static func parent(of process: Int32) -> Int32? {
    guard let content = contentOfProcess(process, "stat"),
      let end = content.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = String(decoding: content[(end + 1)...], as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int32(fields[1]) : nil
  }

  /// The content of a file of a process in proc(5); nil if it cannot be read.
  private static func contentOfProcess(_ process: Int32, _ file: String) -> [UInt8]? {
    try? Files.content(of: "/proc/\(process)/\(file)", atMost: 16 << 20)
  }

  /// The name of a user by number; nil if NSS has none, or does not say in time.
  static func name(of user: UInt32) -> Name? {
    ThisDirectory.name(ofUser: user)
  }
}
