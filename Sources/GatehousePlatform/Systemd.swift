internal import CPosix
internal import CSystemd
internal import Glibc
internal import SystemPackage

/// A session of the machine's login manager (sd-login(3)), as it is now.
public struct LoginSession: Hashable, Sendable {
  /// Its name, such as `7` or `c2`.
  public var id: String
  /// The user to whom it belongs, by number.
  public var user: UInt32
  /// Where it was opened from, as PAM had it then: an address, or with `UseDNS yes` a name.
  public var remoteHost: String?
  /// Whether it was opened from a remote host, though that may have no name.
  public var isRemote: Bool
  /// Its class, such as `user`, `greeter`, `background` or `manager`; nil if it has none.
  public var sessionClass: String?
  /// The PAM service that opened it; nil if logind does not know.
  public var service: String?
  /// Its state, such as `active`, `online` or `closing`.
  public var state: String?
  /// The name of its user, as logind got it; nil if it cannot be read.
  public var userName: String?
  /// The seat that it belongs to, such as `seat0`; nil if it has none.
  public var seat: String?
  /// The terminal that it is on, such as `tty2`, `pts/3` or `:0`; nil if it has none.
  public var terminal: String?
  /// The process that opened it; nil if it cannot be read.
  public var leader: Int32?
  /// When it was opened, since the boot without the time of sleep; nil if it cannot be read.
  public var since: Duration?
  /// The same by the clock of the machine, in microseconds since 1970-01-01T00:00:00Z.
  public var openedAt: Int64?

  /// A session by what is known of it.
  public init(
    id: String, user: UInt32, remoteHost: String? = nil, isRemote: Bool = false,
    sessionClass: String? = nil, service: String? = nil, state: String? = nil,
    userName: String? = nil, seat: String? = nil, terminal: String? = nil, leader: Int32? = nil,
    since: Duration? = nil, openedAt: Int64? = nil
  ) {
    self.id = id
    self.user = user
    self.remoteHost = remoteHost
    self.isRemote = isRemote
    self.sessionClass = sessionClass
    self.service = service
    self.state = state
    self.userName = userName
    self.seat = seat
    self.terminal = terminal
    self.leader = leader
    self.since = since
    self.openedAt = openedAt
  }

  /// Whether somebody came to this machine by it from elsewhere.
  public var isRemoteLogin: Bool { remoteHost != nil || isRemote }

  /// Whether its class is one of people: not a greeter, a cron job, or a user's own systemd.
  public var isOfPerson: Bool { sessionClass?.hasPrefix("user") ?? false }

  /// Whether it ends: its login is over, and processes of it are left.
  public var isClosing: Bool { state == "closing" }
}

/// A user's own service manager, `user@UID.service`, as it is now.
public struct UserManager: Hashable, Sendable {
  /// The user, by number.
  public var user: UInt32
  /// The name of the user, as logind got it; nil if it cannot be read.
  public var userName: String?
  /// Since when logind has the user, since the boot without the time of sleep; nil if it cannot be
  /// read.
  ///
  /// The manager is not older.
  public var since: Duration?

  /// A manager by what is known of it.
  public init(user: UInt32, userName: String? = nil, since: Duration? = nil) {
    self.user = user
    self.userName = userName
    self.since = since
  }
}

/// The sessions of systemd-logind.
///
/// Each call reads a small file or two in memory, below /proc and /run/systemd: nothing that could
/// keep an event loop waiting. `sessions()` reads one for each session.
public struct LoginManager: Sendable {
  /// The machine's login manager.
  public init() {}

  /// A session by its name.
  ///
  /// - Throws: That it cannot be read; ENXIO if there is none of that name any more.
  public func session(_ id: String) throws(SystemError) -> LoginSession {
    // sd-login(3) reads the file anew for each value: nine times for a session. So it is read once
    // here, and sd-login is asked for what is not written plainly there. The leader and the time are
    // in sd-login only from systemd 254 on.
    let record = try LogindRecord("/run/systemd/sessions/\(id)")
    // SAFETY: the name is a C string for the length of each call; the texts are as in `Self.text`.
    return unsafe LoginSession(
      id: id, user: try user(ofSession: id, record),
      remoteHost: try record.text("REMOTE_HOST", of: id) {
        unsafe sd_session_get_remote_host(id, $0)
      },
      isRemote: try isRemote(id, record),
      sessionClass: try record.text("CLASS", of: id) { unsafe sd_session_get_class(id, $0) },
      service: try record.text("SERVICE", of: id) { unsafe sd_session_get_service(id, $0) },
      state: try record.text("STATE", of: id) { unsafe sd_session_get_state(id, $0) },
      userName: record["USER"],
      seat: try record.text("SEAT", of: id) { unsafe sd_session_get_seat(id, $0) },
      terminal: try record.text("TTY", of: id) { unsafe sd_session_get_tty(id, $0) },
      leader: record["LEADER"].flatMap { Int32($0) }, since: record.monotonicTime,
      openedAt: record["REALTIME"].flatMap { Int64($0) })
  }

  /// The service manager of the user in whose manager a process runs; nil if it runs in none.
  public func manager(ofProcess process: Int32) throws(SystemError) -> UserManager? {
    // SAFETY: `Self.text` gives the call a variable of its own.
    let unit = unsafe try Self.text("the user unit of process \(process)", orAbsent: -ENXIO) {
      unsafe sd_pid_get_user_unit(process, $0)
    }
    guard unit != nil, let user = try owner(ofProcess: process) else { return nil }
    let record = try LogindRecord("/run/systemd/users/\(user)")
    return UserManager(user: user, userName: record["NAME"], since: record.monotonicTime)
  }

  /// The session that a process belongs to; nil if it is in none.
  public func session(ofProcess process: Int32) throws(SystemError) -> LoginSession? {
    // SAFETY: `Self.text` gives the call a variable of its own.
    let id = unsafe try Self.text("the session of process \(process)") {
      unsafe sd_pid_get_session(process, $0)
    }
    guard let id else { return nil }
    return try session(id)
  }

  /// The names of all sessions that are open now.
  public func openSessions() throws(SystemError) -> Set<String> {
    // SAFETY: `Self.texts` gives the call a variable of its own.
    unsafe Set(try Self.texts("the open sessions") { unsafe sd_get_sessions($0) } ?? [])
  }

  /// All sessions that are open now, by their names.
  public func sessions() throws(SystemError) -> [LoginSession] {
    try existing(try openSessions().sorted())
  }

  /// The sessions of a user, by number.
  public func sessions(ofUser user: UInt32) throws(SystemError) -> [LoginSession] {
    // SAFETY: as above.
    let ids = unsafe try Self.texts("the sessions of user id \(user)") {
      unsafe sd_uid_get_sessions(user, 0, $0)
    }
    return try existing(ids ?? [])
  }

  /// The user in whose part of the machine's control groups a process runs, by number; nil if it
  /// belongs to the system.
  public func owner(ofProcess process: Int32) throws(SystemError) -> UInt32? {
    var user = uid_t()
    // SAFETY: `user` is of this frame.
    let result = unsafe sd_pid_get_owner_uid(process, &user)
    // Not in any user's slice: -ENXIO, and -ENODATA in other versions.
    if result == -ENODATA || result == -ENXIO { return nil }
    _ = try SystemError.check("the owner of process \(process)", result)
    return user
  }

  /// The user who once logged in and so became a process's ancestor, by number; nil for a process
  /// that nobody's login has started (pam_loginuid(8)).
  public func loginUser(ofProcess process: Int32) throws(SystemError) -> UInt32? {
    try auditNumber("/proc/\(process)/loginuid")
  }

  /// The same for this process.
  public func ownLoginUser() throws(SystemError) -> UInt32? {
    try auditNumber("/proc/self/loginuid")
  }

  /// The number of the login in which this process was started, by which logind names its session
  /// (pam_loginuid(8)); nil if nobody's login has started it.
  public func ownAuditSession() throws(SystemError) -> String? {
    try auditNumber("/proc/self/sessionid").map { "\($0)" }
  }

  private func auditNumber(_ path: String) throws(SystemError) -> UInt32? {
    // A kernel without auditing has no such file; a process that has gone does not matter any more.
    guard let digits = try Files.contentIfPresent(of: path, atMost: 4096) else { return nil }
    guard let user = UInt32(String(decoding: digits, as: UTF8.self)) else {
      throw SystemError("read", path, .invalidArgument, because: "it is no number")
    }
    return user == .max ? nil : user
  }

  /// Those of these sessions that have not ended meanwhile.
  private func existing(_ ids: [String]) throws(SystemError) -> [LoginSession] {
    var sessions: [LoginSession] = []
    for id in ids {
      do throws(SystemError) {
        sessions.append(try session(id))
      } catch {
        guard error.code == .noSuchAddressOrDevice else { throw error }
      }
    }
    return sessions
  }

  /// The number of a session's user.
  private func user(ofSession id: String, _ record: LogindRecord) throws(SystemError) -> UInt32 {
    if record.isOfSession, let user = record["UID"].flatMap({ UInt32($0) }) { return user }
    var user = uid_t()
    // SAFETY: `user` is of this frame, and the name a C string for the length of the call.
    _ = try SystemError.check("the user of session \(id)", unsafe sd_session_get_uid(id, &user))
    return user
  }

  private func isRemote(_ id: String, _ record: LogindRecord) throws(SystemError) -> Bool {
    switch record.isOfSession ? record["REMOTE"] : nil {
    case "1": return true
    case "0": return false
    default:
      // SAFETY: the name is a C string for the length of the call.
      return try SystemError.check("session \(id)", unsafe sd_session_is_remote(id)) > 0
    }
  }

  /// The text that a call gives; nil if there is none.
  @unsafe
  fileprivate static func text(
    _ what: @autoclosure () -> String, orAbsent other: Int32 = -ENODATA,
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) throws(SystemError) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    // SAFETY: `text` is of this frame; what the call gives it is a C string, and ours to free.
    let result = unsafe call(&text)
    defer { unsafe free(text) }
    if result == -ENODATA || result == other { return nil }
    _ = try SystemError.check(what(), result)
    return unsafe text.map { unsafe String(cString: $0) }
  }

  /// The texts that a call gives; nil if it does not know the user or session.
  @unsafe
  private static func texts(
    _ what: @autoclosure () -> String,
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>) -> Int32
  ) throws(SystemError) -> [String]? {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // SAFETY: `list` is of this frame; the call gives it an array of C strings that ends with nil.
    let count = unsafe call(&list)
    if count == -ENODATA || count == -ENXIO { return nil }
    _ = try SystemError.check(what(), count)
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
}

/// A file in which logind keeps what it knows of a session or a user.
private struct LogindRecord {
  private var values: [Substring: Substring] = [:]

  /// Reads a file; without one nothing is known.
  init(_ path: String) throws(SystemError) {
    guard let content = try Files.contentIfPresent(of: path, atMost: 1 << 16) else { return }
    for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !line.hasPrefix("#") else { continue }
      values[parts[0]] = parts[1]
    }
  }

  /// A value; nil if it is not there, or written in a way that would have to be decoded.
  subscript(_ name: Substring) -> String? {
    guard let value = values[name], !value.isEmpty, Self.isPlain(value) else { return nil }
    return String(value)
  }

  /// A value that may be asked of sd-login, too: by `call`, if the file does not have it plainly.
  @unsafe
  func text(
    _ name: Substring, of session: String,
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) throws(SystemError) -> String? {
    if isOfSession, values[name].map(Self.isPlain) ?? true { return self[name] }
    return unsafe try LoginManager.text("\(name) of session \(session)", call)
  }

  /// Whether it is the file of a session, in the way in which logind has written them until now.
  var isOfSession: Bool { self["UID"] != nil && self["STATE"] != nil }

  private static func isPlain(_ value: Substring) -> Bool {
    !value.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }
  }

  /// When it began, since the boot without the time of sleep.
  var monotonicTime: Duration? {
    guard let time = self["MONOTONIC"].flatMap({ Int64($0) }), time > 0 else { return nil }
    return .microseconds(time)
  }
}

/// What tells that login sessions have come or gone (sd_login_monitor_new(3)).
@safe public final class SessionMonitor {
  private let monitor: OpaquePointer

  /// Starts it; throws if there is no logind.
  public init() throws(SystemError) {
    var made: OpaquePointer?
    // SAFETY: `made` is filled in for the length of the call; it is given up in deinit.
    _ = try SystemError.check(
      "sd_login_monitor_new", unsafe sd_login_monitor_new("session", &made))
    guard let made = unsafe made else { throw SystemError("sd_login_monitor_new", .noMemory) }
    unsafe monitor = made
  }

  /// For an event loop to wait at: readable once something has changed.
  public var descriptor: CInt {
    // SAFETY: it lives until deinit.
    unsafe sd_login_monitor_get_fd(monitor)
  }

  /// Takes every change until now.
  public func flush() {
    // SAFETY: it lives until deinit.
    unsafe sd_login_monitor_flush(monitor)
  }

  deinit {
    // SAFETY: the last use.
    unsafe sd_login_monitor_unref(monitor)
  }
}

/// Tells systemd the state of a daemon (sd_notify(3)); does nothing without systemd.
public struct ServiceManager: Sendable {
  /// The service manager that started this process.
  public init() {}

  /// Whether one has started this process, and wants to be told.
  public var isThere: Bool { Environment["NOTIFY_SOCKET"] != nil }

  /// The daemon waits before it starts, because this many starts before it have failed.
  public func waiting(_ pause: Duration, after failures: Int) {
    notify("STATUS=Starting in \(pause), after \(failures) failed starts")
  }

  /// The daemon answers.
  public func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }

  /// The policy is being read again; `ready` ends it.
  ///
  /// systemd wants the time of its own clock, to tell this reload from an earlier one.
  public func reloading() {
    let time = SystemClock.awakeSinceBoot().wholeMicroseconds
    notify("RELOADING=1\nMONOTONIC_USEC=\(time)\nSTATUS=Reading the policy again")
  }

  /// The progress of reading a policy, if that takes a while; from any thread.
  public func reading(_ place: String) { notify("STATUS=Reading the policy: \(place)") }

  /// The daemon answers what is in flight and ends.
  public func stopping() { notify("STOPPING=1\nSTATUS=Answering what is in flight") }

  private func notify(_ state: String) {
    // SAFETY: the text is a C string for the length of the call. An error is nobody's concern:
    // systemd decides by what it got.
    _ = unsafe sd_notify(0, state)
  }
}

/// The machine's logs.
public enum SystemLog {
  /// The number of the facility `auth` in an entry of the journal.
  public static var facility: Int { Int(LOG_AUTH >> 3) }

  /// Whether this process can write to a journal.
  public static var hasJournal: Bool { Files.isWritable("/run/systemd/journal/socket") }

  /// Writes an entry to the journal; may block.
  ///
  /// - Parameters:
  ///   - bytes: The fields, `NAME=value`, one after the other.
  ///   - parts: The range of each of them.
  /// - Returns: Whether it was taken.
  public static func writeToJournal(_ bytes: inout [UInt8], parts: [Range<Int>]) -> Bool {
    // Without a journal sd_journal_sendv(3) says that all went well.
    guard hasJournal else { return false }
    // SAFETY: each part points into `bytes`, which do not change and outlive the call.
    return unsafe bytes.withUnsafeMutableBytes { bytes in
      var pieces: [iovec] = unsafe []
      for part in parts {
        unsafe pieces.append(
          iovec(
            iov_base: bytes.baseAddress.map { unsafe $0 + part.lowerBound }, iov_len: part.count))
      }
      return unsafe sd_journal_sendv(pieces, Int32(pieces.count)) >= 0
    }
  }

  /// Writes a line to syslog(3), facility auth; may block.
  public static func writeToSyslog(_ line: [UInt8], priority: Int32) {
    // SAFETY: the line is a C string for the length of the call, and no format.
    unsafe gh_syslog(priority | LOG_AUTH, String(decoding: line, as: UTF8.self))
  }
}
