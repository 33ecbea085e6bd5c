internal import GatehousePlatform
internal import SystemPackage

/// What came of reading a policy's files.
public struct PolicyReading: Sendable {
  /// What was read.
  ///
  /// A file that could not be read is in it too; loading it then fails.
  public let snapshot: PolicySnapshot
  /// What is wrong with the owner and mode of files and folders, and files that look like policy
  /// files and are not read.
  public let diagnostics: [Diagnostic]
  /// The digest of the first of the bytes, of which a long list takes long.
  let digest: PolicyDigest
  /// The policy files that had to be parsed to know which lists they name, by their names.
  let documents: [String: Document]
}

extension PolicySnapshot {
  /// Reads a policy's files, each once, and judges the owner and mode of what was opened.
  ///
  /// Files and the folders they lie in must be root's and writable by nobody else. Of a symbolic
  /// link the target is judged. While several files are being swapped (`SwapFolder`), the policy
  /// is the one before or the one after, never some of each.
  ///
  /// - Parameters:
  ///   - path: A file, or a folder laid out like `/etc/gatehouse`.
  ///   - insecure: How to report a file that others could have written: an error for the daemon, a
  ///     warning for `--policy`.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(path: String, insecure: Diagnostic.Severity) -> PolicyReading {
    for _ in 1..<SwapFolder.mostReadings {
      let before = SwapFolder.State(of: path)
      var reader = SnapshotReader(insecure: insecure)
      reader.read(path)
      if SwapFolder.State(of: path) == before { return reader.reading }
    }
    var reader = SnapshotReader(insecure: insecure)
    reader.read(path)
    reader.reportChanging()
    return reader.reading
  }

  /// Reads a policy whose policy files, and some of its lists perhaps, are not in its folder yet.
  ///
  /// Owner and mode are judged of lists outside of the folder alone: those in it are copies yet to
  /// be made.
  ///
  /// - Parameters:
  ///   - files: By name the content of every policy file, and of lists that are not to be read.
  ///   - folder: Where the other lists that the policy files name are read.
  ///   - insecure: How to report a list that others could have written.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(
    _ files: [String: [UInt8]], folder: String, insecure: Diagnostic.Severity
  ) -> PolicyReading {
    var reader = SnapshotReader(insecure: insecure)
    reader.read(files, folder: folder)
    return reader.reading
  }

  /// Whether the name of a list, relative to the policy's folder, leads out of it.
  public static func isOutside(_ name: String) -> Bool {
    name.hasPrefix("/") || name == ".." || name.hasPrefix("../")
  }

  /// Whether a name, relative to a policy's folder, is that of a policy file: `policy.yaml`, or one
  /// in `policy.d` that ends in `.yaml` and does not begin with a dot.
  public static func isPolicyFile(_ name: String) -> Bool {
    if name == mainFile { return true }
    let inFolder = name.dropFirst("\(filesFolder)/".count)
    return name.hasPrefix("\(filesFolder)/") && isRead(inFolder) && !inFolder.contains("/")
  }

  /// The most bytes that all policy files of a policy may have together.
  public static let longestFiles = 64 << 20
  /// The most bytes that a list in a file of its own may have.
  public static let longestList = 256 << 20

  static let mainFile = "policy.yaml"
  static let filesFolder = "policy.d"

  fileprivate static func isRead(_ name: some StringProtocol) -> Bool {
    !name.hasPrefix(".") && name.hasSuffix(".yaml")
  }
}

/// Reads a policy's files.
private struct SnapshotReader {
  let insecure: Diagnostic.Severity
  /// Where the policy's files are, and where those of its folder's surroundings are.
  private var root = ""
  private var folder = ""
  /// Files that are not read, for their content is known; nil where all are read.
  private var given: [String: [UInt8]]?
  private var policyFiles: [PolicySnapshot.File] = []
  private var documents: [String: Document] = [:]
  private var listNames: Set<String> = []
  private var listFiles: [String: PolicySnapshot.Content] = [:]
  private var confidentialLists: Set<String> = []
  private var digest = PolicyDigest()
  /// How many bytes the policy files that are still to be read may have.
  private var filesRoom = PolicySnapshot.longestFiles
  private var diagnostics: [Diagnostic] = []
  /// The folders that were judged.
  private var folders: Set<String> = []

  init(insecure: Diagnostic.Severity) {
    self.insecure = insecure
  }

  var reading: PolicyReading {
    var snapshot = PolicySnapshot(policyFiles: policyFiles, listFiles: listFiles)
    snapshot.confidentialLists = confidentialLists
    return PolicyReading(
      snapshot: snapshot, diagnostics: diagnostics, digest: digest, documents: documents)
  }

  mutating func read(_ path: String) {
    if isFolder(path) {
      folder = path
      let swap = "\(path)/\(SwapFolder.committed)"
      root = isFolder(swap) ? swap : path
      if root != path { reportUnfinished() }
      readPolicy(PolicySnapshot.mainFile)
      readPolicyFolder()
    } else {
      let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
      folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      root = folder
      readPolicy(end.map { String(path[path.utf8.index(after: $0)...]) } ?? path)
    }
    readLists()
  }

  mutating func read(_ files: [String: [UInt8]], folder: String) {
    given = files
    self.folder = folder
    root = folder
    for name in files.keys where PolicySnapshot.isPolicyFile(name) { readPolicy(name) }
    readLists()
  }

  private mutating func reportUnfinished() {
    diagnostics.append(
      Diagnostic(
        warning: .unfinishedChange, location: nil,
        message: "a change of these files was broken off or is under way: the new ones are read "
          + "from \(displayText(of: root))",
        remedy: "gatehouse reload finishes it"))
  }

  mutating func reportChanging() {
    diagnostics.append(
      Diagnostic(
        error: .changingFiles, location: nil,
        message: "the files changed again and again while they were read",
        remedy: "see who writes them, then try again"))
  }

  /// Whether it can be opened, too.
  private func isFolder(_ path: String) -> Bool {
    guard let file = try? ReadableFile(path) else { return false }
    return file.status.kind == .folder
  }

  /// Reads `policy.d/*.yaml`, where there is such a folder.
  private mutating func readPolicyFolder() {
    let names: [String]
    do throws(SystemError) {
      names = try Files.names(in: "\(root)/\(PolicySnapshot.filesFolder)")
    } catch {
      if !error.isAbsent {
        policyFiles.append(.init(name: "policy.d", content: .unreadable(error.reason)))
      }
      return
    }
    for name in names where !name.hasPrefix(".") {
      if PolicySnapshot.isRead(name) {
        readPolicy("policy.d/\(name)")
      } else if name.hasSuffix(".yml") {
        diagnostics.append(
          Diagnostic(
            warning: .ignoredFile,
            location: SourceLocation(file: "policy.d/\(name)", line: 1, column: 1),
            message: "the file is not read", remedy: "give it a name that ends in .yaml"))
      }
    }
  }

  private mutating func readPolicy(_ name: String) {
    let content = content(name, atMost: filesRoom)
    if case .bytes(let bytes) = content { filesRoom -= bytes.count }
    policyFiles.append(.init(name: name, content: content))
    guard case .bytes(let bytes) = content, holdsWordFile(bytes),
      case let document = Document(parsing: bytes, of: name)
    else { return }
    documents[name] = document
    guard let tree = document.root else { return }
    for path in fileNames(in: tree) { listNames.insert(PolicySnapshot.listName(path, in: name)) }
  }

  /// Reads the lists that the policy files name.
  private mutating func readLists() {
    for (place, name) in listNames.sorted().enumerated() {
      listFiles[name] = content(
        name, atMost: PolicySnapshot.longestList, isFirstList: place == 0)
      // Who can look into the policy's folder may read what is said of its lists.
      let path = path(of: name)
      let isPublic =
        PolicySnapshot.isOutside(name)
        ? Files.isReadableByAll(path)
        : given?[name] != nil || Files.status(of: path).map { $0.mode & 0o004 != 0 } ?? true
      if !isPublic { confidentialLists.insert(name) }
    }
  }

  /// Reads a file by its name relative to the policy's folder, and judges it and its folder.
  ///
  /// The digest of the first of the lists is begun here, for before it come the policy files alone.
  private mutating func content(
    _ name: String, atMost limit: Int, isFirstList: Bool = false
  ) -> PolicySnapshot.Content {
    if let bytes = given?[name] { return .bytes(bytes) }
    let path = path(of: name)
    let isJudged = given == nil || PolicySnapshot.isOutside(name)
    if isJudged { judgeFolder(of: name) }
    do throws(SystemError) {
      let file = try ReadableFile(path)
      if isJudged, let insecurity = file.status.insecurity, file.status.kind != .folder {
        report(insecurity, path: path, SourceLocation(file: name, line: 1, column: 1), "the file")
      }
      let size = file.status.size
      guard isFirstList, PolicyDigest.isLong(size) else {
        return .bytes(try file.bytes(atMost: limit))
      }
      let begun = PolicyDigest(policyFiles, firstList: name, length: size)
      // SAFETY: the bytes are looked at as `ReadableFile` lets them be.
      let (bytes, digest) = unsafe try file.bytes(atMost: limit) {
        unsafe begun.following($0, in: $1)
      }
      if let digest, bytes.count == size { self.digest = digest }
      return .bytes(bytes)
    } catch {
      guard error.code == .fileTooLarge else { return .unreadable(error.reason) }
      return limit == PolicySnapshot.longestList
        ? .unreadable(
          "it is longer than \(byteCountText(limit)), the most that a list may have",
          remedy: "split it into several lists")
        : .unreadable(
          "with it the files of the policy are longer than "
            + "\(byteCountText(PolicySnapshot.longestFiles)), the most that all of them together "
            + "may have",
          remedy: "put long lists of addresses in files of their own: {file: lists/x.txt}")
    }
  }

  private func path(of name: String) -> String {
    if name.hasPrefix("/") { return name }
    return "\(PolicySnapshot.isOutside(name) ? folder : root)/\(name)"
  }

  private mutating func judgeFolder(of name: String) {
    let end = name.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { String(name[..<$0]) } ?? ""
    guard folders.insert(folder).inserted else { return }
    let path = name.hasPrefix("/") ? "\(folder)/" : folder.isEmpty ? root : self.path(of: folder)
    guard let file = try? ReadableFile(path), let insecurity = file.status.insecurity else {
      return
    }
    report(insecurity, path: path, nil, "the folder `\(displayText(of: path))`")
  }

  private mutating func report(
    _ insecurity: (message: String, remedy: String), path: String, _ location: SourceLocation?,
    _ subject: String
  ) {
    var diagnostic = Diagnostic(
      warning: .insecureFile, location: location,
      message: "\(subject) \(insecurity.message), so others can change the policy",
      remedy: "\(insecurity.remedy) \(displayText(of: path))")
    diagnostic.severity = insecure
    diagnostics.append(diagnostic)
  }

  /// Whether there can be a `file:` at all; if not, the file is parsed only once it is loaded.
  private func holdsWordFile(_ bytes: [UInt8]) -> Bool {
    let word = Array("file".utf8)
    return bytes.indices.dropLast(word.count - 1).contains { index in
      bytes[index] == word[0] && bytes[index..<(index + word.count)].elementsEqual(word)
    }
  }

  /// The value of every key `file`, wherever it stands.
  private func fileNames(in node: Node) -> [String] {
    switch node.kind {
    case .sequence(let items):
      return items.flatMap { fileNames(in: $0) }
    case .mapping(let pairs):
      return pairs.flatMap { pair in
        if case .scalar(let key) = pair.key.kind, key.name == "file",
          case .scalar(let value) = pair.value.kind, !value.text.isEmpty,
          !value.text.utf8.contains(0)
        {
          return [value.text]
        }
        return fileNames(in: pair.value)
      }
    case .scalar, .invalid:
      return []
    }
  }
}

extension FileStatus {
  /// Why somebody other than root could have written it; nil if nobody could.
  fileprivate var insecurity: (message: String, remedy: String)? {
    if owner != 0 { return ("belongs to the user with id \(owner), not to root", "chown root") }
    if mode & 0o002 != 0 { return ("is writable by everybody", "chmod go-w") }
    if mode & 0o020 != 0 { return ("is writable by its group", "chmod g-w") }
    return nil
  }
}

extension PolicyDigest {
  /// The same with the bytes that are read meanwhile, for as long as there are more to come.
  fileprivate consuming func following(
    _ progress: ReadingProgress, in buffer: UnsafeBufferPointer<UInt8>
  ) -> PolicyDigest {
    var taken = 0
    while !progress.isOver {
      let end = min(progress.count, taken + 1 << 16)
      if end == taken { progress.yield() }
      // SAFETY: these bytes are written, and the caller keeps the buffer.
      take(unsafe Span(_unsafeElements: buffer[taken..<end]))
      taken = end
    }
    return self
  }
}
