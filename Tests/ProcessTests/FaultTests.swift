import GatehouseControl
import GatehouseWire
import Glibc
import TestKit
import Testing

/// Whether the programs of this build contain a sanitizer, as packaging/test says.
// SAFETY: the name is a C string for the length of the call, and the text is only looked for.
private let isSanitized = unsafe getenv("GATEHOUSE_SANITIZER") != nil

/// Rows of the fault matrix (Tests/FAULTS.md) that need the real daemon, but no machine.
@Suite(
  "What a login gets while something is wrong",
  .enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct FaultTests {
  /// Every answer is as the example policy says.
  private func expectToServe(_ bench: DaemonBench, _ daemon: ChildProcess, _ what: String = "")
    throws
  {
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow, "\(what)")
    #expect(try bench.ask("games", from: "203.0.113.5").decision == .deny, "\(what)")
    #expect(daemon.poll() == nil, "\(what)")
  }

  /// Starts a daemon once, so that it has accepted its policy.
  private func startedOnce(_ bench: DaemonBench) throws {
    let daemon = try bench.start()
    try wait { (try? readFile(bench.state + "/last-good-policy")) != nil }
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
  }

  // MARK: The policy's files

  /// What may stand in the place of policy.yaml.
  enum Place: String, CaseIterable {
    case missing, folder, pipe, device
    case loop = "a link to itself"
    case gibibyte = "1 GiB"
    case othersLink = "a link to a file that others could write"
    case halfWritten = "half written"

    /// Puts it there.
    func make(_ bench: DaemonBench) throws {
      let path = bench.policy
      // SAFETY: the paths are C strings for the length of the calls.
      #expect(unsafe unlink(path) == 0)
      switch self {
      case .missing: break
      case .folder: #expect(unsafe mkdir(path, 0o755) == 0)
      case .pipe: #expect(unsafe mkfifo(path, 0o644) == 0)
      case .device: #expect(unsafe symlink("/dev/zero", path) == 0)
      case .loop: #expect(unsafe symlink("policy.yaml", path) == 0)
      case .gibibyte:
        try writeFile(path, Array("version: 1\n".utf8))
        #expect(unsafe truncate(path, 1 << 30) == 0)
      case .othersLink:
        let others = try bench.folder.write("version: 1\n", to: "others/policy.yaml", mode: 0o666)
        #expect(unsafe symlink(others, path) == 0)
      case .halfWritten:
        try writeFile(path, Array(DaemonBench.examplePolicy.utf8.dropLast(20)))
      }
    }
  }

  @Test(
    "what is not a policy in its place never replaces the good one, at a reload or a start",
    arguments: Place.allCases)
  func policyPlace(_ place: Place) throws {
    let bench = try DaemonBench()
    try startedOnce(bench)
    do {
      let daemon = try bench.start()
      try place.make(bench)
      #expect(try bench.reload().exitStatus == 1)
      daemon.signal(SIGHUP)
      try expectToServe(bench, daemon, "reload")
      daemon.signal(SIGTERM)
      #expect(try daemon.wait() == .exited(0))
    }
    let next = try bench.start()
    try bench.waitForLog("the kept copy of the last good policy serves")
    try expectToServe(bench, next, "start")
  }

  @Test("a policy cut anywhere is taken as a whole or not at all")
  func cutPolicy() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let whole = Array(DaemonBench.examplePolicy.utf8)
    var loaded = 0
    for length in stride(from: 0, through: whole.count, by: 7) {
      try writeFile(bench.policy, Array(whole[..<length]))
      let isLoaded = try bench.reload().exitStatus == 0
      if isLoaded { loaded += 1 }
      let status = try bench.status()
      #expect(status.contains("\"generation\":\(loaded + 1)"), "\(length) bytes: \(status)")
      #expect(status.contains("\"refused\":null") == isLoaded, "\(length) bytes: \(status)")
    }
    #expect(daemon.poll() == nil)
  }

  @Test("its folder may be a link; if that leads nowhere, the last good policy serves")
  func linkedFolder() throws {
    let bench = try DaemonBench()
    // SAFETY: the paths are C strings for the length of the calls.
    #expect(unsafe rename(bench.config, bench.config + ".real") == 0)
    #expect(unsafe symlink("etc.real", bench.config) == 0)
    try startedOnce(bench)
    #expect(unsafe unlink(bench.config) == 0)
    #expect(unsafe symlink("nowhere", bench.config) == 0)
    let daemon = try bench.start()
    try expectToServe(bench, daemon)
    #expect(try bench.reload().exitStatus == 1)
    try expectToServe(bench, daemon)
  }

  // MARK: Resources

  @Test(
    "a policy that does not fit into memory: after two deaths the last good one serves",
    .enabled(if: !isSanitized, "a sanitizer takes more memory than the limit"))
  func memoryLimit() throws {
    let bench = try DaemonBench()
    try startedOnce(bench)
    let list = try bench.folder.write("192.0.2.1\n", to: "etc/list.txt")
    // SAFETY: the path is a C string for the length of the call.
    #expect(unsafe truncate(list, 200 << 20) == 0)
    try bench.folder.write(
      "version: 1\neveryone: {from: [{file: list.txt}]}\n", to: "etc/policy.yaml")
    let boot = try readText("/proc/sys/kernel/random/boot_id").split(separator: "\n")[0]
    // Enough for a daemon at rest with its stacks, and too little for the list.
    let limited = "ulimit -d 180000; exec \"$@\" --boot-id \(boot)"
    for death in 1...2 {
      let ending = try bench.launch(limited).wait()
      guard case .killed = ending else {
        Issue.record("start \(death): \(ending), \(bench.log)")
        return
      }
    }
    let daemon = try bench.start(limited)
    try expectToServe(bench, daemon)
  }

  @Test("a state folder that cannot be written: it serves, and says so")
  func readOnlyState() throws {
    let bench = try DaemonBench()
    try startedOnce(bench)
    let daemon = try bench.start(
      """
      exec unshare --mount sh -c '
        mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"' '\(bench.state)' "$@"
      """)
    try expectToServe(bench, daemon)
    try bench.waitForLog("Read-only file system")
    #expect(try bench.reload().exitStatus == 0)
    try expectToServe(bench, daemon)
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
  }

  // MARK: Who asks too much, or too little

  @Test("a thousand SIGHUPs in a second delay nobody")
  func hangups() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    for _ in 0..<1000 {
      daemon.signal(SIGHUP)
      usleep(1000)
      if daemon.poll() != nil { break }
    }
    try expectToServe(bench, daemon)
    // The last one was heard.
    try bench.folder.write(
      "version: 1\nusers: {games: {only_from: [nowhere]}}\n", to: "etc/policy.yaml")
    #expect(try bench.ask("root", from: "192.0.2.7").decision == .allow)
    daemon.signal(SIGHUP)
    try wait { try bench.ask("games", from: "192.0.2.7").decision == .deny }
    #expect(daemon.poll() == nil)
  }

  @Test("who sends a byte a second is closed at the first, and holds nobody up")
  func byteByByte() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let slow = try (0..<20).map { _ in try SeqpacketSocket(connectingTo: bench.socket) }
    for _ in 0..<3 {
      for connection in slow { connection.send([0x47]) }
      try expectToServe(bench, daemon)
      usleep(300_000)
    }
    for connection in slow { #expect(try connection.receive().isEmpty) }
    #expect(daemon.poll() == nil)
  }

  // MARK: Another version

  /// What the module of the first version asked, byte for byte.
  ///
  /// In an upgrade of both packages either is there before the other. Tests/ModuleTests has what the
  /// daemon of the first version answered.
  static let questionsOfFirstVersion = [
    "474801010100047373686402000567616d65730300093139322e302e322e37"
      + "0400093139322e302e322e37060003737368090004000007cf",
    "47480101010002737502000567616d657305000567616d6573"
      + "0f00040000000008000400000018090004000007cf",
  ]

  @Test("the module of the first version is answered as this version's is")
  func firstVersion() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let answers = try Self.questionsOfFirstVersion.map { question in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      let digits = Array(question)
      connection.send(
        try stride(from: 0, to: digits.count, by: 2).map {
          try #require(UInt8(String(digits[$0...($0 + 1)]), radix: 16))
        })
      return try DaemonBench.answer(on: connection)
    }
    #expect(answers[0].decision == .allow && answers[0].roles == "staff")
    // A process of no session, whose session is asked about.
    #expect(answers[1].decision != .allow)
    #expect(daemon.poll() == nil)
  }

  // MARK: What is beside it

  @Test("without logind a login from an address is judged as ever, and one of a session is unclear")
  func withoutLogind() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start(
      "exec unshare --mount sh -c 'mount -t tmpfs none /run && exec \"$@\"' sh \"$@\"")
    try expectToServe(bench, daemon)
    var frame = Frame(.question)
    frame.append(.service, "sudo".utf8)
    frame.append(.user, "games".utf8)
    frame.append(.flags, word: 8)
    frame.append(.caller, word: 5)
    frame.append(.timeLeft, word: 2000)
    let connection = try SeqpacketSocket(connectingTo: bench.socket)
    connection.send(frame.bytes.array)
    let answer = try DaemonBench.answer(on: connection)
    #expect(answer.decision == .deny && answer.reason == "session_unclear")
    #expect(daemon.poll() == nil)
  }
}
