import CPosix
import GatehouseControl
import GatehousePolicy
import Glibc
import TestKit
import Testing

@Suite(
  "What the command makes of a daemon that is not what it should be",
  .enabled(if: isRoot, "needs root: another user's daemon is not believed"))
struct CommandReplyTests {
  /// A descriptor that a daemon could send beside its reply; the second one is to be kept open.
  struct Attachment {
    let own: Int32
    var other: Int32 = -1

    func close() {
      Glibc.close(own)
      if other >= 0 { Glibc.close(other) }
    }

    static func memory(_ content: [UInt8], sealed: Bool = true) throws -> Attachment {
      // SAFETY: a literal is a C string for the length of the call.
      let number = unsafe gh_memory_file("test")
      try #require(number >= 0)
      // SAFETY: the pointer is valid for the count of the array.
      _ = unsafe content.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
      if sealed { try #require(gh_seal(number) == 0) }
      return Attachment(own: number)
    }

    static func file(_ path: String) throws -> Attachment {
      // SAFETY: the path is a C string for the length of the call.
      let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
      try #require(number >= 0)
      return Attachment(own: number)
    }

    /// The end of a pipe that nobody writes into, and nobody closes.
    static func pipe() throws -> Attachment {
      var ends: [Int32] = [-1, -1]
      // SAFETY: the call writes two numbers into the array.
      try #require(unsafe Glibc.pipe(&ends) == 0)
      return Attachment(own: ends[0], other: ends[1])
    }
  }

  /// A daemon that answers everything with a value.
  private func daemon(_ value: some Encodable) throws -> FakeDaemon {
    let content = try ValueEncoder.encode(value)
    return try FakeDaemon { client, _ in
      _ = try? client.receive()
      guard let attachment = try? Attachment.memory(content) else { return }
      defer { attachment.close() }
      client.send(ReplyFrame.bytes, attaching: attachment.own)
    }
  }

  private func ask(_ daemon: FakeDaemon, _ arguments: String...) throws -> ProcessResult {
    try gatehouse(arguments + ["--socket", daemon.path])
  }

  private static let list = GrantList(
    grants: [], now: Instant(microsecondsSinceEpoch: 1_800_000_000_000_000))

  @Test(
    "a file that is not a sealed one in memory, or too long, is an error and never a hang",
    arguments: [
      ("pipe", "not a sealed memory file"), ("/dev/zero", "not a sealed memory file"),
      ("/dev/tty", "no file"),
      ("/etc/passwd", "not a sealed memory file"), ("unsealed", "not a sealed memory file"),
      ("too long", "longer than 64 MiB"),
      ("none", "no file"), ("nonsense", "not what was asked for"),
      ("another value", "not what was asked for"), ("empty", "not what was asked for"),
    ])
  func badFile(kind: String, problem: String) throws {
    let daemon = try FakeDaemon { client, _ in
      _ = try? client.receive()
      let good = (try? ValueEncoder.encode(Self.list)) ?? []
      let attachment: Attachment? =
        switch kind {
        case "pipe": try? .pipe()
        case "unsealed": try? .memory(good, sealed: false)
        case "too long":
          try? .memory(
            good + [UInt8](repeating: UInt8(ascii: " "), count: ControlLimit.reply))
        case "nonsense": try? .memory(Array("{\"grants\":[".utf8))
        case "another value": try? .memory(Array("{\"folder\":\"/x\"}".utf8))
        case "empty": try? .memory([])
        case "none", "/dev/tty": nil
        default: try? .file(kind)
        }
      client.send(ReplyFrame.bytes, attaching: attachment?.own ?? -1)
      attachment?.close()
    }
    let began = ContinuousClock.now
    let answer = try ask(daemon, "grants")
    #expect(answer.status == 3)
    #expect(answer.output.isEmpty)
    #expect(answer.errors.contains(problem), "\(answer.errors)")
    #expect(ContinuousClock.now - began < .seconds(20))
  }

  @Test(
    "a frame that is no reply is an error",
    arguments: [
      [], [0x47], [0x47, 0x48, 1, 66], [0x47, 0x48, 2, 65], [0x47, 0x48, 2, 66, 1, 0, 0],
      [UInt8](repeating: 0x47, count: 4097),
    ])
  func badFrame(frame: [UInt8]) throws {
    guard !frame.isEmpty else { return }
    let content = try ValueEncoder.encode(Self.list)
    let daemon = try FakeDaemon { client, _ in
      _ = try? client.receive()
      guard let attachment = try? Attachment.memory(content) else { return }
      client.send(frame, attaching: attachment.own)
      attachment.close()
    }
    let answer = try ask(daemon, "grants")
    #expect(answer.status == 3)
    #expect(answer.errors.contains("cannot be asked"), "\(answer.errors)")
  }

  @Test("a connection that is lost before the reply is made anew, with the candidate")
  func lostConnection() throws {
    let folder = try TemporaryDirectory("gatehouse-reply")
    let policy = try folder.write("version: 1\n", to: "policy.yaml")
    let content = try ValueEncoder.encode(
      ShadowVerdict(.started(PolicyIdentity(generation: nil, digest: "0123", mode: .enforce))))
    let daemon = try FakeDaemon { client, number in
      guard let (_, attached) = try? client.receiveWithDescriptor(), let attached else { return }
      close(attached)
      guard number > 0, let attachment = try? Attachment.memory(content) else { return }
      client.send(ReplyFrame.bytes, attaching: attachment.own)
      attachment.close()
    }
    let answer = try ask(daemon, "shadow", "start", policy)
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.output.hasPrefix("started  "))
    #expect(daemon.connections == 2)
  }

  /// What could be a command to a terminal: C0, DEL, C1, and sequences of them.
  private static let evil = "\u{1B}[2J\u{1B}]0;x\u{7}\u{8}\u{7F}\u{9B}31m\u{202E}\n"

  /// Whether a text has nothing of that but its own line ends.
  private func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow }
  }

  @Test("no control character of a value reaches the terminal", arguments: [[], ["--json"]])
  func controlCharacters(options: [String]) throws {
    let evil = Self.evil
    let grant = Grant(
      id: evil, user: Name(evil), place: try GrantPlace(written: "192.0.2.1"),
      service: Name(bytes: [0x9B, 0x1B]), role: Name(evil),
      since: Instant(microsecondsSinceEpoch: 0), until: Instant(microsecondsSinceEpoch: 1),
      author: evil, why: evil)
    let granting = try daemon(GrantList(grants: [grant]))
    let list = try gatehouse(["grants", "--socket", granting.path] + options)
    #expect(list.status == 0)
    #expect(isHarmless(list.output) && list.output.contains("1b"), "\(list.output)")

    let finding = Diagnostic(
      severity: .error, name: evil, location: SourceLocation(file: evil, line: 1, column: 1),
      message: evil, remedy: evil)
    var status = DaemonStatus(
      processID: 1, startedAt: .now(), now: .now(), socket: evil, folder: evil,
      serving: nil, refusal: .init(at: .now(), diagnostics: [finding]), counts: .init(),
      identity: .init(users: 1, failing: .init(since: .now(), problem: evil)), lostEntries: 0)
    status.trial = TrialState(
      generation: 1, digest: evil, mode: .enforce, author: evil, exempt: evil, since: .now(),
      until: .now(), timeLeft: .seconds(5))
    let saying = try daemon(status)
    let said = try gatehouse(["status", "--socket", saying.path] + options)
    #expect(said.status == 1)
    #expect(isHarmless(said.output) && said.output.contains("1b"), "\(said.output)")

    let failed = ShadowVerdict(.failed(.unusable(cause: evil)), diagnostics: [finding])
    let failing = try daemon(failed)
    let stopped = try gatehouse(["shadow", "stop", "--socket", failing.path] + options)
    #expect(stopped.status == 1)
    #expect(isHarmless(stopped.output) && stopped.output.contains("1b"), "\(stopped.output)")
  }

  @Test("nor one in an error")
  func controlCharactersInErrors() throws {
    let folder = try TemporaryDirectory("gatehouse-reply")
    try folder.write("version: 1\n", to: "etc/policy.yaml")
    let status = DaemonStatus(
      processID: 1, startedAt: .now(), now: .now(), socket: "/x", folder: Self.evil,
      serving: nil, refusal: nil, counts: .init(), identity: .init(users: 0, failing: nil),
      lostEntries: 0)
    let daemon = try daemon(status)
    let answer = try gatehouse([
      "confirm", "--folder", folder.file("etc"), "--history", folder.file("history"), "--socket",
      daemon.path,
    ])
    #expect(answer.status == 3)
    #expect(isHarmless(answer.errors) && answer.errors.contains("\\u{1b}"), "\(answer.errors)")
  }

  @Test("status asks once")
  func once() throws {
    let status = DaemonStatus(
      processID: 1, startedAt: .now(), now: .now(), socket: "/x", folder: "/etc/gatehouse",
      serving: nil, refusal: nil, counts: .init(), identity: .init(users: 0, failing: nil),
      lostEntries: 0)
    let daemon = try daemon(status)
    #expect(try ask(daemon, "status").status == 1)
    #expect(daemon.connections == 1)
  }
}
