import CPosix
import Glibc

/// A file in the daemon's state folder: the old content or the new one, whatever happens.
struct StateFile: Sendable {
  private let folder: String
  /// Where it lies.
  var path: String { "\(folder)/\(name)" }
  private let name: String

  init(folder: String, name: String) {
    self.folder = folder
    self.name = name
  }

  /// What is in it; nil where there is no such file.
  func read() throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try opened().content(path)
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }

  /// Whether exactly these pieces are in it, one after the other.
  func holds(_ pieces: [[UInt8]]) -> Bool {
    guard let file = try? opened() else { return false }
    var block = [UInt8](repeating: 0, count: 1 << 17)
    func read(atMost limit: Int) -> Int {
      // SAFETY: no more is read than there is room for.
      unsafe block.withUnsafeMutableBytes {
        unsafe Glibc.read(file.number, $0.baseAddress, min(limit, $0.count))
      }
    }
    for piece in pieces {
      var rest = piece[...]
      while !rest.isEmpty {
        let count = read(atMost: rest.count)
        guard count > 0, block[..<count] == rest.prefix(count) else { return false }
        rest = rest.dropFirst(count)
      }
    }
    return read(atMost: 1) == 0
  }

  /// Puts new content in place of the old: a temporary file, fsync, rename, fsync of the folder.
  func write(_ bytes: [UInt8]) throws(SystemError) { try write([bytes]) }

  /// Puts these pieces in place of the old content, likewise.
  func write(_ pieces: [[UInt8]]) throws(SystemError) {
    let temporary = path + ".new"
    do throws(SystemError) {
      try write(pieces, to: temporary)
      // SAFETY: both paths are C strings for the length of the call.
      guard unsafe rename(temporary, path) == 0 else { throw SystemError("rename \(path)", errno) }
    } catch {
      // SAFETY: the path is a C string for the length of the call.
      _ = unsafe unlink(temporary)
      throw error
    }
    try syncFolder()
  }

  /// Takes the file away, where there is one.
  func remove() throws(SystemError) {
    // SAFETY: the path is a C string for the length of the call.
    guard unsafe unlink(path) == 0 else {
      if errno == ENOENT { return }
      throw SystemError("unlink \(path)", errno)
    }
    try syncFolder()
  }

  private func write(_ pieces: [[UInt8]], to path: String) throws(SystemError) {
    // SAFETY: the paths are C strings for the length of the calls.
    if unsafe mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw SystemError("mkdir \(folder)", errno)
    }
    _ = unsafe unlink(path)
    let opened = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw SystemError("create \(path)", errno) }
    let file = Descriptor(owning: opened)
    for piece in pieces {
      var rest = piece[...]
      while !rest.isEmpty {
        // SAFETY: the pointer is valid for the count of the slice.
        let count = unsafe rest.withUnsafeBytes {
          unsafe Glibc.write(file.number, $0.baseAddress, $0.count)
        }
        guard count > 0 else { throw SystemError("write \(path)", errno) }
        rest = rest.dropFirst(count)
      }
    }
    guard fsync(file.number) == 0 else { throw SystemError("fsync \(path)", errno) }
  }

  private func opened() throws(SystemError) -> Descriptor {
    try Descriptor(reading: path, O_NOFOLLOW)
  }

  private func syncFolder() throws(SystemError) {
    let file = try Descriptor(reading: folder, O_DIRECTORY)
    guard fsync(file.number) == 0 else { throw SystemError("fsync \(folder)", errno) }
  }
}
