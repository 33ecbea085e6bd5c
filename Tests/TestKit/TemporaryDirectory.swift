public import Glibc

/// A directory of its own for one test, mode 0700, removed with all it holds at the end.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path.
  public let path: String

  /// Makes the directory under TMPDIR, else /tmp.
  public init(_ label: String = "gatehouse-test") throws {
    // SAFETY: `getenv` gives a C string that nothing in the tests changes; it is copied at once.
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/\(label)-XXXXXX".utf8CString)
    // SAFETY: the buffer is a writable C string, as mkdtemp(3) wants it.
    let made = unsafe template.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress.flatMap { unsafe mkdtemp($0) }
    }
    guard unsafe made != nil else { throw TestKitError("mkdtemp: errno \(errno)") }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, making the folders on its way.
  @discardableResult
  public func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
    let whole = file(name)
    if let slash = whole.lastIndex(of: "/") { try makeDirectory(String(whole[..<slash])) }
    try writeFile(whole, Array(text.utf8), mode: mode)
    return whole
  }

  /// Makes a folder in it and those above, and returns its path.
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
    // Not by rm(1): until a child executes that, it has a copy of every descriptor there is, and so
    // the locks and connections that a test beside this one has just closed would still be held.
    Self.remove(path)
  }

  private static func remove(_ path: String) {
    // SAFETY: the paths are C strings for the length of the calls; an entry is valid until the next
    // is read, and its name is copied before.
    if unsafe Glibc.remove(path) == 0 { return }
    guard errno == ENOTEMPTY, let folder = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
        unsafe String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { remove("\(path)/\(name)") }
    }
    unsafe closedir(folder)
    _ = unsafe Glibc.remove(path)
  }
}

/// What a helper of the tests could not do.
public struct TestKitError: Error, CustomStringConvertible {
  /// The call and what it said.
  public let description: String
  /// An error with a text.
  public init(_ description: String) { self.description = description }
}
