import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import Glibc
import Synchronization
import TestKit
import Testing

@Suite(
  "gatehouse notify",
  .enabled(if: isRoot && JournalFolder.canBeMade, "needs root and systemd-journal-remote"))
struct CommandNotifyTests {
  /// A policy, a journal, and programs that take messages.
  private struct Bench {
    let folder: TemporaryDirectory
    let journal: JournalFolder
    let daemon: LetterDaemon?
    /// Writes each mail into the file `mail`, with who got it.
    static let keeping = #"{ id -un; cat; echo ===; } >>"$HERE/mail""#

    /// `notify` is what the policy says there; nothing if it is nil.
    ///
    /// So it is with `authorize`; a daemon that is named is asked for letters.
    init(
      _ notify: String?, sendmail script: String = Self.keeping, authorize: String? = nil,
      daemon: LetterDaemon? = nil
    ) throws {
      self.daemon = daemon
      // Others may not write to the folders that lead to a command.
      folder = try TemporaryDirectory(in: "/run")
      try folder.write(
        "version: 1\neveryone: {from: [10.0.0.0/8]}\n" + (notify.map { "notify: \($0)\n" } ?? "")
          + (authorize.map { "authorize: \($0)\n" } ?? ""),
        to: "policy/policy.yaml")
      journal = try JournalFolder([CommandNotifyTests.denied("old", second: 0)])
      try program("bin/sendmail", script)
    }

    /// A program that knows in which folder it is.
    func program(_ name: String, _ script: String) throws {
      try folder.write("#!/bin/sh\nHERE=\(folder.path)\n\(script)\n", to: name, mode: 0o755)
    }

    private var arguments: [String] {
      [
        "--journal", journal.path, "--folder", folder.file("policy"), "--history",
        folder.file("history"), "--socket", daemon?.path ?? folder.file("none"), "--state",
        folder.file("state"),
      ]
    }

    private var environment: [String: String] { ["PATH": "\(folder.file("bin")):/usr/bin:/bin"] }

    /// Starts it, and waits until it has found its place in the journal.
    func start(as user: String = "root") throws -> ChildProcess {
      let process = try ChildProcess(
        builtProgram("gatehouse"), ["notify", "--as", user] + arguments, environment: environment)
      try wait { (try? readFile(folder.file("state/notices"))) != nil }
      return process
    }

    func run(_ more: [String] = []) throws -> ProcessResult {
      try gatehouse(["notify", "--as", "root"] + more + arguments, environment: environment)
    }

    /// What a program has written, once it has a text.
    func written(_ name: String, having text: String) throws -> String {
      try eventually {
        let said = (try? readText(folder.file(name))) ?? ""
        return said.contains(text) ? said : nil
      }
    }
  }

  /// A daemon that has letters until it is told that they were sent, and answers nothing else.
  private final class LetterDaemon: Sendable {
    /// The letters that it has, and what it was told.
    private final class State: Sendable {
      let kept = Mutex<(letters: [Letter], told: [String])>(([], []))
    }

    private let state = State()
    private let daemon: FakeDaemon

    var path: String { daemon.path }

    init(_ letters: [Letter]) throws {
      state.kept.withLock { $0.letters = letters }
      daemon = try FakeDaemon { [state] client, _ in
        guard let frame = try? client.receive(),
          let request = try? LettersRequest(decoding: frame.span)
        else {
          client.send([0])
          return
        }
        let left = state.kept.withLock { kept in
          kept.told += request.sent
          kept.letters.removeAll { request.sent.contains($0.id) }
          return kept.letters
        }
        guard let content = try? ValueEncoder.encode(LettersReply(letters: left)),
          let attachment = try? CommandReplyTests.Attachment.memory(content)
        else { return }
        defer { attachment.close() }
        client.send(ReplyFrame.bytes, attaching: attachment.own)
      }
    }

    /// Makes another letter.
    func add(_ letter: Letter) { state.kept.withLock { $0.letters.append(letter) } }

    /// Whether it was told once of each of these, and of no other.
    func wasTold(_ ids: Set<String>) -> Bool {
      state.kept.withLock { $0.told.count == ids.count && Set($0.told) == ids }
    }
  }

  private static func letter(
    _ id: String, to address: String = "alice@example.org", by command: String? = nil,
    seconds: Int64 = 600
  ) throws -> Letter {
    Letter(
      id: id, kind: .code, user: "alice", service: "sshd", role: nil,
      origin: Origin(written: "203.0.113.9"), time: .now(), until: .now() + .seconds(seconds),
      code: "ABCDEFGHJK",
      way: try command.map { .command($0) } ?? .mail(#require(MailAddress(address))))
  }

  private static let authorize = "{users: [alice], mail: \"{user}@example.org\"}"

  @Test("sends letters with authorize alone, each once, and one that comes as the log says it")
  func letters() throws {
    let daemon = try LetterDaemon([try Self.letter("aaaaaaaaaa")])
    let bench = try Bench(nil, authorize: Self.authorize, daemon: daemon)
    let process = try bench.start()
    let mail = try bench.written("mail", having: "===")
    #expect(mail.hasPrefix("root\nTo: alice@example.org\nSubject: "), "\(mail)")
    #expect(mail.contains(": code to log in as alice from 203.0.113.9\n"), "\(mail)")
    #expect(mail.contains("  code       ABCDE-FGHJK\n"), "\(mail)")
    try wait { daemon.wasTold(["aaaaaaaaaa"]) }
    daemon.add(try Self.letter("bbbbbbbbbb", to: "bob@example.org"))
    try bench.journal.add(
      [.code("made", "bob", "203.0.113.9", at: minutesAgo(9), ["GATEHOUSE_DENIAL": "bbbbbbbbbb"])],
      as: "a")
    _ = try bench.written("mail", having: "To: bob@example.org\n")
    try wait { daemon.wasTold(["aaaaaaaaaa", "bbbbbbbbbb"]) }
    #expect(try readText(bench.folder.file("mail")).split(separator: "===\n").count == 2)
    // Nobody is to be told of anything but the codes.
    try bench.journal.add([Self.denied("cccccccccc", second: 100)], as: "b")
    #expect(process.poll() == nil)
  }

  @Test("a letter that hangs holds up neither another letter nor a notice")
  func hangingLetter() throws {
    let bench = try Bench(nil)
    let page = bench.folder.file("bin/page")
    let daemon = try LetterDaemon([
      try Self.letter("aaaaaaaaaa", by: page), try Self.letter("bbbbbbbbbb"),
    ])
    let other = try Bench(Self.mailRoot, authorize: Self.authorize, daemon: daemon)
    try bench.program("bin/page", #"echo begun >>"$HERE/begun"; exec sleep 25"#)
    let process = try other.start()
    _ = try bench.written("begun", having: "begun")
    _ = try other.written("mail", having: "ABCDE-FGHJK")
    try other.journal.add([Self.denied("cccccccccc", second: 10)], as: "a")
    _ = try other.written("mail", having: "gatehouse log cccccccccc")
    try wait { daemon.wasTold(["bbbbbbbbbb"]) }
    #expect(process.poll() == nil)
  }

  @Test("a letter that is not taken is tried again, and its code is in no complaint")
  func failingLetter() throws {
    let daemon = try LetterDaemon([try Self.letter("aaaaaaaaaa")])
    let bench = try Bench(
      nil,
      sendmail:
        #"if [ -e "$HERE/ok" ]; then \#(Bench.keeping); else cat; echo x >>"$HERE/tries"; exit 75; fi"#,
      authorize: Self.authorize, daemon: daemon)
    let process = try bench.start()
    _ = try bench.written("tries", having: "x")
    #expect(daemon.wasTold([]))
    try bench.folder.write("", to: "ok")
    _ = try bench.written("mail", having: "ABCDE-FGHJK")
    try wait { daemon.wasTold(["aaaaaaaaaa"]) }
    #expect(process.poll() == nil)
  }

  @Test("a command gets a letter as text, with its parts in the environment")
  func commandLetter() throws {
    let bench = try Bench(nil)
    try bench.program(
      "bin/page",
      #"env >"$HERE/environment"; cat >"$HERE/text.new"; mv "$HERE/text.new" "$HERE/text""#)
    let daemon = try LetterDaemon([
      try Self.letter("aaaaaaaaaa", by: bench.folder.file("bin/page"))
    ])
    let other = try Bench(nil, authorize: Self.authorize, daemon: daemon)
    let process = try other.start()
    let text = try bench.written("text", having: "ABCDE-FGHJK")
    #expect(text.hasPrefix("A code to log in to "))
    let environment = try readText(bench.folder.file("environment"))
    #expect(environment.contains("GATEHOUSE_CODE=ABCDE-FGHJK\n"))
    #expect(environment.contains("GATEHOUSE_USER=alice\n"))
    #expect(!environment.contains("SSH_CONNECTION"))
    try wait { daemon.wasTold(["aaaaaaaaaa"]) }
    #expect(process.poll() == nil)
  }

  @Test("administrators are told of a code that was made, used or ended")
  func codes() throws {
    let bench = try Bench("{mail: [root], on: [codes], gather: 1s}")
    let process = try bench.start()
    let entries = ["made", "wrong", "used", "over_limit", "ended"].enumerated().map {
      JournalFolder.Entry.code($1, "alice", "203.0.113.9", at: minutesAgo(9) + Int64($0))
    }
    try bench.journal.add([Self.denied("aaaaaaaaaa", second: 1)] + entries, as: "a")
    let mail = try bench.written("mail", having: "three wrong ones were entered")
    #expect(mail.contains("3 code events of alice from 203.0.113.9"), "\(mail)")
    #expect(mail.contains("  code       entered, and the place is authorised for a time\n"))
    #expect(!mail.contains("aaaaaaaaaa") && !mail.contains("a wrong one was"), "\(mail)")
    #expect(process.poll() == nil)
  }

  /// A denial, so many seconds after a time a while ago.
  fileprivate static func denied(
    _ id: String, _ user: String = "bob", second: Int64, _ more: [String: String] = [:]
  ) -> JournalFolder.Entry {
    .decision(
      user, "203.0.113.9", at: minutesAgo(10) + second * 1_000_000,
      JournalFolder.Entry.denied.merging(["GATEHOUSE_ID": id, "GATEHOUSE_RULE": "policy.yaml:2"]) {
        $1
      }.merging(more) { $1 })
  }

  /// Any other entry of the daemon.
  private static func entry(
    _ kind: String, _ message: String, second: Int64, _ more: [String: String] = [:]
  ) -> JournalFolder.Entry {
    let usual = [
      "_UID": "994", "_SYSTEMD_UNIT": "gatehoused.service", "MESSAGE_ID": kind, "MESSAGE": message,
    ]
    return JournalFolder.Entry(
      time: minutesAgo(10) + second * 1_000_000,
      usual.merging(more) { $1 }.map { (name: $0, value: $1) })
  }

  private static let mailRoot = "{mail: [root], gather: 1s}"

  @Test("ends at once if the policy has no notify")
  func nobody() throws {
    let bench = try Bench(nil)
    let result = try bench.run()
    #expect(result.status == 0 && result.errors.contains("nothing to tell"), "\(result)")
    #expect(try bench.run(["--test"]).status == 1)
  }

  @Test("mails a denial that comes, nothing that was there before, and nothing twice")
  func mails() throws {
    let bench = try Bench(Self.mailRoot)
    do {
      let process = try bench.start()
      try bench.journal.add([Self.denied("aaaaaaaaaa", second: 10)], as: "a")
      let mail = try bench.written("mail", having: "===")
      #expect(mail.contains("To: root\n") && mail.contains("of bob from 203.0.113.9 denied"))
      #expect(mail.contains("  all of it  gatehouse log aaaaaaaaaa\n"), "\(mail)")
      // Without the daemon nobody knows.
      #expect(!mail.contains("gatehouse approve") && !mail.contains("old"))
      process.signal(SIGTERM)
      try process.wait()
    }
    // What comes while it is away is told, too.
    try bench.journal.add([Self.denied("bbbbbbbbbb", "ann", second: 20)], as: "b")
    let process = try bench.start()
    let mails = try bench.written("mail", having: "of ann from")
    #expect(mails.split(separator: "===\n").count == 2 && process.poll() == nil, "\(mails)")
  }

  @Test("believes only what the journal attributes to the daemon, or to root's own unit")
  func forged() throws {
    let bench = try Bench(Self.mailRoot)
    let process = try bench.start()
    let refused = "efd9f882b9854467bfbe82647c270895"
    let undone = EntryKind.pamUndone.rawValue
    try bench.journal.add(
      [
        Self.denied("cccccccccc", "mallory", second: 10, ["_SYSTEMD_UNIT": "session-3.scope"]),
        Self.denied("dddddddddd", "mallory", second: 11, ["_UID": "1000"]),
        Self.entry(refused, "forged", second: 12, ["_UID": "1000"]),
        Self.entry(undone, "forged", second: 13),
        Self.entry(
          undone, "forged", second: 14,
          ["_SYSTEMD_UNIT": "gatehouse-pam-undo.service", "_UID": "1000"]),
        Self.denied("eeeeeeeeee", second: 15),
      ], as: "a")
    let mail = try bench.written("mail", having: "eeeeeeeeee")
    #expect(
      !mail.contains("mallory") && !mail.contains("forged") && process.poll() == nil, "\(mail)")
  }

  @Test("tells of refused changes and of what was undone, and only of what the policy names")
  func otherEvents() throws {
    let bench = try Bench("{mail: [root], on: [refused_changes, rollbacks], gather: 1s}")
    let process = try bench.start()
    let trial = "3a315d2e1fa1402a999bd007d54a8af3"
    try bench.journal.add(
      [
        Self.denied("ffffffffff", second: 10),
        Self.entry("efd9f882b9854467bfbe82647c270895", "it is refused", second: 11),
        Self.entry(trial, "it has begun", second: 12, ["GATEHOUSE_TRIAL": "begun"]),
        Self.entry(trial, "its time is up", second: 13, ["GATEHOUSE_TRIAL": "time_up"]),
        Self.entry(
          EntryKind.pamUndone.rawValue, "the profile is off", second: 14,
          ["_SYSTEMD_UNIT": "gatehouse-pam-undo.service", "_UID": "0"]),
      ], as: "a")
    var mails = try bench.written("mail", having: "the profile is off")
    mails = try bench.written("mail", having: "it is refused")
    #expect(mails.contains("1 change of the policy refused"), "\(mails)")
    #expect(mails.contains("2 changes undone by itself") && mails.contains("its time is up"))
    #expect(!mails.contains("ffffffffff") && !mails.contains("it has begun"))
    #expect(process.poll() == nil)
  }

  @Test("a message that sendmail does not take is kept over a restart, and told once")
  func failing() throws {
    let bench = try Bench(
      Self.mailRoot,
      sendmail:
        #"if [ -e "$HERE/ok" ]; then \#(Bench.keeping); else echo full >>"$HERE/tries"; exit 75; fi"#
    )
    do {
      let process = try bench.start()
      try bench.journal.add([Self.denied("aaaaaaaaaa", second: 10)], as: "a")
      _ = try bench.written("tries", having: "full")
      // Told as soon as it is noted that it has to be tried again.
      try wait { try readFile(bench.folder.file("state/notices")).count > 200 }
      try wait {
        String(decoding: try readFile(bench.folder.file("state/notices")), as: UTF8.self)
          .contains("aaaaaaaaaa")
      }
      #expect(process.poll() == nil)
    }
    try bench.folder.write("", to: "ok")
    let process = try bench.start()
    let mail = try bench.written("mail", having: "===")
    #expect(mail.contains("aaaaaaaaaa") && process.poll() == nil)
    #expect(try readText(bench.folder.file("tries")) == "full\n")
  }

  @Test("a command of root's gets JSON; one that others can write to is not run")
  func command() throws {
    let bench = try Bench(nil)
    let command = bench.folder.file("bin/page")
    try bench.program(
      "bin/page",
      #"cat >"$HERE/json.new"; env >"$HERE/environment"; mv "$HERE/json.new" "$HERE/json""#)
    try bench.folder.write(
      "version: 1\nnotify: {command: \(command), gather: 1s}\n", to: "policy/policy.yaml")
    #expect(try bench.run(["--test"]).status == 0)
    #expect(try readText(bench.folder.file("json")).contains(#""event":"test""#))
    let process = try bench.start()
    try bench.journal.add(
      [Self.denied("aaaaaaaaaa", second: 10), Self.denied("bbbbbbbbbb", second: 11)], as: "a")
    let json = try bench.written("json", having: "aaaaaaaaaa")
    #expect(json.hasPrefix(#"{"version":1,"machine":""#) && json.hasSuffix("\"}\n"))
    #expect(json.contains(#""event":"denials","user":"bob","network":"203.0.113.0/24","count":2"#))
    #expect(!(try readText(bench.folder.file("environment"))).contains("SSH_CONNECTION"))
    #expect(process.poll() == nil)

    _ = try run("/bin/chmod", ["o+w", command])
    let refused = try bench.run(["--test"])
    #expect(refused.status == 1 && refused.errors.contains("others than root can write"))
  }

  @Test(
    "a mailer that hangs does not hold up the command, nor a command the mailer",
    arguments: ["mail", "page"])
  func hanging(_ slow: String) throws {
    let hangs = #"echo begun >>"$HERE/begun"; exec sleep 25"#
    let keeps = #"cat >>"$HERE/kept""#
    let bench = try Bench(nil, sendmail: slow == "mail" ? hangs : keeps)
    let command = bench.folder.file("bin/page")
    try bench.program("bin/page", slow == "page" ? hangs : keeps)
    try bench.folder.write(
      "version: 1\nnotify: {mail: [root], command: \(command), gather: 1s}\n",
      to: "policy/policy.yaml")
    let process = try bench.start()
    try bench.journal.add([Self.denied("aaaaaaaaaa", second: 10)], as: "a")
    _ = try bench.written("begun", having: "begun")
    _ = try bench.written("kept", having: "aaaaaaaaaa")
    // What comes while the other still hangs is read and told, too.
    try bench.journal.add([Self.denied("bbbbbbbbbb", "ann", second: 20)], as: "b")
    _ = try bench.written("kept", having: "bbbbbbbbbb")
    #expect(try readText(bench.folder.file("begun")) == "begun\n" && process.poll() == nil)
  }

  @Test("check says that the command cannot be run, and how others could write it")
  func check() throws {
    let folder = try TemporaryDirectory(in: "/run")
    let command = folder.file("page")
    let policy = try folder.write(
      "version: 1\nnotify: {command: \(command)}\n", to: "policy.yaml")
    func said() throws -> String { try gatehouse(["check", "--policy", policy]).output }
    let missing = "policy.yaml:2:1: warning: notify: \(command) cannot be run"
    #expect(try said().contains(missing))
    try folder.write("#!/bin/sh\n", to: "page", mode: 0o777)
    #expect(try said().contains("\(command) is not run, since others than root can write"))
    _ = try run("/bin/chmod", ["755", command])
    #expect(try !said().contains(command))
  }

  @Test("sendmail runs as a user without rights")
  func user() throws {
    let bench = try Bench(Self.mailRoot)
    _ = try run("/bin/chmod", ["777", bench.folder.path])
    let process = try bench.start(as: "nobody")
    try bench.journal.add([Self.denied("aaaaaaaaaa", second: 10)], as: "a")
    #expect(try bench.written("mail", having: "===").hasPrefix("nobody\nTo: root\n"))
    #expect(process.poll() == nil)
    let missing = try gatehouse(["notify", "--as", "no-such-user"])
    #expect(missing.status == 3 && missing.errors.contains("there is no user no-such-user"))
  }

  @Test("a test message says whether it was taken")
  func testMessage() throws {
    let taken = try Bench(Self.mailRoot).run(["--test"])
    #expect(taken.status == 0 && taken.output == "mail to root: handed over\n", "\(taken)")
    let failed = try Bench(Self.mailRoot, sendmail: "echo no queue >&2; exit 75").run(["--test"])
    #expect(failed.status == 1)
    #expect(failed.errors.contains("sendmail failed with status 75: no queue"), "\(failed)")
  }
}
