internal import CPosix
internal import CSystemd
internal import Glibc
internal import SystemPackage

/// One end of a connection of Unix seqpacket sockets: a message is one piece, whole or not at all.
public struct SeqpacketConnection: ~Copyable, Sendable {
  private let socket: OwnedDescriptor

  /// Takes over a connected socket that does not block.
  public init(adopting socket: consuming OwnedDescriptor) { self.socket = socket }

  /// For an event loop to wait at.
  public var descriptor: CInt { socket.rawValue }

  /// The process at the other end, and the user that it had when it connected, by number.
  public func peer() throws(SystemError) -> (process: Int32, user: UInt32) {
    var (process, user) = (pid_t(), uid_t.max)
    // SAFETY: both are of this frame.
    _ = try SystemError.check(
      "getsockopt", unsafe gh_peer_credentials(descriptor, &process, &user))
    return (process, user)
  }

  /// Whether the other end has not closed it.
  public var isOpen: Bool { gh_is_open(descriptor) }

  /// Reads a message, and the first descriptor that came with it.
  ///
  /// - Parameters:
  ///   - buffer: Where the message goes, as far as there is room.
  ///   - attached: Stays as it is if no descriptor came.
  /// - Returns: The length of the whole message; nil if there is none yet, 0 if the other end has
  ///   gone.
  public func receive(
    into buffer: inout [UInt8], attached: inout OwnedDescriptor?
  ) -> Int? {
    var number: CInt = -1
    // SAFETY: the pointers are valid for the count of the array and the length of the call.
    let length = unsafe buffer.withUnsafeMutableBytes {
      unsafe gh_receive_with_descriptor(descriptor, $0.baseAddress, $0.count, &number)
    }
    if number >= 0 { attached = OwnedDescriptor(adopting: number) }
    if length == -Int(EAGAIN) || length == -Int(EINTR) { return nil }
    return max(length, 0)
  }

  /// Sends a message, with a file attached if there is one; never waits.
  ///
  /// - Returns: Whether it is on its way; not if the other end has gone.
  public func send(_ message: Span<UInt8>, attaching file: SealedMemoryFile? = nil) -> Bool {
    // SAFETY: the pointer is valid for the count of the span.
    unsafe message.withUnsafeBytes {
      unsafe gh_send(descriptor, $0.baseAddress, $0.count, file?.descriptor ?? -1)
    } == 0
  }
}

/// A message, and the descriptor that came with it.
public struct AttachedMessage: ~Copyable {
  /// The message, as far as there was room.
  public let bytes: [UInt8]
  /// The length of the whole message in bytes.
  public let length: Int
  private var descriptor: OwnedDescriptor?

  fileprivate init(bytes: [UInt8], length: Int, descriptor: consuming OwnedDescriptor?) {
    self.bytes = bytes
    self.length = length
    self.descriptor = descriptor
  }

  /// Takes the descriptor out; nil if none came, or if it was taken before.
  public mutating func takeDescriptor() -> OwnedDescriptor? { descriptor.take() }
}

/// Messages over a connected seqpacket socket that does not block and has another owner.
///
/// Each call waits, but not beyond the end that is given; after that it throws `timedOut`.
public struct SeqpacketExchange {
  private let socket: CInt
  private let end: Uptime

  /// - Parameters:
  ///   - socket: The socket's number; its owner keeps it open meanwhile.
  ///   - end: When to give up.
  public init(over socket: CInt, until end: Uptime) {
    self.socket = socket
    self.end = end
  }

  /// Sends a message, with a file attached if there is one.
  public func send(_ message: [UInt8], attaching file: SealedMemoryFile?) throws(SystemError) {
    while true {
      // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
      let result = unsafe message.withUnsafeBytes {
        unsafe gh_send(socket, $0.baseAddress, $0.count, file?.descriptor ?? -1)
      }
      if result == 0 { return }
      try retry("send", after: result, POLLOUT)
    }
  }

  /// Receives a message, and the first descriptor that came with it, which is close-on-exec.
  ///
  /// - Parameter limit: How many bytes of the message are kept.
  /// - Returns: The message; never an empty one.
  /// - Throws: `connectionReset` if the other end has closed the connection.
  public func receive(atMost limit: Int) throws(SystemError) -> AttachedMessage {
    try wait(for: POLLIN)
    while true {
      var attached: CInt = -1
      var length = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, filled in
        // SAFETY: the call writes at most the buffer's own number of bytes and into `attached`, a
        // variable of this frame.
        length = unsafe gh_receive_with_descriptor(
          socket, buffer.baseAddress, limit, &attached)
        filled = min(max(length, 0), limit)
      }
      let descriptor = attached >= 0 ? OwnedDescriptor(adopting: attached) : nil
      if length > 0 {
        return AttachedMessage(bytes: bytes, length: length, descriptor: descriptor)
      }
      guard length < 0 else { throw SystemError("receive", .connectionReset) }
      try retry("receive", after: CInt(truncatingIfNeeded: length), POLLIN)
    }
  }

  /// Waits for the socket if an error only said "not now", and throws any other.
  private func retry(
    _ attempt: String, after result: CInt, _ events: CInt
  ) throws(SystemError) {
    guard result == -EINTR || result == -EAGAIN else {
      throw SystemError(attempt, Errno(rawValue: -result))
    }
    try wait(for: events)
  }

  private func wait(for events: CInt) throws(SystemError) {
    while true {
      // Rounded up: a millisecond of poll(2) too few would be one of spinning.
      let left = ((end - .now).wholeMicroseconds + 999) / 1000
      guard left > 0 else { throw SystemError("wait", .timedOut) }
      let result = gh_poll(
        socket, Int16(truncatingIfNeeded: events), CInt(clamping: left))
      if result > 0 { return }
      guard result == 0 || result == -EINTR else {
        throw SystemError("poll", Errno(rawValue: -result))
      }
    }
  }
}

/// A Unix seqpacket socket that others connect to.
public struct SeqpacketListener: ~Copyable, Sendable {
  private let socket: OwnedDescriptor

  /// For an event loop to wait at.
  public var descriptor: CInt { socket.rawValue }

  /// The socket's inode: each socket of a boot has another one; nil if the system does not say.
  public var inode: Int? {
    var inode: UInt64 = 0
    // SAFETY: `inode` is of this frame.
    guard unsafe gh_inode(descriptor, &inode) == 0 else { return nil }
    return Int(exactly: inode)
  }

  /// The sockets that the service manager hands over (sd_listen_fds(3)); to be asked once.
  public static func countOfHandedOver() throws(SystemError) -> Int {
    Int(try SystemError.check("sd_listen_fds", sd_listen_fds(1)))
  }

  /// Takes over the first of them; nil if it is no listening Unix seqpacket socket.
  public static func handedOver() throws(SystemError) -> SeqpacketListener? {
    let number = SD_LISTEN_FDS_START
    let isRight = sd_is_socket_unix(number, Int32(SOCK_SEQPACKET.rawValue), 1, nil, 0)
    guard isRight > 0 else { return nil }
    let socket = OwnedDescriptor(adopting: number)
    try socket.setNonBlocking()
    return SeqpacketListener(socket)
  }

  private init(_ socket: consuming OwnedDescriptor) { self.socket = socket }

  /// Binds a path and listens at it, for this user's processes alone.
  ///
  /// On Linux bind(2) gives the path the mode that the socket has. So it is right from the first
  /// moment, and the umask, which all threads share, is left alone.
  public init(binding path: String) throws(SystemError) {
    let bound = try OwnedDescriptor("socket", opened: gh_nonblocking_seqpacket_socket())
    let number = bound.rawValue
    _ = try callSystem("fchmod", path) { fchmod(number, 0o600) }
    // SAFETY: the path is a C string for the length of the call.
    _ = try SystemError.check("bind", unsafe gh_bind(number, path), path: path)
    do throws(SystemError) {
      _ = try callSystem("listen", path) { listen(number, SOMAXCONN) }
    } catch {
      try? Files.remove(path)
      throw error
    }
    socket = bound
  }

  /// The path that it is bound to.
  public func path() throws(SystemError) -> String {
    var path = [CChar](repeating: 0, count: 128)
    // SAFETY: the count is the array's.
    let result = unsafe gh_bound_path(descriptor, &path, path.count)
    _ = try SystemError.check("getsockname", result)
    return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What came of accepting a connection.
  public enum Acceptance: ~Copyable {
    /// Somebody who waited.
    case accepted(SeqpacketConnection)
    /// Nobody waits.
    case nobody
    /// There is no descriptor or memory for one.
    case noRoom
    /// Whoever waited has gone.
    case failed
  }

  /// Accepts the next client that waits; returns at once if there is none.
  public func accept() -> Acceptance {
    let accepted = gh_accept(descriptor)
    switch accepted {
    case 0...:
      return .accepted(SeqpacketConnection(adopting: OwnedDescriptor(adopting: accepted)))
    case -EAGAIN: return .nobody
    case -EMFILE, -ENFILE, -ENOMEM, -ENOBUFS: return .noRoom
    default: return .failed
    }
  }

  /// Who is at a path where a socket is.
  public enum Holder: Sendable {
    /// Nobody listens, or nothing is there any more.
    case nobody
    /// Somebody listens for messages of this kind.
    case listener
    /// It is a socket of another kind.
    case otherProgram
  }

  /// Tries to connect to a path, without waiting.
  public static func holder(of path: String) throws(SystemError) -> Holder {
    let probe = try OwnedDescriptor("socket", opened: gh_nonblocking_seqpacket_socket())
    // SAFETY: the path is a C string for the length of the call.
    switch unsafe gh_connect(probe.rawValue, path) {
    case -ECONNREFUSED, -ENOENT: return .nobody
    // A full queue of connections: somebody listens, then.
    case 0, -EAGAIN: return .listener
    case -EPROTOTYPE: return .otherProgram
    case let error: throw SystemError("connect", path, Errno(rawValue: -error))
    }
  }
}

/// A nameless file in memory that nobody can change or cut any more, not even who made it
/// (memfd_create(2)): what travels beside a message and is longer than one.
public final class SealedMemoryFile: Sendable {
  private let file: OwnedDescriptor
  /// How many bytes it has.
  public let size: Int

  /// The number of the open file, valid as long as this lives.
  public var descriptor: CInt { file.rawValue }

  /// Makes one that holds these bytes.
  public init(_ content: [UInt8]) throws(SystemError) {
    // SAFETY: a literal is a C string for the length of the call.
    file = try OwnedDescriptor("memfd_create", opened: unsafe gh_memory_file("gatehouse"))
    size = content.count
    try file.write(content[...])
    _ = try SystemError.check("fcntl", gh_seal(file.rawValue))
    // Whoever gets it reads it from its start.
    let number = file.rawValue
    _ = try callSystem("lseek") { lseek(number, 0, SEEK_SET) }
  }

  private static let check = "read the file that was sent"

  /// Takes over one that somebody else has made, so it can be read later, and by a thread that may
  /// wait.
  ///
  /// Throws if it could still be changed (EINVAL), or is longer than the limit, in bytes (EFBIG).
  public init(
    checking descriptor: consuming OwnedDescriptor, atMost limit: Int
  ) throws(SystemError) {
    guard gh_is_sealed(descriptor.rawValue) else {
      throw SystemError(
        Self.check, .invalidArgument, because: "it is not a sealed memory file")
    }
    var size = 0
    // SAFETY: the pointer is to a variable of this frame, and is not kept.
    _ = try SystemError.check("stat", unsafe gh_size(descriptor.rawValue, &size))
    guard size <= limit else {
      throw SystemError(
        Self.check, .fileTooLarge, because: "it is longer than \(byteCountText(limit))")
    }
    file = descriptor
    self.size = size
  }

  /// All that is in it; may be asked again.
  public func bytes() throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let room = unsafe buffer.baseAddress?.advanced(by: filled)
        do throws(SystemError) {
          // SAFETY: the call writes behind what is filled, at most as many bytes as there is room.
          let count = try callSystem("read") {
            unsafe pread(descriptor, room, size - filled, filled)
          }
          guard count > 0 else { throw SystemError("read", .ioError) }
          filled += count
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
