import GatehouseClient
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

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
      user: reading?.name ?? user, groups: reading?.groups, isRoot: reading?.isRoot,
      service: "sshd", origin: origin, time: .now())
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
