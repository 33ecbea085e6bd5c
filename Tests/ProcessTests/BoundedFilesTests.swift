import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite("Files of a policy that are too long, or no files")
struct BoundedFilesTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// Makes the thing of that kind, and gives its path.
  private func make(_ kind: String, in folder: TemporaryDirectory, as name: String) throws -> String
  {
    let path = folder.file(name)
    switch kind {
    case "sparse":
      try folder.write("", to: name)
      // SAFETY: the path is a C string for the length of the call.
      try #require(unsafe truncate(path, 1 << 40) == 0)
    case "fifo":
      // SAFETY: likewise.
      try #require(unsafe mkfifo(path, 0o644) == 0)
    case "device":
      // SAFETY: likewise.
      try #require(unsafe symlink("/dev/zero", path) == 0)
    default:
      // SAFETY: likewise.
      try #require(unsafe mkdir(path, 0o755) == 0)
    }
    return path
  }

  private static let problems = [
    ("sparse", "it is longer than 256 MiB, the limit for a list"),
    ("fifo", "it is no regular file"), ("device", "it is no regular file"),
    ("folder", "it is a folder"),
  ]

  @Test("as a list: check names the entry, the bound or the kind, at once", arguments: problems)
  func list(kind: String, problem: String) throws {
    _ = try make(kind, in: folder, as: "list.txt")
    let path = try folder.write(
      "version: 1\neveryone: {from: [{file: list.txt}]}\n", to: "policy.yaml")
    let start = ContinuousClock.now
    let outcome = try gatehouse(["check", "--policy", path])
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(outcome.status == 1)
    let text = "policy.yaml:2:26: error: the list `list.txt` cannot be read: \(problem)"
    #expect(outcome.output.contains(text), "\(outcome.output)")
    #expect(outcome.output.contains("split it into several lists") == (kind == "sparse"))
  }

  @Test("as policy.yaml: check says what is wrong with it, at once", arguments: problems)
  func policy(kind: String, problem: String) throws {
    let etc = try TemporaryDirectory()
    _ = try make(kind, in: etc, as: "policy.yaml")
    let start = ContinuousClock.now
    let outcome = try gatehouse(["check", "--policy", etc.path])
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(outcome.status != 0)
    let text =
      kind == "sparse"
      ? "together with it the policy's files are longer than 64 MiB, the limit for all of them"
      : problem
    #expect((outcome.output + outcome.errors).contains(text), "\(outcome.output)\(outcome.errors)")
  }

  @Test(
    "the daemon refuses it at once and keeps serving the last policy",
    .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"),
    arguments: problems)
  func daemon(kind: String, problem: String) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    _ = try make(kind, in: bench.folder, as: "etc/list.txt")
    try bench.folder.write(
      "version: 1\neveryone: {from: [{file: list.txt}]}\n", to: "etc/policy.yaml")
    let start = ContinuousClock.now
    let verdict = try bench.reload()
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(verdict.exitStatus == 1)
    #expect(verdict.text.contains(problem), "\(verdict.text)")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test("what stands in a list that not every user may read is in no message")
  func confidential() throws {
    let hash = "root:$6$salt$0123456789abcdef:19000:0:99999:7:::"
    let list = try folder.write("192.0.2.1\n\(hash)\n", to: "list.txt")
    // SAFETY: the path is a C string for the length of the call.
    try #require(unsafe chmod(list, 0o600) == 0)
    let path = try folder.write(
      "version: 1\neveryone: {from: [{file: list.txt}]}\n", to: "policy.yaml")
    for arguments in [[], ["--json"]] {
      let outcome = try gatehouse(["check", "--policy", path] + arguments)
      #expect(outcome.status == 1)
      #expect(outcome.output.contains("the line is not an IP address"))
      #expect(!(outcome.output + outcome.errors).contains("salt"))
    }
    #expect(
      try gatehouse(["check", "--policy", path]).output.contains(
        "list.txt:2:1: error: the line is not an IP address"))
    // A file that everybody could read, in a folder that nobody else can look into.
    let outside = try TemporaryDirectory()
    let far = try outside.write("192.0.2.1\n\(hash)\n", to: "list.txt")
    try folder.write("version: 1\neveryone: {from: [{file: \(far)}]}\n", to: "policy.yaml")
    let outcome = try gatehouse(["check", "--policy", path])
    #expect(outcome.output.contains("the line is not an IP address"))
    #expect(!outcome.output.contains("salt"))
  }

  @Test("standard input of apply is read no further than a policy may be long")
  func standardInput() throws {
    let place = try TemporaryDirectory()
    try place.write("version: 1\n", to: "policy.yaml")
    try place.directory("history")
    let outcome = try run(
      "/bin/sh",
      [
        "-c",
        "head -c 70000000 /dev/zero | \"$0\" apply - --folder \"$1\" --history \"$1/history\"",
        try builtProgram("gatehouse"), place.path,
      ])
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("standard input cannot be read: it is longer than 64 MiB"))
  }
}
