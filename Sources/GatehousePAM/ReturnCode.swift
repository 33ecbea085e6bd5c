/// A return code of PAM (`security/_pam_types.h`).
public struct ReturnCode: RawRepresentable, Hashable, Sendable {
  /// The number; libpam knows 0 to 31, but a module may return any.
  public var rawValue: Int32

  /// The code with this number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// PAM_SUCCESS.
  public static let success = ReturnCode(rawValue: 0)
  /// PAM_PERM_DENIED: our denial, and what libpam itself returns for a line or a stack it cannot use.
  public static let permissionDenied = ReturnCode(rawValue: 6)
  /// PAM_AUTH_ERR.
  public static let authenticationError = ReturnCode(rawValue: 7)
  /// PAM_AUTHINFO_UNAVAIL: our answer if no usable answer came.
  public static let unavailable = ReturnCode(rawValue: 9)
  /// PAM_NEW_AUTHTOK_REQD: the password has to be changed.
  public static let newPasswordRequired = ReturnCode(rawValue: 12)
  /// PAM_IGNORE.
  public static let ignore = ReturnCode(rawValue: 25)
  /// PAM_ABORT.
  public static let abort = ReturnCode(rawValue: 26)
  /// PAM_MODULE_UNKNOWN: what libpam puts in for a module that it cannot load.
  public static let moduleUnknown = ReturnCode(rawValue: 28)
  /// PAM_INCOMPLETE: libpam returns it at once, whatever the control says.
  public static let incomplete = ReturnCode(rawValue: 31)

  /// The codes that a control can name, 0 to 31.
  public static let all = (0..<Int32(names.count)).map(ReturnCode.init)

  /// Whether a program lets somebody in whose account stage returned this: sshd, login and others
  /// let in after PAM_NEW_AUTHTOK_REQD, too, to have the password changed.
  public var letsIn: Bool { self == .success || self == .newPasswordRequired }

  /// The code as the C headers write it (`PAM_PERM_DENIED`), or its number if there is no name.
  public var name: String {
    Self.names.indices.contains(Int(rawValue))
      ? "PAM_" + Self.names[Int(rawValue)].uppercased() : "\(rawValue)"
  }

  /// The names in brackets, by number, in the order in which libpam compares them (pam_tokens.h).
  static let names = [
    "success", "open_err", "symbol_err", "service_err", "system_err", "buf_err", "perm_denied",
    "auth_err", "cred_insufficient", "authinfo_unavail", "user_unknown", "maxtries",
    "new_authtok_reqd", "acct_expired", "session_err", "cred_unavail", "cred_expired", "cred_err",
    "no_module_data", "conv_err", "authtok_err", "authtok_recover_err", "authtok_lock_busy",
    "authtok_disable_aging", "try_again", "ignore", "abort", "authtok_expired", "module_unknown",
    "bad_item", "conv_again", "incomplete",
  ]
}
