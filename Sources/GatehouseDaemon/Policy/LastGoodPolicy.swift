import CPosix
import GatehousePolicy
import Glibc

/// The copy of the last good policy in the state folder.
///
/// It is one file, so that writing it (temporary, fsync, rename, fsync of the folder) swaps all of
/// a policy's files at once: a line with the policy's digest, then each file with its length.
struct LastGoodPolicy: Sendable {
  private let folder: String
  private var path: String { "\(folder)/last-good-policy" }
  private static let firstWords = "gatehouse last good policy, format 1, sha256 "

  init(folder: String) { self.folder = folder }

  /// What is wrong with the copy.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// The kept policy, loaded; nil where none is kept.
  ///
  /// Throws where the copy is damaged, or is not what this version of the daemon can load.
  func load() throws(Unusable) -> LoadedCopy? {
    guard let bytes = try read() else { return nil }
    guard let (digest, snapshot) = Self.decode(bytes) else {
      throw Unusable(description: "\(path): it is damaged")
    }
    let load = Policy.load(snapshot)
    guard let policy = load.policy else {
      let first = load.diagnostics.first.map { ": \($0)" } ?? ""
      throw Unusable(description: "\(path): it does not load\(first)")
    }
    guard policy.digest == digest else {
      throw Unusable(description: "\(path): its content has another digest than it was kept with")
    }
    return LoadedCopy(policy: policy, warnings: load.diagnostics)
  }

  struct LoadedCopy {
    let policy: Policy
    let warnings: [Diagnostic]
  }

  /// Keeps a policy, in place of the one before; nothing is written where it is kept already.
  func keep(_ snapshot: PolicySnapshot, digest: String) throws(SystemError) {
    let bytes = Self.encode(snapshot, digest: digest)
    if let kept = try? read(), kept == bytes { return }
    let temporary = path + ".new"
    do throws(SystemError) {
      try write(bytes, to: temporary)
      // SAFETY: both paths are C strings for the length of the call.
      guard unsafe rename(temporary, path) == 0 else { throw SystemError("rename \(path)", errno) }
    } catch {
      // SAFETY: the path is a C string for the length of the call.
      _ = unsafe unlink(temporary)
      throw error
    }
    try syncFolder()
  }

  // MARK: The format

  static func encode(_ snapshot: PolicySnapshot, digest: String) -> [UInt8] {
    var bytes = Array("\(firstWords)\(digest)\n".utf8)
    func add(_ kind: String, _ name: String, _ content: PolicySnapshot.Content) {
      guard case .bytes(let content) = content else { return }
      bytes += "\(kind) \(name.utf8.count) \(content.count)\n".utf8
      bytes += name.utf8
      bytes += content
    }
    for file in snapshot.policyFiles { add("policy", file.name, file.content) }
    for (name, content) in snapshot.listFiles.sorted(by: { $0.key < $1.key }) {
      add("list", name, content)
    }
    return bytes
  }

  /// Nil for anything that `encode` did not write.
  static func decode(_ bytes: [UInt8]) -> (digest: String, snapshot: PolicySnapshot)? {
    var rest = bytes[...]
    guard let first = takeLine(&rest), first.hasPrefix(firstWords) else { return nil }
    var policyFiles: [PolicySnapshot.File] = []
    var listFiles: [String: PolicySnapshot.Content] = [:]
    while !rest.isEmpty {
      guard let words = takeLine(&rest)?.split(separator: " "), words.count == 3,
        let nameLength = Int(words[1]), let contentLength = Int(words[2]),
        let name = take(&rest, nameLength), let content = take(&rest, contentLength)
      else { return nil }
      let fileName = String(decoding: name, as: UTF8.self)
      switch words[0] {
      case "policy":
        policyFiles.append(.init(name: fileName, content: .bytes(Array(content))))
      case "list":
        listFiles[fileName] = .bytes(Array(content))
      default: return nil
      }
    }
    let snapshot = PolicySnapshot(policyFiles: policyFiles, listFiles: listFiles)
    return (String(first.dropFirst(firstWords.count)), snapshot)
  }

  private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
    // No line of ours is longer, so a damaged file is not searched from end to end.
    guard let end = rest.prefix(256).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  private static func take(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  // MARK: The file

  private func read() throws(Unusable) -> [UInt8]? {
    // SAFETY: the path is a C string for the length of the call.
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if opened < 0 {
      if errno == ENOENT { return nil }
      throw Unusable(description: SystemError("open \(path)", errno).description)
    }
    let file = Descriptor(owning: opened)
    var content: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      // SAFETY: the pointer is valid for the count of the array.
      let count = unsafe block.withUnsafeMutableBytes {
        unsafe Glibc.read(file.number, $0.baseAddress, $0.count)
      }
      guard count >= 0 else {
        throw Unusable(description: SystemError("read \(path)", errno).description)
      }
      if count == 0 { return content }
      content += block[..<count]
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
    // SAFETY: the paths are C strings for the length of the calls.
    if unsafe mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw SystemError("mkdir \(folder)", errno)
    }
    _ = unsafe unlink(path)
    let opened = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard opened >= 0 else { throw SystemError("create \(path)", errno) }
    let file = Descriptor(owning: opened)
    var rest = bytes[...]
    while !rest.isEmpty {
      // SAFETY: the pointer is valid for the count of the slice.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file.number, $0.baseAddress, $0.count)
      }
      guard count > 0 else { throw SystemError("write \(path)", errno) }
      rest = rest.dropFirst(count)
    }
    guard fsync(file.number) == 0 else { throw SystemError("fsync \(path)", errno) }
  }

  private func syncFolder() throws(SystemError) {
    // SAFETY: the path is a C string for the length of the call.
    let opened = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw SystemError("open \(folder)", errno) }
    let file = Descriptor(owning: opened)
    guard fsync(file.number) == 0 else { throw SystemError("fsync \(folder)", errno) }
  }
}
