/// A PAM service that serves only who is in the machine already, or sits at it.
///
/// A login by one of them that names no remote host is local. Every other service serves the network,
/// for all we know. This is the one table of them, for the module, the daemon and the command. The
/// names are those in the programs' own sources or packages; pam_gatehouse(8) has them, too.
public enum LocalService: Sendable {
  /// `login`, on the console.
  case console
  /// A display manager: it shows a login on the machine's own screen.
  case display
  /// A screen locker, or `screen`: it asks whoever is logged in already.
  case locker
  /// A program that changes the user, such as sudo: it serves processes of the machine.
  case changesUser
  /// Another one that serves the machine itself, such as cron.
  case other

  /// The services of this kind, as they are called in PAM, with a space between them; the shortest
  /// come first, so that a search can end early.
  @inlinable
  public var names: StaticString {
    @inline(__always)
    get {
      switch self {
      case .console: "login"
      case .display:
        """
        ly wdm xdm lxdm nodm sddm slim greetd lightdm gdm-password sddm-greeter gdm-autologin \
        gdm-smartcard cosmic-greeter greetd-greeter sddm-autologin gdm-fingerprint \
        lightdm-greeter lightdm-autologin gdm-launch-environment gdm-smartcard-sssd-exclusive \
        gdm-smartcard-pkcs11-exclusive gdm-smartcard-sssd-or-password
        """
      case .locker:
        """
        kde vlock xlock i3lock screen gtklock waylock hyprlock physlock swaylock xscreensaver \
        kde-smartcard kde-fingerprint mate-screensaver gnome-screensaver xfce4-screensaver \
        cinnamon-screensaver
        """
      case .changesUser: "su su-l sudo sudo-i runuser runuser-l"
      case .other:
        "atd chfn chsh cron doas crond passwd please chpasswd newusers polkit-1 systemd-user"
      }
    }
  }

  /// What kind of local service this is.
  ///
  /// - Parameter service: The name of a PAM service. libpam writes all names in lower case.
  /// - Returns: Nil if it is none.
  @inline(never)
  public static func of(_ service: Span<UInt8>) -> LocalService? {
    if isOne(service, of: changesUser.names) { return .changesUser }
    if isOne(service, of: console.names) { return .console }
    if isOne(service, of: other.names) { return .other }
    if isOne(service, of: display.names) { return .display }
    return isOne(service, of: locker.names) ? .locker : nil
  }

  /// Whether a service is one of the names, of which the shortest come first.
  @inline(__always)
  private static func isOne(_ service: Span<UInt8>, of names: StaticString) -> Bool {
    isOne(service, of: names.bytes)
  }

  @inline(never)
  private static func isOne(_ service: Span<UInt8>, of names: Span<UInt8>) -> Bool {
    var start = 0
    while start < names.count {
      let rest = names.bytes(from: start, count: names.count)
      let name = rest.firstWord
      if name.count > service.count { return false }
      if name.hasSameBytes(as: service) { return true }
      start &+= name.count &+ 1
    }
    return false
  }
}
