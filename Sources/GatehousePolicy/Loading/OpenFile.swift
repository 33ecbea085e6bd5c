internal import Glibc
internal import Synchronization

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

  /// How long the file is; 0 for those that have no size (proc(5)).
  var size: Int { max(0, Int(status.st_size)) }

  /// All bytes of a regular file.
  package func bytes() throws(Failure) -> [UInt8] {
    // SAFETY: the buffer is handed on as it comes.
    unsafe try bytes { buffer, filled in unsafe fill(buffer, &filled) }
  }

  /// The same, of which a digest takes in as many of the first as it has the time for meanwhile.
  func bytes(takenInBy digest: PolicyDigest) throws(Failure) -> ([UInt8], PolicyDigest) {
    var result = digest
    let bytes = unsafe try bytes { buffer, filled in
      let progress = ReadingProgress()
      // SAFETY: the other thread has ended when `concurrently` returns, and reads no byte that is
      // not written.
      nonisolated(unsafe) let source = UnsafeBufferPointer(buffer)
      let (taken, failure) = concurrently(
        if: true,
        {
          var digest = digest
          unsafe digest.follow(progress, in: source)
          return digest
        },
        {
          defer { progress.isOver.store(true, ordering: .relaxed) }
          return unsafe fill(buffer, &filled) { progress.count.store($0, ordering: .releasing) }
        })
      result = taken
      return failure
    }
    return (bytes, result)
  }

  /// What `fillFirst` reads, and what comes after that.
  @unsafe private func bytes(
    _ fillFirst: (UnsafeMutableBufferPointer<UInt8>, inout Int) -> Failure?
  ) throws(Failure) -> [UInt8] {
    guard !isFolder else { throw Failure(message: "it is a folder", code: EISDIR) }
    guard kind == S_IFREG else { throw Failure(message: "it is no regular file", code: EINVAL) }
    // One more than the size, so that the end is seen.
    // SAFETY: the buffer is handed on as it comes.
    var bytes = unsafe try read(atMost: size + 1, fillFirst)
    guard bytes.count > size else { return bytes }
    // It has grown, or is one of those that have no size (proc(5)).
    while true {
      // SAFETY: likewise.
      let more = unsafe try read(atMost: 1 << 18) { buffer, filled in unsafe fill(buffer, &filled) }
      guard !more.isEmpty else { return bytes }
      bytes += more
    }
  }

  @unsafe private func read(
    atMost count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>, inout Int) -> Failure?
  ) throws(Failure) -> [UInt8] {
    var failure: Failure?
    // SAFETY: `fill` counts the bytes that it writes.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      failure = unsafe fill(buffer, &filled)
    }
    if let failure { throw failure }
    return bytes
  }

  /// The next bytes, straight into their place; fewer than there is room for at the end alone.
  ///
  /// Returns why they could not be read.
  @unsafe private func fill(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int,
    progress: (Int) -> Void = { _ in }
  ) -> Failure? {
    while filled < buffer.count, let start = buffer.baseAddress {
      let count = min(buffer.count - filled, 1 << 20)
      // SAFETY: the buffer has room for so many bytes after the `filled` that are written.
      let more = retry { unsafe Glibc.read(descriptor, start + filled, count) }
      guard more > 0 else { return more == 0 ? nil : .lastError() }
      filled += more
      progress(filled)
    }
    return nil
  }
}

/// How far the reading of a file is.
private final class ReadingProgress: Sendable {
  let count = Atomic(0)
  let isOver = Atomic(false)
}

extension PolicyDigest {
  /// Takes in what is read, for as long as there is more to come.
  @unsafe fileprivate mutating func follow(
    _ progress: ReadingProgress, in buffer: UnsafeBufferPointer<UInt8>
  ) {
    var taken = 0
    while !progress.isOver.load(ordering: .relaxed) {
      let end = min(progress.count.load(ordering: .acquiring), taken + 1 << 16)
      if end == taken { sched_yield() }
      // SAFETY: these bytes are written, and the caller keeps the buffer.
      take(unsafe Span(_unsafeElements: buffer[taken..<end]))
      taken = end
    }
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
