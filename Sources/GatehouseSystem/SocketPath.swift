internal import CPosix
internal import GatehouseWire

/// The path of a Unix socket: absolute, without NUL, and short enough for the kernel.
public struct SocketPath: Sendable {
  /// The greatest length of a path, in bytes: `sun_path` with its NUL holds 108 (unix(7)).
  public static let limit = 107

  /// The path and a NUL.
  private let terminated: BoundedBytes<108>

  /// Nil if these bytes are not such a path.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.byte(at: 0) == 0x2F, bytes.count <= SocketPath.limit else { return nil }
    var position = 0
    while let byte = bytes.byte(at: position) {
      if byte == 0 { return nil }
      position &+= 1
    }
    self.init(checked: bytes)
  }

  private init(checked bytes: Span<UInt8>) {
    var path = BoundedBytes<108>()
    path.append(bytes)
    path.append(0)
    terminated = path
  }

  /// Where the daemon listens unless it is told otherwise.
  public static var standard: SocketPath {
    let path: StaticString = "/run/gatehouse/gatehouse.sock"
    return SocketPath(checked: path.bytes)
  }

  /// The path's bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { terminated.bytes.bytes(from: 0, count: terminated.count &- 1) }
  }

  /// The owner of the folder that the socket lies in.
  ///
  /// - Returns: The user's id; nil if the folder could not be looked at.
  public func folderOwner() -> UInt32? {
    var length = bytes.count
    while length > 1, bytes.byte(at: length &- 1) != 0x2F { length &-= 1 }
    let folder = SocketPath(checked: bytes.bytes(from: 0, count: length))
    var owner: uid_t = 0
    // SAFETY: the path ends with a NUL, and neither pointer is kept.
    let result = unsafe folder.withCString { path in unsafe gh_owner(path, &owner) }
    return result == 0 ? owner : nil
  }

  /// Gives the path as a C string to a system call.
  ///
  /// - Returns: What the call returns.
  func withCString(_ call: (UnsafePointer<CChar>) -> CInt) -> CInt {
    // SAFETY: the bytes end with a NUL, and the pointer is used during the call only.
    unsafe terminated.bytes.withUnsafeBytes { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) { path in
        guard let start = path.baseAddress else { return -EFAULT }
        return unsafe call(start)
      }
    }
  }
}
