import GatehouseIdentity
import GatehousePolicy
import Glibc

/// The login that this command runs in, where it came by ssh.
struct OwnSession {
  /// Who logged in.
  let user: Name
  /// From where.
  let address: IPAddress

  /// The session of this process; nil where it is none that came by ssh.
  ///
  /// sshd puts the client's address first into `SSH_CONNECTION` and `SSH_CLIENT`. Under sudo, where
  /// it is told to keep them, the user who logged in is in `SUDO_USER`.
  static func current() -> OwnSession? {
    guard let connection = Environment["SSH_CONNECTION"] ?? Environment["SSH_CLIENT"],
      let text = connection.split(separator: " ").first,
      case .address(let address) = Origin(remoteHost: String(text)),
      let user = Environment["SUDO_USER"].map({ Name($0) }) ?? callingUser()
    else { return nil }
    return OwnSession(user: user, address: address)
  }

  /// A warning, where a policy would not let this session log in again.
  func finding(under policy: Policy) -> Diagnostic? {
    let reading = try? SystemDirectory().reading(of: user, among: policy.groupNames)
    let login = Login(
      user: reading?.name ?? user, groups: reading?.groups, service: "sshd",
      origin: .address(address), time: .now())
    let decision = policy.decide(login)
    guard decision.verdict == .deny || decision.wouldDeny else { return nil }
    return Diagnostic(
      severity: .warning, name: "you_are_not_listed", location: decision.rule,
      message: "you, \(user), are connected from \(address), "
        + "and would be denied from there: \(decision.reason.rawValue)",
      remedy: "`gatehouse explain \(user) --from \(address) --policy …` says why")
  }

  private static func callingUser() -> Name? {
    // SAFETY: getpwuid(3) gives an entry of its own or NULL; this program has one thread, and the
    // name is copied at once.
    guard let entry = unsafe getpwuid(getuid()), let name = unsafe entry.pointee.pw_name else {
      return nil
    }
    return unsafe Name(String(cString: name))
  }
}
