internal import GatehousePlatform
internal import SystemPackage

/// Reads a policy's files.
struct SnapshotReader {
  let insecure: Diagnostic.Severity
  /// The folder of the policy's files, and the folder that names of files outside are relative to.
  private var root = ""
  private var folder = ""
  /// Files whose content is known, by name, so they are not read; nil if all are read.
  private var given: [String: [UInt8]]?
  private var policyFiles: [PolicySnapshot.File] = []
  private var documents: [String: Document] = [:]
  private var listNames: Set<String> = []
  private var listFiles: [String: PolicySnapshot.Content] = [:]
  private var confidentialLists: Set<String> = []
  private var digest = PolicyDigest()
  /// How many bytes the policy files that are not read yet may have.
  private var filesRoom = PolicySnapshot.maximumPolicyLength
  private var diagnostics: [Diagnostic] = []
  /// The folders whose owner and mode were checked.
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
      enter(path)
      if root != path { reportUnfinished() }
      readPolicyFiles()
      diagnostics += UnreadFiles(folder: folder, lists: listNames)
        .diagnostics(beside: policyFiles.map(\.name))
    } else {
      let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
      folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      root = folder
      readPolicy(end.map { String(path[path.utf8.index(after: $0)...]) } ?? path)
    }
    readLists()
  }

  /// Reads the policy files of a folder, and none of the lists that they name.
  mutating func readPolicyFiles(of path: String) {
    enter(path)
    readPolicyFiles()
  }

  /// Finds out where the policy files of a folder are.
  private mutating func enter(_ path: String) {
    folder = path
    let swap = "\(path)/\(SwapFolder.committed)"
    root = isFolder(swap) ? swap : path
  }

  private mutating func readPolicyFiles() {
    readPolicy(PolicySnapshot.mainFile)
    readPolicyFolder()
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
        message: "a change of these files was interrupted or is in progress: the new ones are read "
          + "from \(displayText(of: root))",
        remedy: "`gatehouse reload` finishes it"))
  }

  mutating func reportChanging() {
    diagnostics.append(
      Diagnostic(
        error: .changingFiles, location: nil,
        message: "the files changed again and again while they were read",
        remedy: "find out what writes them, then try again"))
  }

  /// Whether it is a folder that can be opened.
  private func isFolder(_ path: String) -> Bool {
    guard let file = try? ReadableFile(path) else { return false }
    return file.status.kind == .folder
  }

  /// Reads `policy.d/*.yaml`, if there is such a folder.
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
    for name in names where PolicySnapshot.isRead(name) { readPolicy("policy.d/\(name)") }
  }

  private mutating func readPolicy(_ name: String) {
    let content = content(name, atMost: filesRoom)
    if case .bytes(let bytes) = content { filesRoom -= bytes.count }
    policyFiles.append(.init(name: name, content: content))
    guard case .bytes(let bytes) = content, mayNameFile(bytes),
      case let document = Document(parsing: bytes, of: name)
    else { return }
    documents[name] = document
    guard let tree = document.root else { return }
    for path in fileNames(in: tree) { listNames.insert(PolicySnapshot.listName(path, in: name)) }
    let authorize = tree.value(of: TopLevelKey.authorize)
    if case .scalar(let book)? = authorize?.value(of: AuthorizeKey.setting(.addresses))?.kind,
      !book.text.isEmpty, !book.text.utf8.contains(0)
    {
      listNames.insert(PolicySnapshot.listName(book.text, in: name))
    }
    for network in fetchedNetworks(in: tree) {
      let content = FeedContent.fileName(of: network)
      // What was never got is no file yet.
      if given?[content] != nil || Files.status(of: content) != nil { listNames.insert(content) }
    }
  }

  /// Reads the lists that the policy files name.
  private mutating func readLists() {
    for (place, name) in listNames.sorted().enumerated() {
      listFiles[name] = content(
        name, atMost: PolicySnapshot.maximumListLength, isFirstList: place == 0)
      // Messages may quote lists in the policy's folder that everybody may read.
      let path = path(of: name)
      let isPublic =
        PolicySnapshot.isOutside(name)
        ? Files.isReadableByAll(path)
        : given?[name] != nil || Files.status(of: path).map { $0.mode & 0o004 != 0 } ?? true
      if !isPublic { confidentialLists.insert(name) }
    }
  }

  /// Reads a file by its name relative to the policy's folder, and checks its owner and mode and
  /// those of its folder.
  ///
  /// The digest of the first list is begun here: only the policy files come before it.
  private mutating func content(
    _ name: String, atMost limit: Int, isFirstList: Bool = false
  ) -> PolicySnapshot.Content {
    if let bytes = given?[name] { return .bytes(bytes) }
    let path = path(of: name)
    let isJudged = given == nil || PolicySnapshot.isOutside(name)
    if isJudged { judgeFolder(of: name) }
    do throws(SystemError) {
      let file = try ReadableFile(path)
      if isJudged, let insecurity = file.status.insecurity, file.status.kind == .regular {
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
      return limit == PolicySnapshot.maximumListLength
        ? .unreadable(
          "it is longer than \(byteCountText(limit)), the limit for a list",
          remedy: "split it into several lists")
        : .unreadable(
          "together with it the policy's files are longer than "
            + "\(byteCountText(PolicySnapshot.maximumPolicyLength)), the limit for all of them",
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

  /// Whether the bytes hold a word by which a policy names a list or addresses, or where a network is
  /// got from.
  ///
  /// If not, the file is parsed only when it is loaded.
  private func mayNameFile(_ bytes: [UInt8]) -> Bool {
    let words = (["file", TopLevelKey.authorize.rawValue] + NetworkSetting.sources.map(\.rawValue))
      .map { Array($0.utf8) }
    var begins = [Bool](repeating: false, count: 256)
    for word in words { begins[Int(word[0])] = true }
    return bytes.indices.contains { index in
      begins[Int(bytes[index])] && words.contains { bytes[index...].starts(with: $0) }
    }
  }

  /// The networks in the tree of a policy file that are got from elsewhere.
  private func fetchedNetworks(in tree: Node) -> [Name] {
    guard case .mapping(let networks)? = tree.value(of: TopLevelKey.networks)?.kind else {
      return []
    }
    return networks.compactMap { network in
      guard case .scalar(let name) = network.key.kind, isDeclarableName(name.name),
        NetworkSetting.sources.contains(where: { network.value.value(of: $0) != nil })
      else { return nil }
      return name.name
    }
  }

  /// The value of every key `file` in the tree.
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
  /// The same with the bytes of a file that is being read, until all of them are there.
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
