internal import CPosix
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// What the system knows of a file beside its content (stat(2)).
public struct FileStatus: Sendable {
  /// What kind of thing has that name.
  public enum Kind: Sendable { case regular, folder, socket, link, pipe, other }

  /// Tells one state of a file from another, and from every other file.
  public struct Identity: Hashable, Sendable, CustomStringConvertible {
    let device: UInt64
    let inode: UInt64
    let changedSeconds: Int
    let changedNanoseconds: Int

    /// The same as a text without spaces.
    public var description: String { "\(device):\(inode):\(changedSeconds):\(changedNanoseconds)" }
  }

  /// Its kind.
  public let kind: Kind
  /// The permission bits, such as 0o644.
  public let mode: UInt32
  /// The id of the user to whom it belongs.
  public let owner: UInt32
  /// The id of the group to which it belongs.
  public let group: UInt32
  /// How many bytes it has; 0 for those that have no size (proc(5)).
  public let size: Int
  /// The file and its state.
  public let identity: Identity

  init(_ status: Stat) {
    kind =
      switch status.type {
      case .regular: .regular
      case .directory: .folder
      case .socket: .socket
      case .fifo: .pipe
      case .symbolicLink: .link
      default: .other
      }
    let raw = status.rawValue
    mode = raw.st_mode & 0o7777
    owner = raw.st_uid
    group = raw.st_gid
    size = max(0, Int(raw.st_size))
    identity = Identity(
      device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino), changedSeconds: raw.st_ctim.tv_sec,
      changedNanoseconds: raw.st_ctim.tv_nsec)
  }

  /// Whether both are one file, in whatever state.
  public func isSameFile(as other: FileStatus) -> Bool {
    identity.device == other.identity.device && identity.inode == other.identity.inode
  }
}

/// An open file or folder to read from.
public struct ReadableFile: ~Copyable {
  /// What it was when it was opened.
  public let status: FileStatus
  private let path: String
  private let descriptor: OwnedDescriptor

  /// Opens it.
  ///
  /// A FIFO or device does not block. A symbolic link is followed, unless told otherwise, so what
  /// `status` says is true of what is read.
  public init(_ path: String, followingLinks: Bool = true) throws(SystemError) {
    try self.init(
      OwnedDescriptor(
        opening: path, .readOnly,
        followingLinks ? .nonBlocking : [.nonBlocking, .noFollow]), at: path)
  }

  /// Takes over a file that was opened to be read; the path is for errors.
  init(_ opened: consuming OwnedDescriptor, at path: String) throws(SystemError) {
    let file = opened.file
    status = FileStatus(try callSystem("stat", path) { try Stat(file) })
    self.path = path
    descriptor = opened
  }

  /// All bytes of a regular file.
  ///
  /// Throws at once if it is a folder (EISDIR), no regular file (EINVAL), or has more bytes than the
  /// limit (EFBIG), and as soon as it grows beyond the limit while it is read.
  public func bytes(atMost limit: Int) throws(SystemError) -> [UInt8] {
    // SAFETY: the buffer is handed on as it comes.
    unsafe try bytes(atMost: limit) { buffer, filled in unsafe fill(buffer, &filled) }
  }

  /// The same; meanwhile `follow` runs on a thread of its own, and looks at the bytes that have
  /// been read.
  public func bytes<Result: Sendable>(
    atMost limit: Int,
    followedBy follow: @escaping @Sendable (ReadingProgress, UnsafeBufferPointer<UInt8>) -> Result
  ) throws(SystemError) -> ([UInt8], Result?) {
    var result: Result?
    let bytes = unsafe try bytes(atMost: limit) { buffer, filled in
      let progress = ReadingProgress()
      // SAFETY: the other thread has ended when `concurrently` returns, and reads no byte that is
      // not written.
      nonisolated(unsafe) let source = UnsafeBufferPointer(buffer)
      let (followed, failure) = concurrently(
        if: true, { unsafe follow(progress, source) },
        {
          defer { progress.finish() }
          return unsafe fill(buffer, &filled) { progress.advance(to: $0) }
        })
      result = followed
      return failure
    }
    return (bytes, result)
  }

  /// What `fillFirst` reads, and what comes after that.
  @unsafe private func bytes(
    atMost limit: Int,
    _ fillFirst: (UnsafeMutableBufferPointer<UInt8>, inout Int) -> SystemError?
  ) throws(SystemError) -> [UInt8] {
    guard status.kind != .folder else {
      throw SystemError("read", path, .isDirectory, because: "it is a folder")
    }
    guard status.kind == .regular else {
      throw SystemError("read", path, .invalidArgument, because: "it is no regular file")
    }
    guard status.size <= limit else { throw .tooLong(path, limit) }
    // One more than the size, so that the end is seen.
    // SAFETY: the buffer is handed on as it comes.
    var bytes = unsafe try read(atMost: status.size + 1, fillFirst)
    guard bytes.count > status.size else { return bytes }
    // It has grown, or is one of those that have no size (proc(5)).
    while true {
      guard bytes.count <= limit else { throw .tooLong(path, limit) }
      // SAFETY: the pointer is valid as above.
      let more = unsafe try read(atMost: 1 << 18) { buffer, filled in
        unsafe fill(buffer, &filled)
      }
      guard !more.isEmpty else { return bytes }
      bytes += more
    }
  }

  @unsafe private func read(
    atMost count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>, inout Int) -> SystemError?
  ) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    // SAFETY: `fill` counts the bytes that it writes.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      failure = unsafe fill(buffer, &filled)
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads the next bytes straight into their place; fewer than there is room for only at the end.
  ///
  /// - Returns: Why they could not be read.
  @unsafe private func fill(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, _ filled: inout Int,
    progress: (Int) -> Void = { _ in }
  ) -> SystemError? {
    while filled < buffer.count, let start = buffer.baseAddress {
      let count = min(buffer.count - filled, 1 << 20)
      let place = unsafe start + filled
      do throws(SystemError) {
        // SAFETY: the buffer has room for so many bytes after the `filled` that are written.
        let more = try callSystem("read", path) {
          unsafe Glibc.read(descriptor.rawValue, place, count)
        }
        guard more > 0 else { return nil }
        filled += more
      } catch {
        return error
      }
      progress(filled)
    }
    return nil
  }

  /// Whether exactly these pieces are in it, one after the other; reads on from where it stands.
  public func holds(_ pieces: [[UInt8]]) -> Bool {
    var block = [UInt8](repeating: 0, count: 1 << 17)
    func read(atMost limit: Int) -> Int {
      var filled = 0
      // SAFETY: no more is read than there is room for.
      let failure = unsafe block.withUnsafeMutableBufferPointer {
        unsafe fill($0.extracting(..<min(limit, $0.count)), &filled)
      }
      return failure == nil ? filled : -1
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
}

/// How far the reading of a file is, for a thread that follows it.
public final class ReadingProgress: Sendable {
  private let read = Atomic(0)
  private let isFinished = Atomic(false)

  /// How many bytes have been read.
  public var count: Int { read.load(ordering: .acquiring) }

  /// Whether no more will be.
  public var isOver: Bool { isFinished.load(ordering: .relaxed) }

  /// Lets another thread run, as there is nothing to do now.
  public func yield() { sched_yield() }

  func advance(to count: Int) { read.store(count, ordering: .releasing) }
  func finish() { isFinished.store(true, ordering: .relaxed) }
}

/// Files and folders by their paths.
public enum Files {
  /// Who may do what with a new file.
  public struct Ownership: Sendable {
    /// The permission bits, whatever the umask says.
    public var mode: UInt32
    /// The group's id; nil for the group that the file gets by itself.
    public var group: UInt32?

    /// Permission bits and a group.
    public init(mode: UInt32, group: UInt32? = nil) {
      self.mode = mode
      self.group = group
    }
  }

  // MARK: Looking

  /// What is known of a file; nil if there is none that could be looked at.
  public static func status(of path: String, followingLinks: Bool = true) -> FileStatus? {
    (try? Stat(FilePath(path), followTargetSymlink: followingLinks)).map { FileStatus($0) }
  }

  /// Whether there is something of that name, a dangling link included.
  public static func exists(_ path: String) -> Bool {
    status(of: path, followingLinks: false) != nil
  }

  /// Whether it is a folder, and no link to one.
  public static func isFolder(_ path: String) -> Bool {
    status(of: path, followingLinks: false)?.kind == .folder
  }

  /// Whether every user may read a file: its permission bits say so, and those of each folder that
  /// leads to it, links followed.
  public static func isReadableByAll(_ path: String) -> Bool {
    guard var place = resolved(path) else { return false }
    guard let file = status(of: place), file.mode & 0o004 != 0 else { return false }
    while place != "/" {
      place = parent(of: place)
      guard let folder = status(of: place), folder.mode & 0o001 != 0 else { return false }
    }
    return true
  }

  /// Whether a file belongs to root, and so does each folder that leads to it, links followed, and
  /// nobody else may write to any of them.
  public static func isWritableByRootAlone(_ path: String) -> Bool {
    guard var place = resolved(path) else { return false }
    while let status = status(of: place), status.owner == 0, status.mode & 0o022 == 0 {
      if place == "/" { return true }
      place = parent(of: place)
    }
    return false
  }

  /// The path without links; nil if it leads nowhere.
  public static func resolved(_ path: String) -> String? {
    // SAFETY: the path is a C string for the length of the call; the result is one, and ours to free.
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Whether this process may run it.
  public static func isExecutable(_ path: String) -> Bool {
    // SAFETY: the path is a C string for the length of the call.
    unsafe access(path, X_OK) == 0
  }

  /// Whether this process may write to it.
  public static func isWritable(_ path: String) -> Bool {
    // SAFETY: the path is a C string for the length of the call.
    unsafe access(path, W_OK) == 0
  }

  // MARK: Reading

  /// The whole content of a regular file of at most so many bytes; throws as `ReadableFile` does.
  public static func content(
    of path: String, atMost limit: Int, followingLinks: Bool = true
  ) throws(SystemError) -> [UInt8] {
    try ReadableFile(path, followingLinks: followingLinks).bytes(atMost: limit)
  }

  /// The same; nil if there is no file of that name.
  public static func contentIfPresent(
    of path: String, atMost limit: Int, followingLinks: Bool = true
  ) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) {
      return try content(of: path, atMost: limit, followingLinks: followingLinks)
    } catch {
      guard error.isAbsent else { throw error }
      return nil
    }
  }

  /// The content of a file that somebody names on a command line: a pipe, such as the shell's
  /// `<(…)`, is read to its end.
  public static func contentOrPipe(
    of path: String, atMost limit: Int
  ) throws(SystemError) -> [UInt8] {
    guard isPipe(path) else { return try content(of: path, atMost: limit) }
    let pipe = try OwnedDescriptor(opening: path, .readOnly)
    return try remainder(of: pipe.rawValue, atMost: limit)
  }

  /// Whether a path leads to a pipe.
  public static func isPipe(_ path: String) -> Bool { status(of: path)?.kind == .pipe }

  /// The names in a folder, sorted, without `.` and `..`.
  public static func names(in path: String) throws(SystemError) -> [String] {
    // SAFETY: opendir copies the path; the stream is closed below and used by nobody else.
    guard let stream = unsafe opendir(path) else {
      let code = errno
      throw SystemError("open", path, Errno(rawValue: code))
    }
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

  /// The paths, relative to a folder, of the files in it and in the folders below; sorted.
  public static func files(below path: String) throws(SystemError) -> [String] {
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

  /// The paths that a pattern of glob(7) matches, sorted; those of dotfiles are not among them.
  public static func matching(_ pattern: String) -> [String] {
    // SAFETY: the result lives in this frame and is freed in it; its paths are copied before.
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    guard unsafe glob(pattern, 0, nil, &result) == 0 else { return [] }
    let paths = unsafe UnsafeBufferPointer(start: result.gl_pathv, count: Int(result.gl_pathc))
    return unsafe paths.compactMap { path in unsafe path.map { unsafe String(cString: $0) } }
  }

  // MARK: Writing

  /// Writes a new file; durably, it waits until that is on the disk.
  ///
  /// - Throws: That it is there already, or cannot be written.
  public static func create(
    _ path: String, _ pieces: [[UInt8]], _ ownership: Ownership, durably: Bool = true
  ) throws(SystemError) {
    let file = try OwnedDescriptor(
      opening: path, as: "create", .writeOnly, [.create, .exclusiveCreate, .noFollow],
      permissions: .ownerReadWrite)
    for piece in pieces { try file.write(piece[...], path) }
    if let group = ownership.group {
      do throws(SystemError) {
        _ = try callSystem("chown", path) { fchown(file.rawValue, uid_t.max, group) }
      } catch {
        // As somebody else than root the group may not be ours to give.
        if CurrentProcess.isRoot { throw error }
      }
    }
    _ = try callSystem("chmod", path) { fchmod(file.rawValue, ownership.mode) }
    if durably { try file.sync(path) }
  }

  /// Puts new content in place of a file's: whatever happens, the old or the new stands there.
  ///
  /// A temporary file beside it, fsync, rename, fsync of the folder; nothing stays of the
  /// temporary file if that fails. What is not written durably may be lost if the machine fails, but
  /// not if this process does: there is no fsync then.
  public static func replace(
    _ path: String, with pieces: [[UInt8]], _ ownership: Ownership, durably: Bool = true
  ) throws(SystemError) {
    try replace([path: pieces], ownership, durably: durably)
  }

  /// Puts new content in place of that of several files, by their paths: if it cannot be written for
  /// one of them, all keep the old one.
  ///
  /// If this process is killed, each file has its old or its new content. Nothing needs space on the
  /// disk any more when the first one is replaced.
  public static func replace(
    _ contents: [String: [UInt8]], _ ownership: Ownership
  ) throws(SystemError) {
    try replace(contents.mapValues { [$0] }, ownership, durably: true)
  }

  private static func replace(
    _ contents: [String: [[UInt8]]], _ ownership: Ownership, durably: Bool
  ) throws(SystemError) {
    let paths = contents.keys.sorted()
    func temporary(_ path: String) -> String { "\(path).new" }
    do throws(SystemError) {
      for path in paths {
        try remove(temporary(path))
        try create(temporary(path), contents[path] ?? [], ownership, durably: durably)
      }
      for path in paths { try rename(temporary(path), to: path) }
    } catch {
      for path in paths { try? remove(temporary(path)) }
      throw error
    }
    guard durably else { return }
    for folder in Set(paths.map(parent)) { try syncFolder(folder) }
  }

  /// Opens a file of root's alone to lock it, made if it is not there.
  public static func openForLock(_ path: String) throws(SystemError) -> OwnedDescriptor {
    try OwnedDescriptor(
      opening: path, .readWrite, [.create, .noFollow], permissions: .ownerReadWrite)
  }

  /// Renames, over what may be there.
  public static func rename(_ old: String, to new: String) throws(SystemError) {
    // SAFETY: the paths are C strings for the length of the call.
    _ = try callSystem("rename", new) { unsafe Glibc.rename(old, new) }
  }

  /// Gives a file a second name.
  public static func link(_ old: String, to new: String) throws(SystemError) {
    // SAFETY: the paths are C strings for the length of the call.
    _ = try callSystem("link", new) { unsafe Glibc.link(old, new) }
  }

  /// Removes a file, if it is there.
  public static func remove(_ path: String) throws(SystemError) {
    do throws(SystemError) {
      // SAFETY: the path is a C string for the length of the call.
      _ = try callSystem("unlink", path) { unsafe unlink(path) }
    } catch {
      guard error.isAbsent else { throw error }
    }
  }

  // MARK: Folders

  /// Makes a folder, with these permission bits whatever the umask says, and says whether it was
  /// made: with `ifAbsent` it may be there already.
  @discardableResult
  public static func makeFolder(
    _ path: String, mode: UInt32 = 0o755, ifAbsent: Bool = false
  ) throws(SystemError) -> Bool {
    do throws(SystemError) {
      // SAFETY: the path is a C string for the length of the call.
      _ = try callSystem("mkdir", path) { unsafe mkdir(path, mode) }
    } catch {
      guard ifAbsent, error.code == .fileExists, status(of: path)?.kind == .folder else {
        throw error
      }
      return false
    }
    // SAFETY: the pointer is valid as above.
    _ = try callSystem("chmod", path) { unsafe chmod(path, mode) }
    return true
  }

  /// Makes a folder that nobody else can look into, and gives its path: the prefix, and something
  /// that makes it a name of its own.
  public static func makePrivateFolder(_ prefix: String) throws(SystemError) -> String {
    var template = Array("\(prefix)XXXXXX".utf8CString)
    // SAFETY: the buffer is a writable C string, as mkdtemp(3) wants it.
    let failure: CInt? = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, unsafe mkdtemp(start) == nil else { return nil }
      return errno
    }
    if let failure { throw SystemError("mkdir", prefix, Errno(rawValue: failure)) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Waits until what was made, renamed or removed in a folder is on the disk.
  public static func syncFolder(_ path: String) throws(SystemError) {
    try OwnedDescriptor(opening: path, .readOnly, .directory).sync(path)
  }

  /// Removes a folder with all that is in it, if it is there.
  public static func removeTree(_ path: String) throws(SystemError) {
    guard exists(path) else { return }
    for name in try names(in: path) {
      let inner = "\(path)/\(name)"
      if isFolder(inner) { try removeTree(inner) } else { try remove(inner) }
    }
    // SAFETY: the path is a C string for the length of the call.
    _ = try callSystem("rmdir", path) { unsafe rmdir(path) }
  }

  /// The folder that a path lies in.
  public static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }
}
