internal import CPosix
internal import GatehouseWire

/// The path of a Unix socket: absolute, without NUL, and short enough for the kernel.
public struct SocketPath: Sendable {
  /// The greatest length of a path, in bytes: `sun_path` with its NUL holds 108 (unix(7)).
  public static let limit = 107

  private let path: BoundedBytes<107>

  /// The path where these bytes are one.
  public init?(_ bytes: Span<UInt8>) {
    guard bytes.byte(at: 0) == 0x2F, let path = BoundedBytes<107>(bytes) else { return nil }
    var position = 0
    while let byte = bytes.byte(at: position) {
      if byte == 0 { return nil }
      position &+= 1
    }
    self.path = path
  }

  private init(path: BoundedBytes<107>) { self.path = path }

  /// Where the daemon listens unless it is told otherwise.
  public static var standard: SocketPath {
    var path = BoundedBytes<107>()
    path.append("/run/gatehouse/gatehouse.sock")
    return SocketPath(path: path)
  }

  /// The path's bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get { path.bytes }
  }

  /// The owner of the folder that the socket lies in.
  ///
  /// - Returns: The user's number; nil where the folder could not be looked at.
  public func folderOwner() -> UInt32? {
    let bytes = path.bytes
    var length = bytes.count
    while length > 1, bytes.byte(at: length &- 1) != 0x2F { length &-= 1 }
    var folder = BoundedBytes<108>()
    folder.append(bytes.bytes(from: 0, count: length))
    folder.append(0)
    var owner: uid_t = 0
    // SAFETY: the bytes end with the NUL just added, and neither pointer is kept.
    let result = unsafe folder.bytes.withUnsafeBytes { folder in
      unsafe folder.withMemoryRebound(to: CChar.self) { folder in
        guard let start = folder.baseAddress else { return CInt(-1) }
        return unsafe gatehouse_owner(start, &owner)
      }
    }
    return result == 0 ? owner : nil
  }
}
