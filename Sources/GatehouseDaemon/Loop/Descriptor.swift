import Glibc

/// The one owner of a file descriptor, which it closes at its end.
struct Descriptor: ~Copyable, Sendable {
  /// The number, valid as long as the owner lives.
  let number: Int32

  /// Takes over what one of the C helpers opened; a negative errno is thrown.
  init(_ attempt: @autoclosure () -> String, opened result: Int32) throws(SystemError) {
    number = try SystemError.check(attempt(), result)
  }

  /// Takes over an open descriptor.
  init(owning number: Int32) { self.number = number }

  /// Hands the descriptor on to another owner.
  consuming func take() -> Int32 {
    let number = number
    discard self
    return number
  }

  deinit { close(number) }
}
