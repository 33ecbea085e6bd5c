import CPosix

/// A system call that failed: which one, on what, and why.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// What was tried, with the path where there is one ("bind /run/gatehouse/gatehouse.sock").
  public let attempt: String
  /// The errno, positive.
  public let code: Int32

  init(_ attempt: String, _ code: Int32) {
    self.attempt = attempt
    self.code = code
  }

  /// Takes what the C helpers return: a negative errno is thrown, anything else handed back.
  static func check<Result: BinaryInteger>(
    _ attempt: @autoclosure () -> String, _ result: Result
  ) throws(SystemError) -> Result {
    guard result < 0 else { return result }
    throw SystemError(attempt(), Int32(truncatingIfNeeded: 0 - Int64(result)))
  }

  /// The attempt and the system's words for the error.
  public var description: String {
    // SAFETY: a constant C string, valid for ever.
    "\(attempt): \(unsafe String(cString: gh_error_text(code)))"
  }
}
