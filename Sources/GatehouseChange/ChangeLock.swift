internal import Glibc

/// The right to change a policy, which one process has at a time (flock(2)).
///
/// It ends with its owner, or with the process.
final class ChangeLock {
  private let file: Int32

  /// What came of trying to take the lock.
  enum Attempt {
    case taken(ChangeLock)
    /// Another process has it: what that process says of itself; may be empty.
    case held(by: String)
  }

  /// Tries to take the lock; never waits.
  ///
  /// - Parameters:
  ///   - path: The lock's file, made where it is not there.
  ///   - description: What another process is told of this one.
  /// - Returns: The lock, or who has it.
  /// - Throws: That its file cannot be opened.
  static func take(_ path: String, as description: String) throws(DiskError) -> Attempt {
    func failure(_ operation: String) -> DiskError {
      DiskError(operation: operation, path: path, code: errno)
    }
    // SAFETY: the path is a C string for the length of the call.
    let file = unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("open") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let error = failure("lock")
      close(file)
      guard error.code == EWOULDBLOCK else { throw error }
      let content = try Disk.content(of: path) ?? []
      return .held(by: String(decoding: content.prefix(200), as: UTF8.self))
    }
    // On a full disk nobody is told who it is; the lock holds all the same.
    let text = Array(description.utf8)
    ftruncate(file, 0)
    // SAFETY: the pointer is valid for the count of the array.
    _ = unsafe text.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    return .taken(ChangeLock(file))
  }

  private init(_ file: Int32) { self.file = file }

  deinit { close(file) }
}
