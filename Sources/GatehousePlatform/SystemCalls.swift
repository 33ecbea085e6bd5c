internal import CPosix
internal import Glibc
public import SystemPackage

/// A call of the system that failed: what was tried, on what, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, such as `open` or `bind`.
  public let attempt: String
  /// The file or folder that it was about; nil if it was about none.
  public let path: String?
  /// The error number.
  public let code: Errno
  /// Why it failed, in words; nil if the system's words for the number say it.
  private let detail: String?

  /// An error by its number.
  public init(_ attempt: String, _ code: Errno, because detail: String? = nil) {
    self.init(attempt, nil, code, because: detail)
  }

  /// An error about a file or folder.
  ///
  /// - Parameters:
  ///   - attempt: What was tried.
  ///   - path: The file or folder.
  ///   - code: The error number.
  ///   - detail: Why it failed, if the system's words for the number would not say it.
  public init(_ attempt: String, _ path: String?, _ code: Errno, because detail: String? = nil) {
    self.attempt = attempt
    self.path = path
    self.code = code
    self.detail = detail
  }

  /// Why it failed: `No space left on device`.
  public var reason: String { detail ?? code.description }

  /// A clause for a message: `write /etc/gatehouse/policy.yaml: No space left on device`.
  public var description: String {
    "\(attempt)\(path.map { " \($0)" } ?? ""): \(reason)"
  }

  /// What to do about it; nil if the error alone does not tell.
  public var remedy: String? {
    switch code {
    case .noSpace, .diskQuotaExceeded: "make room there, then try again"
    case .readOnlyFileSystem: "mount it to be written to, then try again"
    case .permissionDenied, .notPermitted: "run this as root"
    default: nil
    }
  }

  /// Whether there is nothing of that name.
  public var isAbsent: Bool { code == .noSuchFileOrDirectory }

  /// Whether this user may not do it.
  public var isDenied: Bool { code == .permissionDenied }

  /// Takes the result of a call that returns a negative error number.
  ///
  /// - Returns: The result, if it is not negative.
  public static func check<Result: BinaryInteger>(
    _ attempt: @autoclosure () -> String, _ result: Result, path: String? = nil
  ) throws(SystemError) -> Result {
    guard result < 0 else { return result }
    throw SystemError(
      attempt(), path, Errno(rawValue: CInt(truncatingIfNeeded: 0 - Int64(result))))
  }
}

/// Calls a function of the C library that returns -1 and sets errno, again after each signal.
///
/// - Returns: What it returned, if that is not -1.
func callSystem<Result: SignedInteger>(
  _ attempt: @autoclosure () -> String, _ path: String? = nil, _ call: () -> Result
) throws(SystemError) -> Result {
  while true {
    let result = call()
    if result != -1 { return result }
    // At once: the next call may change it.
    let code = errno
    guard code == EINTR else { throw SystemError(attempt(), path, Errno(rawValue: code)) }
  }
}

/// Calls something of swift-system, which tries again after a signal by itself.
func callSystem<Result>(
  _ attempt: @autoclosure () -> String, _ path: String? = nil, throwing call: () throws -> Result
) throws(SystemError) -> Result {
  do {
    return try call()
  } catch {
    throw SystemError(attempt(), path, error as? Errno ?? .ioError)
  }
}

/// The one owner of a file descriptor, which it closes at its end.
///
/// Every descriptor that is opened here is closed when another program takes this process's place.
public struct OwnedDescriptor: ~Copyable, Sendable {
  /// The number, valid as long as the owner lives.
  public let rawValue: CInt

  /// Takes over a descriptor that nobody else will close.
  public init(adopting rawValue: CInt) { self.rawValue = rawValue }

  /// Takes over what a helper in C has opened; throws the error number that it returned instead.
  init(_ attempt: @autoclosure () -> String, opened result: CInt) throws(SystemError) {
    rawValue = try SystemError.check(attempt(), result)
  }

  /// Opens a file (open(2)).
  init(
    opening path: String, as attempt: String = "open", _ mode: FileDescriptor.AccessMode,
    _ options: FileDescriptor.OpenOptions = [], permissions: FilePermissions? = nil
  ) throws(SystemError) {
    let opened = try callSystem(attempt, path) {
      try FileDescriptor.open(
        FilePath(path), mode, options: options.union(.closeOnExec), permissions: permissions)
    }
    rawValue = opened.rawValue
  }

  /// Hands the descriptor on to another owner.
  public consuming func take() -> CInt {
    let rawValue = rawValue
    discard self
    return rawValue
  }

  // close(2) frees the descriptor on Linux whatever it returns: there is nothing to try again.
  deinit { Glibc.close(rawValue) }

  var file: FileDescriptor { FileDescriptor(rawValue: rawValue) }

  // MARK: Reading and writing

  /// What one read(2) gives, at most 64 KiB; empty at the end.
  public func nextBlock() throws(SystemError) -> [UInt8] {
    try GatehousePlatform.nextBlock(of: rawValue)
  }

  /// Writes all of some bytes; the path is for the error.
  public func write(_ bytes: ArraySlice<UInt8>, _ path: String? = nil) throws(SystemError) {
    try writeAll(bytes, to: rawValue, path)
  }

  /// Writes other bytes in place of all that is in the file; only right after it was opened.
  public func rewrite(_ bytes: [UInt8], _ path: String) throws(SystemError) {
    _ = try callSystem("truncate", path) { ftruncate(rawValue, 0) }
    try write(bytes[...], path)
  }

  /// Waits until what was written is on the disk (fsync(2)).
  func sync(_ path: String) throws(SystemError) {
    _ = try callSystem("fsync", path) { fsync(rawValue) }
  }

  /// Takes the exclusive lock of the file, without waiting (flock(2)), and says whether it was free.
  ///
  /// It ends when the last descriptor of this opening is closed.
  public func lock(_ path: String) throws(SystemError) -> Bool {
    do throws(SystemError) {
      _ = try callSystem("lock", path) { flock(rawValue, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      guard error.code == .wouldBlock else { throw error }
      return false
    }
  }

  /// Makes reads and writes return at once if they would wait; only for a descriptor without other
  /// status flags.
  func setNonBlocking() throws(SystemError) {
    _ = try SystemError.check("fcntl", gh_set_blocking(rawValue, false))
  }
}

/// What one read(2) of a descriptor gives, at most 64 KiB; empty at the end.
///
/// For standard input; other descriptors have an owner.
public func nextBlock(of descriptor: CInt) throws(SystemError) -> [UInt8] {
  var failure: SystemError?
  // SAFETY: the call writes at most as many bytes as the buffer has, and says how many.
  let block = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
    do throws(SystemError) {
      filled = try callSystem("read") {
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return block
}

/// All that a descriptor still has to give, such as standard input's.
///
/// Throws if that is more than this many bytes (EFBIG).
public func remainder(of descriptor: CInt, atMost limit: Int) throws(SystemError) -> [UInt8] {
  var content: [UInt8] = []
  while true {
    let block = try nextBlock(of: descriptor)
    if block.isEmpty { return content }
    content += block
    guard content.count <= limit else { throw .tooLong(nil, limit) }
  }
}

/// Writes all of some bytes to a descriptor.
///
/// For standard output and standard error; other descriptors have an owner.
public func writeAll(
  _ bytes: ArraySlice<UInt8>, to descriptor: CInt, _ path: String? = nil
) throws(SystemError) {
  var written = 0
  try writeAll(bytes, to: descriptor, path, written: &written)
}

/// The same; `written` counts the bytes that were taken.
func writeAll(
  _ bytes: ArraySlice<UInt8>, to descriptor: CInt, _ path: String? = nil, written: inout Int
) throws(SystemError) {
  while written < bytes.count {
    let rest = bytes.dropFirst(written)
    let count = try callSystem("write", path) {
      // SAFETY: the buffer is as long as the count says.
      unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
    guard count > 0 else { throw SystemError("write", path, .ioError) }
    written += count
  }
}

extension SystemError {
  /// A file that has more bytes than are read of it.
  static func tooLong(_ path: String?, _ limit: Int) -> SystemError {
    SystemError(
      "read", path, .fileTooLarge, because: "it is longer than \(byteCountText(limit))")
  }
}

/// A number of bytes as people read it: `256 MiB`, `4096 bytes`.
public func byteCountText(_ count: Int) -> String {
  // No loop over pairs: the compiler lays that out anew in each build, and the packages must be the
  // same from each.
  if count >= 1 << 30, count.isMultiple(of: 1 << 30) { return "\(count >> 30) GiB" }
  if count >= 1 << 20, count.isMultiple(of: 1 << 20) { return "\(count >> 20) MiB" }
  if count >= 1 << 10, count.isMultiple(of: 1 << 10) { return "\(count >> 10) KiB" }
  return "\(count) bytes"
}
