public import GatehousePlatform
public import GatehousePolicy
import GatehouseWire

extension LoginSession {
  /// Whether its login goes on: nobody has logged out of it, and it is known.
  public var isOpen: Bool { state == "active" || state == "online" || state == "opening" }

  /// Whether it is proved that its user sits at the machine itself.
  ///
  /// The service's name comes from the program that opened the session, which was root. A seat alone
  /// proves nothing: pam_systemd believes XDG_SEAT in the PAM environment, which users can often set.
  /// A pseudo terminal was made by a program, whatever the seat. `isLocalByPolicy` tells whether the
  /// policy says that a service counts as local if it gives no address.
  public func isAtMachine(isLocalByPolicy: (Name) -> Bool) -> Bool {
    guard !isRemoteLogin, isOfPerson, let service else { return false }
    switch LocalService.of(service.utf8.span) {
    case .console, .display: break
    // Whoever uses these is in the machine already, from wherever they came.
    case .changesUser, .locker, .other: return false
    case nil: guard isLocalByPolicy(Name(service)) else { return false }
    }
    let terminal = terminal ?? ""
    guard !OriginRule.isPseudoTerminal(terminal.utf8.span),
      !OriginRule.isForeignDisplay(terminal.utf8.span)
    else { return false }
    return seat?.isEmpty == false || !terminal.isEmpty
  }
}
