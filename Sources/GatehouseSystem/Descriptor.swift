internal import CPosix

/// An owned file descriptor, closed at the end of its life.
public struct Descriptor: ~Copyable, Sendable {
  /// The number, valid as long as the owner lives.
  public let rawValue: CInt

  /// Takes over a descriptor that nobody else will close.
  public init(adopting rawValue: CInt) { self.rawValue = rawValue }

  // On Linux close(2) frees the descriptor whatever it returns, so there is nothing to try again.
  deinit { _ = close(rawValue) }
}
