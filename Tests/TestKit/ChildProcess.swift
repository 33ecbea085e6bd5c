import CPosix
import Glibc
import Synchronization

/// A running program, killed and reaped when the last reference goes.
public final class ChildProcess: Sendable {
  /// The process id.
  public let pid: Int32
  /// How a program ended.
  public enum Ending: Equatable, Sendable {
    /// It exited with this status.
    case exited(Int32)
    /// It was killed by this signal.
    case killed(Int32)
  }
  private let ending = Mutex<Ending?>(nil)

  /// Starts a program, which is searched for in PATH if its name has no slash.
  ///
  /// - Parameters:
  ///   - program: A name or a path.
  ///   - arguments: The arguments after the name.
  ///   - environment: Variables to set besides those of this process.
  ///   - descriptors: Descriptors of this process that the program inherits, by the number that they
  ///     have there. Without one for number 0, standard input is /dev/null; standard output and error
  ///     are inherited.
  /// - Throws: That the program cannot be started.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    descriptors: [Int32: Int32] = [:]
  ) throws {
    // SAFETY: the actions live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    if descriptors[0] == nil {
      unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    for (target, source) in descriptors.sorted(by: { $0.key < $1.key }) {
      unsafe posix_spawn_file_actions_adddup2(&actions, source, target)
    }
    // The program starts with the default signal mask, whatever the test host blocks or ignores.
    // SAFETY: the attributes live in this frame and are destroyed in it.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var child: pid_t = 0
    let own = environmentOfThisProcess().filter { name, _ in environment[name] == nil }
    let variables = (own + environment.map { ($0, $1) }).map { "\($0)=\($1)" }
    // SAFETY: both are NULL-terminated arrays of C strings that outlive the call.
    let result = try unsafe withCStrings([program] + arguments) { argv in
      try unsafe withCStrings(variables) { envp in
        unsafe posix_spawnp(&child, program, &actions, &attributes, argv, envp)
      }
    }
    guard result == 0 else { throw TestKitError("posix_spawn \(program): errno \(result)") }
    pid = child
  }

  /// Sends a signal.
  public func signal(_ number: Int32) { kill(pid, number) }

  /// How the program ended; nil if it is still running.
  public func poll() -> Ending? {
    ending.withLock { ending in
      if let ending { return ending }
      var status: Int32 = 0
      // SAFETY: `status` is an Int32 of this frame.
      guard unsafe waitpid(pid, &status, WNOHANG) == pid else { return nil }
      let signal = status & 0x7f
      ending = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
      return ending
    }
  }

  /// Waits until the program has ended; after the time, kills it and throws.
  @discardableResult
  public func wait(seconds: Double = 30) throws -> Ending {
    if let ending = try? eventually(seconds: seconds, { self.poll() }) { return ending }
    signal(SIGKILL)
    throw TestKitError("process \(pid) did not end within \(seconds) s")
  }

  /// How many descriptors it has open.
  public func openDescriptorCount() throws -> Int {
    try run("/bin/ls", ["/proc/\(pid)/fd"]).output.split(separator: "\n").count
  }

  deinit {
    if poll() == nil {
      signal(SIGKILL)
      _ = waitpid(pid, nil, 0)
    }
  }
}

/// The result of a program that has ended.
public struct ProcessResult: Sendable {
  /// The exit status, or 128 plus the number of the signal that killed it.
  public let status: Int32
  /// Standard output.
  public let output: String
  /// Standard error.
  public let errors: String
}

/// Runs a program until it ends; after the time, kills it and throws.
public func run(
  _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
  input: String = "", seconds: Double = 60
) throws -> ProcessResult {
  // Memory files instead of pipes, because a full pipe would block the program.
  // SAFETY: a literal is a C string for the length of the call.
  let files = [0, 1, 2].map { _ in unsafe gh_memory_file("test") }
  defer { files.forEach { close($0) } }
  guard files.allSatisfy({ $0 >= 0 }) else { throw TestKitError("memfd_create: \(files)") }
  try writeFile("/proc/self/fd/\(files[0])", Array(input.utf8))
  let child = try ChildProcess(
    program, arguments, environment: environment,
    descriptors: [0: files[0], 1: files[1], 2: files[2]])
  let ending = try child.wait(seconds: seconds)
  let status =
    switch ending {
    case .exited(let status): status
    case .killed(let signal): 128 + signal
    }
  return ProcessResult(
    status: status, output: try readText("/proc/self/fd/\(files[1])"),
    errors: try readText("/proc/self/fd/\(files[2])"))
}

private func environmentOfThisProcess() -> [(String, String)] {
  let all = (try? readFile("/proc/self/environ")) ?? []
  return all.split(separator: 0).compactMap { entry in
    guard let sign = entry.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return (
      String(decoding: entry[..<sign], as: UTF8.self),
      String(decoding: entry[(sign + 1)...], as: UTF8.self)
    )
  }
}

private func withCStrings<Result>(
  _ strings: [String],
  _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
) throws -> Result {
  // SAFETY: each is a copy of its own, freed at the end of this frame, after `body` is done.
  let copies = unsafe strings.map { unsafe strdup($0) } + [nil]
  defer { unsafe copies.forEach { unsafe free($0) } }
  return try unsafe copies.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { throw TestKitError("no memory") }
    return try unsafe body(base)
  }
}
