import GatehousePlatform
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite("gatehouse edit", .enabled(if: isRoot, "needs root: the daemon insists on a root's policy"))
struct CommandEditTests {
  private let bench: DaemonBench

  private static let policy = """
    version: 1
    everyone:
      from: [192.0.2.0/24]
    break_glass: {users: [root]}

    """
  private static let other = policy.replacing("192.0.2.0/24", with: "198.51.100.0/24")

  /// Where somebody comes from whom the guard can judge: root, by break-glass.
  private static let session = "192.0.2.7 1 192.0.2.1 22"

  init() throws { bench = try DaemonBench(policy: Self.policy) }

  private var history: String { bench.folder.file("history") }
  private var drafts: [String] { (try? Files.names(in: "\(history)/.drafts")) ?? [] }

  private func arguments(_ command: [String]) -> [String] {
    command + ["--folder", bench.config, "--history", history, "--socket", bench.socket]
  }

  private func gatehouse(
    _ command: [String], input: String = "", editor: String = "true"
  ) throws -> ProcessResult {
    try ProcessTests.gatehouse(
      arguments(command), input: input, environment: try environment(editor))
  }

  /// An editor that does what a script says with the file `$1`.
  private func environment(_ script: String) throws -> [String: String] {
    let path = try bench.folder.write("#!/bin/sh\n\(script)\n", to: "editor", mode: 0o755)
    return [
      "EDITOR": path, "VISUAL": "", "SUDO_EDITOR": "", "TMPDIR": bench.folder.path,
      "SSH_CONNECTION": Self.session,
    ]
  }

  /// An editor that is open until `close` is called.
  private func openEditor(_ script: String) throws -> ChildProcess {
    _ = try run("/usr/bin/mkfifo", [bench.folder.file("fifo")])
    let editing = try ChildProcess(
      try builtProgram("gatehouse"), arguments(["edit"]),
      environment: try environment(
        "\(script); touch \(bench.folder.file("open")); read _ <\(bench.folder.file("fifo"))"))
    try wait { Files.exists(bench.folder.file("open")) }
    return editing
  }

  private func close() throws { try writeFile(bench.folder.file("fifo"), [10]) }

  private func standing() throws -> String { try readText(bench.policy) }

  private let move = "sed -i s/192.0.2/198.51.100/ $1"

  @Test("the copy lies in a folder of the history, whatever TMPDIR says, and goes with the edit")
  func place() throws {
    let daemon = try bench.start()
    let seen = bench.folder.file("seen")
    let edited = try gatehouse(["edit"], editor: "\(move); stat -c '%a %U %n' ${1%/*} >\(seen)")
    #expect(edited.status == 0, "\(edited)")
    #expect(try standing() == Self.other)
    #expect(try readText(seen).hasPrefix("700 root \(history)/.drafts/"))
    #expect(drafts == [])
    #expect(daemon.poll() == nil)
  }

  @Test("an editor that puts a link in the place of the file gets nothing read through it")
  func link() throws {
    try bench.folder.write(Self.other, to: "elsewhere")
    let edited = try gatehouse(
      ["edit"], editor: "ln -sf \(bench.folder.file("elsewhere")) $1")
    #expect(edited.status == 3, "\(edited)")
    #expect(try standing() == Self.policy)
  }

  @Test("the editor has the signals that the command had")
  func signals() throws {
    let seen = bench.folder.file("seen")
    #expect(try gatehouse(["edit"], editor: "grep SigIgn /proc/$$/status >\(seen)").status == 0)
    let ignored = try #require(
      UInt64(
        try readText(seen).split(separator: ":").last?.filter { !$0.isWhitespace } ?? "", radix: 16)
    )
    #expect(ignored & (1 << (SIGINT - 1) | 1 << (SIGQUIT - 1)) == 0)
  }

  @Test("what was typed is kept if the editor fails or the process is lost, and is offered again")
  func kept() throws {
    let daemon = try bench.start()
    let failed = try gatehouse(["edit"], editor: "\(move); exit 3")
    #expect(failed.status == 1)
    #expect(
      failed.errors.contains("what you typed is kept: `gatehouse edit policy.yaml` offers it"))
    #expect(drafts.count == 1)
    // The end of input takes up nothing, and loses nothing.
    let anew = try gatehouse(["edit"])
    #expect(anew.errors.contains("was not applied. (t)ake it up, or (b)egin anew?"))
    #expect(anew.errors.hasSuffix("policy.yaml: nothing was changed\n"))
    #expect(drafts.count == 1)
    let taken = try gatehouse(["edit"], input: "t\n")
    #expect(taken.status == 0, "\(taken)")
    #expect(try standing() == Self.other)
    #expect(drafts == [])

    let editing = try openEditor("sed -i s/198.51.100/203.0.113/ $1")
    editing.signal(SIGHUP)
    _ = try editing.wait()
    try close()
    #expect(try gatehouse(["edit"], input: "b\n").errors.contains("was not applied"))
    #expect(drafts == [])
    #expect(try standing() == Self.other)
    #expect(daemon.poll() == nil)
  }

  @Test(
    "at the end of input after a refusal what was typed is kept; who keeps the old one drops it")
  func refused() throws {
    let daemon = try bench.start()
    let mistake = "sed -i s/everyone/evryone/ $1"
    let ended = try gatehouse(["edit"], editor: mistake)
    #expect(ended.status == 1)
    #expect(ended.errors.contains("the old policy is kept; what you typed, too"))
    #expect(drafts.count == 1)
    #expect(try gatehouse(["edit"], input: "t\nk\n").status == 1)
    #expect(drafts == [])
    #expect(daemon.poll() == nil)
  }

  @Test("what was edited goes on trial with --confirm-within, and nothing is written meanwhile")
  func trial() throws {
    let daemon = try bench.start()
    let edited = try gatehouse(["edit", "--confirm-within", "1h"], editor: move)
    #expect(edited.status == 0, "\(edited)")
    #expect(edited.output.contains("is as it was\n"))
    #expect(try standing() == Self.policy)
    #expect(drafts == [])
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    #expect(try gatehouse(["rollback"]).status == 0)
    #expect(try bench.ask("games", from: "198.51.100.7").reason == "not_listed")
    #expect(daemon.poll() == nil)
  }

  @Test("an open editor stops no other change; a change of the same file is shown, and asked about")
  func sameFile() throws {
    let daemon = try bench.start()
    let third = Self.policy.replacing("192.0.2.0", with: "203.0.113.0")
    let editing = try openEditor(move)
    let applied = try ProcessTests.gatehouse(
      arguments(["apply", "-"]), input: third, environment: ["SSH_CONNECTION": Self.session])
    #expect(applied.status == 0, "\(applied)")
    let note = try gatehouse(["edit"])
    #expect(
      note.errors.contains("is in an editor already: gatehouse edit, pid \(editing.pid), root"))
    try close()
    #expect(try editing.wait() == .exited(1))
    #expect(try standing() == third)

    let conflict = try gatehouse(["edit"], input: "t\nk\n")
    #expect(conflict.status == 1)
    #expect(
      conflict.errors.contains(
        /policy.yaml was changed meanwhile by root with gatehouse apply, change 2, .*Z/),
      "\(conflict)")
    #expect(conflict.errors.contains("+  from: [203.0.113.0/24]"))
    #expect(try standing() == third)
    #expect(daemon.poll() == nil)
  }

  @Test("who edits again after that writes what they typed over the other change")
  func over() throws {
    let daemon = try bench.start()
    #expect(try gatehouse(["edit"], editor: "\(move); exit 1").status == 1)
    let third = Self.policy.replacing("192.0.2.0", with: "203.0.113.0")
    #expect(
      try ProcessTests.gatehouse(
        arguments(["apply", "-"]), input: third, environment: ["SSH_CONNECTION": Self.session]
      ).status == 0)
    let edited = try gatehouse(["edit"], input: "t\ne\n")
    #expect(edited.status == 0, "\(edited)")
    #expect(try standing() == Self.other)
    #expect(daemon.poll() == nil)
  }

  @Test("a change of another file meanwhile is told, and both are in force")
  func otherFile() throws {
    try bench.folder.write("version: 1\n", to: "etc/policy.d/b.yaml")
    let daemon = try bench.start()
    let editing = try openEditor(move)
    try bench.folder.write("version: 1\nblock: [198.51.100.7]\n", to: "etc/policy.d/b.yaml")
    try close()
    #expect(try editing.wait() == .exited(0))
    #expect(try standing() == Self.other)
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .deny)
    #expect(try bench.ask("games", from: "198.51.100.8").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test("no draft is written where somebody else could put another folder in its place")
  func unsafePlace() throws {
    try bench.folder.directory("alice/history")
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe chown(bench.folder.file("alice"), 65534, 0) == 0)
    let edited = try ProcessTests.gatehouse(
      [
        "edit", "--folder", bench.config, "--history", bench.folder.file("alice/history"),
        "--socket", bench.socket,
      ], environment: try environment(move))
    #expect(edited.status == 3)
    #expect(edited.errors.contains("others could put something else in its place"), "\(edited)")
    #expect(try standing() == Self.policy)
  }
}
