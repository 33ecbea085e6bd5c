/// A policy's files in one piece, with the digest that they have together.
///
/// As bytes it is a line with the digest, then each file: a line with its kind and the lengths of
/// its name and content, then both. So all files of a policy are written at once, and damaged or cut
/// bytes are detected.
public struct SnapshotArchive: Hashable, Sendable {
  /// The files; all of them could be read.
  public let snapshot: PolicySnapshot
  /// Their SHA-256 in lowercase hexadecimal, as `Policy.digest` has it.
  public let digest: String

  private static let firstWords = "gatehouse policy, format 1, sha256 "
  private static let policyWord = "policy"
  private static let listWord = "list"

  /// Why bytes are not an archive.
  public enum Damage: Error, Hashable, Sendable, CustomStringConvertible {
    /// They have another layout, or are cut off.
    case malformed
    /// A file has a name that no file of a policy can have, or is in it twice.
    case badName
    /// The content does not match the digest.
    case otherDigest

    /// A clause for a message.
    public var description: String {
      switch self {
      case .malformed: "it is damaged"
      case .badName: "it names a file that no policy has"
      case .otherDigest: "its content does not match its digest"
      }
    }
  }

  /// An archive of what was read; nil if a file could not be read.
  public init?(_ snapshot: PolicySnapshot) {
    self.init(snapshot, digest: PolicyDigest.hexadecimal(of: snapshot))
  }

  /// An archive of the files that a policy was loaded from; its digest is known.
  public init?(_ snapshot: PolicySnapshot, of policy: Policy) {
    self.init(snapshot, digest: policy.digest)
  }

  private init?(_ snapshot: PolicySnapshot, digest: String) {
    let contents = snapshot.policyFiles.map(\.content) + snapshot.listFiles.values
    for case .unreadable in contents { return nil }
    self.snapshot = snapshot
    self.digest = digest
  }

  /// Reads what `bytes` returns; throws for any other bytes.
  public init(decoding bytes: [UInt8]) throws(Damage) {
    var reader = ArchiveReader(bytes)
    guard let first = reader.takeLine(), first.hasPrefix(Self.firstWords) else { throw .malformed }
    var files: [File] = []
    while !reader.isAtEnd {
      let (word, name, content) = try reader.takeFile()
      guard word == Self.policyWord || word == Self.listWord else { throw .malformed }
      files.append(File(isList: word == Self.listWord, name: name, content: content))
    }
    try self.init(files, digest: String(first.dropFirst(Self.firstWords.count)))
  }

  /// A file in an archive.
  package struct File {
    /// Whether it is a list that a `file:` entry names; otherwise it is a policy file.
    package let isList: Bool
    /// Its name relative to the policy's folder.
    package let name: String
    /// Its bytes.
    package let content: [UInt8]

    package init(isList: Bool, name: String, content: [UInt8]) {
      self.isList = isList
      self.name = name
      self.content = content
    }
  }

  /// Makes an archive of its files, which must have this digest.
  package init(_ files: [File], digest: String) throws(Damage) {
    var policyFiles: [PolicySnapshot.File] = []
    var policyNames: Set<String> = []
    var listFiles: [String: PolicySnapshot.Content] = [:]
    for file in files {
      guard !file.name.utf8.contains(0) else { throw .badName }
      if file.isList {
        guard PolicySnapshot.listName(file.name, in: "") == file.name, !file.name.isEmpty,
          listFiles.updateValue(.bytes(file.content), forKey: file.name) == nil
        else { throw .badName }
      } else {
        guard Self.isPolicyFile(file.name), policyNames.insert(file.name).inserted else {
          throw .badName
        }
        policyFiles.append(.init(name: file.name, content: .bytes(file.content)))
      }
    }
    var snapshot = PolicySnapshot(policyFiles: policyFiles, listFiles: listFiles)
    // The modes of the files are not known here.
    snapshot.confidentialLists = Set(listFiles.keys.filter(PolicySnapshot.isOutside))
    self.snapshot = snapshot
    self.digest = PolicyDigest.hexadecimal(of: snapshot)
    guard self.digest == digest else { throw .otherDigest }
  }

  /// The files, the policy files first, then the lists by name.
  package var files: [File] {
    func file(_ name: String, _ content: PolicySnapshot.Content, isList: Bool) -> File? {
      guard case .bytes(let bytes) = content else { return nil }
      return File(isList: isList, name: name, content: bytes)
    }
    return snapshot.policyFiles.compactMap { file($0.name, $0.content, isList: false) }
      + snapshot.listFiles.sorted { $0.key < $1.key }
      .compactMap { file($0.key, $0.value, isList: true) }
  }

  /// The archive as it is kept and sent.
  public var bytes: [UInt8] { Array(pieces.joined()) }

  /// The same in pieces, one after the other; none is a copy of a file's content.
  public var pieces: [[UInt8]] {
    var pieces = [Array("\(Self.firstWords)\(digest)\n".utf8)]
    for file in files {
      let word = file.isList ? Self.listWord : Self.policyWord
      pieces.append(
        Array("\(word) \(file.name.utf8.count) \(file.content.count)\n\(file.name)".utf8))
      pieces.append(file.content)
    }
    return pieces
  }

  /// The list files that do not lie in the policy's folder, sorted.
  ///
  /// They are part of what was loaded, but are never written into a folder.
  public var outsideNames: [String] {
    snapshot.listFiles.keys.filter(PolicySnapshot.isOutside).sorted()
  }

  /// `policy.yaml` or another file's name, or one in `policy.d`.
  private static func isPolicyFile(_ name: String) -> Bool {
    let folder = "policy.d/"
    let last = name.hasPrefix(folder) ? name.dropFirst(folder.count) : name[...]
    return !last.isEmpty && !last.utf8.contains(UInt8(ascii: "/")) && !last.utf8.contains(0)
      && last != "." && last != ".."
  }
}

/// Reads an archive's bytes and trusts nothing in them.
private struct ArchiveReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// The next line; nil if it is longer than 256 bytes, which no line of an archive is.
  mutating func takeLine() -> String? {
    guard let end = rest.prefix(256).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }

  mutating func takeFile() throws(SnapshotArchive.Damage) -> (String, String, [UInt8]) {
    guard let words = takeLine()?.split(separator: " "), words.count == 3,
      let nameLength = Int(words[1]), let contentLength = Int(words[2]),
      let nameBytes = take(nameLength), let content = take(contentLength)
    else { throw .malformed }
    guard let name = String(validating: nameBytes, as: UTF8.self), !name.utf8.contains(0) else {
      throw .badName
    }
    return (String(words[0]), name, Array(content))
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
