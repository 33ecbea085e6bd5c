import TestKit
import Testing

/// A machine whose directory never answers: a service of nsswitch.conf(5) that hangs in every call.
///
/// Each command ends, says what is unknown, and takes nothing unknown for known.
@Suite(
  "Commands while the directory never answers",
  .enabled(if: isRoot, "needs root: the machine's nsswitch.conf is mounted over"))
struct HangingDirectoryTests {
  private static let service = """
    #include <unistd.h>
    #define HANG(name) int _nss_hang_##name(void) { for (;;) pause(); }
    HANG(getpwnam_r) HANG(getpwuid_r) HANG(getgrnam_r) HANG(getgrgid_r) HANG(initgroups_dyn)
    HANG(setpwent) HANG(getpwent_r) HANG(endpwent)

    """

  private static let policy = """
    version: 1
    everyone: {from: [192.0.2.0/24]}
    groups: {remote: {only_from: [192.0.2.9]}}
    users: {carol: {also_from: [198.51.100.7]}}
    break_glass: {users: [root], from: [192.0.2.0/24]}

    """

  /// Runs a program on that machine, with what stands after it.
  private static let launcher = """
    exec unshare --mount sh -c '
      mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf && exec env LD_LIBRARY_PATH="$0" "$@"
    ' "$0" "$@"
    """

  private let bench: DaemonBench
  private let daemon: ChildProcess
  private let journal: JournalFolder?

  init() throws {
    bench = try DaemonBench(policy: Self.policy)
    let folder = bench.folder
    try folder.write("passwd: files hang\ngroup: files hang\n", to: "nsswitch.conf")
    try folder.write(Self.service, to: "hang.c")
    let built = try run(
      "clang",
      ["-shared", "-fPIC", "-o", folder.file("libnss_hang.so.2"), folder.file("hang.c")])
    guard built.status == 0 else { throw TestKitError(built.errors) }
    try folder.write("+:carol:192.0.2.1\n-:ALL:ALL\n", to: "access.conf")
    try folder.write(Self.policy.replacing("192.0.2.9", with: "192.0.2.8"), to: "new.yaml")
    daemon = try bench.start(
      Self.launcher.replacing("\"$0\" \"$@\"", with: "'\(folder.path)' \"$@\""))
    journal =
      JournalFolder.canBeMade
      ? try JournalFolder([
        .decision(
          "carol", "192.0.2.7", at: minutesAgo(9),
          [
            "GATEHOUSE_ID": "aaaaaaaaaa", "GATEHOUSE_RULE": "policy.yaml:3", "_HOSTNAME": "gate",
            "GATEHOUSE_GENERATION": "4:\(String(repeating: "ab", count: 32))",
          ])
      ]) : nil
  }

  /// Runs the command there; it must end within half a minute.
  private func gatehouse(_ arguments: [String]) throws -> ProcessResult {
    let words = arguments.map { word in
      switch word {
      case "POLICY": bench.policy
      case "NEW": bench.folder.file("new.yaml")
      case "ACCESS": bench.folder.file("access.conf")
      case "JOURNAL": journal?.path ?? ""
      default: word
      }
    }
    let asksDaemon = words.contains("--socket")
    return try run(
      "/bin/sh",
      ["-c", Self.launcher, bench.folder.path, try builtProgram("gatehouse")]
        + (asksDaemon ? words.flatMap { $0 == "--socket" ? [$0, bench.socket] : [$0] } : words),
      environment: ["SSH_CONNECTION": "", "SSH_CLIENT": "", "SUDO_USER": "", "NO_COLOR": ""],
      seconds: 30)
  }

  /// A command, its exit status, and what it says.
  struct Promise: Sendable, CustomTestStringConvertible {
    let words: String
    let status: Int32
    let says: String
    var testDescription: String { words }

    init(_ words: String, _ status: Int32, _ says: String) {
      self.words = words
      self.status = status
      self.says = says
    }
  }

  private static let silence = "the directory does not answer within 2 seconds"

  @Test(arguments: [
    Promise("explain carol --from 192.0.2.1 --socket", 1, "identity_unavailable"),
    Promise("explain root --from 192.0.2.1 --socket", 0, "break_glass"),
    Promise("explain carol --from 192.0.2.1 --policy POLICY", 1, "identity_unavailable"),
    Promise("explain root --from 192.0.2.1 --policy POLICY", 0, "read from files)"),
    Promise("where carol --policy POLICY", 0, "groups   could not be read"),
    Promise("who --from 192.0.2.1 --policy POLICY", 3, "cannot be read"),
    Promise("diff POLICY NEW", 3, "cannot be read"),
    Promise("check --policy POLICY", 0, "[group_not_read]"),
    Promise("import ACCESS", 0, silence),
    Promise("refresh carol --socket", 1, "no answer in time"),
    Promise("grant carol --from 192.0.2.9 --for 1h --reason x --socket", 0, "carol"),
  ])
  func everyOneEndsAndSaysWhatIsUnknown(_ promise: Promise) throws {
    let ended = try gatehouse(promise.words.split(separator: " ").map(String.init))
    #expect(ended.status == promise.status, "\(ended.output)\n\(ended.errors)")
    #expect(
      (ended.output + ended.errors).contains(promise.says),
      "\(ended.output)\n\(ended.errors)")
  }

  @Test(
    .enabled(if: JournalFolder.canBeMade, "needs the package systemd-journal-remote"),
    arguments: [
      Promise("replay --policy NEW --from-journal JOURNAL", 3, "UNKNOWN"),
      Promise("learn --from-journal JOURNAL", 0, "192.0.2.0/24"),
      Promise("log --journal JOURNAL", 0, "carol"),
      Promise("log --journal JOURNAL --group remote", 1, silence),
    ])
  func whatReadsTheJournalEnds(_ promise: Promise) throws {
    try everyOneEndsAndSaysWhatIsUnknown(promise)
  }

  @Test(arguments: [
    "pam test carol --from 192.0.2.1 --service su", "pam enable --dry-run", "pam status", "doors",
    "apply NEW --dry-run", "reload --socket", "sessions --socket",
  ])
  func whatDependsOnTheMachineEnds(_ words: String) throws {
    let ended = try gatehouse(words.split(separator: " ").map(String.init))
    #expect([0, 1, 3].contains(ended.status), "\(ended.output)\n\(ended.errors)")
  }

  @Test func statusTellsThatTheDirectoryFails() throws {
    _ = try bench.ask("carol", from: "192.0.2.1", timeLeft: 2000)
    let status = try gatehouse(["status", "--socket", "--json"])
    #expect(status.output.contains("failing_directory"), "\(status.output)")
  }

  @Test func aLoginIsAnswered() throws {
    #expect(
      try bench.ask("carol", from: "192.0.2.1", timeLeft: 2000).reason == "identity_unavailable")
    #expect(try bench.ask("root", from: "192.0.2.1", timeLeft: 2000).reason == "break_glass")
  }
}
