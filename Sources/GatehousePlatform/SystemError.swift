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
    // At once: the next call of anything may set it anew.
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
