import Glibc

/// The one owner of a file descriptor, which it closes at its end.
struct Descriptor: ~Copyable, Sendable {
  /// The number, valid as long as the owner lives.
  let number: Int32

  /// Takes over what one of the C helpers opened; a negative errno is thrown.
  init(_ attempt: @autoclosure () -> String, opened result: Int32) throws(SystemError) {
    number = try SystemError.check(attempt(), result)
  }

  /// Opens a file to read it (open(2)).
  init(reading path: String, _ flags: Int32 = 0) throws(SystemError) {
    // SAFETY: the path is a C string for the length of the call.
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | flags)
    guard opened >= 0 else { throw SystemError("open \(path)", errno) }
    self.init(owning: opened)
  }

  /// Takes over an open descriptor.
  init(owning number: Int32) { self.number = number }

  /// What an open file still has to give; `name` is for the error.
  func content(_ name: String) throws(SystemError) -> [UInt8] {
    var content: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: the pointer is valid for the count of the array.
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe read(number, $0.baseAddress, $0.count)
      }
      guard count >= 0 else { throw SystemError("read \(name)", errno) }
      if count == 0 { return content }
      content += block[..<count]
    }
  }

  /// Hands the descriptor on to another owner.
  consuming func take() -> Int32 {
    let number = number
    discard self
    return number
  }

  deinit { close(number) }
}
