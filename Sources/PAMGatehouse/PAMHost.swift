internal import CPAM
internal import GatehouseClient
internal import GatehouseSystem
internal import GatehouseWire

/// The program that has called the module, through libpam.
@safe
struct PAMHost: LoginHost, ~Copyable {
  private let handle: OpaquePointer

  /// The host behind a handle, which must be valid as long as this host lives.
  @unsafe
  init(_ handle: OpaquePointer) {
    // SAFETY: kept as it is; the caller has promised that it stays valid.
    unsafe self.handle = handle
  }

  @_lifetime(borrow self)
  borrowing func text(_ item: LoginItem) -> Span<UInt8>? {
    switch item {
    case .service: self.item(PAM_SERVICE)
    case .user: self.item(PAM_USER)
    case .remoteHost: self.item(PAM_RHOST)
    case .remoteUser: self.item(PAM_RUSER)
    case .terminal: self.item(PAM_TTY)
    case .sshConnection: environment("SSH_CONNECTION")
    case .sshAuthInfo: environment("SSH_AUTH_INFO_0")
    }
  }

  borrowing func isOwnHostName(_ text: Span<UInt8>) -> Bool { HostName.isOwn(text) }

  borrowing func callingUser() -> UInt32 { CallingUser.number }

  borrowing func ask(
    _ question: inout Frame, at path: SocketPath, timeout: UInt32, into storage: inout FrameStorage
  ) throws(NoAnswer) -> Answer {
    try Daemon.ask(
      &question, at: path, deadline: Deadline(milliseconds: timeout), into: &storage)
  }

  borrowing func log(_ severity: Severity, _ line: Span<UInt8>) {
    let priority =
      switch severity {
      case .error: LOG_ERR
      case .warning: LOG_WARNING
      case .debug: LOG_DEBUG
      }
    // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
    unsafe line.withUnsafeBytes { buffer in
      unsafe gatehouse_log(handle, priority, buffer.baseAddress, buffer.count)
    }
  }

  borrowing func show(_ message: Span<UInt8>) {
    // A conversation that fails changes nothing: the login is refused anyway.
    // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
    _ = unsafe message.withUnsafeBytes { buffer in
      unsafe gatehouse_show(handle, buffer.baseAddress, buffer.count)
    }
  }

  borrowing func ask(_ prompt: Span<UInt8>, into answer: inout Secret) {
    // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
    let given = unsafe prompt.withUnsafeBytes { buffer in
      unsafe gatehouse_ask(handle, buffer.baseAddress, buffer.count)
    }
    guard let given = unsafe given else { return }
    // SAFETY: a C string of the conversation's, which is this module's to read and then to free.
    unsafe answer.appendCode(string(given))
    unsafe gatehouse_forget(given)
  }

  borrowing func wipe(_ secret: inout Secret) {
    // SAFETY: it is plain bytes, for which all zeros are a value; the call writes no others.
    unsafe withUnsafeMutableBytes(of: &secret) { unsafe gatehouse_wipe($0.baseAddress, $0.count) }
  }

  borrowing func wipe(_ frame: inout Frame) {
    // SAFETY: as above.
    unsafe withUnsafeMutableBytes(of: &frame) { unsafe gatehouse_wipe($0.baseAddress, $0.count) }
  }

  borrowing func setRoles(_ roles: Span<UInt8>) -> Bool {
    var entry = BoundedBytes<2080>()
    entry.append("GATEHOUSE_ROLES=")
    entry.append(roles)
    entry.append(0)
    // SAFETY: the bytes end with the NUL just added (name and roles are 2064 at most), and libpam
    // copies them.
    let result = unsafe entry.bytes.withUnsafeBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return PAM_BUF_ERR }
        return unsafe pam_putenv(handle, start)
      }
    }
    return result == PAM_SUCCESS
  }

  /// A text item; libpam keeps it as it is during the call.
  @_lifetime(borrow self)
  private borrowing func item(_ number: CInt) -> Span<UInt8>? {
    var found: UnsafeRawPointer?
    // SAFETY: the pointer is to a variable of this frame, and the items asked for are C strings.
    let result = unsafe pam_get_item(handle, number, &found)
    guard result == PAM_SUCCESS, let found = unsafe found else { return nil }
    return unsafe string(found.assumingMemoryBound(to: CChar.self))
  }

  /// An entry of the PAM environment; libpam keeps it as it is during the call.
  @_lifetime(borrow self)
  private borrowing func environment(_ name: StaticString) -> Span<UInt8>? {
    // SAFETY: a static string ends with a NUL; the result is a C string, or nil.
    let found = unsafe name.utf8Start.withMemoryRebound(to: CChar.self, capacity: 1) { name in
      unsafe pam_getenv(handle, name)
    }
    guard let found = unsafe found else { return nil }
    return unsafe string(found)
  }

  /// The bytes of a C string that lives as long as this host.
  @_lifetime(borrow self)
  private borrowing func string(_ text: UnsafePointer<CChar>) -> Span<UInt8> {
    // SAFETY: it is a C string that libpam keeps as long as this host lives, and char and UInt8 are
    // bytes alike.
    let length = unsafe max(Int(strlen(text)), 0)
    let bytes = unsafe UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
    return unsafe _overrideLifetime(Span(_unsafeStart: bytes, count: length), borrowing: self)
  }
}
