internal import CPosix
internal import Glibc
internal import SystemPackage

/// An open folder that only its owner can look into.
///
/// Files in it are named by its descriptor: no other folder can be put in its place, nor a link in
/// that of a file.
public struct OpenFolder: ~Copyable {
  private let path: String
  private let descriptor: OwnedDescriptor

  /// Opens a folder of this process's user.
  ///
  /// - Parameter path: The folder.
  /// - Throws: If it is none, belongs to somebody else, or others may look into it.
  public init(private path: String) throws(SystemError) {
    let opened = try OwnedDescriptor(opening: path, .readOnly, [.directory, .noFollow])
    let file = opened.file
    let status = FileStatus(try callSystem("stat", path) { try Stat(file) })
    guard status.owner == CurrentProcess.effectiveUser, status.mode & 0o077 == 0 else {
      throw SystemError("open", path, .notPermitted, because: "others may look into this folder")
    }
    self.path = path
    descriptor = opened
  }

  /// The whole content of a file in it.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - limit: The most bytes that it may have.
  /// - Returns: The bytes.
  /// - Throws: If it is a link or no regular file, belongs to somebody else, or is too long.
  public func content(of name: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
    let file = try ReadableFile(
      try open(name, O_RDONLY | O_NONBLOCK), at: "\(path)/\(name)")
    guard file.status.owner == CurrentProcess.effectiveUser else {
      throw SystemError(
        "read", "\(path)/\(name)", .notPermitted, because: "it belongs to somebody else")
    }
    return try file.bytes(atMost: limit)
  }

  /// Writes a file in it, over one that may be there.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - bytes: Its content.
  /// - Throws: If it is a link, or cannot be written.
  public func write(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
    let file = try open(name, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(bytes[...], "\(path)/\(name)")
  }

  private func open(_ name: String, _ flags: CInt) throws(SystemError) -> OwnedDescriptor {
    // SAFETY: the name is a C string for the length of the call.
    let opened = unsafe gh_open_at(descriptor.rawValue, name, flags, 0o600)
    return OwnedDescriptor(
      adopting: try SystemError.check("open", opened, path: "\(path)/\(name)"))
  }
}

extension Files {
  /// Whether nobody but root and this process's user can put something else in the place of a file:
  /// each folder that leads to it, links followed, belongs to one of them, and others may not write
  /// to it, or not rename what is not theirs there (the sticky bit).
  public static func isOutOfReach(_ path: String) -> Bool {
    guard var place = resolved(path) else { return false }
    while place != "/" {
      place = parent(of: place)
      guard let status = status(of: place),
        status.owner == 0 || status.owner == CurrentProcess.effectiveUser,
        status.mode & 0o022 == 0 || status.mode & 0o1000 != 0
      else { return false }
    }
    return true
  }
}
