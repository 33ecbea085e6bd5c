import GatehouseClient
import GatehouseControl
import GatehouseSystem
import GatehouseWire
import Glibc
import Synchronization
import TestKit
import Testing

@Suite("One question, one deadline")
struct AskTests {
  @Test("the answer is the daemon's")
  func answer() throws {
    let daemon = try FakeDaemon.answering(allowed)
    #expect(Asked(at: daemon.path).reason == "listed")
    #expect(daemon.connections == 1)
  }

  @Test("the daemon gets the whole question, and how long it has")
  func question() throws {
    let got = Mutex<[UInt8]>([])
    let daemon = try FakeDaemon { client, _ in
      got.withLock { $0 = (try? client.receive()) ?? [] }
      client.send(allowed)
    }
    _ = Asked(at: daemon.path, milliseconds: 5000)
    let message = got.withLock { $0 }
    let question = try Question(decoding: message.span)
    let user = message.span.array(of: question.login.user)
    #expect(user == Array("alice".utf8))
    #expect(1...5000 ~= question.timeLeft)
  }

  @Test("no socket is an error at once, however long there is time")
  func absent() throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    #expect(Asked(at: folder.file("socket"), milliseconds: 1_000_000).failure == .absent)
  }

  @Test("a socket where nobody listens is an error at once")
  func refused() throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    do { _ = try SeqpacketSocket(listeningOn: folder.file("socket")) }
    #expect(Asked(at: folder.file("socket"), milliseconds: 1_000_000).failure == .refused)
  }

  @Test("a file that is no socket is an error at once")
  func noSocket() throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    try folder.write("", to: "socket")
    #expect(Asked(at: folder.file("socket"), milliseconds: 1_000_000).failure == .refused)
  }

  @Test(
    "an answer that makes no sense is an error at once, and not asked again",
    arguments: AskTests.senselessAnswers)
  func senseless(answer: Senseless) throws {
    let daemon = try FakeDaemon.answering(answer.message)
    #expect(Asked(at: daemon.path, milliseconds: 1_000_000).failure == .senseless(answer.error))
    #expect(daemon.connections == 1)
  }

  struct Senseless: CustomTestStringConvertible {
    let error: WireError
    let message: [UInt8]
    var testDescription: String { "\(error)" }
  }

  static let senselessAnswers = [
    Senseless(error: .version, message: [0x47, 0x48, 2, 65]),
    Senseless(error: .notAFrame, message: Array("HTTP/1.1 200 OK".utf8)),
    Senseless(error: .notAFrame, message: [UInt8](repeating: 0xA5, count: 400)),
    Senseless(error: .version, message: ReplyFrame.bytes),
    Senseless(error: .truncated, message: Array(allowed.dropLast(2))),
    Senseless(error: .missingField, message: Array(allowed.prefix(4))),
    Senseless(error: .tooLong, message: allowed + [UInt8](repeating: 0, count: 4100)),
    Senseless(error: .unknownField, message: allowed + [99, 0, 0]),
  ]

  @Test("a daemon that says nothing costs the deadline, no less")
  func silent() throws {
    let daemon = try FakeDaemon { client, _ in
      _ = try? client.receive()
      _ = try? client.receive()  // until the asker has given up
    }
    let began = ContinuousClock.now
    #expect(Asked(at: daemon.path, milliseconds: 200).failure == .timedOut)
    #expect(ContinuousClock.now - began >= .milliseconds(200))
  }

  @Test("what is there when the deadline is over is taken")
  func lateAnswer() throws {
    let sent = Mutex(0)
    let daemon = try FakeDaemon { client, _ in
      for number in 1...2 {
        client.send(allowed)
        sent.withLock { $0 = number }
      }
    }
    let bytes = Array(daemon.path.utf8)
    guard let path = SocketPath(bytes.span) else { throw TestKitError("the path is too long") }
    let connection = try Connection(to: path, deadline: Deadline(milliseconds: 5000))
    try wait { sent.withLock { $0 == 2 } }
    let over = Deadline(milliseconds: 0)
    var storage = FrameStorage(repeating: 0)
    for _ in 1...2 {
      let count = try connection.receive(into: &storage, deadline: over)
      #expect(count == allowed.count)
    }
  }

  @Test("a connection lost before the answer is made anew", arguments: [1, 2, 5])
  func lostAndFound(times: Int) throws {
    let daemon = try FakeDaemon { client, number in
      _ = try? client.receive()
      if number >= times { client.send(allowed) }
    }
    #expect(Asked(at: daemon.path).decision == .allow)
    #expect(daemon.connections == times + 1)
  }

  @Test("a connection that is closed before the question is read is made anew")
  func closedUnread() throws {
    let daemon = try FakeDaemon { client, number in
      guard number > 0 else { return }
      _ = try? client.receive()
      client.send(allowed)
    }
    #expect(Asked(at: daemon.path).decision == .allow)
  }

  @Test("each attempt says how much time there is then")
  func timeLeftShrinks() throws {
    let times = Mutex<[UInt32]>([])
    let daemon = try FakeDaemon { client, number in
      let message = (try? client.receive()) ?? []
      if let question = try? Question(decoding: message.span) {
        times.withLock { $0.append(question.timeLeft) }
      }
      if number == 3 { client.send(allowed) }
    }
    #expect(Asked(at: daemon.path).decision == .allow)
    let seen = times.withLock { $0 }
    #expect(seen.count == 4)
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("a daemon that closes again and again is left in growing pauses, until the deadline")
  func closing() throws {
    let daemon = try FakeDaemon { client, _ in _ = try? client.receive() }
    let began = ContinuousClock.now
    #expect(Asked(at: daemon.path, milliseconds: 300).failure == .lost)
    #expect(ContinuousClock.now - began >= .milliseconds(300))
    // 1 + 2 + 4 … 64 are 127 ms, and then 100 ms each.
    #expect(daemon.connections <= 10)
  }

  @Test("a daemon that dies in the middle of a question is waited for until it is back")
  func restart() throws {
    let folder = try TemporaryDirectory("gatehouse-client")
    let path = folder.file("socket")
    let first = Mutex<SeqpacketSocket?>(try SeqpacketSocket(listeningOn: path))
    let work = try BackgroundThread {
      let listener = first.withLock { $0 }
      _ = try? listener?.accept().receive()
      first.withLock { $0 = nil }
    }
    let restart = try BackgroundThread {
      // The socket is gone for a while; then another daemon listens.
      _ = try? wait { first.withLock { $0 == nil } }
      // SAFETY: the path is a C string for the length of the call.
      unsafe unlink(path)
      usleep(30_000)
      guard let listener = try? SeqpacketSocket(listeningOn: path) else { return }
      guard let client = try? listener.accept() else { return }
      _ = try? client.receive()
      client.send(allowed)
    }
    #expect(Asked(at: path).decision == .allow)
    withExtendedLifetime((work, restart)) {}
  }

  @Test("a full queue costs the deadline, no less")
  func fullQueue() throws {
    let queue = try FullQueue()
    let began = ContinuousClock.now
    #expect(Asked(at: queue.path, milliseconds: 200).failure == .timedOut)
    #expect(ContinuousClock.now - began >= .milliseconds(200))
  }

  @Test("a full queue is waited in, and answered once there is a place")
  func fullQueueClears() throws {
    let queue = try FullQueue()
    let serving = try BackgroundThread {
      usleep(50_000)
      while let client = try? queue.listener.accept(seconds: 5) {
        guard let message = try? client.receive(seconds: 5) else { return }
        if !message.isEmpty {
          client.send(allowed)
          return
        }
      }
    }
    queue.leave()
    #expect(Asked(at: queue.path).decision == .allow)
    withExtendedLifetime(serving) {}
  }

  @Test("nothing is left open, whatever the outcome")
  func descriptors() throws {
    let good = try FakeDaemon.answering(allowed)
    let bad = try FakeDaemon.answering([1, 2, 3])
    let gone = try TemporaryDirectory("gatehouse-client")
    func numbers() throws -> Int32 {
      // The lowest free number grows where one is lost.
      let free = dup(0)
      close(free)
      return free
    }
    // Other tests of this process open and close as well, so growth by every single call counts.
    let before = try numbers()
    for _ in 0..<300 {
      _ = Asked(at: good.path)
      _ = Asked(at: bad.path)
      _ = Asked(at: gone.file("socket"))
    }
    #expect(try numbers() < before + 300)
  }
}

/// A listening socket with no place left in its queue.
private final class FullQueue: Sendable {
  let folder: TemporaryDirectory
  let listener: SeqpacketSocket
  var path: String { folder.file("socket") }
  private let waiting = Mutex<[SeqpacketSocket]>([])

  init() throws {
    folder = try TemporaryDirectory("gatehouse-client")
    listener = try SeqpacketSocket(listeningOn: folder.file("socket"))
    // listen(2) again: no place but one.
    guard listen(listener.descriptor, 0) == 0 else { throw TestKitError("listen: errno \(errno)") }
    let one = try SeqpacketSocket(connectingTo: path)
    waiting.withLock { $0.append(one) }
  }

  /// Those who fill the queue go away.
  func leave() { waiting.withLock { $0 = [] } }
}
