internal import GatehousePlatform

/// The right to change a policy, which one process has at a time (flock(2)).
///
/// It ends with its owner, or with the process.
final class ChangeLock {
  private let file: OwnedDescriptor

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
  static func take(_ path: String, as description: String) throws(SystemError) -> Attempt {
    let file = try Files.openForLock(path)
    guard try file.lock(path) else {
      let content = try Files.contentIfPresent(of: path, atMost: 1 << 16) ?? []
      return .held(by: String(decoding: content.prefix(200), as: UTF8.self))
    }
    // On a full disk nobody is told who it is; the lock holds all the same.
    try? file.rewrite(Array(description.utf8), path)
    return .taken(ChangeLock(file))
  }

  private init(_ file: consuming OwnedDescriptor) { self.file = file }
}
