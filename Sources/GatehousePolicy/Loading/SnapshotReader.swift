/// What came of reading a policy's files.
public struct PolicyReading: Sendable {
  /// What was read.
  ///
  /// A file that could not be read is in it too; loading it then fails.
  public let snapshot: PolicySnapshot
  /// What is wrong with the owner and mode of files and folders, and files that look like policy
  /// files and are not read.
  public let diagnostics: [Diagnostic]
}

extension PolicySnapshot {
  /// Reads a policy's files, each once, and judges the owner and mode of what was opened.
  ///
  /// Files and the folders they lie in must be root's and writable by nobody else. Of a symbolic
  /// link the target is judged.
  ///
  /// - Parameters:
  ///   - path: A file, or a folder laid out like `/etc/gatehouse`.
  ///   - insecure: How to report a file that others could have written: an error for the daemon, a
  ///     warning for `--policy`.
  /// - Returns: What was read, and what is wrong with it.
  public static func read(path: String, insecure: Diagnostic.Severity) -> PolicyReading {
    var reader = SnapshotReader(insecure: insecure)
    reader.read(path)
    return reader.reading
  }
}

/// Reads a policy's files.
private struct SnapshotReader {
  let insecure: Diagnostic.Severity
  private var root = ""
  private var policyFiles: [PolicySnapshot.File] = []
  private var listFiles: [String: PolicySnapshot.Content] = [:]
  private var diagnostics: [Diagnostic] = []
  /// The folders that were judged.
  private var folders: Set<String> = []

  init(insecure: Diagnostic.Severity) {
    self.insecure = insecure
  }

  var reading: PolicyReading {
    PolicyReading(
      snapshot: PolicySnapshot(policyFiles: policyFiles, listFiles: listFiles),
      diagnostics: diagnostics)
  }

  mutating func read(_ path: String) {
    if isFolder(path) {
      root = path
      readPolicy("policy.yaml")
      readPolicyFolder()
    } else {
      let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
      root = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
      readPolicy(end.map { String(path[path.utf8.index(after: $0)...]) } ?? path)
    }
  }

  private func isFolder(_ path: String) -> Bool {
    guard let file = try? OpenFile(path: path) else { return false }
    return file.isFolder
  }

  /// Reads `policy.d/*.yaml`, where there is such a folder.
  private mutating func readPolicyFolder() {
    let names: [String]
    do throws(OpenFile.Failure) {
      names = try namesInFolder("\(root)/policy.d")
    } catch {
      if !error.isAbsent {
        policyFiles.append(.init(name: "policy.d", content: .unreadable(error.message)))
      }
      return
    }
    for name in names where !name.hasPrefix(".") {
      if name.hasSuffix(".yaml") {
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
    let content = content(name)
    policyFiles.append(.init(name: name, content: content))
    guard case .bytes(let bytes) = content, holdsWordFile(bytes),
      let tree = Document(file: name, bytes: bytes).root
    else { return }
    for path in fileNames(in: tree) {
      let list = PolicySnapshot.listName(path, in: name)
      if listFiles[list] == nil { listFiles[list] = self.content(list) }
    }
  }

  /// Reads a file by its name relative to the policy's folder, and judges it and its folder.
  private mutating func content(_ name: String) -> PolicySnapshot.Content {
    let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
    judgeFolder(of: name)
    do throws(OpenFile.Failure) {
      let file = try OpenFile(path: path)
      if let insecurity = file.insecurity, !file.isFolder {
        report(insecurity, path: path, SourceLocation(file: name, line: 1, column: 1), "the file")
      }
      return .bytes(try file.bytes())
    } catch {
      return .unreadable(error.message)
    }
  }

  private mutating func judgeFolder(of name: String) {
    let end = name.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = end.map { String(name[..<$0]) } ?? ""
    guard folders.insert(folder).inserted else { return }
    let path = name.hasPrefix("/") ? "\(folder)/" : folder.isEmpty ? root : "\(root)/\(folder)"
    guard let file = try? OpenFile(path: path), let insecurity = file.insecurity else { return }
    report(insecurity, path: path, nil, "the folder `\(displayText(of: path))`")
  }

  private mutating func report(
    _ insecurity: (message: String, remedy: String), path: String, _ location: SourceLocation?,
    _ subject: String
  ) {
    diagnostics.append(
      Diagnostic(
        severity: insecure, name: WarningName.insecureFile.rawValue, location: location,
        message: "\(subject) \(insecurity.message), so others can change the policy",
        remedy: "\(insecurity.remedy) \(displayText(of: path))"))
  }

  /// Whether there can be a `file:` at all; spares a second reading of most policies.
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
          case .scalar(let value) = pair.value.kind, !value.name.bytes.isEmpty,
          !value.name.bytes.contains(0)
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
