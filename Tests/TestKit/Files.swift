public import Glibc

/// A new directory with mode 0700, removed with everything in it when the last reference goes.
public final class TemporaryDirectory: Sendable {
  /// The absolute path.
  public let path: String

  /// Makes the directory in a folder, or else in TMPDIR or, if that is not set, in /tmp.
  public init(_ label: String = "gatehouse-test", in folder: String? = nil) throws {
    // SAFETY: `getenv` gives a C string that nothing in the tests changes; it is copied at once.
    let usual = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    let parent = folder ?? usual
    var template = Array("\(parent)/\(label)-XXXXXX".utf8CString)
    // SAFETY: the buffer is a writable C string, as mkdtemp(3) wants it.
    let made = unsafe template.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress.flatMap { unsafe mkdtemp($0) }
    }
    guard unsafe made != nil else { throw TestKitError("mkdtemp: errno \(errno)") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The path of a file in the directory, whether it exists or not.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file in the directory, with the folders that lead to it, and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
    let whole = file(name)
    if let slash = whole.lastIndex(of: "/") { try makeDirectory(String(whole[..<slash])) }
    try writeFile(whole, Array(text.utf8), mode: mode)
    return whole
  }

  /// Makes a folder in the directory, with the folders that lead to it, and returns its path.
  @discardableResult
  public func directory(_ name: String) throws -> String {
    try makeDirectory(file(name))
    return file(name)
  }

  private func makeDirectory(_ whole: String) throws {
    // SAFETY: the path is a C string for the length of each call.
    if unsafe access(whole, F_OK) == 0 { return }
    if let slash = whole.lastIndex(of: "/"), slash != whole.startIndex {
      try makeDirectory(String(whole[..<slash]))
    }
    guard unsafe mkdir(whole, 0o755) == 0 || errno == EEXIST else {
      throw TestKitError("mkdir \(whole): errno \(errno)")
    }
  }

  deinit {
    // Not with rm(1): between fork and exec, a child has a copy of every descriptor, and so would
    // still hold the locks and connections that a parallel test has just closed.
    Self.remove(path)
  }

  private static func remove(_ path: String) {
    // SAFETY: the paths are C strings for the length of the calls; an entry is valid until the next
    // is read, and its name is copied before.
    if unsafe Glibc.remove(path) == 0 { return }
    guard errno == ENOTEMPTY, let folder = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(folder) {
      // In place: the entry is shorter than its type says, and a copy would read beyond it.
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
        unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { remove("\(path)/\(name)") }
    }
    unsafe closedir(folder)
    _ = unsafe Glibc.remove(path)
  }
}

/// The content of a file, in bytes.
public func readFile(_ path: String) throws -> [UInt8] {
  // SAFETY: the path is a C string for the length of the call.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
  defer { close(descriptor) }
  return try readAll(descriptor, from: path)
}

/// Reads a descriptor to its end; errors name the label.
public func readAll(_ descriptor: Int32, from label: String) throws -> [UInt8] {
  var content: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65536)
  while true {
    // SAFETY: the buffer is as long as the count says.
    let count = unsafe block.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw TestKitError("read \(label): errno \(errno)") }
    if count == 0 { return content }
    content += block[..<count]
  }
}

/// The content of a file as text.
public func readText(_ path: String) throws -> String {
  String(decoding: try readFile(path), as: UTF8.self)
}

/// Creates or replaces a file.
public func writeFile(_ path: String, _ content: [UInt8], mode: mode_t = 0o644) throws {
  // SAFETY: the path is a C string for the length of the call.
  let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
  guard descriptor >= 0 else { throw TestKitError("open \(path): errno \(errno)") }
  defer { close(descriptor) }
  guard fchmod(descriptor, mode) == 0 else { throw TestKitError("chmod \(path): errno \(errno)") }
  var rest = content[...]
  while !rest.isEmpty {
    // SAFETY: the buffer is as long as the count says.
    let count = unsafe rest.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    guard count > 0 else { throw TestKitError("write \(path): errno \(errno)") }
    rest = rest.dropFirst(count)
  }
}

/// Whether the tests run as root, for the conditions of tests that need root.
public let isRoot = geteuid() == 0

/// The path of a built program, which lies beside the running test bundle; throws if it is not built.
public func builtProgram(_ name: String) throws -> String {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  // SAFETY: the buffer is as long as the count says; readlink(2) writes no more than that.
  let length = unsafe buffer.withUnsafeMutableBytes { bytes in
    unsafe bytes.baseAddress.map { unsafe readlink("/proc/self/exe", $0, bytes.count) } ?? -1
  }
  guard length > 0 else { throw TestKitError("readlink /proc/self/exe: errno \(errno)") }
  let own = String(decoding: buffer[..<length], as: UTF8.self)
  let folder = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
  let path = "\(folder)/\(name)"
  // SAFETY: the path is a C string for the length of the call.
  guard unsafe access(path, X_OK) == 0 else { throw TestKitError("\(path) is not built") }
  return path
}

/// A failure of one of these helpers.
public struct TestKitError: Error, CustomStringConvertible {
  /// What failed and why.
  public let description: String
  /// An error with this description.
  public init(_ description: String) { self.description = description }
}
