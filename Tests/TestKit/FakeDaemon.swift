import Synchronization

/// A daemon in this process that does with each connection what the test says.
public final class FakeDaemon: Sendable {
  /// The folder that the socket lies in.
  public let folder: TemporaryDirectory
  /// The path of the socket.
  public var path: String { folder.file("socket") }

  /// How many connections there have been.
  public var connections: Int { state.connections.withLock { $0 } }

  private let state = State()
  private let thread: BackgroundThread

  /// Listens, and gives each connection and its number, from 0, to the closure.
  public init(_ serve: @escaping @Sendable (SeqpacketSocket, Int) -> Void) throws {
    folder = try TemporaryDirectory("gatehouse-fake")
    let listener = try SeqpacketSocket(listeningOn: folder.file("socket"))
    thread = try BackgroundThread { [state] in
      while let client = try? listener.accept() {
        if state.stops.withLock({ $0 }) { return }
        let number = state.connections.withLock { count in
          count += 1
          return count - 1
        }
        serve(client, number)
      }
    }
  }

  // The thread, which is waited for next, sits in accept.
  deinit {
    state.stops.withLock { $0 = true }
    _ = try? SeqpacketSocket(connectingTo: path)
  }

  private final class State: Sendable {
    let connections = Mutex(0)
    let stops = Mutex(false)
  }

  /// Reads the question and sends these bytes.
  public static func answering(_ message: [UInt8]) throws -> FakeDaemon {
    try FakeDaemon { client, _ in
      _ = try? client.receive()
      client.send(message)
    }
  }
}
