import CSystemd
import Glibc

/// The sessions of systemd-logind, by libsystemd (sd-login(3)).
///
/// Each call reads a small file or two in memory, below /proc and /run/systemd: nothing that could
/// keep the loop waiting, so they are made on it.
struct SystemSessions: LoginSessions {
  func session(ofProcess process: Int32) throws(SystemError) -> LoginSession? {
    // SAFETY: `text` is a variable of `text`'s frame, to which the call gives a C string.
    let id = unsafe try Self.text("the session of process \(process)") { text in
      unsafe sd_pid_get_session(process, text)
    }
    guard let id else { return nil }
    return try Self.session(id)
  }

  func owner(ofProcess process: Int32) throws(SystemError) -> UInt32? {
    var user = uid_t()
    // SAFETY: `user` is of this frame.
    let result = unsafe sd_pid_get_owner_uid(process, &user)
    // Not in any user's slice: -ENXIO, and -ENODATA in other versions.
    if result == -ENODATA || result == -ENXIO { return nil }
    try Self.check("the owner of process \(process)", result)
    return user
  }

  func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32? {
    let path = "/proc/\(process)/loginuid"
    let digits: [UInt8]
    do throws(SystemError) {
      digits = try Descriptor(reading: path).content(path)
    } catch {
      // A kernel without auditing has no such file; a process that has gone does not matter any more.
      guard error.code == ENOENT else { throw error }
      return nil
    }
    guard let user = UInt32(String(decoding: digits, as: UTF8.self)) else {
      throw SystemError("the number in \(path)", EINVAL)
    }
    return user == .max ? nil : user
  }

  func openSessions() throws(SystemError) -> Set<String> {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // SAFETY: `list` is of this frame; the call gives it an array of C strings that ends with nil.
    let count = unsafe sd_get_sessions(&list)
    try Self.check("the open sessions", count)
    return unsafe Set(Self.texts(list))
  }

  func sessions(ofUser user: UInt32) throws(SystemError) -> [LoginSession] {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // SAFETY: as above.
    let count = unsafe sd_uid_get_sessions(user, 0, &list)
    // Of a user who is not logged in there is nothing.
    if count == -ENODATA || count == -ENXIO { return [] }
    try Self.check("the sessions of user id \(user)", count)
    let ids = unsafe Self.texts(list)
    var sessions: [LoginSession] = []
    for id in ids {
      do throws(SystemError) {
        sessions.append(try Self.session(id))
      } catch {
        // It ended meanwhile.
        guard error.code == ENXIO else { throw error }
      }
    }
    return sessions
  }

  /// The texts of an array of C strings that ends with nil; array and strings are freed.
  @unsafe
  private static func texts(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
  ) -> [String] {
    defer { unsafe free(list) }
    var texts: [String] = []
    var position = 0
    // SAFETY: the array ends with nil; each string is copied before it is freed.
    while let text = unsafe list?[position] {
      unsafe texts.append(String(cString: text))
      unsafe free(text)
      position += 1
    }
    return texts
  }

  private static func session(_ id: String) throws(SystemError) -> LoginSession {
    // SAFETY: as above; `id` is a C string for the length of each call.
    let remoteHost = unsafe try text("the remote host of session \(id)") { text in
      unsafe sd_session_get_remote_host(id, text)
    }
    // SAFETY: likewise.
    let isRemote = unsafe sd_session_is_remote(id)
    try check("session \(id)", isRemote)
    let kind = unsafe try text("the class of session \(id)") { text in
      unsafe sd_session_get_class(id, text)
    }
    let service = unsafe try text("the service of session \(id)") { text in
      unsafe sd_session_get_service(id, text)
    }
    return LoginSession(
      id: id, remoteHost: remoteHost, isRemote: isRemote > 0, kind: kind ?? "",
      service: service ?? "")
  }

  /// The text that a call gives; nil where there is none.
  @unsafe
  private static func text(
    _ what: String, _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) throws(SystemError) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    // SAFETY: `text` is of this frame; what the call gives it is a C string, and ours to free.
    let result = unsafe call(&text)
    defer { unsafe free(text) }
    if result == -ENODATA { return nil }
    try check(what, result)
    return unsafe text.map { unsafe String(cString: $0) }
  }

  private static func check(_ what: String, _ result: Int32) throws(SystemError) {
    _ = try SystemError.check(what, result)
  }
}
