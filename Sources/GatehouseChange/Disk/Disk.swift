internal import GatehousePolicy
internal import Glibc

/// System calls about files, each named as its error names it.
enum Disk {
  /// What a file has beside its content.
  struct Ownership {
    var mode: mode_t
    var group: gid_t

    /// Root's, and readable by everybody: the daemon is not root.
    static let standard = Ownership(mode: 0o644, group: 0)
  }

  /// The mode and group of a file, but for what would let others write it; nil where there is none.
  static func ownership(of path: String) -> Ownership? {
    var status = stat()
    // SAFETY: the path is a C string, and the kernel fills the structure, during the call.
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Ownership(mode: status.st_mode & 0o755, group: status.st_gid)
  }

  /// Whether there is something of that name, a dangling link included.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: the path is a C string, and the kernel fills the structure, during the call.
    return unsafe lstat(path, &status) == 0
  }

  /// Makes a folder; with `ifAbsent` it may be there already.
  ///
  /// - Returns: Whether it was made.
  @discardableResult
  static func makeFolder(
    _ path: String, mode: mode_t = 0o755, ifAbsent: Bool = false
  ) throws(DiskError) -> Bool {
    // SAFETY: the path is a C string for the length of each call.
    guard unsafe mkdir(path, mode) == 0 else {
      let error = DiskError(operation: "mkdir", path: path, code: errno)
      var status = stat()
      // SAFETY: the path is a C string, and the kernel fills the structure, during the call.
      guard ifAbsent, error.code == EEXIST, unsafe stat(path, &status) == 0,
        status.st_mode & S_IFMT == S_IFDIR
      else { throw error }
      return false
    }
    // Whatever the umask took away.
    guard unsafe chmod(path, mode) == 0 else {
      throw DiskError(operation: "chmod", path: path, code: errno)
    }
    return true
  }

  /// Writes a new file, down to the disk.
  static func write(
    _ content: [UInt8], to path: String, _ ownership: Ownership
  ) throws(DiskError) {
    func failure(_ operation: String) -> DiskError {
      DiskError(operation: operation, path: path, code: errno)
    }
    // SAFETY: the path is a C string for the length of the call.
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure("create") }
    defer { close(file) }
    var rest = content[...]
    while !rest.isEmpty {
      // SAFETY: the pointer is valid for the count of the slice.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure("write") }
      rest = rest.dropFirst(count)
    }
    // As somebody else than root the group may not be ours to give.
    guard fchown(file, uid_t.max, ownership.group) == 0 || geteuid() != 0 else {
      throw failure("chown")
    }
    guard fchmod(file, ownership.mode) == 0 else { throw failure("chmod") }
    guard fsync(file) == 0 else { throw failure("fsync") }
  }

  /// Writes down to the disk what was made, renamed or removed in a folder.
  static func syncFolder(_ path: String) throws(DiskError) {
    // SAFETY: the path is a C string for the length of the call.
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw DiskError(operation: "open", path: path, code: errno) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw DiskError(operation: "fsync", path: path, code: errno) }
  }

  /// Renames, over what may be there.
  static func rename(_ old: String, to new: String) throws(DiskError) {
    // SAFETY: the paths are C strings for the length of the call.
    guard unsafe Glibc.rename(old, new) == 0 else {
      throw DiskError(operation: "rename", path: new, code: errno)
    }
  }

  /// Gives a file a second name.
  static func link(_ old: String, to new: String) throws(DiskError) {
    // SAFETY: the paths are C strings for the length of the call.
    guard unsafe Glibc.link(old, new) == 0 else {
      throw DiskError(operation: "link", path: new, code: errno)
    }
  }

  /// Removes a file, where it is there.
  static func remove(_ path: String) throws(DiskError) {
    // SAFETY: the path is a C string for the length of the call.
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw DiskError(operation: "unlink", path: path, code: errno)
    }
  }

  /// Removes a folder with all that is in it, where it is there.
  static func removeTree(_ path: String) throws(DiskError) {
    guard exists(path) else { return }
    for name in try names(in: path) {
      let inner = "\(path)/\(name)"
      if isFolder(inner) { try removeTree(inner) } else { try remove(inner) }
    }
    // SAFETY: the path is a C string for the length of the call.
    guard unsafe rmdir(path) == 0 else {
      throw DiskError(operation: "rmdir", path: path, code: errno)
    }
  }

  /// Whether it is a folder, and no link to one.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    // SAFETY: the path is a C string, and the kernel fills the structure, during the call.
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder, sorted.
  static func names(in path: String) throws(DiskError) -> [String] {
    do throws(OpenFile.Failure) {
      return try namesInFolder(path)
    } catch {
      throw DiskError(operation: "open", path: path, code: error.code)
    }
  }

  /// The paths, relative to a folder, of the files in it and in the folders below; sorted.
  static func files(below path: String) throws(DiskError) -> [String] {
    var files: [String] = []
    for name in try names(in: path) {
      if isFolder("\(path)/\(name)") {
        files += try self.files(below: "\(path)/\(name)").map { "\(name)/\($0)" }
      } else {
        files.append(name)
      }
    }
    return files
  }

  /// The whole content of a file; nil where there is none of that name.
  static func content(of path: String) throws(DiskError) -> [UInt8]? {
    do throws(OpenFile.Failure) {
      return try OpenFile(path: path).bytes()
    } catch {
      if error.isAbsent { return nil }
      throw DiskError(operation: "read", path: path, code: error.code)
    }
  }
}
