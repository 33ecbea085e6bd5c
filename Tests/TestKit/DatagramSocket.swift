import CPosix
import Glibc

/// A bound Unix datagram socket, such as NOTIFY_SOCKET names.
public final class DatagramSocket: Sendable {
  private let descriptor: Int32

  /// Binds it.
  public init(boundTo path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw TestKitError("socket: errno \(errno)") }
    // SAFETY: the path is a C string for the length of the call.
    let result = unsafe gh_bind(descriptor, path)
    guard result == 0 else { throw TestKitError("bind \(path): errno \(-result)") }
  }

  /// The next datagram as text.
  public func receive(seconds: Double = 20) throws -> String {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // SAFETY: one pollfd of this frame, and the count says one.
    guard unsafe poll(&wanted, 1, Int32(seconds * 1000)) == 1 else {
      throw TestKitError("no datagram within \(seconds) s")
    }
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
