internal import CPosix
internal import Glibc
internal import SystemPackage

/// What became of a program that was run with a bound of time.
public struct ProgramResult: Sendable {
  /// How it ended.
  public enum Ending: Hashable, Sendable {
    /// By itself, with this exit status.
    case exited(Int32)
    /// By a signal, such as SIGSEGV.
    case signalled(Int32)
    /// It took too long, and was killed with all that it had started in its process group.
    case timedOut
  }

  /// How it ended.
  public var ending: Ending
  /// What it wrote to standard output and standard error, in that order of writing.
  public var output: [UInt8]
}

extension Programs {
  /// Runs a program, and takes what it writes.
  ///
  /// - Parameters:
  ///   - file: The program.
  ///   - arguments: With its name first.
  ///   - environment: Nil for this process's own.
  ///   - time: How long it may take.
  ///   - limit: The most bytes of its output that are kept.
  ///   - takesErrors: Whether its standard error is taken, too; else it goes nowhere.
  ///   - content: What it reads on its standard input; nil for nothing.
  ///   - whenStarted: Called with the number of its process; its standard input ends once this has
  ///     returned. Without it, it has no input from the beginning.
  /// - Returns: How it ended, and what it wrote.
  /// - Throws: That it cannot be run.
  public static func result(
    of file: String, _ arguments: [String], environment: [String]? = nil,
    within time: Duration, atMost limit: Int = 1 << 20, takesErrors: Bool = true,
    input content: SealedMemoryFile? = nil, whenStarted: (Int32) -> Void = { _ in }
  ) throws(SystemError) -> ProgramResult {
    let input = try pipe()
    let inputEnd = OwnedDescriptor(adopting: input.reading)
    let held = OwnedDescriptor(adopting: input.writing)
    let output = try pipe()
    let outputStart = OwnedDescriptor(adopting: output.reading)
    let child = try start(
      file, arguments, environment, input: content?.descriptor ?? inputEnd.rawValue,
      output: OwnedDescriptor(adopting: output.writing), takesErrors)
    whenStarted(child)
    release(inputEnd)
    release(held)
    return try result(of: child, reading: outputStart, within: time, atMost: limit)
  }

  /// Closes it.
  private static func release(_ descriptor: consuming OwnedDescriptor) {}

  /// The two ends of a pipe, each to be owned at once.
  private static func pipe() throws(SystemError) -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [-1, -1]
    // SAFETY: the array has the two places that the call fills.
    _ = try SystemError.check("make a pipe", unsafe gh_pipe(&ends))
    return (ends[0], ends[1])
  }

  private static func result(
    of child: pid_t, reading: borrowing OwnedDescriptor, within time: Duration, atMost limit: Int
  ) throws(SystemError) -> ProgramResult {
    let end = Uptime.now + time
    var output: [UInt8] = []
    var isOver = false
    while !isOver {
      let left = (end - .now).wholeMicroseconds / 1000
      guard left > 0 else { break }
      let ready = gh_poll(reading.rawValue, Int16(POLLIN), CInt(clamping: left))
      guard ready != -EINTR else { continue }
      guard ready > 0 else { break }
      let block = try reading.nextBlock()
      isOver = block.isEmpty
      output += block.prefix(limit - output.count)
    }
    // A program may close its output and go on.
    var status = try exitStatus(of: child, until: end)
    let isLate = status == nil || !isOver
    if isLate { kill(-child, SIGKILL) }
    if status == nil { status = try exitStatus(of: child, until: nil) }
    guard let status, !isLate else { return ProgramResult(ending: .timedOut, output: output) }
    return ProgramResult(
      ending: status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f),
      output: output)
  }

  private static func start(
    _ file: String, _ arguments: [String], _ environment: [String]?,
    input: CInt, output: consuming OwnedDescriptor, _ takesErrors: Bool
  ) throws(SystemError) -> pid_t {
    // SAFETY: the actions and attributes live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
    if takesErrors {
      unsafe posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDERR_FILENO)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    return try unsafe spawn(file, arguments, environment, &actions, &attributes)
  }

  /// The status that a child ended with, as wait(2) has it; nil if it has not ended by then.
  private static func exitStatus(
    of child: pid_t, until end: Uptime?
  ) throws(SystemError) -> Int32? {
    var status: Int32 = 0
    while true {
      // SAFETY: `status` is of this frame.
      let ended = try callSystem("wait for") {
        unsafe waitpid(child, &status, end == nil ? 0 : WNOHANG)
      }
      if ended == child { return status }
      if let end, .now >= end { return nil }
      SystemClock.sleep(.milliseconds(5))
    }
  }
}
