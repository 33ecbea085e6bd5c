import CPosix
import Glibc

/// A Unix seqpacket socket for raw messages, without a protocol.
public final class SeqpacketSocket: Sendable {
  /// The descriptor, closed when the last reference goes.
  public let descriptor: Int32

  /// Takes ownership of a descriptor.
  public init(owning descriptor: Int32) { self.descriptor = descriptor }

  /// Connects to a listening socket.
  public convenience init(connectingTo path: String) throws {
    let descriptor = gh_seqpacket_socket()
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(-descriptor)") }
    self.init(owning: descriptor)
    // SAFETY: the path is a C string for the length of the call.
    let result = unsafe gh_connect(descriptor, path)
    guard result == 0 else { throw TestKitError("connect \(path): errno \(-result)") }
  }

  /// Binds a path and listens there.
  public convenience init(listeningOn path: String) throws {
    let descriptor = gh_seqpacket_socket()
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(-descriptor)") }
    self.init(owning: descriptor)
    // SAFETY: the path is a C string for the length of the call.
    let result = unsafe gh_bind(descriptor, path)
    guard result == 0 else { throw TestKitError("bind \(path): errno \(-result)") }
    guard listen(descriptor, 128) == 0 else { throw TestKitError("listen: errno \(errno)") }
  }

  /// Waits for a client and accepts it; throws after the time.
  public func accept(seconds: Double = 20) throws -> SeqpacketSocket {
    try waitUntilReadable(descriptor, seconds: seconds)
    let client = gh_accept(descriptor)
    guard client >= 0 else { throw TestKitError("accept: errno \(-client)") }
    return SeqpacketSocket(owning: client)
  }

  /// Sends one message; returns false if the other side is gone.
  @discardableResult
  public func send(_ message: [UInt8], attaching attached: Int32 = -1) -> Bool {
    // SAFETY: the pointer is valid for the count of the array.
    unsafe message.withUnsafeBytes {
      unsafe gh_send(descriptor, $0.baseAddress, $0.count, attached) == 0
    }
  }

  /// Waits for one message, which is empty if the other side has closed or reset the connection;
  /// throws after the time.
  public func receive(seconds: Double = 20) throws -> [UInt8] {
    try receiveWithDescriptor(seconds: seconds).message
  }

  /// As `receive`, with the descriptor that came with the message, which the caller must close; nil if
  /// none came.
  public func receiveWithDescriptor(
    seconds: Double = 20
  ) throws -> (message: [UInt8], attached: Int32?) {
    try waitUntilReadable(descriptor, seconds: seconds)
    var buffer = [UInt8](repeating: 0, count: 8192)
    var attached: Int32 = -1
    // SAFETY: the pointer is valid for the count of the array.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive_with_descriptor(descriptor, $0.baseAddress, $0.count, &attached)
    }
    guard count >= 0 || count == -Int(ECONNRESET) else {
      throw TestKitError("recvmsg: errno \(-count)")
    }
    return (Array(buffer[..<max(0, count)]), attached >= 0 ? attached : nil)
  }

  /// As `receive`, with the content of the file that came with the message; throws if none came.
  public func receiveWithText() throws -> (message: [UInt8], text: String) {
    let (message, attached) = try receiveWithDescriptor()
    guard let attached else { throw TestKitError("no file came with \(message)") }
    defer { close(attached) }
    return (message, String(decoding: try readAll(attached, from: "file"), as: UTF8.self))
  }

  deinit { close(descriptor) }
}

/// A bound Unix datagram socket, such as the one that NOTIFY_SOCKET names.
public final class DatagramSocket: Sendable {
  private let descriptor: Int32

  /// Makes the socket and binds it to a path.
  public init(boundTo path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(errno)") }
    // SAFETY: the path is a C string for the length of the call.
    let result = unsafe gh_bind(descriptor, path)
    guard result == 0 else { throw TestKitError("bind \(path): errno \(-result)") }
  }

  /// Waits for the next datagram and returns it as text; throws after the time.
  public func receive(seconds: Double = 20) throws -> String {
    try waitUntilReadable(descriptor, seconds: seconds)
    var buffer = [UInt8](repeating: 0, count: 8192)
    // SAFETY: the pointer is valid for the count of the array.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive(descriptor, $0.baseAddress, $0.count)
    }
    guard count >= 0 else { throw TestKitError("recv: errno \(-count)") }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  deinit { close(descriptor) }
}

private func waitUntilReadable(_ descriptor: Int32, seconds: Double) throws {
  var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  // SAFETY: one pollfd of this frame, and the count says one.
  let readyCount = unsafe poll(&request, 1, Int32(seconds * 1000))
  guard readyCount == 1 else { throw TestKitError("nothing came within \(seconds) s") }
}
