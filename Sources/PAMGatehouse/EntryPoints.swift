// The six functions that libpam finds by name. They only adapt: AccountStage decides.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CPAM
internal import GatehouseClient
internal import GatehouseWire

/// The account stage: whether this user may log in from here, or the answer about a network or the
/// second factor.
@c @implementation
public func pam_sm_acct_mgmt(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt {
  // SAFETY: only looked at whether it is there.
  guard let handle = unsafe handle else { return PAM_SYSTEM_ERR }
  var options = ModuleOptions()
  // SAFETY: libpam gives the handle, and argc C strings at argv, for the time of the call.
  let arguments = unsafe PAMArguments(count: argc, strings: argv)
  var understood = arguments.take(into: &options)
  let silence: Silence = options.judgesNoLogin ? .always : isSilent(flags) ? .requested : .none
  let stage = unsafe AccountStage(host: PAMHost(handle), options: options, silence: silence)
  if !understood { arguments.report(to: stage) }
  if understood && options.authorize {
    stage.report(.authorizeStage, in: ("authorize" as StaticString).bytes)
    understood = false
  }
  if understood && options.judgesNoLogin { return stage.isYes() ? PAM_SUCCESS : PAM_AUTH_ERR }
  switch understood ? stage.judge() : stage.judgeMisconfigured() {
  case .allow: return PAM_SUCCESS
  case .deny: return options.judgesNoLogin ? PAM_AUTH_ERR : PAM_PERM_DENIED
  case .ignore: return PAM_IGNORE
  case .unavailable: return PAM_AUTHINFO_UNAVAIL
  }
}

/// The authentication stage: the answer about a network or the second factor, or a code that is asked for.
///
/// Without `network=`, `factor` or `authorize` there is nothing to say before the user has proved who
/// they are. But an option that is not understood is refused here too, since the line was meant to do
/// something.
@c @implementation
public func pam_sm_authenticate(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt {
  // SAFETY: only looked at whether it is there.
  guard let handle = unsafe handle else { return PAM_SYSTEM_ERR }
  var options = ModuleOptions()
  // SAFETY: libpam gives the handle, and argc C strings at argv, for the time of the call.
  let arguments = unsafe PAMArguments(count: argc, strings: argv)
  let understood = arguments.take(into: &options)
  if understood && !options.judgesNoLogin { return PAM_IGNORE }
  let stage = unsafe AccountStage(host: PAMHost(handle), options: options, silence: .always)
  if understood && options.authorize {
    return switch stage.authorize() {
    case .allow: PAM_SUCCESS
    case .ignore: PAM_IGNORE
    case .deny, .unavailable: PAM_AUTH_ERR
    }
  }
  if understood { return stage.isYes() ? PAM_SUCCESS : PAM_AUTH_ERR }
  arguments.report(to: stage)
  return stage.judgeMisconfigured() == .ignore ? PAM_IGNORE : PAM_AUTH_ERR
}

/// Whether the program wants nothing shown.
private func isSilent(_ flags: CInt) -> Bool {
  UInt32(bitPattern: flags) & UInt32(PAM_SILENT) != 0
}

/// Nothing to do.
@c @implementation
public func pam_sm_setcred(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt { PAM_IGNORE }

/// Nothing to do.
@c @implementation
public func pam_sm_open_session(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt { PAM_IGNORE }

/// Nothing to do.
@c @implementation
public func pam_sm_close_session(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt { PAM_IGNORE }

/// Nothing to do.
@c @implementation
public func pam_sm_chauthtok(
  _ handle: OpaquePointer?, _ flags: CInt, _ argc: CInt,
  _ argv: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> CInt { PAM_IGNORE }
