import Glibc
import TestKit

/// PAM's files and the login sessions of a machine of its own, in a mount namespace, and a daemon.
struct PAMBench {
  /// A policy under which root may come from 192.0.2.0/24, and everybody else too.
  static func policy(mode: String) -> String {
    """
    version: 1
    mode: \(mode)
    everyone: {from: [192.0.2.0/24]}
    break_glass: {users: [root], from: [192.0.2.0/24]}

    """
  }

  /// Edits the two files that pam-auth-update keeps, and writes down how it was called.
  private static let fakeUpdate = """
    #!/bin/sh
    echo "$DEBIAN_FRONTEND $*" >>"$(dirname "$0")/../calls"
    echo 'it says something'
    . "$(dirname "$0")/fails"
    sed -i '/pam_gatehouse/d' /etc/pam.d/common-account
    sed -i '/^Module: gatehouse/d' /var/lib/pam/account
    while [ $# -gt 0 ]; do
      [ "$1" = --enable ] && profile=$2
      shift
    done
    case ${profile-} in
    gatehouse-trial) onerr=succeed ;;
    gatehouse-strict) onerr=fail ;;
    *) exit 0 ;;
    esac
    echo "Module: $profile" >>/var/lib/pam/account
    sed -i "1i account requisite pam_gatehouse.so onerr=$onerr" /etc/pam.d/common-account

    """

  /// The two profiles of the package.
  private static let profiles = [("trial", 9000, "succeed"), ("strict", 9001, "fail")]

  /// Whether the machine has the real one; all of Debian has.
  static let hasPAMAuthUpdate =
    // SAFETY: a literal is a C string for the length of the call.
    unsafe access("/usr/sbin/pam-auth-update", X_OK) == 0

  /// Lines of a script that give the machine a pam_gatehouse.so, in a mount namespace; `$0` is a
  /// folder of the test's own.
  static let givingModule = """
    security=$(dirname "$(find /usr/lib /lib -name pam_permit.so | head -n 1)")
    mkdir -p "$0/security"
    cp -a "$security/." "$0/security"
    [ -e "$0/security/pam_gatehouse.so" ] || : >"$0/security/pam_gatehouse.so"
    mount --bind "$0/security" "$security"
    """

  let daemon: DaemonBench
  private let folder: TemporaryDirectory
  private let isReal: Bool

  /// A machine with the policy; a real one has the machine's own pam-auth-update, on copies of its
  /// files.
  init(mode: String = "enforce", isReal: Bool = false, policy: String? = nil) throws {
    folder = try TemporaryDirectory("gatehouse-pam")
    // It sees the sessions that the command sees.
    let sessions = folder.file("sessions")
    let inside =
      "mount -t tmpfs none /run; mkdir /run/systemd; ln -s \(sessions) /run/systemd/sessions; "
      + "exec \"$@\""
    daemon = try DaemonBench(
      policy: policy ?? Self.policy(mode: mode),
      launcher: "exec unshare --mount sh -c '\(inside)' sh \"$@\"")
    self.isReal = isReal
    for name in ["bin", "sessions", "pam.d", "lib", "profiles", "debconf", "history"] {
      try folder.directory(name)
    }
    try folder.write("account required pam_permit.so\n", to: "pam.d/common-account")
    for name in ["auth", "password", "session", "session-noninteractive"] {
      try folder.write("", to: "pam.d/common-\(name)")
    }
    for name in ["other", "sshd"] {
      try folder.write("@include common-account\n", to: "pam.d/\(name)")
    }
    try folder.write("#!/bin/sh\necho usepam yes\n", to: "bin/sshd", mode: 0o755)
    try folder.write("Module: unix\n", to: "lib/account")
    try folder.write("", to: "bin/fails")
    try folder.write("", to: "always")
    try folder.write(
      "#!/bin/sh\necho \"$*\" >>\"$(dirname \"$0\")/../systemctl\"\n", to: "bin/systemctl",
      mode: 0o755)
    if isReal {
      for (source, copy) in [
        ("/etc/pam.d", "pam.d"), ("/var/lib/pam", "lib"), ("/usr/share/pam-configs", "profiles"),
        ("/var/cache/debconf", "debconf"),
      ] {
        _ = try run("cp", ["-a", "\(source)/.", folder.file(copy)])
      }
      try folder.write("pam-auth-update --force --package\n", to: "prepare")
    } else {
      try folder.write(Self.fakeUpdate, to: "bin/pam-auth-update", mode: 0o755)
      try folder.write("", to: "prepare")
    }
    for (name, priority, onError) in Self.profiles {
      let other = name == "trial" ? "strict" : "trial"
      try folder.write(
        """
        Name: Gatehouse, \(name)
        Default: no
        Priority: \(priority)
        Conflicts: gatehouse-\(other)
        Account-Type: Primary
        Account:
        \trequisite\tpam_gatehouse.so onerr=\(onError)

        """, to: "profiles/gatehouse-\(name)")
    }
  }

  /// Changes a file of PAM: below `pam.d`, `lib`, `profiles` or `bin`.
  func write(_ content: String, to path: String) throws {
    try folder.write(content, to: path, mode: path.hasPrefix("bin/") ? 0o755 : 0o644)
  }

  /// Takes a file of PAM away.
  func remove(_ path: String) throws { _ = try run("rm", [folder.file(path)]) }

  /// A file of PAM as it is now; empty where there is none.
  func content(_ path: String) -> String { (try? readText(folder.file(path))) ?? "" }

  /// Opens a session of the login manager, as far as its file goes.
  func openSession(_ id: String, user: Int, from host: String?, state: String = "active") throws {
    let remote = host.map { "REMOTE=1\nREMOTE_HOST=\($0)\n" } ?? "REMOTE=0\n"
    try folder.write(
      "UID=\(user)\nSTATE=\(state)\nCLASS=user\nSERVICE=sshd\nREALTIME=1800000000000000\n\(remote)",
      to: "sessions/\(id)")
  }

  /// Runs `gatehouse pam …`.
  func pam(_ arguments: [String], environment: [String: String] = [:]) throws -> ProcessResult {
    let asks =
      ["disable", "undo"].contains(arguments.first) ? [] : ["--socket", daemon.socket]
    return try command(["pam"] + arguments + asks, environment: environment)
  }

  /// Runs `gatehouse check` for the policy of the daemon's folder.
  func check() throws -> ProcessResult {
    try command(["check", "--policy", daemon.folder.file("etc")])
  }

  /// The module as packaging/build-module makes it.
  private static let realModule =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    + "/.build-pam/release/libpam_gatehouse.so"

  /// Whether it was made.
  // SAFETY: the path is a C string for the length of the call.
  static let hasRealModule = unsafe access(realModule, R_OK) == 0

  /// Gives the machine the real module, if it was made, in the place of an empty file.
  func useRealModule() throws {
    try folder.directory("security")
    guard Self.hasRealModule else { return }
    _ = try run("cp", [Self.realModule, folder.file("security/pam_gatehouse.so")])
  }

  /// Takes pam-auth-update away, the machine's own too.
  func hideUpdate() throws {
    try remove("bin/pam-auth-update")
    try folder.write("mount --bind /dev/null /usr/sbin/pam-auth-update\n", to: "always")
  }

  /// Runs `gatehouse confirm`.
  func confirm() throws -> ProcessResult {
    try command(["confirm", "--socket", daemon.socket])
  }

  /// Runs `gatehouse doors`.
  func doors(_ arguments: [String] = []) throws -> ProcessResult {
    try command(["doors", "--socket", daemon.socket] + arguments)
  }

  /// Runs `gatehouse status`.
  func status(_ arguments: [String] = []) throws -> ProcessResult {
    try command(["status", "--socket", daemon.socket] + arguments)
  }

  /// Runs `gatehouse sessions`.
  func sessions(_ arguments: [String]) throws -> ProcessResult {
    try command(["sessions"] + arguments + ["--socket", daemon.socket])
  }

  /// Has the command run in a login of a user, by number.
  func logIn(as user: Int) throws {
    // The kernel numbers logins from 1 on since the boot, and the numbers of the sessions here are small:
    // this one is none of them.
    try folder.write(
      """
      echo \(user) >/proc/self/loginuid
      until [ "$(cat /proc/self/sessionid)" -gt 100 ]; do echo \(user) >/proc/self/loginuid || break; done

      """, to: "always")
  }

  /// Runs `gatehouse setup`.
  func setup(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProcessResult {
    try command(["setup", "--socket", daemon.socket] + arguments, environment: environment)
  }

  /// Starts the same at a terminal.
  func setupAtTerminal(
    _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> TerminalProgram {
    let (program, words) = try inMachine(["setup", "--socket", daemon.socket] + arguments)
    return try TerminalProgram(
      program, words, environment: Self.nothing.merging(environment) { $1 })
  }

  /// An environment that says nothing of who runs the tests, or how.
  private static let nothing = [
    "SSH_CONNECTION": "-", "SSH_CLIENT": "", "SUDO_USER": "", "NO_COLOR": "1", "TERM": "xterm",
  ]

  private func command(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let (program, words) = try inMachine(arguments)
    let outcome = try run(
      program, words, environment: Self.nothing.merging(environment) { $1 })
    // Once is enough, and again would hide what the command has done.
    try folder.write("", to: "prepare")
    try ReportJudge.judge(outcome, of: arguments)
    try ReportJudge.judgeRemedies(of: outcome, of: arguments)
    return outcome
  }

  /// The program, and its arguments, that run a command in this machine.
  private func inMachine(_ arguments: [String]) throws -> (program: String, arguments: [String]) {
    let script = """
      set -e
      mount --bind "$0/pam.d" /etc/pam.d
      mount --bind "$0/lib" /var/lib/pam
      mount --bind "$0/profiles" /usr/share/pam-configs
      \(isReal ? "mount --bind \"$0/debconf\" /var/cache/debconf" : "")
      \(Self.givingModule)
      mount -t tmpfs none /run
      for units in /etc/systemd/system /usr/lib/systemd/system; do
        [ ! -d "$units" ] || mount -t tmpfs none "$units"
      done
      mkdir -p /run/systemd /var/lib/gatehouse-history /etc/gatehouse
      mount --bind "$0/history" /var/lib/gatehouse-history
      cp -r "$0/sessions" /run/systemd/sessions
      PATH=$0/bin:$PATH
      export DEBIAN_FRONTEND=noninteractive
      . "$0/always"
      . "$0/prepare" >&2
      exec "$@"
      """
    return (
      "unshare",
      ["--mount", "sh", "-c", script, folder.path, try builtProgram("gatehouse")] + arguments
    )
  }
}
