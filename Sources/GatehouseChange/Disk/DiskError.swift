internal import CPosix

/// A system call about a file that failed.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, such as `write` or `rename`.
  public let operation: String
  /// The file or folder that it was about.
  public let path: String
  /// The call's errno.
  public let code: Int32

  /// A clause for a message: `write /etc/gatehouse/policy.yaml: No space left on device`.
  public var description: String {
    // SAFETY: a constant C string, valid for ever.
    "\(operation) \(path): \(unsafe String(cString: gh_error_text(code)))"
  }

  /// What to do about it, where that can be told from the error alone.
  public var remedy: String? {
    switch code {
    case ENOSPC, EDQUOT: "make room there, then try again"
    case EROFS: "mount it to be written to, then try again"
    case EACCES, EPERM: "run this as root"
    default: nil
    }
  }
}
