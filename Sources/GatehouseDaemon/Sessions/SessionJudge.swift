import GatehouseControl
import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy
import GatehouseWire

/// Judges where a login session was opened from; pure, but for what it is given.
struct SessionJudge {
  /// How long before a session or a manager its login may have asked: a person may have to choose a new
  /// password in between.
  static let loginTime = Duration.seconds(120)

  /// Whether an address, with its zone id, is the machine's own.
  let isOwn: (IPAddress, String?) -> Bool
  /// Whether the policy says that a service counts as local if it gives no address.
  let isLocalByPolicy: (Name) -> Bool
  /// Whether a session of sshd was opened by a login that came from the machine itself.
  let isSelfLogin: (LoginSession) -> Bool
  /// Each origin from which a user has come in since a time, the newest first; nil if some of them may
  /// not be known.
  let arrivals: (Name, Duration) -> [Origin]?
  /// Since when every login was seen, since the boot; nil if not even now.
  let seenSince: Duration?

  /// Where a session was opened from, and its remote host if that is not an address.
  func origin(of session: LoginSession) -> (origin: Origin, remoteHost: Name?) {
    let host = session.remoteHost ?? ""
    if let address = ZonedAddress(host.utf8.span) {
      return (isOwn(address.address, address.zone) ? .machine : .address(address.address), nil)
    }
    let service = session.service ?? ""
    // So sshd writes a connection that is not IP; newer ones write nothing.
    if OriginRule.isSSH(service.utf8.span), host.isEmpty && !session.isRemote || host == "UNKNOWN" {
      return (isSelfLogin(session) ? .machine : .unknown(.session), nil)
    }
    if session.isRemoteLogin { return (.unknown(.session), host.isEmpty ? nil : Name(host)) }
    let isLocal = session.isAtMachine(isLocalByPolicy: isLocalByPolicy)
    return (isLocal ? .local : .unknown(.session), nil)
  }

  /// Each origin from which a user has come in since a session or manager of theirs began, the newest
  /// first.
  ///
  /// - Parameters:
  ///   - user: The user; nil if the name cannot be read.
  ///   - start: When it began, since the boot; nil if that cannot be read.
  ///   - own: Where the session itself was opened from, the oldest of them.
  /// - Returns: Unknown alone if the daemon has not seen the whole of that time, or nobody in it.
  func origins(
    of user: String?, since start: Duration?, besides own: Origin? = nil
  ) -> [Origin] {
    guard let user, let start, let seenSince, seenSince <= start,
      var origins = arrivals(Name(user), start - Self.loginTime)
    else { return [.unknown(.session)] }
    if let own, !origins.contains(own) { origins.append(own) }
    return origins.isEmpty ? [.unknown(.session)] : origins
  }
}
