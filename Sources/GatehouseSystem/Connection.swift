internal import CPosix
public import GatehouseWire

/// The process at the other end when the connection was made (SO_PEERCRED in unix(7)).
public struct PeerCredentials: Hashable, Sendable {
  /// Its process id.
  public let process: Int32
  /// The id of the user it ran as.
  public let user: UInt32
}

/// A connection to the daemon: a Unix socket of type SOCK_SEQPACKET, so a message is a frame.
///
/// Nothing here blocks beyond the deadline it is given. A signal that comes in the middle costs
/// nothing but its own time.
public struct Connection: ~Copyable {
  /// The socket, which never blocks.
  public let descriptor: Descriptor

  /// Connects to the daemon's socket.
  ///
  /// If the daemon's queue is full, it waits for a place in it.
  public init(to path: SocketPath, deadline: Deadline) throws(SocketError) {
    let number = gh_nonblocking_seqpacket_socket()
    guard number >= 0 else { throw SocketError(result: number) }
    let owned = Descriptor(adopting: number)
    switch Connection.connect(number, to: path) {
    case 0: break
    case -EAGAIN: try Connection.queue(number, for: path, deadline: deadline)
    case let result: throw SocketError(result: result)
    }
    descriptor = owned
  }

  /// Who listens at the other end.
  public func peer() throws(SocketError) -> PeerCredentials {
    var process: pid_t = 0
    var user: uid_t = 0
    // SAFETY: the pointers are to variables of this frame, and are not kept.
    let result = unsafe gh_peer_credentials(descriptor.rawValue, &process, &user)
    guard result == 0 else { throw SocketError(result: result) }
    return PeerCredentials(process: process, user: user)
  }

  /// Sends a frame; never a signal (SIGPIPE) with it.
  public func send(_ frame: Span<UInt8>, deadline: Deadline) throws(SocketError) {
    while true {
      // SAFETY: the call reads the buffer's own number of bytes, and does not keep the pointer.
      let result = unsafe frame.withUnsafeBytes { buffer in
        unsafe gh_send(descriptor.rawValue, buffer.baseAddress, buffer.count, -1)
      }
      if result == 0 { return }
      try retry(after: result, POLLOUT, deadline: deadline)
    }
  }

  /// Receives a frame.
  ///
  /// A descriptor that comes with it is not let in.
  ///
  /// - Parameters:
  ///   - storage: Where the frame goes, from the start.
  ///   - deadline: When to give up.
  /// - Returns: The frame's length in bytes.
  /// - Throws: `ended` also for an empty message, which cannot be told from the end.
  public func receive(
    into storage: inout FrameStorage, deadline: Deadline
  ) throws(SocketError) -> Int {
    // An answer takes the daemon a moment, so to try first would be one system call for nothing.
    try wait(for: POLLIN, deadline: deadline)
    while true {
      var span = storage.mutableSpan
      // SAFETY: the call writes at most the buffer's own number of bytes, and does not keep the
      // pointer.
      let count = unsafe span.withUnsafeMutableBytes { buffer in
        unsafe gh_receive(descriptor.rawValue, buffer.baseAddress, buffer.count)
      }
      if count >= 0 {
        guard count > 0 else { throw .ended }
        guard count <= WireLimit.frame else { throw .tooLong }
        return count
      }
      try retry(after: CInt(truncatingIfNeeded: count), POLLIN, deadline: deadline)
    }
  }

  /// Waits for the socket if an error only said "not now", and throws any other.
  ///
  /// - Parameters:
  ///   - result: The negative `errno` of a call on the socket.
  ///   - events: What poll(2) is to wait for.
  ///   - deadline: When to give up.
  /// - Throws: The error, or that the deadline is over.
  private func retry(
    after result: CInt, _ events: CInt, deadline: Deadline
  ) throws(SocketError) {
    switch result {
    case -EINTR, -EAGAIN: try wait(for: events, deadline: deadline)
    default: throw SocketError(result: result)
    }
  }

  /// Waits until the socket is ready.
  ///
  /// It looks once even if the deadline is over. So an answer that is there is taken, however late the
  /// process gets to it.
  ///
  /// - Parameters:
  ///   - events: What poll(2) is to wait for.
  ///   - deadline: When to give up.
  /// - Throws: That the deadline is over, or that the socket cannot be waited for.
  private func wait(for events: CInt, deadline: Deadline) throws(SocketError) {
    while true {
      // Rounded up: a millisecond of poll(2) too few would be one of spinning.
      let left = min((deadline.nanosecondsLeft &+ 999_999) / 1_000_000, Int64(CInt.max))
      let result = gh_poll(
        descriptor.rawValue, Int16(truncatingIfNeeded: events), CInt(truncatingIfNeeded: left))
      if result > 0 { return }
      guard left > 0 else { throw .timedOut }
      guard result == 0 || result == -EINTR else { throw SocketError(result: result) }
    }
  }

  /// Tries to connect at once.
  ///
  /// - Returns: Zero, or the negative `errno`.
  private static func connect(_ number: CInt, to path: SocketPath) -> CInt {
    while true {
      // SAFETY: the path is a C string, and the pointer is not kept.
      let result = unsafe path.withCString { path in unsafe gh_connect(number, path) }
      guard result == -EINTR else { return result }
    }
  }

  /// Waits for a place in a full queue.
  ///
  /// poll(2) cannot wait for that; only a blocking connect can, bounded by SO_SNDTIMEO.
  private static func queue(
    _ number: CInt, for path: SocketPath, deadline: Deadline
  ) throws(SocketError) {
    try check(gh_set_blocking(number, true))
    var result = -EAGAIN
    while result == -EAGAIN {
      // Never zero, which would be without a bound.
      let left = (deadline.nanosecondsLeft &+ 999) / 1000
      guard left > 0 else { throw .timedOut }
      let time = timeval(tv_sec: Int(left / 1_000_000), tv_usec: Int(left % 1_000_000))
      try check(gh_set_send_timeout(number, time))
      // SAFETY: the path is a C string, and the pointer is not kept.
      result = unsafe path.withCString { path in unsafe gh_connect(number, path) }
      // The time that is left is another one after a signal.
      if result == -EINTR { result = -EAGAIN }
    }
    try check(result)
    try check(gh_set_blocking(number, false))
  }

  /// Throws the error that a system call has returned.
  private static func check(_ result: CInt) throws(SocketError) {
    guard result >= 0 else { throw SocketError(result: result) }
  }
}
