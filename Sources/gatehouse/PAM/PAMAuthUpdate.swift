import GatehouseReport
import Glibc

/// pam-auth-update(8), which writes /etc/pam.d/common-account from profiles.
enum PAMAuthUpdate {
  private static let program = "pam-auth-update"
  /// Where the profiles are that it knows.
  static let profiles = "/usr/share/pam-configs"

  /// Only root can change /etc/pam.d.
  static func requireRoot() throws(CommandFailure) {
    guard geteuid() == 0 else {
      throw .unreachable("only root can change /etc/pam.d", remedy: "run this as root")
    }
  }

  /// Turns profiles on and off.
  ///
  /// It ends well also where it changed nothing, because somebody has edited what it manages. So
  /// the state is looked at afterwards; a check says so where it is not as it should be.
  static func set(on profile: PAMProfile?, off others: [PAMProfile]) throws(CommandFailure)
    -> [PAMCheck]
  {
    var arguments = ["--disable"] + others.map(\.name)
    if let profile { arguments += ["--enable", profile.name] }
    let status = try run(arguments)
    let state = PAMState.now()
    if state.profile == profile && state.checks.isEmpty { return [] }
    let ending = status == 0 ? "left PAM as it was" : "failed with status \(status)"
    let byHand =
      profile.map { _ in
        "or write the line yourself: pam_gatehouse(8) has it"
      } ?? "or take the line out of common-account yourself"
    return [
      PAMCheck(
        .notOK, "pam-auth-update", "\(program) \(arguments.joined(separator: " ")): \(ending)",
        remedy: "where /etc/pam.d/common-* was edited by hand, pam-auth-update --force writes it "
          + "anew; \(byHand)")
    ]
  }

  /// Runs it without questions, and gives its exit status.
  ///
  /// What it says goes to standard error: standard output is for the report.
  private static func run(_ arguments: [String]) throws(CommandFailure) -> Int32 {
    let path = (Environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
    let places = path.split(separator: ":").map { "\($0)/\(program)" }
    // SAFETY: each is a C string for the length of the call.
    guard let file = places.first(where: { unsafe access($0, X_OK) == 0 }) else {
      throw .unreachable(
        "\(program) is not on this machine",
        remedy: "pam_gatehouse(8) has the line to write instead")
    }
    let environment = ["PATH=\(path)", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    return try spawn(file, [program] + arguments, environment)
  }

  private static func spawn(
    _ file: String, _ arguments: [String], _ environment: [String]
  ) throws(CommandFailure) -> Int32 {
    // SAFETY: the actions live in this frame and are destroyed in it.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    // SAFETY: both are arrays of C strings of their own that end with nil, freed after the call.
    let argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
    let envp = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe (argv + envp).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let result = unsafe posix_spawn(&child, file, &actions, nil, argv, envp)
    var status: Int32 = 0
    guard result == 0 else {
      // SAFETY: strerror(3) gives a C string, and this program has one thread.
      throw .unreachable("\(file) cannot be run: \(unsafe String(cString: strerror(result)))")
    }
    // SAFETY: `status` is of this frame.
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    // As wait(2) has it: the signal in the low bits, the exit status above.
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + status & 0x7f
  }
}
