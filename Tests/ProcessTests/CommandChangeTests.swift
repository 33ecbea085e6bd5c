import GatehousePlatform
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct CommandChangeTests {
  private let bench: DaemonBench
  private var place: [String] {
    ["--folder", bench.config, "--history", bench.folder.file("history")]
  }

  private static let policy = """
    version: 1
    everyone:
      from: [192.0.2.0/24]   # the office
    break_glass: {users: [root]}

    """
  private static let other = policy.replacing("192.0.2.0/24", with: "198.51.100.0/24")

  init() throws { bench = try DaemonBench(policy: Self.policy) }

  private func gatehouse(
    _ arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> ProcessResult {
    let daemon = arguments[0] == "history" ? [] : ["--socket", bench.socket]
    // Somebody whom the guard can judge: root, by break-glass.
    return try ProcessTests.gatehouse(
      arguments + place + daemon, input: input,
      environment: ["SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22"].merging(environment) { $1 })
  }

  private func standing() throws -> String { try readText(bench.policy) }

  // MARK: apply

  @Test("apply writes the policy, has the daemon load it, and the history knows why")
  func apply() throws {
    let daemon = try bench.start()
    let outcome = try gatehouse(["apply", "-", "--reason", "we moved"], input: Self.other)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("applied  standard input: change 2 of \(bench.config)"))
    #expect(outcome.output.contains("loaded  generation 2"))
    #expect(try standing() == Self.other)
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    let history = try gatehouse(["history"]).output
    #expect(history.contains(/\*  2  .* apply .* root +we moved\n +1 .* hand .* unknown\n/))
    #expect(daemon.poll() == nil)
  }

  @Test("a damaged entry of the history is set aside with a warning, and changes go on")
  func damagedHistory() throws {
    let daemon = try bench.start()
    #expect(try gatehouse(["apply", "-", "--reason", "we moved"], input: Self.other).status == 0)
    let entry = bench.folder.file("history/2")
    var bytes = try readFile(entry)
    bytes[bytes.count / 2] ^= 1
    try writeFile(entry, bytes)
    let history = try gatehouse(["history"])
    #expect(history.status == 0)
    #expect(
      history.errors.hasPrefix(
        "warning: a change of the history is damaged and left out: \(entry) cannot be used: "))
    #expect(history.errors.hasSuffix("; it was set aside as \(entry).damaged\n"))
    #expect(!history.output.contains("we moved"))
    #expect(try gatehouse(["history"]).errors == "")
    // The number of the damaged one is not used again.
    let back = try gatehouse(["apply", "-"], input: Self.policy)
    #expect(back.status == 0, "\(back)")
    #expect(!Files.exists(bench.folder.file("history/2")))
    #expect(Files.exists(bench.folder.file("history/2.damaged")))
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test("a file and a folder are applied with their lists; the same again changes nothing")
  func filesAndFolders() throws {
    let daemon = try bench.start()
    let list = "version: 1\neveryone: {from: [{file: lists/x.txt}]}\nbreak_glass: {users: [root]}\n"
    try bench.folder.write(list, to: "new/other.yaml")
    try bench.folder.write("198.51.100.7\n", to: "new/lists/x.txt")
    let file = try gatehouse(["apply", bench.folder.file("new/other.yaml")])
    #expect(file.status == 0, "\(file)")
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)

    try bench.folder.write(list, to: "folder/policy.yaml")
    try bench.folder.write("198.51.100.7\n", to: "folder/lists/x.txt")
    try bench.folder.write("version: 1\nblock: [198.51.100.7]\n", to: "folder/policy.d/b.yaml")
    #expect(try gatehouse(["apply", bench.folder.file("folder")]).status == 0)
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .deny)
    let again = try gatehouse(["apply", bench.folder.file("folder")])
    #expect(again.status == 0)
    #expect(again.output.contains("unchanged  "))
    #expect(try bench.status().contains("\"generation\":3"))

    try bench.folder.write(list, to: "folder2/policy.yaml")
    try bench.folder.write("198.51.100.7\n", to: "folder2/lists/x.txt")
    let back = try gatehouse(["apply", bench.folder.file("folder2")])
    #expect(back.output.contains(/removed +\S+\/policy.d\/b.yaml: the history has it/))
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test("a file replaces policy.yaml alone: drop-ins and lists stay, and are judged with it")
  func fileAlone() throws {
    try bench.folder.write(
      "version: 1\nblock: [{file: ../lists/bad.txt}]\n", to: "etc/policy.d/b.yaml")
    try bench.folder.write("198.51.100.7\n", to: "etc/lists/bad.txt")
    let daemon = try bench.start()
    let applied = try gatehouse(
      ["apply", try bench.folder.write(Self.other, to: "new/other.yaml")])
    #expect(applied.status == 0, "\(applied)")
    for words in ["replaced +\\S+/policy.yaml", "kept +\\S+/policy.d/b.yaml"] {
      #expect(applied.output.contains(try Regex(words)), "\(applied)")
    }
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .deny)
    #expect(try bench.ask("games", from: "198.51.100.8").decision == .allow)

    // A list of the new file comes from beside it, if it lies there.
    let list = Self.other.replacing("198.51.100.0/24", with: "{file: lists/x.txt}")
    try bench.folder.write("192.0.2.7\n", to: "etc/lists/x.txt")
    #expect(try gatehouse(["apply", "-"], input: list).status == 0)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    try bench.folder.write("203.0.113.7\n", to: "new/lists/x.txt")
    let beside = try gatehouse(["apply", try bench.folder.write(list, to: "new/list.yaml")])
    #expect(
      beside.output.contains(
        "replaced  \(bench.config)/lists/x.txt, from \(bench.folder.file("new"))/lists/x.txt"),
      "\(beside)")
    #expect(try bench.ask("games", from: "203.0.113.7").decision == .allow)

    // What is wrong with a file that stays is said with its place.
    try bench.folder.write("version: 2\n", to: "etc/policy.d/c.yaml")
    let refused = try gatehouse(["apply", bench.folder.file("new/other.yaml")])
    #expect(refused.status == 1)
    #expect(refused.output.contains("\(bench.config)/policy.d/c.yaml:1:10: error: "))
    #expect(daemon.poll() == nil)
  }

  @Test(
    "a dry run says what would be done, and exits as the real command would; nothing is written",
    arguments: [
      (Self.other, 0), (Self.other + "nonsense: 1\n", 1), (Self.policy, 0),
    ] as [(String, Int32)])
  func dryRun(_ policy: String, _ status: Int32) throws {
    let daemon = try bench.start()
    let planned = try gatehouse(["apply", "-", "--dry-run"], input: policy)
    #expect(planned.status == status, "\(planned)")
    #expect(try standing() == Self.policy)
    #expect(try bench.status().contains("\"generation\":1"))
    #expect(!Files.exists(bench.folder.file("history")))
    if policy == Self.other {
      #expect(planned.output.contains(/would be replaced +\S+\/policy.yaml/))
      #expect(planned.output.contains("would be applied  standard input"))
      let json = try gatehouse(["apply", "-", "--dry-run", "--json"], input: policy)
      #expect(json.output.hasPrefix(#"{"version":1,"outcome":"would_apply","error":null,"#))
    }
    #expect(try gatehouse(["apply", "-"], input: policy).status == status)
    #expect(daemon.poll() == nil)
  }

  @Test("a rule that confines a user whom nobody has is refused, unless that is said to be right")
  func unknownName() throws {
    let daemon = try bench.start()
    let policy = Self.policy + "users: {nosuchuser: {only_from: [192.0.2.7]}}\n"
    let refused = try gatehouse(["apply", "-"], input: policy)
    #expect(refused.status == 1)
    #expect(refused.output.contains("--allow-unknown=nosuchuser"), "\(refused)")
    #expect(try standing() == Self.policy)
    let allowed = try gatehouse(["apply", "-", "--allow-unknown=nosuchuser"], input: policy)
    #expect(allowed.status == 0, "\(allowed)")
    #expect(try standing() == policy)
    #expect(daemon.poll() == nil)
  }

  @Test("a dry run needs no lock, and without a daemon it exits as the real command does")
  func dryRunAlone() throws {
    try bench.folder.directory("history")
    // SAFETY: the path is a C string for the length of the call.
    let lock = unsafe open(
      bench.folder.file("history/.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX) == 0)
    let other = try gatehouse(["apply", "-"], input: Self.other)
    #expect(other.errors.contains("is being changed by"))
    let planned = try gatehouse(["apply", "-", "--dry-run"], input: Self.other)
    #expect(planned.output.contains("would be applied  standard input"))
    #expect(planned.status == 3)
    #expect(try standing() == Self.policy)
  }

  @Test(
    "a policy with an error or a failing test is refused, with all that is wrong",
    arguments: [
      (Self.policy + "users: {bob: {also_form: [x]}}\nblock: [1.2.3]\n", ["also_form", "1.2.3"]),
      (
        Self.policy + "tests: [{user: bob, from: 192.0.2.1, expect: deny}]\n",
        ["test failed: bob from 192.0.2.1"]
      ),
    ])
  func mistakes(_ policy: String, _ said: [String]) throws {
    let daemon = try bench.start()
    let outcome = try gatehouse(["apply", "-"], input: policy)
    #expect(outcome.status == 1)
    for text in said { #expect(outcome.output.contains(text), "\(outcome)") }
    #expect(outcome.output.contains("refused  standard input: "))
    #expect(try standing() == Self.policy)
    #expect(try bench.status().contains("\"generation\":1"))
    #expect(daemon.poll() == nil)
  }

  @Test("a file of the policy that cannot be read is not left out in silence")
  func unreadable() throws {
    try bench.folder.write(Self.other, to: "folder/policy.yaml")
    try bench.folder.directory("folder/policy.d/b.yaml")
    let applied = try gatehouse(["apply", bench.folder.file("folder")])
    #expect(applied.status == 1)
    #expect(applied.output.contains("policy.d/b.yaml:1:1: error: the file cannot be read"))
    try bench.folder.directory("etc/policy.d/c.yaml")
    let edited = try gatehouse(["edit"], environment: try editor(["true"]))
    #expect(edited.status == 1)
    #expect(edited.errors.contains("policy.d/c.yaml cannot be read: it is a folder"))
    #expect(try standing() == Self.policy)
  }

  private let fromOffice = ["SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22"]

  @Test(
    "a policy that denies this session is refused, unless its user is named; who loses what is said"
  )
  func lockout() throws {
    let daemon = try bench.start()
    let policy = Self.other.replacing("break_glass: {users: [root]}\n", with: "")
    let refused = try gatehouse(["apply", "-"], input: policy, environment: fromOffice)
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("  you, root: could not log in again from 192.0.2.7\n"))
    #expect(refused.output.contains("sshd: not_listed, -:3\n"))
    #expect(refused.output.contains("root: nobody could log in by break-glass any more\n"))
    #expect(refused.output.contains("to do it anyway: --allow-lockout=root\n"))
    #expect(try standing() == Self.policy)
    let json = try gatehouse(["apply", "-", "--json"], input: policy, environment: fromOffice)
    #expect(json.output.hasPrefix(#"{"version":1,"outcome":"refused_for_lockout","error":null,"#))
    #expect(json.status == 1)
    let allowed = try gatehouse(
      ["apply", "-", "--allow-lockout=bob,root"], input: policy, environment: fromOffice)
    #expect(allowed.status == 0, "\(allowed)")
    #expect(try standing() == policy)
    #expect(daemon.poll() == nil)
  }

  @Test("if nobody can be judged, a command without a terminal has to be told that this is meant")
  func unjudged() throws {
    let daemon = try bench.start()
    let nobody = ["SSH_CONNECTION": ""]
    let refused = try gatehouse(["apply", "-"], input: Self.other, environment: nobody)
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("refused  standard input: nobody who can repair this machine"))
    #expect(refused.output.contains("to do it anyway: --allow-lockout=unjudged\n"))
    #expect(try standing() == Self.policy)
    let json = try gatehouse(["apply", "-", "--json"], input: Self.other, environment: nobody)
    #expect(json.output.hasPrefix(#"{"version":1,"outcome":"refused_unjudged","error":null,"#))
    let dry = try gatehouse(["apply", "-", "--dry-run"], input: Self.other, environment: nobody)
    #expect(dry.status == 1)
    let allowed = try gatehouse(
      ["apply", "-", "--allow-lockout=unjudged"], input: Self.other, environment: nobody)
    #expect(allowed.status == 0, "\(allowed)")
    #expect(try standing() == Self.other)
    #expect(daemon.poll() == nil)
  }

  @Test("without a daemon the command judges by itself, and --allow-lockout=all works always")
  func judgedWithoutDaemon() throws {
    let policy = Self.other.replacing("break_glass: {users: [root]}\n", with: "")
    let refused = try gatehouse(["apply", "-"], input: policy)
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("  you, root: could not log in again from 192.0.2.7\n"))
    #expect(try standing() == Self.policy)
    #expect(try gatehouse(["apply", "-", "--allow-lockout=all"], input: policy).status == 3)
    #expect(try standing() == policy)
  }

  @Test("a change says who would newly be let in, and who no longer")
  func plan() throws {
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.9").decision == .allow)
    #expect(try bench.ask("games", from: "198.51.100.9").decision == .deny)
    let applied = try gatehouse(["apply", "-"], input: Self.other)
    #expect(applied.status == 0, "\(applied)")
    #expect(applied.output.contains("Would no longer be let in: 1 place of 1 user\n"))
    #expect(applied.output.contains("Would newly be let in: 1 place of 1 user\n"))
    #expect(daemon.poll() == nil)
  }

  @Test("in monitor mode nobody is locked out, so nothing stands in the way")
  func monitor() throws {
    let daemon = try bench.start()
    let policy = Self.other.replacing("break_glass: {users: [root]}", with: "mode: monitor")
    let outcome = try gatehouse(["apply", "-"], input: policy, environment: fromOffice)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(!outcome.output.contains("could not log in again"))
    #expect(daemon.poll() == nil)
  }

  @Test("without a daemon the files are written, and it is said that nobody has loaded them")
  func noDaemon() throws {
    let outcome = try gatehouse(["apply", "-"], input: Self.other)
    #expect(outcome.status == 3)
    #expect(outcome.output.contains("applied  standard input"))
    #expect(outcome.output.contains("not loaded  no daemon serves it"))
    #expect(try standing() == Self.other)
  }

  @Test("what the daemon refuses after all is taken back, in the folder and in the history")
  func refusedByDaemon() throws {
    let daemon = try bench.start()
    // What root may read and the daemon, as root here too, may not trust: a folder of somebody's.
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe chown(bench.config, 65534, 0) == 0)
    let outcome = try gatehouse(["apply", "-"], input: Self.other)
    #expect(outcome.status == 1, "\(outcome)")
    #expect(outcome.output.contains("the daemon refused it"))
    #expect(outcome.output.contains("the previous policy is in \(bench.config) again"))
    #expect(try standing() == Self.policy)
    #expect(try gatehouse(["history", "--json"]).output.contains("\"means\":\"hand\""))
    #expect(try !gatehouse(["history", "--json"]).output.contains("\"means\":\"apply\""))
    #expect(daemon.poll() == nil)
  }

  // MARK: rollback

  @Test("rollback puts the policy before in place, or that of a number, by the same way")
  func rollback() throws {
    let daemon = try bench.start()
    #expect(try gatehouse(["rollback"]).status == 1)
    #expect(try gatehouse(["apply", "-"], input: Self.other).status == 0)
    let refused = try gatehouse(
      ["rollback"], environment: ["SSH_CONNECTION": "203.0.113.7 1 192.0.2.1 22"])
    #expect(refused.status == 0, "root comes in by break_glass: \(refused)")
    #expect(try standing() == Self.policy)
    #expect(try gatehouse(["rollback", "2"]).status == 0)
    #expect(try standing() == Self.other)
    #expect(try gatehouse(["rollback", "9"]).status == 1)
    let shown = try gatehouse(["history", "show", "2"]).output
    #expect(shown.contains("gains  198.51.100.0/24"))
    #expect(shown.contains("# the office"))
    #expect(daemon.poll() == nil)
  }

  @Test("each rollback goes one accepted policy further back, and then there is none")
  func rollbackFurther() throws {
    let daemon = try bench.start()
    let policies = (1...4).map { Self.policy.replacing("192.0.2.0", with: "192.0.\($0).0") }
    for policy in policies { #expect(try gatehouse(["apply", "-"], input: policy).status == 0) }
    for policy in policies.dropLast().reversed() {
      #expect(try gatehouse(["rollback"]).status == 0)
      #expect(try standing() == policy)
    }
    #expect(try gatehouse(["rollback"]).status == 0)
    #expect(try standing() == Self.policy)
    let last = try gatehouse(["rollback"])
    #expect(last.status == 1)
    #expect(last.errors.contains("has no earlier policy that was accepted"))
    // After another change the way back begins anew.
    #expect(try gatehouse(["apply", "-"], input: policies[3]).status == 0)
    #expect(try gatehouse(["rollback"]).status == 0)
    #expect(try standing() == Self.policy)
    #expect(daemon.poll() == nil)
  }

  @Test("a rollback never goes to files that were changed by hand and refused")
  func rollbackNotToRefused() throws {
    let daemon = try bench.start()
    #expect(try gatehouse(["apply", "-"], input: Self.other).status == 0)
    let refused = Self.policy + "tests: [{user: bob, from: 192.0.2.1, expect: deny}]\n"
    try bench.folder.write(refused, to: "etc/policy.yaml")
    #expect(try ProcessTests.gatehouse(["reload", "--socket", bench.socket]).status == 1)
    let third = Self.policy.replacing("192.0.2.0", with: "203.0.113.0")
    #expect(try gatehouse(["apply", "-"], input: third).status == 0)
    #expect(try gatehouse(["history"]).output.contains(/3 .* hand .* not accepted/))
    #expect(try gatehouse(["rollback"]).status == 0)
    #expect(try standing() == Self.other)
    #expect(daemon.poll() == nil)
  }

  // MARK: edit

  /// An editor that does what a script says to the file; each time the next line of it.
  private func editor(_ scripts: [String]) throws -> [String: String] {
    try bench.folder.write(scripts.joined(separator: "\n") + "\n", to: "scripts")
    let path = try bench.folder.write(
      """
      #!/bin/sh
      stat --format='%a %n' "$(dirname "$1")" >>\(bench.folder.file("edited"))
      script=$(head -n 1 \(bench.folder.file("scripts")))
      sed -i 1d \(bench.folder.file("scripts"))
      eval "$script"

      """, to: "editor", mode: 0o755)
    return ["EDITOR": path, "VISUAL": "", "SUDO_EDITOR": ""]
  }

  @Test("edit puts in force what the editor left, from a copy that nobody else can see")
  func edit() throws {
    let daemon = try bench.start()
    let outcome = try gatehouse(
      ["edit", "--reason", "moved"], environment: try editor(["sed -i s/192.0.2/198.51.100/ $1"]))
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try standing() == Self.other)
    #expect(try bench.ask("games", from: "198.51.100.7").decision == .allow)
    #expect(try gatehouse(["history"]).output.contains(/2 .* edit .* moved/))
    let place = try readText(bench.folder.file("edited"))
    #expect(place.hasPrefix("700 /"))
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe access(String(place.dropFirst(4).dropLast()), F_OK) != 0)
    #expect(daemon.poll() == nil)
  }

  @Test("a file that was left as it was changes nothing, and asks no daemon")
  func editNothing() throws {
    let outcome = try gatehouse(["edit"], environment: try editor(["true"]))
    #expect(outcome.status == 0)
    #expect(outcome.errors == "policy.yaml: nothing was changed\n")
  }

  @Test("an editor that fails, or is none, changes nothing")
  func editorFails() throws {
    let failed = try gatehouse(["edit"], environment: try editor(["echo x >$1; exit 3"]))
    #expect(failed.status == 1)
    #expect(failed.errors.contains("ended with status 3: nothing was changed"))
    let none = try gatehouse(
      ["edit"], environment: ["EDITOR": "/nowhere/ed", "VISUAL": "", "SUDO_EDITOR": ""])
    #expect(none.status == 3)
    #expect(try standing() == Self.policy)
  }

  @Test("on a mistake: the difference, another edit, or the old one, which the end of input is too")
  func editMistake() throws {
    let daemon = try bench.start()
    let scripts = [
      "sed -i s/everyone/evryone/ $1", "sed -i 's/evryone/everyone/; s/192.0.2/198.51.100/' $1",
    ]
    let kept = try gatehouse(["edit"], input: "d\nk\n", environment: try editor(scripts))
    #expect(kept.status == 1)
    #expect(kept.output.contains("policy.yaml:2:1: error: "))
    #expect(kept.errors.contains("+evryone:"))
    #expect(kept.errors.contains("the old policy is kept"))
    #expect(try standing() == Self.policy)
    #expect(try gatehouse(["edit"], environment: try editor(scripts)).status == 1)
    let again = try gatehouse(["edit"], input: "b\nwhat?\ne\n", environment: try editor(scripts))
    #expect(again.status == 0, "\(again)")
    #expect(try standing() == Self.other)
    #expect(daemon.poll() == nil)
  }

  @Test("where it would not let you in from where you are, the address is added if you like")
  func editAddition() throws {
    try bench.folder.write(
      Self.policy.replacing("break_glass: {users: [root]}\n", with: ""), to: "etc/policy.yaml")
    let daemon = try bench.start()
    let outcome = try gatehouse(
      ["edit"], input: "d\na\n",
      environment: try editor(["sed -i s/192.0.2/198.51.100/ $1"]).merging(fromOffice) { $1 })
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("gains  198.51.100.0/24"))
    #expect(
      try standing()
        == "version: 1\neveryone:\n  from: [198.51.100.0/24]   # the office\n"
        + "users: {root: {also_from: [192.0.2.7]}}\n")
    #expect(try bench.ask("root", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  @Test("another file of the policy, one that is new, and none at all")
  func editOthers() throws {
    let daemon = try bench.start()
    let new = try gatehouse(
      ["edit", "policy.d/b.yaml"], environment: try editor(["echo 'block: [192.0.2.9]' >>$1"]))
    #expect(new.status == 0, "\(new)")
    #expect(try bench.ask("games", from: "192.0.2.9").decision == .deny)
    #expect(try gatehouse(["edit", "../x"], environment: try editor(["true"])).status == 2)
    #expect(daemon.poll() == nil)
  }

  // MARK: reload

  @Test("reload refuses what would lock this session out, unless it is allowed or nothing changes")
  func reload() throws {
    let daemon = try bench.start()
    try bench.folder.write(
      Self.other.replacing("break_glass: {users: [root]}\n", with: ""), to: "etc/policy.yaml")
    func reload(_ options: [String] = []) throws -> ProcessResult {
      try ProcessTests.gatehouse(
        ["reload", "--socket", bench.socket] + options, environment: fromOffice)
    }
    let refused = try reload()
    #expect(refused.status == 1, "\(refused)")
    #expect(
      refused.output.contains(
        "\nrefused  it would lock out root\n    generation 1 stays in effect\n"), "\(refused)")
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(try reload(["--allow-lockout", "root"]).status == 0)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .deny)
    #expect(try reload().status == 0)
    #expect(daemon.poll() == nil)
  }
}
