import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// The login that this command runs in, where it came by ssh.
struct OwnSession {
  /// Who logged in.
  let user: Name
  /// From where.
  let address: IPAddress

  /// The session of this process; nil where it is none that came by ssh.
  ///
  /// sshd puts the client's address first into `SSH_CONNECTION` and `SSH_CLIENT`. sudo takes them
  /// away, and puts who called it into `SUDO_USER`; then the processes above this one have them.
  static func current() -> OwnSession? {
    guard let connection = connection(), let text = connection.split(separator: " ").first,
      case .address(let address) = Origin(remoteHost: String(text)),
      let user = loginUser()
    else { return nil }
    return OwnSession(user: user, address: address)
  }

  /// Who logged in; nil where NSS does not know them.
  static func loginUser() -> Name? {
    if let user = Environment["SUDO_USER"], !user.isEmpty { return Name(user) }
    let loginUser = (try? LoginManager().ownLoginUser()).flatMap(\.self)
    return name(of: loginUser ?? CurrentProcess.realUser)
  }

  /// The login that would open this session again, as far as a policy asks.
  func login(under policy: Policy) -> Login {
    let reading = try? SystemDirectory().reading(of: user, among: policy.groupNames)
    return Login(
      user: reading?.name ?? user, groups: reading?.groups, service: "sshd",
      origin: .address(address), time: .now())
  }

  /// A warning, where a policy would not let this session log in again.
  func finding(under policy: Policy) -> Diagnostic? {
    let decision = policy.decide(login(under: policy))
    guard decision.isDenial else { return nil }
    return Diagnostic(
      warning: .youAreNotListed, location: decision.rule,
      message: "you, \(user), are connected from \(address), "
        + "and would be denied from there: \(decision.reason.rawValue)",
      remedy: "`gatehouse explain \(user) --from \(address) --policy PATH` says why")
  }

  /// The variable of this process or, where it has none, of the nearest one above that has.
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

  /// The fourth field of proc_pid_stat(5), behind the name in parentheses, which may hold anything.
  private static func parent(of process: Int32) -> Int32? {
    guard let content = contentOfProcess(process, "stat"),
      let end = content.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = String(decoding: content[(end + 1)...], as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? Int32(fields[1]) : nil
  }

  /// What proc(5) says of a process.
  private static func contentOfProcess(_ process: Int32, _ file: String) -> [UInt8]? {
    try? Files.content(of: "/proc/\(process)/\(file)", atMost: 16 << 20)
  }

  /// The name of a user by number; nil if NSS has none.
  static func name(of user: UInt32) -> Name? {
    (try? Machine.userName(user)).flatMap(\.self).map { Name(bytes: $0) }
  }
}
