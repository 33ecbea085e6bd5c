import CSystemd
import GatehousePolicy
import Glibc

/// A login session that is open now (sd-login(3)).
struct LoginSession {
  /// Its name, such as `7` or `c2`.
  let id: String
  /// Who logged in; nil where NSS does not know the user any more.
  let user: Name?
  /// Where from: an address, or with `UseDNS yes` a name; nil on the machine itself.
  let remoteHost: String?
  /// The PAM service that opened it.
  let service: String

  /// All of them; nil where the system does not say.
  static func all() -> [LoginSession]? {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // SAFETY: `list` is of this frame; the call gives it an array of C strings that ends with nil,
    // both ours to free. They are copied before.
    let count = unsafe sd_get_sessions(&list)
    guard count >= 0 else { return nil }
    defer { unsafe free(list) }
    var sessions: [LoginSession] = []
    var position = 0
    while let text = unsafe list?[position] {
      let id = unsafe String(cString: text)
      unsafe free(text)
      position += 1
      if let session = LoginSession(id) { sessions.append(session) }
    }
    return sessions.sorted { $0.id < $1.id }
  }

  /// A session by its name; nil where it has ended or is ending, or is one of the machine's own.
  private init?(_ id: String) {
    // SAFETY: `id` is a C string for the length of each call, and `text` of the frame of `text`.
    let host = unsafe Self.text({ unsafe sd_session_get_remote_host(id, $0) }) ?? ""
    let kind = unsafe Self.text({ unsafe sd_session_get_class(id, $0) }) ?? ""
    guard !host.isEmpty || kind.hasPrefix("user"),
      unsafe Self.text({ unsafe sd_session_get_state(id, $0) }) != "closing"
    else { return nil }
    var user = uid_t()
    // SAFETY: `user` is of this frame.
    guard unsafe sd_session_get_uid(id, &user) >= 0 else { return nil }
    self.id = id
    self.user = OwnSession.name(of: user)
    remoteHost = host.isEmpty ? nil : host
    // SAFETY: as above.
    service =
      unsafe Self.text({ unsafe sd_session_get_service(id, $0) })
      ?? (host.isEmpty ? "login" : "sshd")
  }

  /// The text that a call gives; nil where there is none.
  @unsafe
  private static func text(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    // SAFETY: `text` is of this frame; what the call gives it is a C string, and ours to free.
    let result = unsafe call(&text)
    defer { unsafe free(text) }
    return result < 0 ? nil : unsafe text.map { unsafe String(cString: $0) }
  }
}
