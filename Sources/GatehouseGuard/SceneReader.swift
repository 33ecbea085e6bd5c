import GatehouseIdentity
import GatehousePlatform
public import GatehousePolicy
public import GatehouseRecord
import GatehouseWire
import SystemPackage

extension GuardScene {
  /// Who wants the policy to be changed.
  public struct Asker: Hashable, Sendable {
    /// The process that asks.
    public var process: Int32?
    /// Who logged in there, by what the command knows; used if logind has no session of the process.
    public var user: Name?
    /// From which address, or `self` or `local`; used if logind does not know it.
    public var host: String?

    /// Somebody, by what is known of them.
    public init(process: Int32? = nil, user: Name? = nil, host: String? = nil) {
      self.process = process
      self.user = user
      self.host = host
    }
  }

  /// How long people are read, all together.
  public static let readingTime = Duration.seconds(3)

  /// Reads what the guard has to know for a change from one policy to another.
  ///
  /// Blocks: for a few files, and for the directory at most `limit`. Whom it has not told by then
  /// could not be read.
  ///
  /// - Parameters:
  ///   - old: The policy that decides now; nil if it is not known.
  ///   - new: The new policy.
  ///   - asker: Who asks; nil if nobody does.
  ///   - record: Who has come from where.
  ///   - sources: The machine.
  ///   - limit: How long the directory has.
  /// - Returns: The scene, with what could not be read.
  public static func read(
    old: Policy?, new: Policy, asker: Asker?, record: LoginRecord,
    from sources: SceneSources = .machine, within limit: Duration = readingTime
  ) -> GuardScene {
    var scene = GuardScene(record: record, now: .now())
    scene.roleLines = sources.roleLines()
    scene.readSessions(from: sources)
    scene.readAsker(asker, from: sources)
    scene.readPeople(old, new, from: sources, within: limit)
    return scene
  }

  // MARK: Sessions

  private mutating func readSessions(from sources: SceneSources) {
    let open = openLogins(sources)
    do throws(SystemError) {
      for session in try sources.sessions() {
        guard session.isRemoteLogin || session.isOfPerson, !session.isClosing else { continue }
        add(session, open, from: sources)
      }
    } catch {
      unread.append(
        UnreadPart(user: nil, session: nil, isSession: false, problem: error.description))
    }
    // Logins whose session logind does not know: without pam_systemd, or without logind.
    for login in open.values where !sessions.contains(where: { $0.isLike(login) }) {
      sessions.append(
        OpenSession(id: nil, user: login.user, origin: login.origin, service: login.service))
    }
  }

  /// The logins of the record that may have opened a session and whose process still runs, by its
  /// number.
  private func openLogins(_ sources: SceneSources) -> [Int32: OpenLogin] {
    var open: [Int32: OpenLogin] = [:]
    for login in record.open.times.keys
    where login.origin.isListed && SessionOpeners.mayOpen(login.service) {
      guard let start = try? sources.startOfProcess(login.process), start == login.start else {
        continue
      }
      open[login.process] = login
    }
    return open
  }

  private mutating func add(
    _ session: LoginSession, _ open: [Int32: OpenLogin], from sources: SceneSources
  ) {
    guard var origin = Self.origin(of: session, sources) else { return }
    // With `UseDNS yes` logind has the host's name, and the record the address.
    if origin.kind == .unknown, let leader = session.leader, let login = open[leader] {
      origin = login.origin
    }
    let user: Name
    switch Self.user(of: session, sources) {
    case .success(let name): user = name
    case .failure(let error):
      unread.append(
        UnreadPart(
          user: nil, session: session.id, isSession: false, problem: error.description))
      return
    }
    if case .unknown(.notAnAddress) = origin {
      unread.append(
        UnreadPart(
          user: user, session: session.id, isSession: true, problem: session.remoteHost))
      return
    }
    sessions.append(OpenSession(session, user: user, origin: origin))
  }

  /// The name of a session's user: logind has it, also while the directory is away.
  private static func user(
    of session: LoginSession, _ sources: SceneSources
  ) -> Result<Name, SystemError> {
    if let name = session.userName { return .success(Name(name)) }
    do throws(SystemError) {
      if let name = try sources.userName(session.user) { return .success(name) }
      return .failure(
        SystemError("read", "the name of user id \(session.user)", .noSuchAddressOrDevice))
    } catch {
      return .failure(error)
    }
  }

  /// The origin of a login that would open a session again; nil if the session is not one of a login.
  private static func origin(of session: LoginSession, _ sources: SceneSources) -> Origin? {
    if let host = session.remoteHost, !host.isEmpty { return origin(host, sources) }
    let service = (session.service ?? "login").utf8.span
    // A connection of sshd's that is not IP.
    if OriginRule.isSSH(service) { return .machine }
    switch LocalService.of(service) {
    case .console, .display: return session.isRemote ? .unknown(.noAddress) : .local
    // Whoever uses these has come in by something else.
    case .changesUser, .locker, .other: return nil
    // If the policy says that the service is local without an address, it will be judged so.
    case nil: return .unknown(.noAddress)
    }
  }

  private static func origin(_ host: String, _ sources: SceneSources) -> Origin {
    let origin = Origin(written: host)
    if case .address(let address) = origin, sources.isOwn(address) { return .machine }
    return origin
  }

  // MARK: The one who asks

  private mutating func readAsker(_ asker: Asker?, from sources: SceneSources) {
    guard let asker else { return }
    let given = asker.host.map { Self.origin($0, sources) }
    if let session = ownSession(asker, sources), let own = Self.origin(of: session, sources),
      case .success(let user) = Self.user(of: session, sources)
    {
      // With `UseDNS yes` logind has a name, and the command the address.
      let isTold = own.isListed || own == .local
      let origin = isTold ? own : (given ?? own)
      unread.removeAll { $0.session == session.id }
      sessions.removeAll { $0.id == session.id }
      set(asker: OpenSession(session, user: user, origin: origin))
    } else if let user = asker.user, let given {
      set(
        asker: OpenSession(
          id: nil, user: user, origin: given, service: given == .local ? "login" : "sshd"))
    }
  }

  private mutating func set(asker: OpenSession) {
    if case .unknown(.notAnAddress) = asker.origin {
      unread.append(
        UnreadPart(user: asker.user, session: asker.id, isSession: true, problem: nil))
      return
    }
    self.asker = asker
    sessions.insert(asker, at: 0)
  }

  /// The session of the process that asks, if somebody has logged in by it.
  private func ownSession(_ asker: Asker, _ sources: SceneSources) -> LoginSession? {
    guard let process = asker.process,
      let session = try? sources.sessionOfProcess(process),
      session.isRemoteLogin || session.isOfPerson
    else { return nil }
    return session
  }
}

extension OpenSession {
  /// Whether the session is that of a login, by what both say.
  fileprivate func isLike(_ login: OpenLogin) -> Bool {
    user == login.user && origin == login.origin && service == login.service
  }

  fileprivate init(_ session: LoginSession, user: Name, origin: Origin) {
    self.init(
      id: session.id, user: user, origin: origin,
      service: Name(session.service ?? (origin == .local ? "login" : "sshd")))
  }
}
