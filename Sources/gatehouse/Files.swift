import Glibc

/// Files, without what a policy takes.
enum Files {
  /// The whole content of a file; nil where it cannot be read (`errno` says why).
  static func content(_ path: String) -> [UInt8]? {
    // SAFETY: the path is a C string for the length of the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return content(of: descriptor)
  }

  /// What an open file still has to give; nil where it cannot be read (`errno` says why).
  static func content(of descriptor: Int32) -> [UInt8]? {
    var content: [UInt8] = []
    while true {
      guard let block = block(of: descriptor) else { return nil }
      if block.isEmpty { return content }
      content += block
    }
  }

  /// As much as one read(2) gives, empty at the end; nil where it fails (`errno` says why).
  static func block(of descriptor: Int32) -> [UInt8]? {
    var count = -1
    // SAFETY: the call writes at most as many bytes as the buffer has, and says how many.
    let block = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      repeat {
        count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      filled = max(0, count)
    }
    return count < 0 ? nil : block
  }

  /// Writes all of some bytes; false where it fails (`errno` says why).
  static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      // SAFETY: the buffer is as long as the count says.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// The paths that a pattern of glob(7) matches, sorted; those of dotfiles are not among them.
  static func matching(_ pattern: String) -> [String] {
    // SAFETY: the result lives in this frame and is freed in it; its paths are copied before.
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    guard unsafe glob(pattern, 0, nil, &result) == 0 else { return [] }
    let paths = unsafe UnsafeBufferPointer(start: result.gl_pathv, count: Int(result.gl_pathc))
    return unsafe paths.compactMap { path in unsafe path.map { unsafe String(cString: $0) } }
  }
}
