import CPosix
import Glibc

/// A Unix seqpacket socket that a test holds by hand: raw messages, no protocol.
public final class SeqpacketSocket: Sendable {
  /// Its descriptor, closed when the last holder lets it go.
  public let descriptor: Int32

  /// Takes over a descriptor.
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

  /// Binds and listens.
  public convenience init(listeningOn path: String) throws {
    let descriptor = gh_seqpacket_socket()
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(-descriptor)") }
    self.init(owning: descriptor)
    // SAFETY: the path is a C string for the length of the call.
    let result = unsafe gh_bind(descriptor, path)
    guard result == 0 else { throw TestKitError("bind \(path): errno \(-result)") }
    guard listen(descriptor, 128) == 0 else { throw TestKitError("listen: errno \(errno)") }
  }

  /// Waits for a client and takes it.
  public func accept(seconds: Double = 20) throws -> SeqpacketSocket {
    try waitReadable(seconds: seconds)
    let client = gh_accept(descriptor)
    guard client >= 0 else { throw TestKitError("accept: errno \(-client)") }
    return SeqpacketSocket(owning: client)
  }

  /// Sends one message; false where the other side is gone.
  @discardableResult
  public func send(_ message: [UInt8], attaching attached: Int32 = -1) -> Bool {
    // SAFETY: the pointer is valid for the count of the array.
    unsafe message.withUnsafeBytes {
      unsafe gh_send(descriptor, $0.baseAddress, $0.count, attached) == 0
    }
  }

  /// One message; empty where the other side has closed without (or with a reset).
  public func receive(seconds: Double = 20) throws -> [UInt8] {
    try receiveWithDescriptor(seconds: seconds).message
  }

  /// One message and the descriptor that came with it, which the caller closes.
  public func receiveWithDescriptor(
    seconds: Double = 20
  ) throws -> (message: [UInt8], attached: Int32?) {
    try waitReadable(seconds: seconds)
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

  /// One message, and all that is in the file that came with it.
  public func receiveWithText() throws -> (message: [UInt8], text: String) {
    let (message, attached) = try receiveWithDescriptor()
    guard let attached else { throw TestKitError("no file came with \(message)") }
    defer { close(attached) }
    return (message, String(decoding: try readAll(attached, from: "file"), as: UTF8.self))
  }

  private func waitReadable(seconds: Double) throws {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one pollfd of this frame, and the count says one.
    let ready = unsafe poll(&wanted, 1, Int32(seconds * 1000))
    guard ready == 1 else { throw TestKitError("nothing came within \(seconds) s") }
  }

  deinit { close(descriptor) }
}
