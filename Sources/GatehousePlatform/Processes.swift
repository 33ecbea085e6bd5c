internal import CPosix
internal import Glibc
internal import SystemPackage

/// This process.
public enum CurrentProcess {
  /// Its number.
  public static var id: Int32 { getpid() }
  /// The number of the process that started it.
  public static var parent: Int32 { getppid() }
  /// The user that it acts as, by number.
  public static var effectiveUser: UInt32 { geteuid() }
  /// The user that it belongs to, by number.
  public static var realUser: UInt32 { getuid() }
  /// Whether it acts as root.
  public static var isRoot: Bool { effectiveUser == 0 }

  /// How many descriptors it may have open; nil if the system does not say.
  public static var descriptorLimit: Int? {
    var allowed = rlimit()
    // SAFETY: `allowed` is of this frame.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &allowed) == 0 else {
      return nil
    }
    return Int(clamping: allowed.rlim_cur)
  }

  /// Has its threads left alone by the signals that an event loop takes (SIGHUP, SIGTERM, SIGINT),
  /// and a write to whoever has gone be an error of that call and nothing else.
  ///
  /// To be called before there are other threads.
  public static func leaveSignalsToLoop() {
    var signals = sigset_t()
    // SAFETY: `signals` is of this frame.
    unsafe sigemptyset(&signals)
    for signal in [TakenSignal.hangUp, .terminate, .interrupt] {
      unsafe sigaddset(&signals, signal.number)
    }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Has the keys of a terminal (such as Ctrl-C), and its end, mean nothing to programs that it
  /// starts from now on; signals that are blocked here can still be waited for.
  public static func shieldProgramsFromTerminal() {
    // A shell unblocks what it finds blocked, but leaves ignored what it finds ignored.
    for number in [SIGINT, SIGQUIT, SIGHUP] { _ = signal(number, SIG_IGN) }
  }

  /// Waits for a signal that asks it to end (SIGTERM, SIGINT); every thread must have blocked them.
  ///
  /// - Parameter time: How long at most.
  /// - Returns: Whether there was one, which is taken with that.
  public static func isToldToEnd(within time: Duration) -> Bool {
    var signals = sigset_t()
    // SAFETY: `signals` is of this frame.
    unsafe sigemptyset(&signals)
    for signal in [TakenSignal.terminate, .interrupt] { unsafe sigaddset(&signals, signal.number) }
    let microseconds = max(0, time.wholeMicroseconds)
    var length = timespec(
      tv_sec: Int(microseconds / 1_000_000), tv_nsec: Int(microseconds % 1_000_000) * 1_000)
    // SAFETY: both are of this frame.
    return unsafe sigtimedwait(&signals, nil, &length) > 0
  }

  /// Ends it at once, as it is: nothing is torn down that a thread may still be using.
  public static func endNow(_ status: Int32) -> Never { _exit(status) }

  /// Has the system end it after this time, whatever it does then (alarm(2)).
  public static func endWithin(_ time: Duration) {
    alarm(UInt32(clamping: time.components.seconds))
  }

  /// Ends it in good order.
  public static func end(_ status: Int32) -> Never { exit(status) }
}

/// The signals that an event loop takes.
public enum TakenSignal: Sendable {
  case hangUp, terminate, interrupt

  /// Its number.
  public var number: Int32 {
    switch self {
    case .hangUp: SIGHUP
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    }
  }
}

/// This machine.
public enum Machine {
  /// How many processors it has now; at least 1.
  public static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Its host name; empty if it has none.
  public static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    // SAFETY: one byte less than the array has, so that its last stays the end of the text.
    _ = unsafe gethostname(&name, name.count - 1)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Its machine-id(5), 32 hexadecimal digits; nil if it has none yet, or it cannot be read.
  ///
  /// It tells a machine from a clone of its disk.
  public static var id: String? {
    guard let content = try? Files.contentIfPresent(of: "/etc/machine-id", atMost: 256) else {
      return nil
    }
    let id = String(decoding: content, as: UTF8.self).prefix { $0.isHexDigit }
    return id.utf8.count == 32 ? String(id) : nil
  }

  /// An address of one of its network interfaces.
  public struct OwnAddress: Hashable, Sendable {
    /// The interface, such as `eth0`.
    public let interface: String
    /// The address in its numeric form, without a zone.
    public let text: String
    /// Whether the interface is loopback's.
    public let isLoopback: Bool
  }

  /// The addresses of all interfaces (getifaddrs(3)); empty if the system does not say.
  public static func ownAddresses() -> [OwnAddress] {
    var first: UnsafeMutablePointer<ifaddrs>?
    // SAFETY: the list is this function's until it is freed, and nothing of it is kept.
    guard unsafe getifaddrs(&first) == 0 else { return [] }
    defer { unsafe freeifaddrs(first) }
    var addresses: [OwnAddress] = []
    var next = unsafe first
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      guard let address = unsafe entry.pointee.ifa_addr, let name = unsafe entry.pointee.ifa_name,
        let text = unsafe text(of: address)
      else { continue }
      addresses.append(
        OwnAddress(
          interface: unsafe String(cString: name), text: text,
          isLoopback: unsafe entry.pointee.ifa_flags & UInt32(IFF_LOOPBACK) != 0))
    }
    return addresses
  }

  /// The numeric form of an IP address without its zone; nil for another family.
  private static func text(of address: UnsafePointer<sockaddr>) -> String? {
    // SAFETY: `address` is a whole address of the family that it names.
    let length: Int
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET: length = MemoryLayout<sockaddr_in>.size
    case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
    default: return nil
    }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let result = unsafe getnameinfo(
      address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    guard result == 0 else { return nil }
    let bytes = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
  }

  /// Fills an array with random bytes, at most 256 (getrandom(2)).
  public static func randomBytes(_ count: Int) throws(SystemError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: count)
    // SAFETY: the pointer is valid for the count of the array; up to 256 bytes come at once.
    let result = unsafe block.withUnsafeMutableBytes { bytes in
      unsafe gh_random(bytes.baseAddress, bytes.count)
    }
    _ = try SystemError.check("getrandom", result)
    return block
  }

  /// The name of a user by number; nil if NSS has none.
  public static func userName(_ id: UInt32) throws(SystemError) -> [UInt8]? {
    unsafe try nameServiceLookUp("user id \(id)") { buffer in
      guard let room = buffer.baseAddress else { return (EINVAL, nil) }
      var entry = unsafe passwd()
      var found: UnsafeMutablePointer<passwd>?
      // SAFETY: the entry points into `buffer`, and the name is copied out here.
      let result = unsafe getpwuid_r(id, &entry, room, buffer.count, &found)
      guard result == 0, unsafe found != nil, let name = unsafe entry.pw_name else {
        return (result, nil)
      }
      return (0, unsafe UnsafeBufferPointer(start: name, count: strlen(name)).map(UInt8.init))
    }
  }
}

/// Calls one of the `…_r` functions of NSS, with more room if the entry wants it.
///
/// They give an entry only as a whole, a group with all of its members, whatever of it is needed. So
/// the room begins at 1 MiB, enough for a group of some 50,000 members, and the directory is asked
/// once; it ends at 64 MiB, a group of some three million. Only what an entry fills becomes memory,
/// and a thread has at most one such buffer at a time.
///
/// - Parameters:
///   - attempt: What is looked up, for the error.
///   - call: Gives the function's result and what was found; must not keep the buffer.
/// - Returns: What was found; nil if there is no such entry.
/// - Throws: What the function returned.
public func nameServiceLookUp<Found>(
  _ attempt: @autoclosure () -> String,
  _ call: (UnsafeMutableBufferPointer<CChar>) -> (Int32, Found?)
) throws(SystemError) -> Found? {
  let most = 64 << 20
  // A user's entry has room in it, and a group's of some thousand members. A longer one is asked for
  // again: a buffer that the system has to give and take back each time costs more.
  var room = 64 << 10
  while true {
    // Not an array, which would write to all of it.
    let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: room)
    defer { unsafe buffer.deallocate() }
    // SAFETY: the buffer outlives the call, and its length goes with it.
    let (result, found) = unsafe call(buffer)
    switch result {
    case 0: return found
    case EINTR: continue
    case ERANGE where room < most: room = min(most, room * 16)
    // The directory is there, and waiting would not help.
    case ERANGE:
      throw SystemError(
        attempt(), .outOfRange, because: "its entry is longer than \(byteCountText(most))")
    // ENOENT and its like too: an absent entry is a zero without a result, and a directory that is
    // away gives any of them.
    default: throw SystemError(attempt(), Errno(rawValue: result))
    }
  }
}

/// The environment of this process.
public enum Environment {
  /// The variable's value; nil if it is not set.
  public static subscript(_ name: String) -> String? {
    // SAFETY: getenv(3) gives a C string or NULL; it is copied at once, and nothing here changes
    // the environment.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

/// Standard input, output and error.
public enum StandardStream: CInt, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// Whether a person sits at it.
  public var isTerminal: Bool { isatty(rawValue) == 1 }

  /// How many columns its terminal has; nil if it is none, or does not say (ioctl_tty(2)).
  public var columns: Int? {
    var size = winsize()
    // SAFETY: the kernel fills the structure that it is given.
    guard unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// All of standard input; throws if that is more than this many bytes (EFBIG).
  public static func input(atMost limit: Int) throws(SystemError) -> [UInt8] {
    try remainder(of: StandardStream.input.rawValue, atMost: limit)
  }

  /// What comes next on standard input, at most 64 KiB; empty at the end.
  public static func nextInput() throws(SystemError) -> [UInt8] {
    try nextBlock(of: StandardStream.input.rawValue)
  }

  /// The next line of standard input without its end, cut to so many bytes; nil at the end of
  /// input.
  ///
  /// Nothing behind it is read.
  public static func inputLine(atMost limit: Int) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      var byte: UInt8 = 0
      // SAFETY: `byte` is of this frame, and one byte long.
      let count = try? callSystem("read") { unsafe read(STDIN_FILENO, &byte, 1) }
      if count != 1 { return line.isEmpty ? nil : line }
      if byte == UInt8(ascii: "\n") { return line }
      if line.count < limit { line.append(byte) }
    }
  }

  /// Writes a text, whatever becomes of it: for the last words of a process.
  public func say(_ text: String) { try? write(Array(text.utf8)) }

  /// Writes some bytes, and gives how many were taken.
  public func writtenCount(of bytes: [UInt8]) -> Int {
    var written = 0
    try? writeAll(bytes[...], to: rawValue, written: &written)
    return written
  }

  /// Writes all of some bytes.
  public func write(_ bytes: [UInt8]) throws(SystemError) { try writeAll(bytes[...], to: rawValue) }
}

/// Other programs that this one runs.
public enum Programs {
  /// PATH, and the folders of root's programs.
  public static var path: String {
    (Environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
  }

  /// Where a program is: along PATH and in the system's own folders; nil if it is nowhere.
  public static func find(_ name: String) -> String? {
    if name.contains("/") { return Files.isExecutable(name) ? name : nil }
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: Files.isExecutable)
  }

  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - file: The program.
  ///   - arguments: With its name first.
  ///   - environment: Nil for this process's own.
  ///   - withoutInput: Whether it reads nothing on standard input.
  ///   - reportsToStandardError: Whether what it writes to standard output goes to standard error.
  /// - Returns: Its exit status; 128 and a signal's number if one ended it.
  /// - Throws: That it cannot be run.
  public static func run(
    _ file: String, _ arguments: [String], environment: [String]? = nil,
    withoutInput: Bool = false, reportsToStandardError: Bool = false
  ) throws(SystemError) -> Int32 {
    // SAFETY: the actions live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if withoutInput {
      unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    if reportsToStandardError {
      unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    }
    return try wait(for: try unsafe spawn(file, arguments, environment, &actions, nil), file)
  }

  /// Runs a program that has the terminal to itself, such as an editor, to its end.
  ///
  /// Meanwhile Ctrl-C and Ctrl-\ mean nothing to this process, and to the program what they meant to
  /// this process before.
  ///
  /// - Parameters:
  ///   - file: The program.
  ///   - arguments: Its arguments, with its name first.
  /// - Returns: Its exit status; 128 and a signal's number if one ended it.
  /// - Throws: If it cannot be run.
  public static func runOnTerminal(
    _ file: String, _ arguments: [String]
  ) throws(SystemError) -> Int32 {
    // SAFETY: actions and attributes live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }

    let interrupt = ignored(SIGINT)
    let quit = ignored(SIGQUIT)
    defer {
      interrupt.restore()
      quit.restore()
    }
    var restored = sigset_t()
    // SAFETY: `restored` is of this frame.
    unsafe sigemptyset(&restored)
    for key in [interrupt, quit] where !key.wasIgnored { unsafe sigaddset(&restored, key.signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &restored)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    return try wait(for: try unsafe spawn(file, arguments, nil, &actions, &attributes), file)
  }

  /// A signal that this process ignores for a while.
  private struct IgnoredSignal {
    let signal: Int32
    let before: sigaction

    /// Whether it was ignored before.
    var wasIgnored: Bool {
      // SAFETY: both are values of the size of a pointer, and only compared.
      unsafe unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Makes it what it was before.
    func restore() {
      var before = before
      // SAFETY: `before` is what sigaction(2) gave.
      unsafe sigaction(signal, &before, nil)
    }
  }

  private static func ignored(_ signal: Int32) -> IgnoredSignal {
    // SAFETY: both are of this frame.
    var before = sigaction()
    var ignoring = sigaction()
    unsafe ignoring.__sigaction_handler.sa_handler = SIG_IGN
    unsafe sigaction(signal, &ignoring, &before)
    return IgnoredSignal(signal: signal, before: before)
  }

  private static func wait(for child: pid_t, _ file: String) throws(SystemError) -> Int32 {
    var status: Int32 = 0
    // SAFETY: `status` is of this frame.
    _ = try callSystem("wait for", file) { unsafe waitpid(child, &status, 0) }
    // As wait(2) has it: the signal in the low bits, the exit status above.
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
  }

  /// Starts a program; the actions and attributes are those of posix_spawn(3).
  static func spawn(
    _ file: String, _ arguments: [String], _ environment: [String]?,
    _ actions: UnsafePointer<posix_spawn_file_actions_t>,
    _ attributes: UnsafePointer<posix_spawnattr_t>?
  ) throws(SystemError) -> pid_t {
    // SAFETY: each is an array of C strings of its own that ends with nil, freed after the call.
    let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    let envp = unsafe environment.map { unsafe $0.map { unsafe strdup($0) } + [nil] }
    defer { unsafe envp?.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let result =
      if let envp = unsafe envp {
        unsafe posix_spawn(&child, file, actions, attributes, argv, envp)
      } else {
        unsafe posix_spawn(&child, file, actions, attributes, argv, environ)
      }
    guard result == 0 else { throw SystemError("run", file, Errno(rawValue: result)) }
    return child
  }
}

/// A running process that cannot be taken for another one (pidfd_open(2)).
public struct ProcessDescriptor: ~Copyable, Sendable {
  private let process: OwnedDescriptor

  /// The process that has this number now; nil if there is none.
  public init?(_ number: Int32) throws(SystemError) {
    do throws(SystemError) {
      process = try OwnedDescriptor("pidfd_open", opened: gh_process_descriptor(number))
    } catch {
      guard error.code == .noSuchProcess else { throw error }
      return nil
    }
  }

  /// For an event loop to wait at: readable once the process has ended.
  public var descriptor: CInt { process.rawValue }

  /// Whether it has not ended.
  public var isRunning: Bool { gh_poll(descriptor, Int16(truncatingIfNeeded: POLLIN), 0) == 0 }

  /// When the process that has this number was started, in clock ticks since the boot; nil if there
  /// is none (proc_pid_stat(5)).
  public static func start(of number: Int32) throws(SystemError) -> UInt64? {
    try status(of: number)?.start
  }

  /// A time since the boot, that of sleep included, in clock ticks: USER_HZ of them a second, which is
  /// 100 on every architecture that Debian has.
  public static func ticks(at time: Duration) -> UInt64 {
    UInt64(clamping: max(0, time.wholeMicroseconds) / 10_000)
  }

  /// The same, and the number of the process that started it.
  public static func status(
    of number: Int32
  ) throws(SystemError) -> (start: UInt64, parent: Int32)? {
    let path = "/proc/\(number)/stat"
    guard let content = try Files.contentIfPresent(of: path, atMost: 4096) else { return nil }
    // The name, in parentheses, may have spaces and parentheses of its own.
    guard let end = content.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = content[(end + 1)...].split(separator: UInt8(ascii: " "))
    // The first field after the name is the third of all.
    guard fields.count > 19, let start = UInt64(String(decoding: fields[19], as: UTF8.self)),
      let parent = Int32(String(decoding: fields[1], as: UTF8.self))
    else { return nil }
    return (start, parent)
  }
}
