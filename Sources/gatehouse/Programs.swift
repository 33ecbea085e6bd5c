import Glibc

/// Other programs that this one runs.
enum Programs {
  /// Where a program is: along PATH and in the system's own folders; nil where it is nowhere.
  static func find(_ name: String) -> String? {
    if name.contains("/") { return isExecutable(name) ? name : nil }
    return path.split(separator: ":").map { "\($0)/\(name)" }.first(where: isExecutable)
  }

  /// PATH, and the folders of root's programs.
  static var path: String { (Environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin:/sbin:/bin" }

  /// Runs a program to its end, and gives its exit status; 128 and a signal's number where one
  /// ended it.
  ///
  /// - Parameters:
  ///   - file: The program.
  ///   - arguments: With its name first.
  ///   - environment: Nil for this process's own.
  ///   - descriptors: What of this process it gets under which number, beside what it has anyway.
  /// - Returns: Its status.
  /// - Throws: That it cannot be run.
  static func run(
    _ file: String, _ arguments: [String], environment: [String]? = nil,
    descriptors: [(own: Int32, its: Int32)] = []
  ) throws(CommandFailure) -> Int32 {
    // SAFETY: the actions live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (own, its) in descriptors {
      unsafe posix_spawn_file_actions_adddup2(&actions, own, its)
    }
    // SAFETY: each is an array of C strings of its own that ends with nil, freed after the call.
    let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    let envp = unsafe environment.map { unsafe $0.map { unsafe strdup($0) } + [nil] }
    defer { unsafe envp?.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let result =
      if let envp = unsafe envp {
        unsafe posix_spawn(&child, file, &actions, nil, argv, envp)
      } else {
        unsafe posix_spawn(&child, file, &actions, nil, argv, environ)
      }
    guard result == 0 else {
      // SAFETY: strerror(3) gives a C string, and this program has one thread.
      throw .unreachable("\(file) cannot be run: \(unsafe String(cString: strerror(result)))")
    }
    var status: Int32 = 0
    // SAFETY: `status` is of this frame.
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    // As wait(2) has it: the signal in the low bits, the exit status above.
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
  }

  private static func isExecutable(_ path: String) -> Bool {
    // SAFETY: the path is a C string for the length of the call.
    unsafe access(path, X_OK) == 0
  }
}
