import GatehouseControl
import GatehousePlatform
import GatehouseWire

/// A connection of a client: one request comes in, one reply goes out, and it is closed.
final class ClientConnection {
  /// Numbers go up: a smaller one is older.
  let number: UInt64
  /// The process that connected.
  let peer: Int32
  /// Whether that process was root's when it connected.
  let isOfRoot: Bool
  /// When its request was read; nil before.
  private(set) var arrival: Uptime?
  private var ends: Ends
  private let onEnd: (UInt64) -> Void

  /// `onEnd` is called with the number at its end, once.
  init(
    number: UInt64, socket: consuming SeqpacketConnection, peer: Int32, isOfRoot: Bool,
    onEnd: @escaping (UInt64) -> Void
  ) {
    self.number = number
    ends = Ends(socket: socket)
    self.peer = peer
    self.isOfRoot = isOfRoot
    self.onEnd = onEnd
  }

  /// The descriptor that the loop waits for; negative once the connection has ended.
  var descriptor: Int32 { ends.socket?.descriptor ?? -1 }

  /// Reads a message and returns its length: nil if there is none yet, 0 if the client has gone.
  func receive(into buffer: inout [UInt8]) -> Int? {
    let length = ends.receive(into: &buffer)
    if length != nil { arrival = .now }
    return length
  }

  /// Takes the file that came with the request, once; nil if none came.
  ///
  /// Nobody can change it any more, so it can be read later and on another thread.
  func takeFile(atMost limit: Int) throws(SystemError) -> SealedMemoryFile? {
    guard let attached = ends.attached.take() else { return nil }
    return try SealedMemoryFile(checking: attached, atMost: limit)
  }

  /// Whether the client's end is still open.
  var isOpen: Bool { ends.socket?.isOpen ?? false }

  /// Sends the reply and ends the connection; returns false if the client had gone.
  ///
  /// The frame is not changed. It is `inout` because a borrowed one would be copied as a whole.
  func reply(_ frame: inout Frame) -> Bool { send(frame.bytes, attaching: nil) }

  /// Sends a reply in a file that nobody can change any more, and ends the connection.
  ///
  /// Without a file it says that the reply could not be made.
  func reply(_ file: SealedMemoryFile?) {
    let frame = ReplyFrame.bytes
    _ = send(frame.span, attaching: file)
  }

  /// Ends the connection, if it has not ended yet.
  func close() {
    guard ends.socket != nil else { return }
    onEnd(number)
    ends.socket = nil
  }

  private func send(_ frame: Span<UInt8>, attaching file: SealedMemoryFile?) -> Bool {
    guard let socket = ends.socket.take() else { return false }
    let isSent = socket.send(frame, attaching: file)
    onEnd(number)
    return isSent
  }
}

/// What a connection holds of the system; together, so that a request is received by one access.
private struct Ends: ~Copyable {
  /// Nil once the connection has ended.
  var socket: SeqpacketConnection?
  /// What came with the request.
  var attached: OwnedDescriptor?

  init(socket: consuming SeqpacketConnection) { self.socket = consume socket }

  /// See `ClientConnection.receive`.
  mutating func receive(into buffer: inout [UInt8]) -> Int? {
    guard socket != nil else { return 0 }
    return socket?.receive(into: &buffer, attached: &attached)
  }
}
