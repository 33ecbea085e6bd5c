internal import Glibc

/// An open file or folder, closed at the end of its life.
package struct OpenFile: ~Copyable {
  private let descriptor: CInt
  private let status: stat

  /// Why something could not be read.
  package struct Failure: Error {
    /// The same in words.
    package let message: String
    /// The errno of the call, or the one that comes nearest.
    package let code: CInt

    /// Whether there is nothing of that name.
    package var isAbsent: Bool { code == ENOENT }

    /// What the last system call said.
    static func lastError() -> Failure {
      let code = errno
      // SAFETY: glibc's strerror never returns null, and its text outlives this copy.
      return Failure(message: unsafe String(cString: strerror(code)), code: code)
    }
  }

  /// Opens for reading.
  ///
  /// A symbolic link is followed, so what is judged is what is read; a FIFO or device does not
  /// block.
  package init(path: String) throws(Failure) {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    // SAFETY: the path is a C string for the time of the call.
    let opened = retry { unsafe open(path, flags) }
    guard opened >= 0 else { throw .lastError() }
    var status = stat()
    // SAFETY: the kernel fills the structure during the call.
    guard unsafe fstat(opened, &status) == 0 else {
      let failure = Failure.lastError()
      _ = close(opened)
      throw failure
    }
    descriptor = opened
    self.status = status
  }

  deinit { close(descriptor) }

  private var kind: mode_t { status.st_mode & S_IFMT }

  /// Whether it is a folder.
  package var isFolder: Bool { kind == S_IFDIR }

  /// Why somebody other than root could have written it; nil where nobody could.
  var insecurity: (message: String, remedy: String)? {
    if status.st_uid != 0 {
      return ("belongs to the user with id \(status.st_uid), not to root", "chown root")
    }
    if status.st_mode & S_IWOTH != 0 { return ("is writable by everybody", "chmod go-w") }
    if status.st_mode & S_IWGRP != 0 { return ("is writable by its group", "chmod g-w") }
    return nil
  }

  /// All bytes of a regular file.
  package func bytes() throws(Failure) -> [UInt8] {
    guard !isFolder else { throw Failure(message: "it is a folder", code: EISDIR) }
    guard kind == S_IFREG else { throw Failure(message: "it is no regular file", code: EINVAL) }
    let size = max(0, Int(status.st_size))
    // One more than the size, so that the end is seen.
    var bytes = try read(atMost: size + 1)
    guard bytes.count > size else { return bytes }
    // It has grown, or is one of those that have no size (proc(5)).
    while true {
      let more = try read(atMost: 1 << 18)
      guard !more.isEmpty else { return bytes }
      bytes += more
    }
  }

  /// The next bytes, straight into their place; fewer than asked for at the end alone.
  private func read(atMost count: Int) throws(Failure) -> [UInt8] {
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count, let start = buffer.baseAddress {
        // SAFETY: the buffer has room for `count` bytes, of which `filled` are written.
        let more = retry { unsafe Glibc.read(descriptor, start + filled, count - filled) }
        failed = more < 0
        guard more > 0 else { return }
        filled += more
      }
    }
    if failed { throw .lastError() }
    return bytes
  }
}

/// The names in a folder, sorted, without `.` and `..`.
package func namesInFolder(_ path: String) throws(OpenFile.Failure) -> [String] {
  // SAFETY: opendir copies the path; the stream is closed below and used by nobody else.
  guard let stream = unsafe opendir(path) else { throw .lastError() }
  // SAFETY: opened above.
  defer { unsafe closedir(stream) }
  var names: [String] = []
  // SAFETY: the entry is valid until the next readdir on this stream; its name is copied.
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Repeats a system call that a signal interrupted.
private func retry<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
