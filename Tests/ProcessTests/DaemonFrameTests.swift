import GatehouseControl
import GatehousePolicy
import GatehouseReport
import GatehouseWire
import Glibc
import TestKit
import Testing

@Suite(.enabled(if: isRoot, "needs root: the daemon insists on a policy that is root's"))
struct DaemonFrameTests {
  @Test func aHundredThousandRandomOrTruncatedFramesLeaveItServing() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    var random = SeededRandom(seed: 1)
    let goodFrames = [
      DaemonBench.question("games", from: "192.0.2.7"),
      try explain(at: 1_800_000_000_000_000).frame(),
      try explain(at: .min).frame(), try explain(at: .max).frame(), try StatusRequest().frame(),
      try trial.frame(),
    ]
    for round in 0..<100_000 {
      // Mostly questions: what is left of the others takes long to answer.
      let choice = Int.random(in: 0..<80, using: &random)
      let good = goodFrames[choice < goodFrames.count ? choice : 0]
      var frame = good
      switch round % 4 {
      case 0:
        let length = Int.random(in: 1...200, using: &random)
        frame = random.bytes(length)
      case 1: frame = Array(good.prefix(Int.random(in: 1..<good.count, using: &random)))
      case 2:
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          frame[Int.random(in: 0..<frame.count, using: &random)] =
            .random(in: 0...255, using: &random)
        }
      default:
        let length = Int.random(in: 0...8, using: &random)
        frame =
          Array(good.prefix(4)) + (0..<length).map { _ in .random(in: 0...40, using: &random) }
      }
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      // Some come with a descriptor, which is nothing that any of them wants.
      connection.send(frame, attaching: round % 3 == 0 ? 0 : -1)
    }
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    #expect(daemon.poll() == nil)
  }

  private var trial: TrialRequest {
    var request = TrialRequest()
    request.asker = "games"
    request.duration = .seconds(60)
    return request
  }

  private func explain(at time: Int64) -> ExplainRequest {
    var request = ExplainRequest()
    request.service = "sshd"
    request.user = "games"
    request.remoteHost = "192.0.2.7"
    request.groups = ["root"]
    request.time = Instant(microsecondsSinceEpoch: time)
    return request
  }

  @Test(arguments: [Int64.min, -1, 0, 1_800_000_000_000_000, .max])
  func anExplanationIsGivenForAnyTime(_ time: Int64) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    for format in [ReportFormat.text, .colouredText, .json] {
      let report = try bench.report(explain(at: time), as: format)
      // Whatever it comes to at the end of time, it comes to a yes or a no.
      #expect(report.exitStatus <= 1)
      #expect(report.text.hasSuffix("\n"))
    }
    #expect(daemon.poll() == nil)
  }

  @Test(arguments: [
    [], [0x47], Array("GET / HTTP/1.0\r\n\r\n".utf8), [0x47, 0x48, 2, 1],
    [UInt8](repeating: 0x47, count: 4097), [UInt8](repeating: 0, count: 8000),
  ])
  func aMalformedFrameClosesItsConnectionUnanswered(_ frame: [UInt8]) throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let connection = try SeqpacketSocket(connectingTo: bench.socket)
    if frame.isEmpty { shutdown(connection.descriptor, Int32(SHUT_WR)) }
    connection.send(frame)
    #expect(try connection.receive().isEmpty)
    let isCounted = try bench.status().contains("\"malformed_requests\":1")
    #expect(isCounted == !frame.isEmpty)
    #expect(daemon.poll() == nil)
  }

  @Test func aDescriptorThatComesWithAQuestionIsDropped() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    // By then it has opened what it keeps open, and closed what it needed to start.
    _ = try bench.ask("games", from: "192.0.2.7")
    try wait { (try? readFile(bench.state + "/last-good-policy")) != nil }
    let before = try daemon.openDescriptorCount()
    for _ in 0..<100 {
      let connection = try SeqpacketSocket(connectingTo: bench.socket)
      connection.send(DaemonBench.question("games", from: "192.0.2.7"), attaching: 0)
      #expect(try DaemonBench.answer(on: connection).decision == .allow)
    }
    try wait { try daemon.openDescriptorCount() <= before }
  }

  @Test func aQuestionThatComesLateIsAnsweredAllTheSame() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let slow = try (0..<20).map { _ in try SeqpacketSocket(connectingTo: bench.socket) }
    // Others are answered meanwhile, so the daemon has seen that these say nothing yet.
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    for connection in slow { connection.send(DaemonBench.question("games", from: "192.0.2.7")) }
    for connection in slow {
      #expect(try DaemonBench.answer(on: connection).decision == .allow)
    }
    #expect(daemon.poll() == nil)
  }

  @Test func aThousandIdleConnectionsKeepNobodyOut() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start()
    let idle = try (0..<1000).map { _ in try SeqpacketSocket(connectingTo: bench.socket) }
    for _ in 0..<100 { #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow) }
    // In the end each is closed, having said nothing.
    for connection in idle { #expect(try connection.receive().isEmpty) }
    #expect(daemon.poll() == nil)
  }

  @Test func withFewDescriptorsItServesOnWithoutSpinning() throws {
    let bench = try DaemonBench()
    let daemon = try bench.start("ulimit -n 40; exec \"$@\"")
    let idle = try (0..<200).map { _ in try SeqpacketSocket(connectingTo: bench.socket) }
    #expect(try bench.ask("games", from: "192.0.2.7").decision == .allow)
    try bench.folder.write(DaemonBench.examplePolicy + "# again\n", to: "etc/policy.yaml")
    #expect(try bench.reload().exitStatus == 0)
    let before = try processorTicks(of: daemon)
    for connection in idle { #expect(try connection.receive().isEmpty) }
    // Closing them takes up to six seconds, of which it may work for the tenth part at most.
    #expect(try processorTicks(of: daemon) - before < 60)
  }

  /// User and system time in hundredths of a second.
  private func processorTicks(of process: ChildProcess) throws -> Int {
    let fields = try readText("/proc/\(process.pid)/stat").split(separator: " ")
    return (Int(fields[13]) ?? 0) + (Int(fields[14]) ?? 0)
  }
}
