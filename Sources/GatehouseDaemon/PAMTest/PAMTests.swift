import GatehouseControl
import GatehouseJournal
import GatehousePlatform

/// The processes whose questions are tests: decided and answered like others, and no logins.
///
/// Each one is asked for by a request, and lasts until its process or the request's connection has
/// ended. Lives on the loop.
final class PAMTests {
  /// The most that are open at once.
  static let limit = 8
  /// The most questions of one that are kept.
  static let answerLimit = 64

  private final class Test {
    let connection: ClientConnection
    let reply: (PAMTestResult) -> Void
    let process: ProcessDescriptor
    var sources: [EventSource] = []
    var result = PAMTestResult(.ended)

    init(
      _ process: consuming ProcessDescriptor, _ connection: ClientConnection,
      _ reply: @escaping (PAMTestResult) -> Void
    ) {
      self.process = process
      self.connection = connection
      self.reply = reply
    }

    /// Waits for nothing any more, so that the descriptors can be closed.
    func release() {
      for source in sources { source.setEnabled(false) }
      sources = []
    }
  }

  private let loop: EventLoop
  private let log: Log
  private var tests: [Int32: Test] = [:]

  /// None yet.
  init(loop: EventLoop, log: Log) {
    self.loop = loop
    self.log = log
  }

  /// Takes the questions of a process as tests from now on; calls back once that is over, unless the
  /// connection has ended before.
  func begin(
    _ request: PAMTestRequest, for connection: ClientConnection,
    _ reply: @escaping (PAMTestResult) -> Void
  ) {
    let number = Int32(clamping: request.process)
    guard tests.count < Self.limit, tests[number] == nil else {
      return reply(PAMTestResult(.busy))
    }
    do throws(SystemError) {
      // The number may have become another's. The start tells: it is read of whoever has the number
      // once the descriptor is open, and no two processes of a number start at the same time.
      guard let process = try ProcessDescriptor(number),
        try ProcessDescriptor.start(of: number) == UInt64(request.started)
      else { return reply(PAMTestResult(.noSuchProcess)) }
      let test = Test(process, connection, reply)
      test.sources = [
        try loop.onReadable(test.process.descriptor) { [unowned self] in
          if let test = take(number) { test.reply(test.result) }
        },
        try loop.onReadable(connection.descriptor) { [unowned self] in
          take(number)?.connection.close()
        },
      ]
      tests[number] = test
      // So that nothing is left out of the log without a word of it there.
      log.post(
        .notice, .pamTest,
        "the questions of process \(number) are tests of the PAM stack: no logins")
    } catch {
      log.post(.error, .failed, "a test of the PAM stack cannot be followed: \(error)")
      reply(PAMTestResult(.noSuchProcess))
    }
  }

  /// Whether the questions of a process are tests; to be asked before it has its answer, with which
  /// it may end.
  func isTested(_ process: Int32) -> Bool {
    // As long as it runs, nobody else has its number.
    !tests.isEmpty && tests[process]?.process.isRunning == true
  }

  /// Remembers what a question of a process gave.
  func add(_ answered: PAMTestResult.Answered, of process: Int32) {
    guard let test = tests[process] else { return }
    if test.result.answers.count < Self.answerLimit {
      test.result.answers.append(answered)
    } else {
      test.result.isCut = true
    }
  }

  /// Ends all of them, with what they have given until now.
  func endAll() {
    for number in tests.keys.sorted() {
      if let test = take(number) { test.reply(test.result) }
    }
  }

  private func take(_ number: Int32) -> Test? {
    let test = tests.removeValue(forKey: number)
    test?.release()
    return test
  }
}
