internal import CPosix

/// What can go wrong with a connection.
public enum SocketError: Error, Hashable, Sendable {
  /// There is no socket at the path.
  case absent
  /// There is a socket, and nobody listens at it.
  case refused
  /// The deadline was over.
  case timedOut
  /// The other end closed the connection.
  case ended
  /// A message was longer than a frame may be.
  case tooLong
  /// Another error of the system, by its `errno`.
  case system(CInt)

  /// The error that a call's negative `errno` means.
  init(result: CInt) {
    switch result {
    case -ENOENT: self = .absent
    case -ECONNREFUSED: self = .refused
    case -EPIPE, -ECONNRESET: self = .ended
    default: self = .system(0 &- result)
    }
  }
}
