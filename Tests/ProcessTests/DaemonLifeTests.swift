import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct DaemonLifeTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func whatIsInFlightIsAnsweredBeforeItEnds(_ signal: Int32) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // Stopped, it finds the questions and the signal at once when it goes on.
    daemon.signal(SIGSTOP)
    let asking = try (0..<100).map { _ in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(DaemonBench.question("games", from: "192.0.2.7"))
      return connection
    }
    daemon.signal(signal)
    daemon.signal(SIGCONT)
    for connection in asking {
      #expect(try DaemonBench.answer(on: connection).decision == .allow)
    }
    #expect(try daemon.wait() == .exited(0))
    #expect(bench.log.contains("ended by a signal"))
    #expect(throws: TestKitError.self) { try SeqpacketSocket(connectingTo: bench.socket) }
  }

  @Test func howeverManyWaitTheyAreAnsweredBeforeItEnds() throws {
    let bench = try DaemonBench()
    // More than it may have open at a time.
    let daemon = try bench.start("ulimit -n 60; exec \"$@\"")
    daemon.signal(SIGSTOP)
    let asking = try (0..<500).map { _ in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(DaemonBench.question("games", from: "192.0.2.7"))
      return connection
    }
    daemon.signal(SIGTERM)
    daemon.signal(SIGCONT)
    for connection in asking {
      #expect(try DaemonBench.answer(on: connection).decision == .allow)
    }
    #expect(try daemon.wait() == .exited(0))
  }

  @Test func aSecondSignalDoesNotWaitForAnybody() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let idle = try SeqpacketSocket(connectingTo: bench.socket)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    daemon.signal(SIGTERM)
    daemon.signal(SIGINT)
    #expect(try daemon.wait() == .exited(0))
    #expect(try idle.receive().isEmpty)
  }

  @Test func ownSocketIsRootsAlone() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    var status = stat()
    // SAFETY: the paths are C strings for the length of the calls, `status` is of this frame.
    #expect(unsafe stat(bench.socket, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(unsafe stat(bench.folder.file("run"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o755)
    #expect(daemon.poll() == nil)
  }

  @Test func aSecondDaemonOnTheSameSocketRefusesAndLeavesTheFirst() throws {
    let bench = try DaemonBench()
    let first = try bench.start()
    #expect(try bench.launch().wait() == .exited(1))
    #expect(bench.log.contains("another daemon answers on \(bench.socket); stop it first"))
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(first.poll() == nil)
  }

  @Test("a second daemon on the same state folder is refused, until the first has ended or died")
  func oneStateFolder() throws {
    let bench = try DaemonBench()
    let first = try bench.start()
    let other = bench.folder.file("run/other.sock")
    let onOtherSocket = "exec \"$@\" --socket \(other)"
    #expect(try bench.launch(onOtherSocket).wait() == .exited(1))
    #expect(bench.log.contains("another gatehoused uses the state folder \(bench.state)"))
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    first.signal(SIGKILL)
    try first.wait()
    let second = try bench.launch(onOtherSocket)
    try wait { (try? SeqpacketSocket(connectingTo: other)) != nil }
    #expect(second.poll() == nil)
  }

  @Test("it serves without a state folder that is a file, and says so once in clear words")
  func noStateFolder() throws {
    let bench = try DaemonBench()
    try bench.folder.write("precious", to: "state")
    let daemon = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    let lines = bench.log.split(separator: "\n")
    #expect(lines.count { $0.contains("the state folder \(bench.state) cannot be used") } == 1)
    #expect(lines.count { $0.contains("which policy is being loaded cannot be kept") } <= 1)
    #expect(try readText(bench.state) == "precious")
    #expect(daemon.poll() == nil)
  }

  @Test func ofDaemonsThatStartAtOnceOneServes() throws {
    let bench = try DaemonBench()
    let daemons = try (0..<6).map { _ in try bench.launch() }
    try wait { daemons.count { $0.poll() == .exited(1) } == 5 }
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
  }

  @Test func aSocketThatADaemonLeftBehindIsReplaced() throws {
    let bench = try DaemonBench()
    let first = try bench.start()
    first.signal(SIGKILL)
    try first.wait()
    let second = try bench.start()
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(second.poll() == nil)
  }

  @Test func aFileInThePlaceOfTheSocketIsLeftAlone() throws {
    let bench = try DaemonBench()
    try bench.folder.write("precious", to: "run/gatehouse.sock")
    #expect(try bench.launch().wait() == .exited(1))
    #expect(bench.log.contains("is in the way and no socket"))
    #expect(try readText(bench.socket) == "precious")
  }

  // MARK: systemd

  /// What systemd does: the listening socket is descriptor 3, and two variables say so.
  private func activate(_ bench: DaemonBench, _ listener: SeqpacketSocket) throws -> ChildProcess {
    try bench.launch(
      "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", descriptors: [3: listener.descriptor])
  }

  @Test func aSocketOfSystemdsKeepsQuestionsOverARestart() throws {
    let bench = try DaemonBench()
    try bench.folder.directory("run")
    let listener = try SeqpacketSocket(listeningOn: bench.socket)
    let first = try activate(bench, listener)
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    first.signal(SIGSTOP)
    let asking = try (0..<50).map { _ in
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(DaemonBench.question("games", from: "192.0.2.7"))
      return connection
    }
    first.signal(SIGTERM)
    first.signal(SIGCONT)
    #expect(try first.wait() == .exited(0))
    let second = try activate(bench, listener)
    for connection in asking {
      #expect(try DaemonBench.answer(on: connection).decision == .allow)
    }
    #expect(try bench.status().contains("\"socket\":\"\(bench.socket)\""))
    #expect(second.poll() == nil)
  }

  @Test func anythingButAListeningSeqpacketSocketIsRefused() throws {
    let bench = try DaemonBench()
    let notASocket = bench.folder.file("file")
    try bench.folder.write("", to: "file")
    // SAFETY: the path is a C string for the length of the call.
    let file = unsafe open(notASocket, O_RDWR | O_CLOEXEC)
    defer { close(file) }
    let daemon = try bench.launch(
      "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", descriptors: [3: file])
    #expect(try daemon.wait() == .exited(1))
    #expect(bench.log.contains("gatehoused.socket wants ListenSequentialPacket="))
  }

  @Test func systemdIsToldOfEachStep() throws {
    let bench = try DaemonBench()
    let manager = try DatagramSocket(boundTo: bench.folder.file("notify"))
    let daemon = try bench.launch(environment: ["NOTIFY_SOCKET": bench.folder.file("notify")])
    let ready = try manager.receive()
    #expect(ready.hasPrefix("READY=1\nSTATUS=Generation 1 ("))
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)

    daemon.signal(SIGHUP)
    let reloading = try manager.receive()
    #expect(reloading.contains(/^RELOADING=1\nMONOTONIC_USEC=[0-9]+\n/))
    #expect(try manager.receive().hasPrefix("READY=1\nSTATUS=Generation 2 ("))

    try bench.folder.write("version: 2\n", to: "etc/policy.yaml")
    daemon.signal(SIGHUP)
    _ = try manager.receive()
    let refused = try manager.receive()
    #expect(refused.hasPrefix("READY=1\nSTATUS=Generation 2 ("))
    #expect(refused.contains("stays in effect"))

    daemon.signal(SIGTERM)
    #expect(try manager.receive().hasPrefix("STOPPING=1"))
    #expect(try daemon.wait() == .exited(0))
  }

  @Test func startsThatFailOneAfterTheOtherComeMoreAndMoreSlowly() throws {
    let bench = try DaemonBench()
    let manager = try DatagramSocket(boundTo: bench.folder.file("notify"))
    let environment = ["NOTIFY_SOCKET": bench.folder.file("notify")]
    // In the way of its socket, so that it cannot start.
    try bench.folder.write("", to: "run/gatehouse.sock")
    var lengths: [Duration] = []
    for _ in 0..<4 {
      let began = ContinuousClock.now
      #expect(try bench.launch(environment: environment).wait() == .exited(1))
      lengths.append(ContinuousClock.now - began)
    }
    #expect(lengths[1] >= .milliseconds(100))
    #expect(lengths[2] >= .milliseconds(200) && lengths[3] >= .milliseconds(400))
    #expect(try manager.receive() == "STATUS=Starting in 0.1 seconds, after 1 failed starts")

    // A start that succeeds ends it. SAFETY: the path is a C string for the length of the call.
    #expect(unsafe unlink(bench.socket) == 0)
    let daemon = try bench.start(environment: environment)
    daemon.signal(SIGTERM)
    #expect(try daemon.wait() == .exited(0))
    #expect(throws: TestKitError.self) { try readFile(bench.state + "/failed-starts") }
  }

  @Test func aDaemonThatWaitsForItsStartEndsWhenItIsTold() throws {
    let bench = try DaemonBench()
    let manager = try DatagramSocket(boundTo: bench.folder.file("notify"))
    let environment = ["NOTIFY_SOCKET": bench.folder.file("notify")]
    let boot = try readText("/proc/sys/kernel/random/boot_id").split(separator: "\n")[0]
    try writeFailedStarts(1000, of: String(boot), bench)
    let daemon = try bench.launch(environment: environment)
    #expect(try manager.receive() == "STATUS=Starting in 10.0 seconds, after 1000 failed starts")
    daemon.signal(SIGTERM)
    #expect(try daemon.wait(seconds: 5) == .exited(0))
    // What another boot has left does not count.
    try writeFailedStarts(1000, of: "other-boot", bench)
    let next = try bench.start(environment: environment)
    #expect(try manager.receive().hasPrefix("READY=1"))
    #expect(next.poll() == nil)
  }

  @Test func theWatchdogIsFed() throws {
    let bench = try DaemonBench()
    let manager = try DatagramSocket(boundTo: bench.folder.file("notify"))
    let daemon = try bench.launch(
      environment: ["NOTIFY_SOCKET": bench.folder.file("notify"), "WATCHDOG_USEC": "200000"])
    var feedings = 0
    while feedings < 3 { if try manager.receive() == "WATCHDOG=1" { feedings += 1 } }
    #expect(daemon.poll() == nil)
  }

  // MARK: The command line

  @Test func helpAndVersionAreForScriptsToRead() throws {
    let daemon = try builtProgram("gatehoused")
    let help = try run(daemon, ["--help"])
    #expect(help.status == 0)
    #expect(help.output.hasPrefix("Usage: gatehoused "))
    #expect(try run(daemon, ["--version"]).output.hasPrefix("gatehoused "))
  }

  @Test func misuseExitsTwoAndSaysWhatIsWrong() throws {
    let outcome = try run(try builtProgram("gatehoused"), ["--confg", "/etc"])
    #expect(outcome.status == 2)
    #expect(
      outcome.errors == "gatehoused: there is no option \"--confg\"; see gatehoused --help\n")
  }
}
